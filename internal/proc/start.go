package proc

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Run starts the command, calls started, if that is not nil, and returns when
// the command has ended. The error, if there is one, is a *Failure: the command
// did not start.
//
// The command is forked by the calling goroutine's own thread. The goroutine is
// locked to it and can't leave before the command has ended, so neither can the
// thread, and the parent-death signal does not come early. That spares the two
// thread switches of Start, a fifth of the cost of a trivial command.
//
// A command that a template forks is the main thread's child, so nothing has to
// be locked.
func Run(spec *Spec, started func(*Process)) (Result, error) {
	if spec.Fork == nil {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
	}
	p, err := begin(spec, forkHere)
	if err != nil {
		return Result{}, err
	}
	if started != nil {
		started(p)
	}
	return p.Wait(), nil
}

// Start starts the command; any goroutine may wait for it. The error, if there
// is one, is a *Failure.
func Start(spec *Spec) (*Process, error) { return begin(spec, forkThere) }

func begin(spec *Spec, fork forker) (*Process, error) {
	if len(spec.Argv) == 0 {
		return nil, &Failure{Kind: StartFailed, Err: errors.New("no command given")}
	}
	p := &Process{spec: *spec, out: -1, err: -1, wait: fast}
	spec.Budget.enter(p) // the groups stay until it leaves
	if spec.MemLimit > 0 {
		p.leaf = spec.Budget.newLeaf(spec.MemLimit)
	}
	if p.leaf == nil { // of what is forked, it is the template's too
		p.cradle = spec.Budget.cradle()
	}
	p.beBorn()
	files, err := p.openFiles()
	switch {
	case err != nil:
	case p.forked():
		defer spec.Template.expect(p)() // until the sampler knows it
		err = p.handOver()
	default:
		err = p.launchBelow(files, fork)
		p.parent = ownPeak()
	}
	for i, fd := range files { // the child has its own, and logs are watched through p
		shared := i == 2 && fd == files[1] || i == 0 && spec.Input != nil || i == 1 && spec.Output != nil
		if fd > 0 && fd != p.out && fd != p.err && fd != null() && !shared {
			syscall.Close(fd)
		}
	}
	if err != nil {
		p.closeLogs()
		p.leaf.remove()
		p.growUp()
		spec.Budget.leave(p)
		return nil, err
	}
	if p.isTemplate() {
		spec.Template.opened(p.pid, p.born)
	}
	if spec.Timeout > 0 {
		p.timeout = time.AfterFunc(spec.Timeout, func() {
			p.end(&Failure{Kind: TimedOut, After: spec.Timeout}, false)
		})
	}
	watch(p)
	return p, nil
}

// null is /dev/null, open for reading and writing as long as Raphe runs.
var null = sync.OnceValue(func() int {
	fd, err := open(os.DevNull, syscall.O_RDWR)
	if err != nil {
		return -1 // starting says that the descriptor is bad
	}
	return fd
})

// openFiles opens the command's standard files; 0 stands for one not reached.
func (p *Process) openFiles() (files [3]int, err error) {
	files[0], files[1], files[2] = null(), null(), null()
	switch {
	case p.spec.Input != nil:
		files[0] = int(p.spec.Input.Fd())
	case p.spec.Stdin != "":
		if files[0], err = open(p.spec.Stdin, syscall.O_RDONLY); err != nil {
			return [3]int{}, p.fileFailure("standard input", p.spec.Stdin, err)
		}
	}
	// Logs are appended to: a tool that opens /dev/stderr anew must not
	// write over what is there.
	const log, data = syscall.O_APPEND, 0
	switch {
	case p.spec.Output != nil:
		files[1] = int(p.spec.Output.Fd())
	case p.spec.Stdout != "":
		mode := log
		if p.spec.StdoutIsData {
			mode = data
		}
		if files[1], err = open(p.spec.Stdout, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_TRUNC|mode); err != nil {
			return [3]int{files[0]}, p.fileFailure("standard output", p.spec.Stdout, err)
		}
		if !p.spec.StdoutIsData {
			p.out = files[1]
		}
	}
	switch {
	case p.spec.Stderr == "":
	case p.spec.Stderr == p.spec.Stdout:
		files[2] = files[1]
	default:
		if files[2], err = open(p.spec.Stderr, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_TRUNC|log); err != nil {
			return [3]int{files[0], files[1]}, p.fileFailure("standard error", p.spec.Stderr, err)
		}
		p.err = files[2]
	}
	return files, nil
}

func (p *Process) fileFailure(what, path string, err error) *Failure {
	err = fmt.Errorf("open %s: %w", what, &os.PathError{Op: "open", Path: path, Err: err})
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &Failure{Kind: NoSpace, Where: filepath.Dir(path), Err: err}
	}
	return &Failure{Kind: StartFailed, Command: p.spec.Argv[0], Err: err}
}

