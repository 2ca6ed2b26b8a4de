package nipypetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// python is Debian's interpreter: the one that Debian's python3-nipype is for.
const python = "/usr/bin/python3"

// An outcome is what one run of a case left behind.
type outcome struct {
	failed bool
	report string // nipype: the exception; Raphe: what it printed
	exit   int    // Raphe's exit status
	files  map[string][]byte
}

// A bench is a scratch folder in which everything is run.
type bench struct {
	root  string
	raphe string // the binary
	env   []string

	nipype map[string]string // case -> exception
}

var (
	scratch     string // made and removed by TestMain
	sharedBench = sync.OnceValues(newBench)
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "same-as-nipype-")
	if err == nil {
		scratch, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// needBench gives the bench, and ends the test with the reason when there is
// none.
func needBench(t *testing.T) *bench {
	t.Helper()
	b, err := sharedBench()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// newBench builds Raphe and runs all cases in nipype, once.
func newBench() (*bench, error) {
	b := &bench{root: scratch, raphe: filepath.Join(scratch, "bin", "raphe"), nipype: map[string]string{}}
	for _, tool := range []string{"mrthreshold", "mrcalc", "mrconvert", "mrmath", "mrcat", "mrinfo"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("these tests run MRtrix3: %w; on Debian: apt install mrtrix3", err)
		}
	}
	if out, err := exec.Command("go", "build", "-o", b.raphe, "github.com/raphe-org/raphe/cmd/raphe").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build raphe: %w\n%s", err, out)
	}
	home := filepath.Join(b.root, "home")
	if err := errors.Join(os.Mkdir(home, 0o777), os.CopyFS(b.data(), os.DirFS("data"))); err != nil {
		return nil, err
	}
	b.env = append(os.Environ(), "HOME="+home, "NIPYPE_NO_ET=1", "RAPHE_NO_LEARN=1", "PYTHONDONTWRITEBYTECODE=1", "MRTRIX_NTHREADS=1")
	return b, b.runNipype()
}

func (b *bench) data() string { return filepath.Join(b.root, "data") }

// folder is where a case ("cases/join") is run by "nipype" or by "raphe".
func (b *bench) folder(engine, name string) string {
	return filepath.Join(b.root, engine, filepath.FromSlash(name))
}

// runNipype runs all cases in one Python process: importing nipype takes a
// second.
func (b *bench) runNipype() error {
	cmd := exec.Command(python, "cases.py", b.data(), filepath.Join(b.root, "nipype"))
	cmd.Env = b.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("these tests compare with nipype 1.8.5 under %s: %w; on Debian: apt install python3-nipype\n%s", python, err, stderr.Bytes())
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var line struct{ Case, Error string }
		if err := dec.Decode(&line); err != nil {
			return fmt.Errorf("read what cases.py printed: %w", err)
		}
		b.nipype[line.Case] = line.Error
	}
	return nil
}

// withNipype gives what nipype made of a case.
func (b *bench) withNipype(name string) (outcome, error) {
	failure, ran := b.nipype[name]
	if !ran {
		return outcome{}, fmt.Errorf("nipype did not run %s.py", name)
	}
	files, err := readTree(b.folder("nipype", name), nipypeKeeps)
	return outcome{failed: failure != "", report: failure, files: files}, err
}

// withRaphe runs a case and gives what it made of it.
func (b *bench) withRaphe(name string) (outcome, error) {
	definition := name + ".star"
	text, err := os.ReadFile(definition)
	if err != nil {
		return outcome{}, err
	}
	base := b.folder("raphe", name)
	if err := os.MkdirAll(base, 0o777); err != nil {
		return outcome{}, err
	}
	args := []string{"run", definition, "--base-dir", base}
	if bytes.Contains(text, []byte(`arg("data"`)) {
		args = append(args, "--data", b.data())
	}
	if bytes.Contains(text, []byte(`arg("out"`)) {
		args = append(args, "--out", filepath.Join(base, "out"))
	}
	cmd := exec.Command(b.raphe, args...)
	cmd.Env = append(b.env, "NO_COLOR=1")
	report, err := cmd.CombinedOutput()
	left := outcome{report: string(report)}
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		left.exit, left.failed = exit.ExitCode(), true
	} else if err != nil {
		return outcome{}, fmt.Errorf("run %s: %w", name, err)
	}
	left.files, err = readTree(base, rapheKeeps)
	return left, err
}

// nipypeKeeps reports whether a file is nipype's bookkeeping: the marker of a
// finished node (_0x<hash>.json), pickles, and the text of a command line.
func nipypeKeeps(path string) bool {
	name := filepath.Base(path)
	return strings.HasSuffix(name, ".pklz") || name == "command.txt" ||
		strings.HasPrefix(name, "_0x") && strings.HasSuffix(name, ".json")
}

// rapheKeeps reports whether a file is Raphe's bookkeeping: the folder of
// records at the top of the base directory, and what a tool printed, which
// nipype keeps in a pickle.
func rapheKeeps(path string) bool {
	name := filepath.Base(path)
	return strings.HasPrefix(path, ".raphe"+string(filepath.Separator)) || name == "stdout.txt" || name == "stderr.txt"
}

// readTree reads the files below a folder, links followed, without those that
// an engine keeps for itself. The folder's own name within a file becomes
// "{base}", so that the two engines' paths can be compared.
func readTree(root string, keeps func(string) bool) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == root {
			return fs.SkipAll
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || keeps(rel) {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)] = bytes.ReplaceAll(data, []byte(root), []byte("{base}"))
		return nil
	})
	return files, err
}
