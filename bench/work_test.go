package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each level of a work needs only earlier ones, and all jobs have a level.
func TestChains(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		length := rapid.IntRange(1, 12).Draw(t, "length")
		n := length * rapid.IntRange(1, 30).Draw(t, "chains")
		w := chains(n, length)
		done, names := map[int]bool{}, map[string]bool{}
		for _, level := range w.Levels {
			for _, i := range level {
				if from := w.Jobs[i].From; from >= 0 && (!done[from] || w.Input(w.Jobs[i]) != w.Output(w.Jobs[from])) {
					t.Fatalf("job %d before %d, whose file it needs", i, from)
				}
			}
			for _, i := range level {
				done[i] = true
				names[w.Jobs[i].Name] = true
			}
		}
		if len(done) != n || len(names) != n {
			t.Fatalf("%d jobs with %d names in the levels, of %d", len(done), len(names), n)
		}
		most := rapid.IntRange(1, 400).Draw(t, "most")
		if h := w.head(most); len(h.Jobs)%length != 0 || len(h.Jobs) > max(most, length) || len(h.Jobs) > n {
			t.Fatalf("of %d jobs in chains of %d, the first %d are %d", n, length, most, len(h.Jobs))
		}
	})
}

func TestVerify(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := chains(1, 1)
	good, bad := filepath.Join(dir, "good"), filepath.Join(dir, "bad")
	for path, text := range map[string]string{good: "source 0\n", bad: ""} {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.verify([]string{good}); err != nil {
		t.Error(err)
	}
	for _, outputs := range [][]string{nil, {bad}, {good, good}, {filepath.Join(dir, "none")}} {
		if w.verify(outputs) == nil {
			t.Errorf("%d outputs passed: %v", len(outputs), outputs)
		}
	}
}

// The shape is what its comment says: 76 instances for each subject and 2, each
// behind what it needs.
func TestShape(t *testing.T) {
	t.Parallel()
	for _, subjects := range []int{1, 2, shapeSubjects} {
		jobs := shapeJobs(subjects)
		if want := 76*subjects + 2; len(jobs) != want {
			t.Errorf("%d subjects: %d instances, want %d", subjects, len(jobs), want)
		}
		seen := map[string]bool{}
		for _, j := range jobs {
			for _, name := range j.from {
				if !seen[name] {
					t.Errorf("%s needs %s, which is not before it", j.name, name)
				}
			}
			if seen[j.name] {
				t.Errorf("%s is there twice", j.name)
			}
			seen[j.name] = true
		}
		if got := longestChain(jobs); got != 25 {
			t.Errorf("%d jobs have to run one after the other, want 25", got)
		}
	}
	if n := len(shapeJobs(shapeSubjects)); n != 1066 {
		t.Errorf("the whole is %d instances", n)
	}
}

// What the sweeps of the other two front ends name are the stages of this one.
func TestShapeFilesAgree(t *testing.T) {
	t.Parallel()
	python, err := os.ReadFile("python/flow.py")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"shape.star": shapeStar, "flow.py": string(python)} {
		for _, stages := range [][]string{anatStages, funcStages} {
			rest, err := json.Marshal(stages[1:])
			if err != nil {
				t.Fatal(err)
			}
			if list := strings.ReplaceAll(string(rest), ",", ", "); !strings.Contains(text, list) || !strings.Contains(text, `hold("`+stages[0]+`")`) {
				t.Errorf("%s lacks %s after %s", name, list, stages[0])
			}
		}
		for _, join := range []string{"session_join", "subject_join", "group_join"} {
			if !strings.Contains(text, join) {
				t.Errorf("%s lacks %s", name, join)
			}
		}
	}
}