// open is open(2) without the poller and the finalizer of an os.File, which
// a file that is handed straight to a child has no use for.
func open(path string, flags int) (int, error) {
	for {
		fd, err := syscall.Open(path, flags|syscall.O_CLOEXEC, 0o666)
		if err != syscall.EINTR { // network file systems interrupt
			return fd, err
		}
	}
}

// closeLogs closes the logs and returns how long they are.
func (p *Process) closeLogs() (stdout, stderr int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	stdout, stderr = fileSize(p.out), fileSize(p.err)
	for _, fd := range []int{p.out, p.err} {
		if fd >= 0 {
			syscall.Close(fd)
		}
	}
	p.out, p.err = -1, -1
	return stdout, stderr
}

// launch finds the program and starts it.
func (p *Process) launch(files [3]int, fork forker) error {
	name, path := p.spec.Argv[0], searchPath(p.spec.Env)
	file, failure := LookPath(name, path)
	if failure != nil {
		return failure
	}
	c := &child{file: file, argv: p.spec.Argv, leaf: cmp.Or(p.leaf, p.cradle), attr: &syscall.ProcAttr{
		Dir: p.spec.Dir, Env: mark(p.spec.Env, p.spec.Dir), Sys: childAttr,
		Files: []uintptr{uintptr(files[0]), uintptr(files[1]), uintptr(files[2])},
	}}
	for tries := 0; ; tries++ {
		p.started = time.Now()
		var err error
		if p.pid, p.born, err = fork(c); err == nil {
			return nil
		}
		switch {
		case isScarce(err) && tries < scarceTries:
			time.Sleep(scarceWait << tries)
		case c.leaf != nil && !aboutProgram(err) && !isScarce(err) && err != syscall.ETXTBSY:
			// This kernel starts nothing in a cgroup: its limits are kept by
			// sampling then.
			c.leaf.giveUp()
			c.leaf, p.leaf, p.cradle = nil, nil, nil
		case err == syscall.ETXTBSY && tries < 8:
			// Something wrote the program a moment ago, and a child that is
			// just being started has the file open still. It passes by itself.
			time.Sleep(time.Millisecond << tries)
		case tries == 0 && forgetPath(name, path): // moved or removed since it was found
			if c.file, failure = LookPath(name, path); failure != nil {
				return failure
			}
		default:
			return p.startFailure(c.file, err)
		}
	}
}

// The kernel refuses to start a command for want of memory or of room for
// processes, which other commands give back when they end: it is asked again,
// for two seconds in all.
const (
	scarceWait  = 8 * time.Millisecond
	scarceTries = 8
)

func isScarce(err error) bool { return err == syscall.ENOMEM || err == syscall.EAGAIN }

// searchPath returns the PATH of an environment.
func searchPath(env []string) string {
	for _, entry := range env {
		if path, ok := strings.CutPrefix(entry, "PATH="); ok {
			return path
		}
	}
	return ""
}

// startFailure names what made the kernel refuse. The error number alone does
// not say which of directory, program and interpreter it is about.
func (p *Process) startFailure(file string, err error) *Failure {
	name := p.spec.Argv[0]
	if p.spec.Dir != "" {
		if info, dirErr := os.Stat(p.spec.Dir); dirErr != nil {
			return &Failure{Kind: StartFailed, Command: name, Err: fmt.Errorf("working directory: %w", dirErr)}
		} else if !info.IsDir() {
			return &Failure{Kind: StartFailed, Command: name, Err: fmt.Errorf("working directory %s: %w", p.spec.Dir, syscall.ENOTDIR)}
		}
		if !filepath.IsAbs(file) {
			file = filepath.Join(p.spec.Dir, file)
		}
	}
	why := notExecutable(file)
	switch {
	case errors.Is(why, os.ErrNotExist):
		return &Failure{Kind: NotFound, Command: name}
	case why != nil:
		return &Failure{Kind: NotExecutable, Command: name, Err: why}
	}
	if aboutProgram(err) {
		return &Failure{Kind: NotExecutable, Command: name, Err: badProgram(file, err)}
	}
	return &Failure{Kind: StartFailed, Command: name, Err: fmt.Errorf("start %s: %w", file, err)}
}

// aboutProgram says whether a start failed for the program file, and not for
// the machine.
func aboutProgram(err error) bool {
	switch err {
	case syscall.ENOENT, syscall.ENOEXEC, syscall.EACCES, syscall.ENOTDIR, syscall.ELOOP:
		return true
	}
	return false
}
