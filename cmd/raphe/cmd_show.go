package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/internal/unit"
	"github.com/raphe-org/raphe/internal/value"
)

func newShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show DIR [NODE]",
		Short: "Show one instance: inputs, command, resources, logs, outputs",
		Long: `Show what is recorded of a node's instances below a base directory. NODE is a
node's name, the end of its dotted path, or the directory of one instance;
without it all instances are shown.
` + statusHelp,
		Args: wants("DIR", "[NODE]"),
		RunE: func(_ *cobra.Command, args []string) error {
			node := ""
			if len(args) > 1 {
				node = args[1]
			}
			base, err := realDir(args[0])
			if err != nil {
				return err
			}
			recs, before, err := recordedOf(args[0], base, node)
			if err != nil {
				return err
			}
			for k, r := range recs {
				if asJSON {
					showJSON(base, r, before[r.Name])
					continue
				}
				if k > 0 {
					fmt.Println()
				}
				showText(base, r, before[r.Name])
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object an instance")
	return cmd
}

func realDir(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// lastRecords gives the last record of each instance of a node, with its
// outputs, sorted by name.
func lastRecords(dir, node string) ([]*task.Record, error) {
	base, err := realDir(dir)
	if err != nil {
		return nil, err
	}
	recs, _, err := recordedOf(dir, base, node)
	return recs, err
}

// recordedOf gives the same, and by name the attempts before the last one.
func recordedOf(dir, base, node string) (recs []*task.Record, before map[string][]*task.Record, err error) {
	s, err := store.View(base)
	if err != nil {
		return nil, nil, err
	}
	defer s.Close()
	recs, err = task.Last(s, base, func(r *task.Record) bool { return node == "" || matchesNode(r.Node, r.Name, node) })
	if err != nil {
		return nil, nil, err
	}
	if len(recs) == 0 {
		return nil, nil, nothingRecorded(s, base, dir, node)
	}
	slices.SortFunc(recs, func(a, b *task.Record) int { return strings.Compare(a.Name, b.Name) })
	before, err = task.Before(s, base, recs)
	return recs, before, err
}

func nothingRecorded(s *store.Store, base, dir, node string) error {
	var names []string
	all, err := task.Last(s, base, func(*task.Record) bool { return true })
	if err != nil {
		return err
	}
	for _, r := range all {
		names = append(names, r.Node)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	return &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("nothing is recorded of %q in %s", node, dir),
		Why: "no instance of that name has run there", Mend: nearestNode(node, names)}
}

func showText(base string, r *task.Record, before []*task.Record) {
	fmt.Println(r.Name)
	line := func(label, text string) {
		if text != "" {
			fmt.Printf("  %-10s %s\n", label, strings.ReplaceAll(text, "\n", "\n             "))
		}
	}
	line("node", r.Node+"  ("+r.Interface+")")
	if r.Failure != nil {
		line("state", "failed: "+r.Failure.Cause)
		line("detail", r.Failure.Detail)
	} else {
		line("state", "done")
	}
	line("ran", r.Began.Format("2006-01-02 15:04:05")+", because "+r.Reason)
	line("used", fmt.Sprintf("%s wall, %s CPU, %s", unit.FormatDuration(r.Usage.Wall), unit.FormatDuration(r.Usage.CPU), peakText(r)))
	line("memory", memoryLine(&r.Usage))
	for _, b := range before {
		line("before", attemptLine(b))
	}
	if len(r.Argv) > 0 {
		line("command", r.CommandLine())
	} else if r.Failure != nil {
		line("command", r.Failure.Command)
	}
	dir := filepath.Join(base, filepath.FromSlash(r.Name))
	if _, err := os.Stat(dir); err == nil {
		line("directory", dir)
	}
	for _, it := range r.Items {
		switch label, name := itemLabel(it.Name); label {
		case "interface": // stands in the line of the node
		case "tool":
			line(label, it.Text)
		case "beside":
			line(label, name+": "+it.Text)
		default:
			line(label, name+" = "+it.Text)
		}
	}
	for _, f := range r.Outputs {
		line("output", f.Name+" = "+value.Repr(f.Value))
	}
	if r.Failure != nil {
		line("stderr", r.Failure.Stderr)
		line("stdout", r.Failure.Stdout)
		line("crash file", r.Failure.CrashFile)
		line("mend", r.Failure.Mend)
		line("rerun", r.Failure.Rerun)
	}
	for _, name := range []string{"stdout.txt", "stderr.txt"} {
		if path := filepath.Join(dir, name); fileExists(path) {
			line("log", path)
		}
	}
}

// peakText gives the most memory of an attempt.
func peakText(r *task.Record) string {
	switch {
	case r.Usage.PeakRSS > 0:
		return unit.FormatBytes(r.Usage.PeakRSS) + " memory at most"
	case len(r.Argv) > 0:
		return "memory not known (too short to be measured)"
	}
	return "memory not known" // what runs inside Raphe has none of its own
}

// memoryLine says what was set aside for an attempt and what it used, "" where
// nothing was.
func memoryLine(u *event.Usage) string {
	if u.Asked.Mem == 0 {
		return ""
	}
	verb := "set aside"
	if u.Asked.From == event.FromUser {
		verb = "asked"
	}
	text := fmt.Sprintf("%s %s (%s)", verb, unit.FormatBytes(u.Asked.Mem), u.Asked.From)
	if u.PeakRSS == 0 {
		return text + ", what it used is not known"
	}
	text += ", used " + unit.FormatBytes(u.PeakRSS) + " at most"
	if would := enough(u.PeakRSS); u.Asked.From == event.FromUser && would < u.Asked.Mem {
		text += fmt.Sprintf("; mem_gb=%s would do", gibibytes(would))
	}
	return text
}

// attemptLine tells of an attempt that was repeated.
func attemptLine(r *task.Record) string {
	text := fmt.Sprintf("attempt %d, %s", r.Attempt, unit.FormatDuration(r.Usage.Wall))
	if r.Usage.Asked.Mem > 0 && r.Usage.PeakRSS > 0 {
		text += fmt.Sprintf(", %s of %s", unit.FormatBytes(r.Usage.PeakRSS), unit.FormatBytes(r.Usage.Asked.Mem))
	}
	if r.Failure != nil {
		text += ": " + r.Failure.Cause
	}
	return text
}

// itemLabel tells what an item of a record's list is: the interface, the tool,
// an environment variable of that name, what counts beside the inputs (which a
// sentence names: package key), or an input of that name.
func itemLabel(item string) (label, name string) {
	if item == "interface" || item == "tool" {
		return item, item
	}
	if name, ok := strings.CutPrefix(item, "environ."); ok {
		return "environ", name
	}
	if strings.Contains(item, " ") {
		return "beside", item
	}
	return "input", strings.TrimPrefix(item, "input.")
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func showJSON(base string, r *task.Record, before []*task.Record) {
	items := map[string]map[string]string{"input": {}, "environ": {}, "tool": {}, "interface": {}, "beside": {}}
	for _, it := range r.Items {
		label, name := itemLabel(it.Name)
		items[label][name] = it.Text
	}
	type attempt struct {
		Attempt int            `json:"attempt"`
		Began   time.Time      `json:"began"`
		Usage   event.Usage    `json:"usage"`
		Failure *event.Failure `json:"failure,omitempty"`
	}
	attempts := []attempt{}
	for _, b := range before {
		attempts = append(attempts, attempt{b.Attempt, b.Began, b.Usage, b.Failure})
	}
	printJSON(map[string]any{
		"instance": r.Name, "node": r.Node, "interface": r.Interface, "key": r.Key.String(),
		"directory": filepath.Join(base, filepath.FromSlash(r.Name)), "began": r.Began, "usage": r.Usage,
		"attempt": r.Attempt, "reason": r.Reason, "argv": r.Argv, "inputs": items["input"], "environ": items["environ"], "tool": items["tool"]["tool"], "beside": items["beside"],
		"outputs": json.RawMessage(value.AppendRecordJSON(nil, r.Outputs, false)), "failure": r.Failure,
		"before": attempts, "enough": enough(r.Usage.PeakRSS),
	})
}

// printJSON writes one object as one line.
func printJSON(v any) {
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // maps of plain things always encode; a closed pipe ends the process
}
