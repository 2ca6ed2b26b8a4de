package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/pyworker"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/internal/ui"
	"github.com/raphe-org/raphe/workflow"
)

// runWorkflow is `raphe run`.
func runWorkflow(file string, args theirArgs, f *runFlags, command string) error {
	if err := f.checkOptions(); err != nil {
		return err
	}
	if err := holdBallast(); err != nil {
		return err
	}
	p, d, err := planned(file, f.workflow, args)
	if err == nil {
		err = runPlan(p, f, command)
	}
	if d == nil || f.dryRun {
		return err
	}
	return followedBy(d.def, err)
}

// runPlan runs a plan as the options say.
func runPlan(p *plan.Plan, f *runFlags, command string) error {
	if f.dryRun {
		return explainPlan(p, f, "", false)
	}
	capacity, err := f.capacity()
	if err != nil {
		return err
	}
	if err := capacity.check(p); err != nil {
		return err
	}
	limits, memory, err := f.memoryPolicy(capacity.Mem)
	if err != nil {
		return err
	}
	base, err := baseDir(f.baseDir, p.Top)
	if err != nil {
		return err
	}
	events, err := f.openEvents()
	if err != nil {
		return err
	}
	defer events.Close()
	s := &session{flags: f, plan: p, base: base, capacity: capacity, limits: limits, memory: memory, command: command, events: events}
	return s.run()
}

// A session is one `raphe run`, from opening the store to its summary.
type session struct {
	flags    *runFlags
	plan     *plan.Plan
	base     string
	capacity capacity
	limits   local.Options
	memory   task.Memory
	command  string
	events   *os.File // of --events; nil: none

	store   *store.Store
	exec    *local.Executor
	workers *pyworker.Pool // of nodes that nipype handed over; nil: there are none
	runner  *task.Runner
	learned *learning
	savings savings
}

func (s *session) run() error {
	if err := s.open(); err != nil {
		return err
	}
	defer s.close()
	if text := s.capacity.warning(); text != "" {
		fmt.Fprintln(os.Stderr, "warning:", text)
	}
	forgetProgram()
	read := s.readers()
	s.recordGraph()
	ctx, interrupt, stop := listen(func() { _ = s.exec.Close() })
	defer stop()
	config := s.plan.Top.Options().Config
	room := s.capacity.Claim
	room.Mem -= s.workers.Aside(room.Mem)
	if p := s.plan.Def.Python(); p != nil {
		room.GPUs = p.GPUs
	}
	loop := sched.New(s.plan, s.runner, sched.Options{
		Capacity:    room,
		StopAtFirst: s.flags.stopAtFirst || config.StopOnFirstCrash == workflow.Yes,
		Sink: func(e event.Event) {
			s.savings.event(e)
			read.event(e)
		},
		Beside: read.monitor.Samples(),
	}, interrupt)
	sum := loop.Run(ctx)
	lost, err := read.close()
	if lost != nil && sum.Fatal == nil {
		sum.Fatal = lost
	}
	if err != nil {
		return err
	}
	s.lastWords()
	return s.verdict(sum, interrupt)
}

// uiOptions chooses how the run is shown: events as JSON lines on standard
// output, or text for a person on standard error.
func (s *session) uiOptions() ui.Options {
	o := ui.Options{
		Out: os.Stderr, BaseDir: relative(s.base), Results: s.sinks(), Command: s.command,
		Running: s.samples, Size: ui.SizeOf(os.Stderr), Estimate: s.estimate(), Always: s.always(),
	}
	o.Form, o.Colour = ui.Choose(os.Stderr, os.Getenv)
	o.ASCII = ui.ASCII(os.Getenv)
	if s.flags.noProgress {
		o.Form = ui.Plain
	}
	if s.flags.json {
		o.Out, o.Form = os.Stdout, ui.JSONLines
	}
	return o
}

// sinks gives the folders that the workflow's sinks write to, as far as the
// definition says.
func (s *session) sinks() []string {
	var out []string
	s.plan.Nodes(func(n plan.NodeRow) bool {
		if native := n.Node.Interface().Native; native != nil && native.Impl == "io.DataSink" {
			if dir := n.Node.Inputs().Str("base_directory"); dir != "" && !slices.Contains(out, relative(dir)) {
				out = append(out, relative(dir))
			}
		}
		return true
	})
	return out
}

// always tells the nodes that look at the world outside.
func (s *session) always() func(node string) bool {
	names := map[string]bool{}
	s.plan.Nodes(func(n plan.NodeRow) bool {
		if n.Node.Interface().AlwaysRun {
			names[n.Node.Label()] = true
		}
		return true
	})
	return func(node string) bool { return names[node] }
}

