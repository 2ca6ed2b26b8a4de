package report

// summary writes how the run stands.
func (w *writer) summary(o outcome, counts, facts []fact) {
	w.section("summary", "Summary", func() {
		w.add("<p class=\"outcome\">%s</p>\n<ul class=\"counts\">", o.Text)
		for _, c := range counts {
			w.add("<li><b>%s</b> %s</li>", c.Value, c.Name)
		}
		w.WriteString("</ul>\n")
		w.facts(false, facts)
	})
}

// failures writes what failed, with all that helps.
func (w *writer) failures(groups []failureGroup, more int) {
	if len(groups) == 0 {
		return
	}
	w.section("failures", "Failures", func() {
		for i := range groups {
			w.failure(i, &groups[i])
		}
		if more > 0 {
			w.add("<p>%s of failure: see the table below.</p>\n", counted(more, "more cause"))
		}
	})
}

func (w *writer) failure(number int, g *failureGroup) {
	f := &g.Failure
	w.add("<article class=\"failure\" aria-labelledby=\"failure-%[1]d\">\n<h3 id=\"failure-%[1]d\">%[2]s: %[3]s</h3>\n<p>%[4]s", number, g.Node, g.Cause, counted(g.Count, "instance"))
	if g.Blocked > 0 {
		w.add("; %s will not run for it", counted(g.Blocked, "more instance"))
	}
	w.WriteString(".")
	if f.Mend != "" {
		w.add(" <strong>Mend:</strong> %s", f.Mend)
	}
	w.WriteString("</p>\n")
	facts := append([]fact{{map[bool]string{true: "First", false: "Instance"}[len(g.Others) > 0], g.First}}, g.Parameters...)
	if f.Command != "" {
		facts = append(facts, fact{"Command", f.Command})
	}
	if f.CrashFile != "" {
		facts = append(facts, fact{"Crash file", f.CrashFile})
	}
	if f.Rerun != "" {
		facts = append(facts, fact{"To go on", f.Rerun})
	}
	w.facts(true, facts)
	w.said("Detail", f.Detail)
	w.said("Last lines of standard error", f.Stderr)
	w.said("Last lines of standard output", f.Stdout)
	if len(g.Others) > 0 {
		w.WriteString(`<details><summary>The others</summary><ul class="names">`)
		for _, name := range g.Others {
			w.add("<li>%s</li>", name)
		}
		if g.More > 0 {
			w.add("<li>and %s more: see the table below</li>", count(g.More))
		}
		w.WriteString("</ul></details>\n")
	}
	w.WriteString("</article>\n")
}

// said writes lines as they are, under a title.
func (w *writer) said(title, text string) {
	if text != "" {
		w.add("<h4>%[1]s</h4><pre tabindex=\"0\" aria-label=\"%[1]s\">%[2]s</pre>\n", title, text)
	}
}
