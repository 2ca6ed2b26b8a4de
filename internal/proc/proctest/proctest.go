// Package proctest has the small misbehaving tools with which packages that run
// processes are tested. They are the test binary itself, executed again:
//
//	func TestMain(m *testing.M) { proctest.Main(m) }
//	argv, env := proctest.Command("exit", "3")
//
// It imports nothing of Raphe and is only for tests.
package proctest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// variable tells the test binary that it is to be a tool.
const variable = "RAPHE_TEST_TOOL"

// life is how long a tool that waits to be ended waits, so that a broken test
// leaves nothing for long.
const life = 60 * time.Second

// Main runs the tests of a package, or the tool that this process is to be.
func Main(m *testing.M, more ...map[string]func(args []string)) {
	if os.Getenv(variable) == "" {
		os.Exit(m.Run())
	}
	name, args := os.Args[1], os.Args[2:]
	tool := tools[name]
	for _, own := range more {
		if own[name] != nil {
			tool = own[name]
		}
	}
	if tool == nil {
		fmt.Fprintf(os.Stderr, "no tool %q\n", name)
		os.Exit(99)
	}
	tool(args)
	os.Exit(0)
}

// Command returns the argument vector and the environment of a tool.
func Command(args ...string) (argv, env []string) {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	// Built with the race detector, a tool would else end a second late.
	return append([]string{self}, args...), append(os.Environ(), variable+"=1", "GORACE=atexit_sleep_ms=0")
}

var tools map[string]func(args []string)

func init() { // here, because some tools start others
	tools = map[string]func(args []string){
		"args":     func(args []string) { fmt.Printf("%q\n", args) },
		"env":      func(args []string) { fmt.Println(os.Getenv(args[0])) },
		"cwd":      cwd,
		"cat":      cat,
		"complain": func(args []string) { fmt.Fprintln(os.Stderr, args[0]); exit(args[1:]) },
		"exit":     exit,
		"raise":    raise,
		"write":    write,
		"sleep":    func([]string) { ready(); time.Sleep(life) },
		"nap":      func(args []string) { time.Sleep(time.Duration(number(args[0])) * time.Millisecond) },
		"stubborn": func([]string) { signal.Ignore(syscall.SIGTERM); ready(); time.Sleep(life) },
		"grow":     func(args []string) { hold := grow(number(args[0])); ready(); time.Sleep(life); runtime.KeepAlive(hold) },
		"hold": func(args []string) {
			grow(number(args[0]))
			time.Sleep(time.Duration(number(args[1])) * time.Millisecond)
		},
		"leak":       func(args []string) { leak(number(args[0]), number(args[1])) },
		"bomb":       bomb,
		"outlive":    func(args []string) { start(args, nil).Wait(); ready(); time.Sleep(life) },
		"await":      func(args []string) { bufio.NewReader(os.Stdin).ReadString('\n'); tools[args[0]](args[1:]) },
		"deaf":       func(args []string) { signal.Ignore(syscall.SIGTERM); leak(number(args[0]), number(args[1])) },
		"setsid":     func(args []string) { start(args, &syscall.SysProcAttr{Setsid: true}).Wait() },
		"work":       func(args []string) { work(time.Duration(number(args[0])) * time.Millisecond) },
		"burn":       func([]string) { ready(); burn() },
		"family":     func(args []string) { start(args, nil).Wait() },
		"leave":      func(args []string) { start(args, nil) },
		"brief":      brief,
		"daemon":     func(args []string) { daemon(args) },
		"daemonHalf": func(args []string) { session(args) },
	}
}

// ready says that the tool has come to the point where it waits.
func ready() { fmt.Println("ready", os.Getpid()) }

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

func cwd([]string) {
	dir, _ := os.Getwd()
	fmt.Println(dir)
}

// cat copies standard input to standard output, line by line.
func cat([]string) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(lines.Text())
	}
}

func exit(args []string) { os.Exit(int(number(args[0]))) }

// raise ends the tool by a signal.
func raise(args []string) {
	sig := syscall.Signal(number(args[0]))
	signal.Reset(sig)
	syscall.Kill(os.Getpid(), sig)
	time.Sleep(life)
}

// write writes that many bytes to "stdout" or "stderr", in lines.
func write(args []string) {
	out := bufio.NewWriterSize(map[string]*os.File{"stdout": os.Stdout, "stderr": os.Stderr}[args[0]], 1<<16)
	line := strings.Repeat("x", 63) + "\n"
	for n := number(args[1]); n > 0; n -= 64 {
		if _, err := out.WriteString(line[:min(n, 64)]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	out.Flush()
}

// grow holds that many bytes. They are not of Go's heap, which a race detector
// shadows with a multiple.
func grow(bytes int64) []byte {
	hold, err := syscall.Mmap(-1, 0, int(bytes), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(hold); i += 4096 {
		hold[i] = 1
	}
	return hold
}

// leak takes that many bytes a second until it has so many, and keeps them.
func leak(each, all int64) {
	const step = 2 << 20
	hold := make([][]byte, 0, all/step+1)
	began := time.Now()
	for have := int64(0); have < all; have += step {
		hold = append(hold, grow(step))
		due := time.Duration(float64(have) / float64(each) * float64(time.Second))
		time.Sleep(due - time.Since(began))
	}
	ready()
	time.Sleep(life)
	runtime.KeepAlive(hold)
}

// bomb starts that many copies of another tool, and waits for them.
func bomb(args []string) {
	for range number(args[0]) {
		defer start(args[1:], nil).Wait()
	}
}

// work uses that much CPU time.
func work(cpu time.Duration) {
	for used := time.Duration(0); used < cpu; {
		var ru syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &ru)
		used = time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
	}
	ready()
}

func burn() {
	for until := time.Now().Add(life); time.Now().Before(until); {
	}
}

// start starts another tool with the same files.
func start(args []string, attr *syscall.SysProcAttr) *exec.Cmd {
	argv, env := Command(args...)
	c := exec.Command(argv[0], argv[1:]...)
	c.Env, c.SysProcAttr = env, attr
	if attr == nil || !attr.Setsid {
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
	}
	if err := c.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(98)
	}
	return c
}

// brief leaves a tool running that ends as soon as it notices.
func brief([]string) {
	argv, env := Command("cat")
	c := exec.Command(argv[0], argv[1:]...)
	c.Env, c.Stderr = env, os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		panic(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		panic(err)
	}
	if err := c.Start(); err != nil {
		panic(err)
	}
	fmt.Fprintln(in, "are you there?")
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		panic(err)
	}
}

// daemon leaves a tool running in a session of its own, without its files: what
// daemon(3) does, with the intermediate process waited for.
func daemon(args []string) {
	start(append([]string{"daemonHalf"}, args...), &syscall.SysProcAttr{Setsid: true}).Wait()
}

func session(args []string) { start(args, &syscall.SysProcAttr{Setsid: true}) }
