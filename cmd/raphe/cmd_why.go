package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
)

func newWhyCommand() *cobra.Command {
	var f runFlags
	var node string
	flags := pflag.NewFlagSet("why", pflag.ContinueOnError)
	flags.StringVar(&f.baseDir, "base-dir", "", baseDirHelp)
	flags.StringVar(&f.workflow, "workflow", "", "take the workflow `NAME`, where the definition makes several")
	flags.StringVar(&f.hash, "hash", "", hashHelp)
	flags.StringVar(&node, "node", "", "only the node `NAME`")
	flags.BoolVar(&f.json, "json", false, "write JSON lines")
	flags.BoolP("help", "h", false, "print this help")
	cmd := &cobra.Command{
		Use:   "why FILE|DIR [NODE] [options] [--NAME VALUE of the definition ...]",
		Short: "Say why each instance would run, or ran",
		Long: `With a definition: say for each instance whether it would run now, and why.
With a base directory: say why each instance ran when it last did.
` + statusHelp,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			args, named := takeNode(args)
			file, own, theirs, err := splitArgs(flags, args)
			if err != nil {
				return err
			}
			if containsHelp(own) {
				return runHelp(cmd, flags, file, theirs)
			}
			if err := flags.Parse(own); err != nil {
				return usageError(cmd, err)
			}
			if node == "" {
				node = named
			}
			if info, err := os.Stat(file); err == nil && info.IsDir() {
				return whyItRan(file, node, f.json)
			}
			p, _, err := planned(file, f.workflow, theirs)
			if err != nil {
				return err
			}
			return explainPlan(p, &f, node, true)
		},
	}
	cmd.Flags().AddFlagSet(flags)
	return cmd
}

// takeNode takes a second argument that is no option for the node's name.
func takeNode(args []string) (rest []string, node string) {
	if len(args) >= 2 && !strings.HasPrefix(args[0], "-") && !strings.HasPrefix(args[1], "-") {
		return append([]string{args[0]}, args[2:]...), args[1]
	}
	return args, ""
}

// explainPlan says what a run would do, without doing it.
func explainPlan(p *plan.Plan, f *runFlags, node string, all bool) error {
	base, err := plannedBase(f.baseDir, p)
	if err != nil {
		return err
	}
	r := task.New(p, task.Options{BaseDir: base, Environ: os.Environ(), ByTime: f.byTime(p), Force: f.force})
	s, err := store.View(base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		s = nil
	case err != nil:
		return err
	default:
		defer s.Close()
		if _, err := s.Scan(0, r.Visit); err != nil {
			return err
		}
	}
	r.Begin(s)
	if node != "" && !hasNode(p, node) {
		return noNode(p, node)
	}
	runs, failing := 0, 0
	r.Explain(context.Background(), func(fc task.Forecast) bool {
		if fc.Err != nil {
			failing++
		} else if fc.Run {
			runs++
		}
		name := p.Dir(fc.Instance)
		if node != "" && !matchesNode(p.Node(fc.Instance).Label(), name, node) {
			return true
		}
		printForecast(f.json, name, fc, all)
		return true
	})
	if !f.json {
		fmt.Printf("%d of %d instances would run", runs, p.NumInstances())
		if failing > 0 {
			fmt.Printf(", %d can't", failing)
		}
		fmt.Println()
	}
	return nil
}

// hasNode reports whether the plan has an instance that is meant by name.
func hasNode(p *plan.Plan, name string) bool {
	for i := range p.NumInstances() {
		if at := plan.Instance(i); matchesNode(p.Node(at).Label(), p.Dir(at), name) {
			return true
		}
	}
	return false
}

func noNode(p *plan.Plan, name string) error {
	var names []string
	p.Nodes(func(n plan.NodeRow) bool {
		names = append(names, n.Node.Label())
		return true
	})
	return &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("the workflow has no node %q", name), Mend: nearestNode(name, names)}
}

// nearestNode says which of the full names may be meant by the name of a node,
// or the end of one.
func nearestNode(name string, full []string) string {
	var ends []string
	for _, f := range full {
		for {
			ends = append(ends, f)
			_, rest, more := strings.Cut(f, ".")
			if !more {
				break
			}
			f = rest
		}
	}
	if near := diag.Nearest(name, ends); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return diag.DidYouMean(name, full)
}

func printForecast(json bool, name string, fc task.Forecast, all bool) {
	state, reason := "up to date", ""
	switch {
	case fc.Err != nil:
		state, reason = "cannot run", fc.Err.Error()
	case fc.Run:
		state, reason = "would run", fc.Reason
	}
	if json {
		printJSON(map[string]string{"instance": name, "state": state, "reason": reason})
		return
	}
	if state == "up to date" {
		if all {
			fmt.Printf("%-10s  %s\n", state, name)
		}
		return
	}
	fmt.Printf("%-10s  %s\n            %s\n", state, name, reason)
}

// plannedBase gives the base directory of a plan without making it.
func plannedBase(flag string, p *plan.Plan) (string, error) {
	abs, err := filepath.Abs(cmp.Or(flag, p.Top.Options().BaseDir, defaultBaseDir))
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		return real, nil
	}
	return abs, nil
}

// matchesNode reports whether a node or an instance is meant by name: the
// node's name, a dotted path that ends its full name, or the instance's
// directory.
func matchesNode(full, instance, name string) bool {
	return full == name || strings.HasSuffix(full, "."+name) || instance == strings.Trim(name, "/") || strings.HasSuffix(instance, "/"+name)
}

// whyItRan prints the reasons that the records of a base directory hold.
func whyItRan(dir, node string, json bool) error {
	recs, err := lastRecords(dir, node)
	if err != nil {
		return err
	}
	for _, r := range recs {
		if json {
			printJSON(map[string]string{"instance": r.Name, "reason": r.Reason})
			continue
		}
		fmt.Printf("%s\n  ran %s because %s\n", r.Name, r.Began.Format("2006-01-02 15:04:05"), r.Reason)
	}
	return nil
}
