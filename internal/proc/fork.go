package proc

import (
	"runtime"
	"sync"
	"syscall"
)

// A forker starts a child, and says when, in clock ticks since boot, it was not
// there yet.
type forker func(c *child) (pid int, born uint64, err error)

// A child is what a forker needs.
type child struct {
	file string
	argv []string
	attr *syscall.ProcAttr
	leaf *leaf // the cgroup to start it in; nil is none
}

var prepare = sync.OnceFunc(prepareParent)

// forkHere forks in the calling thread, which must live as long as the child:
// Linux sends the parent-death signal when the thread that forked ends, not the
// process. The main thread is left out, because the kernel gives orphans to it.
// As long as it has no children of its own, the list of its children is that
// of the orphans.
func forkHere(c *child) (pid int, born uint64, err error) {
	if onMainThread() {
		return forkThere(c)
	}
	return forkNow(c)
}

func forkNow(c *child) (pid int, born uint64, err error) {
	prepare()
	born = ticksNow()
	if c.leaf != nil {
		pid, err = c.leaf.fork(c.file, c.argv, c.attr)
	} else {
		pid, err = syscall.ForkExec(c.file, c.argv, c.attr)
	}
	return pid, born, err
}

// forkThere forks in the starter thread, which lives as long as Raphe.
func forkThere(c *child) (pid int, born uint64, err error) {
	starter().do(func() { pid, born, err = forkNow(c) })
	return pid, born, err
}

var starter = sync.OnceValue(startThread)

// A thread is one of the system's, not the first, that does what it is handed.
type thread struct {
	work chan func()
	quit chan struct{}
}

// startThread starts a thread: its goroutine is locked to it.
func startThread() *thread {
	t := &thread{make(chan func()), make(chan struct{})}
	go t.begin()
	return t
}

func (t *thread) begin() {
	runtime.LockOSThread()
	if onMainThread() {
		// This thread is kept until the other goroutine surely has another.
		locked := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(locked)
			t.serve()
		}()
		<-locked
		runtime.UnlockOSThread()
		return
	}
	t.serve()
}

func (t *thread) serve() {
	for {
		select {
		case f := <-t.work:
			f()
		case <-t.quit:
			return // locked still, so that the thread ends as well
		}
	}
}

// do has the thread call f, and returns when that has returned.
func (t *thread) do(f func()) {
	done := make(chan struct{})
	t.work <- func() {
		defer close(done)
		f()
	}
	<-done
}

// end ends the thread, and with it the children that it started.
func (t *thread) end() { close(t.quit) }
