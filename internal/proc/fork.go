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
	r := request{c, make(chan reply, 1)}
	starter() <- r
	got := <-r.reply
	return got.pid, got.born, got.err
}

// A request asks the starter thread for a child.
type request struct {
	child *child
	reply chan reply
}

type reply struct {
	pid  int
	born uint64
	err  error
}

// starter leads to the starter thread: its goroutine is locked to it and never
// returns.
var starter = sync.OnceValue(func() chan<- request {
	c := make(chan request)
	go serve(c)
	return c
})

func serve(c <-chan request) {
	runtime.LockOSThread()
	if onMainThread() {
		// This thread is kept until the other goroutine surely has another.
		locked := make(chan struct{})
		go func() {
			runtime.LockOSThread()
			close(locked)
			serveLocked(c)
		}()
		<-locked
		runtime.UnlockOSThread()
		return
	}
	serveLocked(c)
}

func serveLocked(c <-chan request) {
	for r := range c {
		pid, born, err := forkNow(r.child)
		r.reply <- reply{pid, born, err}
	}
}
