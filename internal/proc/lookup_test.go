package proc

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/raphe-org/raphe/internal/proc/proctest"
)

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func TestStartFailures(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/bin/plain", "#!/bin/sh\n", 0o600)
	write(t, dir+"/bin/lost", "#!/no/such/interpreter -x\n", 0o700)
	write(t, dir+"/bin/dos", "#!/bin/sh\r\necho\r\n", 0o700)
	write(t, dir+"/bin/nohead", "echo hello\n", 0o700)
	write(t, dir+"/bin/empty", "", 0o700)
	write(t, dir+"/bin/elf", "\x7fELF\x02\x01\x01", 0o700)
	write(t, dir+"/bin/folder/x", "", 0o700)
	write(t, dir+"/file", "", 0o600)
	ok := func(s *Spec) { s.Argv = []string{"plain"} }
	for _, c := range []struct {
		name string
		set  func(s *Spec)
		kind Kind
		text string
	}{
		{"no such command", func(s *Spec) { s.Argv = []string{"raphe-nothing"} }, NotFound, "not found on the PATH " + dir + "/bin"},
		{"no PATH", func(s *Spec) { s.Argv, s.Env = []string{"plain"}, nil }, NotFound, "the PATH is empty"},
		{"empty name", func(s *Spec) { s.Argv = []string{""} }, NotFound, `command ""`},
		{"relative PATH", func(s *Spec) { s.Argv, s.Env, s.Dir = []string{"plain"}, []string{"PATH=:bin:."}, dir }, NotFound, "not found"},
		{"no such file", func(s *Spec) { s.Argv = []string{dir + "/bin/gone"} }, NotFound, "no such file"},
		{"below a file", func(s *Spec) { s.Argv = []string{dir + "/file/x"} }, NotFound, "no such file"},
		{"relative to Dir", func(s *Spec) { s.Argv, s.Dir = []string{"./plain"}, dir+"/bin" }, NotExecutable, "no permission to execute"},
		{"permission", ok, NotExecutable, dir + "/bin/plain has no permission to execute"},
		{"directory", func(s *Spec) { s.Argv = []string{"folder"} }, NotExecutable, "is a directory"},
		{"interpreter", func(s *Spec) { s.Argv = []string{"lost"} }, NotExecutable, "wants the interpreter /no/such/interpreter"},
		{"Windows", func(s *Spec) { s.Argv = []string{"dos"} }, NotExecutable, "Windows line ends"},
		{"no interpreter", func(s *Spec) { s.Argv = []string{"nohead"} }, NotExecutable, "neither a program nor a script"},
		{"empty", func(s *Spec) { s.Argv = []string{"empty"} }, NotExecutable, "is empty"},
		{"other machine", func(s *Spec) { s.Argv = []string{"elf"} }, NotExecutable, "another kind of machine"},
		{"nothing", func(s *Spec) { s.Argv = nil }, StartFailed, "no command given"},
		{"working directory", func(s *Spec) { s.Argv, s.Dir = []string{"/bin/sh"}, dir+"/gone" }, StartFailed, "working directory"},
		{"working file", func(s *Spec) { s.Argv, s.Dir = []string{"/bin/sh"}, dir+"/file" }, StartFailed, "not a directory"},
		{"stdin", func(s *Spec) { ok(s); s.Stdin = dir + "/gone" }, StartFailed, "open standard input"},
		{"stdout", func(s *Spec) { ok(s); s.Stdout = dir + "/gone/x" }, StartFailed, "open standard output"},
		{"stderr", func(s *Spec) { ok(s); s.Stderr = dir + "/gone/x" }, StartFailed, "open standard error"},
		{"too long", func(s *Spec) { s.Argv = []string{"/bin/sh", strings.Repeat("x", 1<<20)} }, StartFailed, "argument list too long"},
		{"NUL", func(s *Spec) { s.Argv = []string{"/bin/sh", "a\x00b"} }, StartFailed, "invalid argument"},
	} {
		spec := &Spec{Env: []string{"PATH=" + dir + "/bin"}, Dir: dir}
		c.set(spec)
		_, err := Start(spec)
		var f *Failure
		if !errors.As(err, &f) || f.Kind != c.kind || !strings.Contains(f.Error(), c.text) {
			t.Errorf("%s: %v; want %v with %q", c.name, err, c.kind, c.text)
		}
	}
}

func TestFullDiskAtTheStart(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		return // the device is Linux's
	}
	p := &Process{spec: Spec{Argv: []string{"x"}}}
	if f := p.fileFailure("standard output", "/w/out", syscall.ENOSPC); f.Kind != NoSpace || f.Where != "/w" {
		t.Errorf("failure %v", f)
	}
	if !SaysDiskFull([]string{"x", "cp: error writing '/dev/full': No space left on device"}) || SaysDiskFull([]string{"space"}) {
		t.Error("the C library's words are not recognised")
	}
	if DiskFull("/proc") || DiskFull("/no/such/place") {
		t.Error("a place without a disk is full")
	}
}

func TestLookupNoticesChanges(t *testing.T) {
	argv, env := proctest.Command("exit", "0")
	dir := t.TempDir()
	env = append([]string{"PATH=" + dir + "/a:" + dir + "/b"}, env...)
	link := func(where string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(dir, where), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(argv[0], filepath.Join(dir, where, "tool")); err != nil {
			t.Fatal(err)
		}
	}
	spec := &Spec{Argv: append([]string{"tool"}, argv[1:]...), Env: env}
	link("a")
	if r := run(t, spec); r.Failure != nil {
		t.Fatal(r.Failure)
	}
	link("b")
	if err := os.Remove(dir + "/a/tool"); err != nil {
		t.Fatal(err)
	}
	if r := run(t, spec); r.Failure != nil { // moved
		t.Fatal(r.Failure)
	}
	if err := os.Remove(dir + "/b/tool"); err != nil {
		t.Fatal(err)
	}
	_, err := Start(spec)
	var f *Failure
	if !errors.As(err, &f) || f.Kind != NotFound {
		t.Errorf("removed: %v", err)
	}
}

func TestFilesAreClosed(t *testing.T) {
	count := func() int {
		open, err := os.ReadDir("/dev/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(open)
	}
	both := tool(t, "args")
	both.Stderr, both.StdoutIsData = both.Stdout, true
	bad := tool(t, "args")
	bad.Dir = "/no/such/place"
	worse := tool(t, "args")
	worse.Stderr = "/no/such/place/x"
	run(t, tool(t, "args"))
	before := count()
	for range 5 {
		run(t, tool(t, "args"))
		run(t, both)
		for _, spec := range []*Spec{bad, worse} {
			if _, err := Start(spec); err == nil {
				t.Fatal("started")
			}
		}
	}
	if after := count(); after > before {
		t.Errorf("%d files open, before %d", after, before)
	}
}