// estimate gives what the time left is estimated from.
func (s *session) estimate() progress.Options {
	return progress.Options{Nodes: func(yield func(progress.Node) bool) {
		s.plan.Nodes(func(n plan.NodeRow) bool {
			return yield(progress.Node{
				Name: n.Node.Label(), Instances: n.Count, Took: s.memory.Learned.Wall(task.SubjectOf(n.Node)),
			})
		})
	}}
}

// samples gives the memory of what runs now.
func (s *session) samples() []progress.Sample {
	var out []progress.Sample
	for _, r := range s.exec.Running() {
		out = append(out, progress.Sample{Name: r.ID, RSS: r.RSS})
	}
	return out
}

// open claims the base directory, ends what an earlier run left running, and
// makes ready to run tasks.
func (s *session) open() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s.exec = local.New(s.limits)
	s.learned = s.flags.learning(s.base)
	s.memory.Learned = s.learned.Learned
	options := task.Options{
		BaseDir: s.base, Executor: s.exec, Self: self, Environ: os.Environ(), Force: s.flags.force,
		ByTime: s.flags.byTime(s.plan), Rerun: s.command,
		Memory: s.memory, ProcsGiven: s.flags.procs > 0,
	}
	if s.workers = openWorkers(s.plan.Def.Python(), s.exec); s.workers != nil {
		options.Python = s.workers
		options.Memory.Aside = s.workers.Aside(s.memory.Total)
	}
	s.runner = task.New(s.plan, options)
	problems := s.runner.SinkCollisions()
	if !s.flags.allowMissing {
		problems = append(problems, s.runner.MissingTools()...)
	}
	if err := problems.Err(); err != nil {
		return err
	}
	ctx, stop := untilInterrupt()
	defer stop()
	s.store, err = store.Open(ctx, s.base, store.Options{
		Visit: s.runner.Visit,
		OnWait: func(o store.Owner) {
			fmt.Fprintf(os.Stderr, "waiting to see whether the run of process %d on %s is still alive ...\n", o.PID, o.Host)
		},
	})
	if err != nil && ctx.Err() != nil {
		return exitStatus(exitInterrupted)
	}
	if err != nil {
		return err
	}
	if d := s.store.Damage(); d != nil {
		fmt.Fprintf(os.Stderr, "warning: %v\n  what was lost is done again\n", d)
		s.store.AcceptDamage()
	}
	s.runner.Begin(s.store)
	for _, line := range s.runner.EndStale() {
		fmt.Fprintln(os.Stderr, line)
	}
	if ctx.Err() != nil {
		s.close()
		return exitStatus(exitInterrupted)
	}
	return nil
}

func (s *session) close() {
	if s.workers != nil {
		s.workers.Close()
	}
	if err := s.exec.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "raphe:", err)
	}
	if err := s.store.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "raphe:", err)
	}
}

// verdict turns how a run ended into an exit status.
func (s *session) verdict(sum sched.Summary, interrupt <-chan struct{}) error {
	select {
	case <-interrupt:
		return exitStatus(exitInterrupted)
	default:
	}
	switch {
	case sum.Fatal != nil:
		return sum.Fatal
	case !sum.OK():
		return exitStatus(exitFailed)
	}
	return nil
}

// listen turns the first interrupt into a closed channel; with the second it
// calls kill and ends the context. A signal that this process was started to
// ignore (nohup, a shell's background job) stays ignored.
func listen(kill func()) (ctx context.Context, interrupt <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	first, done := make(chan struct{}), make(chan struct{})
	signals := make(chan os.Signal, 2)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	go func() {
		for n := 0; ; n++ {
			select {
			case <-signals:
			case <-done:
				return
			}
			switch n {
			case 0:
				close(first)
			case 1:
				kill()
				cancel()
			}
		}
	}()
	return ctx, first, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}

// quoteCommand gives a command line that a shell reads back as it was.
func quoteCommand(argv []string) string {
	quoted := make([]string, len(argv))
	for i, a := range argv {
		quoted[i] = task.Quote(a)
	}
	return strings.Join(quoted, " ")
}

// relative gives a path as a person at this place would write it.
func relative(path string) string {
	wd, err := os.Getwd()
	if err != nil {
		return path
	}
	rel, err := filepath.Rel(wd, path)
	if err != nil || strings.HasPrefix(rel, "../..") {
		return path
	}
	return rel
}
