// Command bench runs Raphe and its peers on the same work, end to end, and
// writes a table of what it measured: `make bench`.
//
//	main, lab      options; the folder for scratch, the programs under test
//	Work, Peer     work that every peer is given, and how each one says it
//	Command        one run: stopwatch (what the kernel says of it) and sampler
//	               (what /proc says of its tree), the same for every peer
//	scenarios      one file each: trivial, shape, resume, planning, commit,
//	               killed, values, door (nipype's plugins), door_killed
//	Report         results as a struct; Markdown renders it
//
// It knows Raphe only as a program: it imports nothing of it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := start(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// start is the program in one of its roles: the benchmark itself, the stopwatch
// around one command, or the guard of a setting of the kernel.
func start(args []string) error {
	switch {
	case len(args) > 1 && args[0] == stopwatchWord:
		return stopwatch(args[1:])
	case len(args) == 1 && args[0] == guardWord:
		return guardSettings(os.Stdin)
	}
	return bench(args)
}

// options are what the command line says.
type options struct {
	only, peers, out, scratch string
	missing                   bool
}

func parse(args []string, l *lab) (options, error) {
	var o options
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.BoolVar(&l.quick, "quick", false, "smaller numbers: five minutes at most")
	fs.StringVar(&o.only, "only", "", "only the scenarios with these letters, such as `ad`")
	fs.StringVar(&o.peers, "peers", "", "only peers whose names contain one of these words, such as `ninja,xargs`")
	fs.IntVar(&l.runs, "runs", 0, "rounds, where a run is short (default 3)")
	fs.Float64Var(&l.scale, "scale", 0, "part of the fMRIPrep-like workflow's subjects, such as `0.2` (default 1; quick 0.15)")
	fs.StringVar(&o.out, "o", "", "write the report to `FILE` (default bench/RESULTS.md; where --only, --peers or --quick is given, nowhere)")
	fs.StringVar(&o.scratch, "scratch", "", "work below this `DIR` (default: the system's temporary folder)")
	fs.StringVar(&l.raphe, "raphe", "", "measure this `PROGRAM` instead of building one")
	fs.StringVar(&l.python, "python", "/usr/bin/python3", "the `PYTHON` that has nipype")
	fs.BoolVar(&l.noSysctl, "no-sysctl", false, "leave the kernel's overcommit mode alone in scenario e")
	fs.BoolVar(&o.missing, "missing", false, "only say which peers are missing, and their Debian packages")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	for _, letter := range o.only {
		if !slices.ContainsFunc(scenarios, func(s scenario) bool { return s.id == string(letter) }) {
			return o, fmt.Errorf("no scenario %q", letter)
		}
	}
	if l.runs == 0 {
		l.runs = 3
	}
	if o.peers != "" {
		l.only = strings.Split(o.peers, ",")
	}
	whole := o.only == "" && o.peers == "" && !l.quick
	if o.out == "" && whole {
		o.out = filepath.Join("bench", "RESULTS.md")
	}
	if o.out != "" {
		if _, err := os.Stat(filepath.Dir(o.out)); err != nil {
			return o, fmt.Errorf("-o: %w", err)
		}
		l.picture = filepath.Join(filepath.Dir(o.out), "memory.svg")
	}
	return o, nil
}

func bench(args []string) (err error) {
	l := &lab{log: os.Stderr, present: map[string]bool{}}
	o, err := parse(args, l)
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		l.say("note: what is read from /proc is missing here; Linux has it")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	l.ctx = ctx
	if l.scratch, err = os.MkdirTemp(o.scratch, "raphe-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(l.scratch)) }()
	if l.scratch, err = filepath.EvalSymlinks(l.scratch); err != nil {
		return err
	}
	if err := l.writeScripts(); err != nil {
		return err
	}
	if o.missing {
		return l.printMissing(os.Stdout)
	}
	if err := l.buildPrograms(); err != nil {
		return err
	}
	r := &Report{Command: strings.TrimSpace("go run ./bench " + strings.Join(args, " ")), Machine: machine(l.scratch), Peers: l.presences()}
	return l.runAll(r, o)
}

// runAll runs the scenarios, prints the report and writes it. What was measured
// before an interrupt is printed, too, but not written.
func (l *lab) runAll(r *Report, o options) error {
	began := time.Now()
	failed := 0
	for _, sc := range scenarios {
		if (o.only != "" && !strings.Contains(o.only, sc.id)) || l.ctx.Err() != nil {
			continue
		}
		s := l.measure(sc)
		if s.Failed != "" {
			failed++
		}
		r.Sections = append(r.Sections, s)
	}
	slices.SortFunc(r.Sections, func(a, b Section) int { return strings.Compare(a.ID, b.ID) })
	r.Took = time.Since(began)
	if err := r.Markdown(os.Stdout); err != nil {
		return err
	}
	if err := l.ctx.Err(); err != nil {
		return fmt.Errorf("interrupted: %w", err)
	}
	if o.out != "" {
		f, err := os.Create(o.out)
		if err != nil {
			return err
		}
		if err := errors.Join(r.Markdown(f), f.Close()); err != nil {
			return err
		}
		l.say("written to %s", o.out)
	}
	if failed > 0 {
		return fmt.Errorf("%d scenarios did not come to their end", failed)
	}
	return nil
}

// printMissing says what would have to be installed.
func (l *lab) printMissing(w io.Writer) error {
	var packages []string
	for _, p := range l.presences() {
		if p.Missing == "" || p.Debian == "" {
			continue
		}
		fmt.Fprintf(w, "%s: %s\n", p.Name, p.Missing)
		if !slices.Contains(packages, p.Debian) {
			packages = append(packages, p.Debian)
		}
	}
	if len(packages) == 0 {
		_, err := fmt.Fprintln(w, "all peers are there")
		return err
	}
	_, err := fmt.Fprintln(w, "on Debian: apt-get install --no-install-recommends "+strings.Join(packages, " "))
	return err
}
