package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMarkdown(t *testing.T) {
	t.Parallel()
	table := Table{Caption: "**flat**", Head: []string{"", "wall", "note"}}
	table.add("raphe", "1.1 ms", "a|b")
	table.add("nipype", "über 9 s")
	r := &Report{
		Command: "go run ./bench", Took: 61 * time.Second,
		Machine: []Fact{{"processors", "2"}},
		Peers:   []Presence{{Name: "raphe", Version: "raphe 0.1"}, {Name: "Snakemake", Missing: "no snakemake in PATH", Debian: "snakemake"}},
		Sections: []Section{
			{ID: "a", Title: "Trivial", Work: "Copies.", Tables: []Table{table}, Notes: []string{"A note."}, Took: 3 * time.Second,
				Targets: []Target{atMost("against ninja", 0.9, 1, showRatio), atMost("against xargs", 1.61, 1.5, showRatio)}},
			{ID: "e", Title: "Commit", Failed: "too little memory"},
		},
	}
	var b strings.Builder
	if err := r.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "report.golden")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(golden, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{showMB(0), "-"}, {showMB(1_250_000), "1.2 MB"}, {showMB(9_949_999), "9.9 MB"}, {showMB(9_950_000), "10 MB"},
		{showMB(5_594_000_000), "5594 MB"}, {showMB(25_277_000_000), "25.3 GB"},
		{showSeconds(0.00123), "1.2 ms"}, {showSeconds(0.25), "250 ms"}, {showSeconds(1), "1.00 s"}, {showSeconds(133.25), "133 s"},
		{showRatio(0.004), "0.004"}, {showRatio(1.5), "1.50"},
		{showCount(7), "7"}, {showCount(1066), "1,066"}, {showCount(1_000_000), "1,000,000"},
		{showSpread(spread{}, showRatio), "-"}, {showSpread(spreadOf([]float64{2}), showRatio), "2.00"},
		{showSpread(spreadOf([]float64{2, 1, 4}), showRatio), "2.00 (1.00 to 4.00)"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// A measurement that is not there meets no target.
func TestTargetNeedsAMeasurement(t *testing.T) {
	t.Parallel()
	if atMost("x", 0, 10, showRatio).Met {
		t.Error("nothing was measured, and yet the target is met")
	}
	if !atMost("x", 10, 10, showRatio).Met {
		t.Error("the bound itself must meet the target")
	}
}

func TestPicture(t *testing.T) {
	t.Parallel()
	var samples []Sample
	for i := range 3000 {
		s := Sample{At: time.Duration(i) * time.Second, Engine: Memory{Data: 50, RSS: 20}, Tools: Memory{Data: int64(i % 7)}}
		if i == 1501 {
			s.Tools.Data = 9999 // a peak that must not be thinned out
		}
		samples = append(samples, s)
	}
	highest := int64(0)
	for _, s := range thin(samples, 600) {
		highest = max(highest, s.Commit())
	}
	if highest != 10_049 {
		t.Errorf("the highest point drawn is %d", highest)
	}
	text := memorySVG([]shapeRun{{name: "a <b> & c", out: Outcome{Samples: samples}}, {name: "none"}, {name: "d", out: Outcome{Samples: samples[:3]}}})
	dec, lines := xml.NewDecoder(strings.NewReader(text)), 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "polyline" {
			lines++
		}
	}
	if lines != 2*len(memoryLines) {
		t.Errorf("%d lines, want %d", lines, 2*len(memoryLines))
	}
}
