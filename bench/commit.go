package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// errNoBallast says that an experiment shows nothing.
var errNoBallast = errors.New("the experiment needs it all")

// An attempt is one engine that holds the ballast and starts tools.
type attempt struct {
	name    string
	started string // how many tools came to their end
	said    string // what the kernel said
	out     Outcome
	before  int64 // the machine's commit charge when the limit was set
	limit   int64
	since   time.Duration // when it was set, after the start
}

// Of the experiment.
const (
	commitTools   = 16
	commitSlots   = 4
	commitHeld    = 8   // MB, each tool
	commitSeconds = 0.3 // each tool
	// Under a limit of address space an engine needs room for what it only
	// reserves: Raphe 5.6 GB, of which 4.3 GB are starlark-go's small integers.
	addressReserve = 6e9
	commitWait     = 15 * time.Second // for an engine that was limited
)

// commitCharge is scenario e, the experiment of nipype issue 2776: the engine
// holds a quarter of the machine's memory, the kernel refuses to commit to much
// more, and a tool has to be started.
func commitCharge(l *lab, s *Section) error {
	sizes, err := readSizes("/proc/meminfo")
	if err != nil {
		return err
	}
	ballast := sizes["MemTotal"] / 4 >> 20 << 20
	s.Work = fmt.Sprintf("An engine that holds a ballast of %s, a quarter of the machine's memory, all of it touched (raphe: RAPHE_BALLAST), starts %d tools that hold %d MB for %g s.",
		showMB(ballast), commitTools, commitHeld, commitSeconds)
	if available := sizes["MemAvailable"]; available < ballast/2*3 {
		return fmt.Errorf("only %s of memory are available, too little for the ballast", showMB(available))
	}
	strictMode := !l.noSysctl && os.Geteuid() == 0
	t := Table{Head: []string{"", "tools that ran", "what the kernel said", "commit charge with the ballast", "at most", "limit", "growth beyond the ballast"}}
	var attempts []attempt
	for _, engine := range l.engines(ballast) {
		a, err := l.attempt(engine, ballast, strictMode)
		if err != nil {
			return err
		}
		attempts = append(attempts, a)
		t.add(a.row(strictMode)...)
	}
	s.Tables = append(s.Tables, t)
	s.Targets = append(s.Targets, commitTargets(attempts, strictMode)...)
	if strictMode {
		s.Notes = append(s.Notes, "Strict overcommit: each engine was stopped when it held nine tenths of the ballast, vm.overcommit_memory was set to 2 and vm.overcommit_kbytes to the commit charge at that moment "+
			"plus half a ballast, and the engine went on; both settings were put back at its end. Charges are the machine's Committed_AS. A plain fork commits to a copy of all that its process has; Raphe's fork shares it until the exec.")
	} else {
		s.Notes = append(s.Notes, "The kernel's overcommit mode was not changed (it takes root, and no --no-sysctl). Instead each engine ran under an address-space limit (ulimit -v) of the ballast "+
			"and half as much again, or 6 GB if that is more (Raphe reserves 5.6 GB of addresses without using them). **Such a limit counts each process for itself, so that it does not refuse the plain fork**; what that commits to is seen in the charge.")
	}
	return nil
}

// An engine is a process that holds the ballast.
type engine struct {
	name string
	cmd  Command
	ran  func(out Outcome, printed, dir string) (started, said string)
}

func (l *lab) engines(ballast int64) []engine {
	fast := nipype{l, "MultiProc", 10 * time.Millisecond, 0}
	out := []engine{{
		name: "raphe",
		cmd:  Command{Argv: rapheJSON{l.raphe}.run("wf.star", commitSlots, "--memory", "64G", "--json"), Env: []string{fmt.Sprintf("RAPHE_BALLAST=%d", ballast)}},
		ran: func(o Outcome, printed, _ string) (string, string) {
			return fmt.Sprintf("%d of %d", strings.Count(printed, `"event":"finished"`), commitTools), kernelSaid(printed + o.Stderr)
		},
	}}
	if _, err := probe(l.python, "--version"); err == nil {
		out = append(out, engine{
			name: "a process that forks (python, os.fork)",
			cmd:  Command{Argv: []string{l.python, l.script("fork.py"), fmt.Sprint(ballast), fmt.Sprint(commitTools), l.hold, fmt.Sprint(commitHeld), fmt.Sprint(commitSeconds), "out.txt"}},
			ran: func(_ Outcome, printed, _ string) (string, string) {
				var said struct {
					Started int
					Error   string
				}
				if err := json.Unmarshal([]byte(lastLine(printed)), &said); err != nil {
					return "-", err.Error()
				}
				return fmt.Sprintf("%d of %d", said.Started, commitTools), said.Error
			},
		})
	}
	if l.has(fast) {
		argv := append(fast.flow(commitSlots, "single", fmt.Sprint(commitSeconds)), "--hold", l.hold, "--ballast", fmt.Sprint(ballast))
		out = append(out, engine{
			name: fast.Name() + " (1 tool)", cmd: Command{Argv: argv},
			ran: func(o Outcome, printed, _ string) (string, string) {
				said := kernelSaid(printed + o.Stderr)
				switch {
				case o.TimedOut:
					return "0 of 1", strings.TrimSpace(said + fmt.Sprintf(" (it did not end; killed after %s)", commitWait))
				case o.Exit == 0:
					return "1 of 1", said
				}
				return "0 of 1", said
			},
		})
	}
	return out
}

