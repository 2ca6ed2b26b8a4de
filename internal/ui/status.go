package ui

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/unit"
)

const (
	mostStatusRunning = 20
	mostStatusFailed  = 20
)

// Status writes the last run of a base directory as `raphe status` shows it.
func Status(w io.Writer, h *history.History, colour bool) error {
	p := paint(colour)
	var b strings.Builder
	b.WriteString(statusLine(h, p) + "\n")
	fmt.Fprintf(&b, "  %s\n", countsLine(h.Counts, h.Left, h.Left > 0, p, 1000))
	if line := statusMemory(h); line != "" {
		b.WriteString("  " + line + "\n")
	}
	if h.Draining != "" {
		fmt.Fprintf(&b, "  nothing new %s started: %s\n", map[bool]string{true: "is", false: "was"}[h.Phase == history.Goes], printable(h.Draining))
	}
	statusRunning(&b, h, p)
	statusFailed(&b, h, p)
	if h.Damage != "" {
		fmt.Fprintf(&b, "%s %s\n", p.red("damaged:"), printable(h.Damage))
	}
	if h.Command != "" && h.Phase != history.Goes && !h.Complete() {
		fmt.Fprintf(&b, "to go on: start it again; what is done is kept\n  %s\n", h.Command)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// StatusJSON writes the same as one JSON object.
func StatusJSON(w io.Writer, h *history.History) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(h)
}

// statusLine says in a line how the run stands.
func statusLine(h *history.History, p paint) string {
	who := fmt.Sprintf("process %d on %s", h.PID, h.Host)
	began := h.Began.Local().Format(timeFormat)
	long := func(to time.Time) string { return unit.FormatDuration(since(h.Began, to)) }
	switch h.Phase {
	case history.Goes:
		return p.bold("running") + " for " + long(h.Read) + " (" + who + ")"
	case history.Died:
		return p.red("died") + ": " + who + " is gone; it began at " + began + " and was last heard of " + long(h.Seen) + " later"
	case history.Away:
		return p.bold("not ended") + ": " + who + " can't be seen from here; it began at " + began +
			" and last wrote " + unit.FormatDuration(since(h.Seen, h.Read)) + " ago"
	}
	switch {
	case h.Complete():
		return p.green("done") + ": began at " + began + ", took " + long(h.Seen)
	case h.Draining != "":
		return p.bold("stopped") + ": began at " + began + ", stopped after " + long(h.Seen)
	}
	return p.red("not complete") + ": began at " + began + ", took " + long(h.Seen)
}

func statusRunning(b *strings.Builder, h *history.History, p paint) {
	if len(h.Running) == 0 {
		return
	}
	title, to := "running now:", h.Read
	if h.Phase != history.Goes {
		title, to = "running when it was last heard of:", h.Seen
	}
	b.WriteString(title + "\n")
	for i, r := range h.Running {
		if i == mostStatusRunning {
			fmt.Fprintf(b, "  and %d more\n", len(h.Running)-i)
			break
		}
		attempt := ""
		if r.Attempt > 1 {
			attempt = fmt.Sprintf("  attempt %d", r.Attempt)
		}
		memory := ""
		if r.RSS > 0 {
			memory = "  " + p.dim(unit.FormatBytes(r.RSS))
		}
		fmt.Fprintf(b, "  %s  %s%s%s\n", printable(r.Name), p.dim(unit.FormatDuration(since(r.Began, to))), memory, attempt)
	}
}

func statusFailed(b *strings.Builder, h *history.History, p paint) {
	if len(h.Failed) == 0 {
		return
	}
	b.WriteString("failed:\n")
	for i, f := range h.Failed {
		if i == mostStatusFailed {
			fmt.Fprintf(b, "  and %d more\n", len(h.Failed)-i)
			break
		}
		fmt.Fprintf(b, "  %s: %s\n", p.red(printable(f.Name)), printable(f.Cause))
		if f.Blocked > 0 {
			fmt.Fprintf(b, "      %s\n", willNotRun(f.Blocked))
		}
		if f.Failure == nil {
			continue
		}
		for _, part := range []struct{ label, text string }{{"crash", f.Failure.CrashFile}, {"mend", f.Failure.Mend}, {"rerun", f.Failure.Rerun}} {
			for _, line := range splitLines(part.text) {
				fmt.Fprintf(b, "      %s  %s\n", p.dim(pad(part.label, 5)), printable(line))
			}
		}
	}
}
