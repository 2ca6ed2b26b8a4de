// Hog is a tool that misbehaves with memory:
//
//	hog hold MB SECONDS      hold it so long
//	hog leak MB RATE [S]     take RATE MB a second until MB are held, and hold it S seconds
//	hog kids N MB SECONDS    N children that hold MB each
//	hog orphan MB SECONDS    a child that holds it and whose parent has gone
//	hog daemon MB SECONDS    likewise, in a session of its own, without environment
//	hog deaf MB SECONDS      hold it, and take no notice of signals
package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "hog: want a mode and two numbers at least")
		os.Exit(2)
	}
	a, b := number(2), number(3)
	switch os.Args[1] {
	case "hold":
		hold(a, b)
	case "leak":
		leak(a, b)
		if len(os.Args) > 4 {
			sleep(number(4))
		}
	case "kids":
		kids(int(a), os.Args[3], os.Args[4])
	case "orphan":
		leave(nil, "hold", os.Args[2], os.Args[3])
		sleep(b)
	case "daemon":
		leave(&syscall.SysProcAttr{Setsid: true}, "hold", os.Args[2], os.Args[3])
	case "deaf":
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
		hold(a, b)
	}
}

func number(i int) float64 {
	x, err := strconv.ParseFloat(os.Args[i], 64)
	check(err)
	return x
}

func sleep(seconds float64) { time.Sleep(time.Duration(seconds * float64(time.Second))) }

var held [][]byte

// take holds one more MB, in memory of its own.
func take() {
	page := make([]byte, 1<<20)
	for i := 0; i < len(page); i += 4096 {
		page[i] = 1
	}
	held = append(held, page)
}

func hold(mb, seconds float64) {
	for range int(mb) {
		take()
	}
	sleep(seconds)
}

func leak(mb, rate float64) {
	began := time.Now()
	for i := range int(mb) {
		take()
		time.Sleep(time.Until(began.Add(time.Duration(float64(i+1) / rate * float64(time.Second)))))
	}
}

func kids(n int, mb, seconds string) {
	all := make([]*exec.Cmd, n)
	for i := range all {
		all[i] = exec.Command(self(), "hold", mb, seconds)
		check(all[i].Start())
	}
	for _, k := range all {
		_ = k.Wait() // what becomes of them is not this tool's business
	}
}

// leave starts this program by way of a shell that goes at once, so that it
// has no parent any more.
func leave(attr *syscall.SysProcAttr, args ...string) {
	shell := exec.Command("/bin/sh", append([]string{"-c", `"$0" "$@" & exit 0`, self()}, args...)...)
	shell.SysProcAttr = attr
	if attr != nil {
		shell.Dir, shell.Env = "/", []string{}
	}
	check(shell.Run())
}

func self() string {
	path, err := os.Executable()
	check(err)
	return path
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "hog:", err)
		os.Exit(1)
	}
}
