package main

import (
	"embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

//go:embed python/*.py
var scripts embed.FS

// nipype is one of its plugins. Its default poll is 2 s; 10 ms is what people
// set who know of it.
type nipype struct {
	lab    *lab
	plugin string
	poll   time.Duration
	most   int
}

func (n nipype) Name() string {
	if n.plugin == "Linear" {
		return "nipype Linear"
	}
	return fmt.Sprintf("nipype %s, poll %s", n.plugin, n.poll)
}

func (nipype) Debian() string { return "python3-nipype" }

func (n nipype) Version() (string, error) {
	return probe(n.lab.python, "-c", "import nipype; print(nipype.__version__)")
}

func (n nipype) Most() int     { return n.most }
func (nipype) Outputs() string { return "base/wf/*/out.txt" }

func (nipype) Write(w *Work, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	src, err := filepath.Abs(filepath.Join(dir, "..", "src"))
	if err != nil {
		return err
	}
	jobs := []object{}
	for _, j := range w.Jobs {
		jobs = append(jobs, object{"name": j.Name, "from": j.From, "source": filepath.Join(src, j.Source)})
	}
	text, err := json.Marshal(jobs)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "jobs.json"), text, 0o666)
}

func (n nipype) Argv(_ *Work, _ string, slots int) []string {
	return n.flow(slots, "copy", "jobs.json")
}

// flow gives the command that runs one of the flows of flow.py.
func (n nipype) flow(slots int, args ...string) []string {
	argv := append([]string{n.lab.python, n.lab.script("flow.py")}, args...)
	return append(argv, "--plugin", n.plugin, "--procs", fmt.Sprint(slots), "--poll", fmt.Sprint(n.poll.Seconds()))
}

// quietEnv keeps peers from asking the network for news of themselves and from
// writing to the home folder.
func (l *lab) quietEnv() []string {
	return []string{"NO_ET=1", "NIPYPE_NO_ET=1", "HOME=" + l.scratch, "XDG_CACHE_HOME=" + filepath.Join(l.scratch, "cache"), "PYTHONDONTWRITEBYTECODE=1"}
}

// script gives the path of one of the embedded scripts, as a file.
func (l *lab) script(name string) string { return filepath.Join(l.scratch, name) }

func (l *lab) writeScripts() error {
	files, err := scripts.ReadDir("python")
	if err != nil {
		return err
	}
	for _, f := range files {
		name := f.Name()
		text, err := scripts.ReadFile("python/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(l.script(name), text, 0o666); err != nil {
			return err
		}
	}
	return nil
}
