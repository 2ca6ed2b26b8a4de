package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/starlang"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/internal/value"
)

// runFlags are the options of `raphe run`.
type runFlags struct {
	baseDir, workflow, executor string
	procs                       int
	memory, limit               string
	memoryRetries               int
	noLearn                     bool
	hash                        string
	dryRun, json, noProgress    bool
	events, command             string
	stopAtFirst, force          bool
	allowMissing                bool

	given *pflag.FlagSet // tells what was given from defaults
}

const (
	baseDirHelp = "keep working directories below `DIR` (default: the workflow's base_dir, or \"work\")"
	hashHelp    = "know files by `HOW`: content, or timestamp (size and time)"
)

func (f *runFlags) set(fs *pflag.FlagSet) {
	f.given = fs
	fs.StringVar(&f.baseDir, "base-dir", "", baseDirHelp)
	fs.StringVar(&f.workflow, "workflow", "", "run the workflow `NAME`, where the definition makes several")
	fs.StringVar(&f.executor, "executor", "local", "where tools run; this raphe has `local`")
	fs.IntVar(&f.procs, "procs", 0, "claim at most `N` processors at once (default: all that this process may use)")
	fs.StringVar(&f.memory, "memory", "", "let all tools together hold at most `SIZE` of memory, such as 16G (default: 90% of what this process may use, less where that is little)")
	fs.StringVar(&f.limit, "limit", local.Hard.String(), "end what takes too much memory, by `HOW`: hard (above its mem_gb, or when all hold more than --memory), soft (the latter only), none")
	fs.IntVar(&f.memoryRetries, "memory-retries", 2, "repeat what failed for want of memory `N` times with more, beyond a node's retries")
	fs.BoolVar(&f.noLearn, "no-learn", false, "neither remember nor ask what tools needed before (also: "+noLearn+"=1)")
	fs.StringVar(&f.hash, "hash", "", hashHelp)
	fs.BoolVar(&f.dryRun, "dry-run", false, "say what would run and why; run nothing")
	fs.BoolVar(&f.json, "json", false, "write events as JSON lines")
	fs.StringVar(&f.events, "events", "", "write events as JSON lines to `FILE`, too: a file, a pipe, /dev/fd/N")
	fs.StringVar(&f.command, "command", "", "say that `COMMAND` repeats this run, where a program stands behind it")
	fs.BoolVar(&f.noProgress, "no-progress", false, "plain lines instead of a display that is redrawn")
	fs.BoolVar(&f.stopAtFirst, "stop-on-first-crash", false, "start nothing more after the first failure")
	fs.BoolVar(&f.allowMissing, "allow-missing", false, "run what can run although tools are not found")
	fs.BoolVar(&f.force, "force", false, "run everything, whatever the records say")
	fs.BoolP("help", "h", false, "print this help")
}

func newRunCommand() *cobra.Command {
	var f runFlags
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	f.set(flags)
	cmd := &cobra.Command{
		Use:   "run FILE [options] [--NAME VALUE of the definition ...]\n  raphe run [options] SCRIPT.py [arguments of the script ...]",
		Short: "Run a workflow",
		Long: `Run the workflow that FILE defines (Starlark, or JSON lines for *.jsonl).
A Python script is run as it stands, with Raphe in place of nipype's plugins.
Finished instances are taken from the store; everything else runs. Ctrl-C once:
what runs may end, nothing new starts; twice: everything is ended at once. The
same command again goes on where it stopped.
` + statusHelp,
		DisableFlagParsing: true, // the definition has options of its own
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"star", "jsonl", "py"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if own, script, rest, ok := takeScript(flags, args); ok {
				if containsHelp(own) {
					return runHelp(cmd, flags, "", theirArgs{})
				}
				if err := flags.Parse(own); err != nil {
					return usageError(cmd, err)
				}
				return runScript(&f, script, rest, quoteCommand(repeating(args)))
			}
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
			return runWorkflow(file, theirs, &f, cmp.Or(f.command, quoteCommand(repeating(args))))
		},
	}
	cmd.Flags().AddFlagSet(flags)
	return cmd
}

// repeating gives the command line that goes on with a run of these arguments:
// it forces nothing again, and nobody listens to its events.
func repeating(args []string) []string {
	out := []string{"raphe", "run"}
	for k := 0; k < len(args); k++ {
		name, _, whole := strings.Cut(args[k], "=")
		switch name {
		case "--force":
		case "--events":
			if !whole {
				k++
			}
		default:
			out = append(out, args[k])
		}
	}
	return out
}

// runHelp prints the command's help and, where a file is named, the arguments
// that its definition declares.
func runHelp(cmd *cobra.Command, flags *pflag.FlagSet, file string, args theirArgs) error {
	fmt.Printf("%s\n\nUsage:\n  raphe %s\n\nOptions:\n%s", strings.TrimSpace(cmd.Long), cmd.Use, flags.FlagUsages())
	if file == "" {
		return nil
	}
	d, err := load(file, args)
	if err != nil {
		return err
	}
	if len(d.args) > 0 {
		fmt.Printf("\nOptions of %s:\n", file)
	}
	for _, a := range d.args {
		fmt.Printf("  --%-24s %s\n", a.Flag()+" "+a.Type, describeArg(a))
	}
	return nil
}

// memoryPolicy gives what the run does about the memory of its tools.
func (f *runFlags) memoryPolicy(total int64) (local.Options, task.Memory, error) {
	limit, err := local.ParseLimit(f.limit)
	if err != nil {
		return local.Options{}, task.Memory{}, &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("--limit %q is not known", f.limit), Mend: "write hard, soft or none", Err: err}
	}
	if f.memoryRetries < 0 {
		return local.Options{}, task.Memory{}, &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("--memory-retries %d is not a number of attempts", f.memoryRetries), Mend: "give 0 or more"}
	}
	return local.Options{Memory: total, Limit: limit}, task.Memory{Total: total, Enforce: limit == local.Hard, Retries: f.memoryRetries}, nil
}

// checkOptions refuses what the other options can't be.
func (f *runFlags) checkOptions() error {
	if f.executor != "local" {
		return &diag.Diagnostic{Code: diag.Unreachable, What: fmt.Sprintf("no executor %q", f.executor), Why: "this raphe has: local", Mend: "leave --executor out"}
	}
	if f.hash != "" && f.hash != "content" && f.hash != "timestamp" {
		return &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("--hash %q is not known", f.hash), Mend: "write content or timestamp"}
	}
	return nil
}

// describeArg gives the help of an argument that a definition declares.
func describeArg(a starlang.Arg) string {
	text := a.Help
	switch {
	case a.Required:
		text += " (required)"
	case a.Default != nil:
		text += " (default " + value.Repr(a.Default) + ")"
	}
	return strings.TrimSpace(text)
}

// byTime reports whether files are known by size and time: as the command line
// says, or else the workflow's settings.
func (f *runFlags) byTime(p *plan.Plan) bool {
	return cmp.Or(f.hash, p.Top.Options().Config.HashMethod) == "timestamp"
}
