package python_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/python"
)

// tree gives the files below a folder with their content.
func tree(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		out[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestUnpack(t *testing.T) {
	cache := t.TempDir()
	want := tree(t, python.Files)
	if want["raphe_nipype/__init__.py"] == "" || want["raphe_nipype/catalogue.txt"] == "" {
		t.Fatal("the package is not embedded")
	}
	var folders [8]string
	var all sync.WaitGroup
	for i := range folders {
		all.Go(func() {
			var err error
			if folders[i], err = python.Unpack(cache); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff(want, tree(t, os.DirFS(folders[0]))); diff != "" {
		t.Error(diff)
	}
	for _, f := range folders {
		if f != folders[0] {
			t.Errorf("%s and %s", f, folders[0])
		}
	}

	// What a cleaner or an editor left of it is mended; what is good stays.
	broken := filepath.Join(folders[0], "raphe_nipype/catalogue.txt")
	if err := os.WriteFile(broken, []byte("half"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(folders[0], "raphe_nipype/__init__.py")); err != nil {
		t.Fatal(err)
	}
	if _, err := python.Unpack(cache); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, tree(t, os.DirFS(folders[0]))); diff != "" {
		t.Error(diff)
	}
}

func TestUnpackNowhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := python.Unpack(file); err == nil || !strings.Contains(err.Error(), "unpack raphe_nipype") {
		t.Errorf("error %v", err)
	}
}