// kernelSaid finds the kernel's refusal in what an engine printed.
func kernelSaid(text string) string {
	for _, words := range []string{"Cannot allocate memory", "cannot allocate memory"} {
		if strings.Contains(text, words) {
			return "ENOMEM: " + words
		}
	}
	return ""
}

// attempt runs one engine, limited.
func (l *lab) attempt(e engine, ballast int64, strictMode bool) (attempt, error) {
	dir, err := l.folder("e")
	if err != nil {
		return attempt{}, err
	}
	if err := writeCommitFlow(dir, l.hold); err != nil {
		return attempt{}, err
	}
	printed := tail{most: 1 << 20}
	cmd := e.cmd
	cmd.Dir, cmd.Tool, cmd.Every, cmd.NoPSS, cmd.Stdout = dir, "hold", 20*time.Millisecond, true, &printed
	a := attempt{name: e.name}
	var failed error
	if strictMode {
		ctx, giveUp := context.WithCancel(l.ctx)
		defer giveUp()
		w := newStrictWatch(l, ballast, giveUp)
		cmd.Started, cmd.Env = w.start, append(l.quietEnv(), cmd.Env...)
		a.out, failed = cmd.run(ctx)
		a.out.TimedOut = a.out.TimedOut || ctx.Err() != nil
		err = w.stop()
		a.before, a.limit, a.since = w.before, w.limit, w.since
	} else {
		a.before, _ = procfs{"/proc"}.committed()
		a.limit = ballast + max(ballast/2, addressReserve)
		cmd.Argv = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -v %d && exec "$@"`, a.limit>>10), "sh"}, cmd.Argv...)
		a.out, failed = l.run(cmd)
	}
	if err := errors.Join(err, l.ctx.Err()); err != nil {
		return a, err
	}
	if held := a.out.Footprint().RSS; held < ballast/10*9 || a.limit == 0 {
		return a, fmt.Errorf("%s ended with %s of the ballast of %s, before it could be limited: %w", e.name, showMB(held), showMB(ballast), cmp.Or(failed, errNoBallast))
	}
	a.started, a.said = e.ran(a.out, printed.String(), dir)
	if failed != nil && a.said == "" {
		a.said = failed.Error()
	}
	l.say("   %s: %s %s", a.name, a.started, a.said)
	return a, nil
}

// writeCommitFlow writes the tools as a sweep for Raphe.
func writeCommitFlow(dir, hold string) error {
	return star(dir, "wf.star", `load("utility", "IdentityInterface")`,
		fmt.Sprintf(`Hold = command([%q, "%d", "%g"],`, hold, commitHeld, commitSeconds),
		`    inputs = [path("out_file", "%s", pos = 0, default = "out.txt"), text("label", "--label=%s", pos = 1)],`,
		`    outputs = [file("out_file", at("out_file"))])`,
		fmt.Sprintf(`source = Node(IdentityInterface(fields = ["label"]), name = "source", iterables = ("label", ["%%d" %% i for i in range(%d)]))`, commitTools),
		`tool = Node(Hold(), name = "tool")`,
		`wf = Workflow("wf")`,
		`wf.connect(source, "label", tool, "label")`)
}

func (a attempt) row(strictMode bool) []string {
	f := a.out.Footprint()
	var highest int64
	for _, s := range a.out.Samples {
		if s.At < a.since {
			continue // it grew still, and so did others
		}
		highest = max(highest, s.Committed)
	}
	growth := showMB(f.Growth)
	if f.Running == 0 {
		growth = "-"
	}
	limit := showMB(a.limit)
	if !strictMode {
		limit += " of address space"
	}
	return []string{a.name, a.started, orDash(a.said), showMB(a.before), showMB(highest), limit, growth}
}

func commitTargets(attempts []attempt, strictMode bool) []Target {
	var out []Target
	for _, a := range attempts {
		switch {
		case a.name == "raphe":
			all := fmt.Sprintf("%d of %d", commitTools, commitTools)
			out = append(out, Target{"tools start under the limit", all, a.started, a.started == all})
		case strictMode && strings.Contains(a.name, "forks"):
			out = append(out, Target{"the same by plain fork is refused", "ENOMEM", orDash(a.said), strings.Contains(a.said, "ENOMEM")})
		}
	}
	return out
}
