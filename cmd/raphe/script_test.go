package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts under testdata/script are the specification of what a user sees.
// In them `raphe` is this program; tools are the ordinary ones of the machine.

func TestMain(m *testing.M) {
	// A native interface that runs in a child starts this program again by the
	// path of its file, which is here that of the test.
	if len(os.Args) == 2 && os.Args[1] == "native" {
		os.Exit(run(os.Args[1:]))
	}
	testscript.Main(m, map[string]func(){
		"raphe": func() { os.Exit(run(os.Args[1:])) },
		"alloc": alloc,
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			root, err := filepath.Abs("../..")
			if err != nil {
				return err
			}
			env.Setenv("ROOT", root)
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache")) // not the user's
			tools, err := os.ReadFile("testdata/tools.star")
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(env.WorkDir, "tools.star"), tools, 0o666)
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":     exits,
			"jsonlines": jsonLines,
		},
	})
}

// exits runs `raphe ARGS...` and demands an exit status: exits 3 raphe run x.star.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if got != args[0] {
		ts.Fatalf("exit status %s, want %s", got, args[0])
	}
}

// jsonLines demands that each line of a file is one JSON object, and that there
// are some: jsonlines FILE.
func jsonLines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: jsonlines FILE")
	}
	text := ts.ReadFile(args[0])
	if text == "" {
		ts.Fatalf("%s is empty", args[0])
	}
	for line := range strings.Lines(text) {
		if err := json.Unmarshal([]byte(line), &map[string]any{}); err != nil {
			ts.Fatalf("%s: %v in %q", args[0], err, line)
		}
	}
}
