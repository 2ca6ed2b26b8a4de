package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Markdown writes a report. Tables are aligned, so that the text reads well in
// a terminal, too.
func (r *Report) Markdown(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# Results of the benchmark\n\nWritten by `" + r.Command + "`; what is measured, and how, is in README.md.\n\n")
	b.WriteString("## Machine\n\n")
	machine := Table{Head: []string{"", ""}}
	for _, f := range r.Machine {
		machine.add(f.Name, f.Value)
	}
	machine.markdown(&b)
	b.WriteString("\n## Peers\n\n")
	peers := Table{Head: []string{"peer", "version"}}
	for _, p := range r.Peers {
		version := p.Version
		if p.Missing != "" {
			version = "**absent**: " + p.Missing
		}
		peers.add(p.Name, version)
	}
	peers.markdown(&b)
	r.targets(&b)
	for _, s := range r.Sections {
		b.WriteString("\n")
		s.markdown(&b)
	}
	fmt.Fprintf(&b, "\nThe whole took %s.\n", r.Took.Round(time.Second))
	_, err := io.WriteString(w, b.String())
	return err
}

// targets writes the targets of all sections together, since that is what most
// readers look for.
func (r *Report) targets(b *strings.Builder) {
	t := Table{Head: []string{"", "target", "measured", ""}}
	missed := 0
	for _, s := range r.Sections {
		for _, g := range s.Targets {
			verdict := "met"
			if !g.Met {
				verdict = "**missed**"
				missed++
			}
			t.add(s.ID+": "+g.What, g.Want, g.Got, verdict)
		}
	}
	if len(t.Rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## Targets: %d of %d met\n\n", len(t.Rows)-missed, len(t.Rows))
	t.markdown(b)
}

func (s *Section) markdown(b *strings.Builder) {
	fmt.Fprintf(b, "## %s. %s\n", s.ID, s.Title)
	if s.Work != "" {
		b.WriteString("\n" + s.Work + "\n")
	}
	for i := range s.Tables {
		b.WriteString("\n")
		if c := s.Tables[i].Caption; c != "" {
			b.WriteString(c + "\n\n")
		}
		s.Tables[i].markdown(b)
	}
	for _, n := range s.Notes {
		b.WriteString("\n" + n + "\n")
	}
	if s.Failed != "" {
		b.WriteString("\n**This scenario did not come to its end:** " + s.Failed + "\n")
	}
	fmt.Fprintf(b, "\n(%s)\n", s.Took.Round(time.Second/10))
}

// markdown writes the table with columns as wide as their widest cell.
func (t *Table) markdown(b *strings.Builder) {
	width := make([]int, len(t.Head))
	rows := make([][]string, 0, len(t.Rows)+1)
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		cells := make([]string, len(t.Head))
		for i := range cells {
			if i < len(row) {
				cells[i] = strings.NewReplacer("|", "\\|", "\n", " ").Replace(row[i])
			}
			width[i] = max(width[i], utf8.RuneCountInString(cells[i]))
		}
		rows = append(rows, cells)
	}
	for n, cells := range rows {
		for i, c := range cells {
			b.WriteString("| " + c + strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)) + " ")
		}
		b.WriteString("|\n")
		if n > 0 {
			continue
		}
		for _, w := range width {
			b.WriteString("|" + strings.Repeat("-", w+2))
		}
		b.WriteString("|\n")
	}
}
