package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPythonVersion(t *testing.T) {
	for version, want := range map[string]string{
		"1.2.3": "1.2.3", "v1.2.3": "1.2.3", "0.1.0-dev": "0.1.0.dev0", "1.0.0-rc.2": "1.0.0rc2", "1.0.0-rc1": "1.0.0rc1",
		"2.0.0-beta.3": "2.0.0b3", "2.0.0-alpha": "2.0.0a0",
	} {
		if got := pythonVersion(version); got != want {
			t.Errorf("%s: %s, want %s", version, got, want)
		}
	}
}

// What pip looks for is there, once, and the list tells the truth of it.
func TestWheel(t *testing.T) {
	t.Chdir("../..")
	w, err := newWheel("0.1.0-dev", "manylinux_2_17_x86_64", []byte("the binary"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "raphe_nipype-0.1.0.dev0-py3-none-manylinux_2_17_x86_64.whl"; w.fileName() != want {
		t.Errorf("name %s, want %s", w.fileName(), want)
	}
	first := w.archive()
	if !bytes.Equal(first, w.archive()) {
		t.Error("two archives of the same files differ")
	}
	z, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil {
		t.Fatal(err)
	}
	content, modes, listed := map[string]string{}, map[string]string{}, ""
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := content[f.Name]; twice {
			t.Errorf("%s stands there twice", f.Name)
		}
		content[f.Name], modes[f.Name] = string(text), f.Mode().String()
		digest := sha256.Sum256(text)
		if strings.HasSuffix(f.Name, "/RECORD") {
			listed += f.Name + ",,\n"
			continue
		}
		listed += fmt.Sprintf("%s,sha256=%s,%d\n", f.Name, base64.RawURLEncoding.EncodeToString(digest[:]), len(text))
	}
	info := "raphe_nipype-0.1.0.dev0.dist-info/"
	if diff := cmp.Diff(listed, content[info+"RECORD"]); diff != "" {
		t.Error(diff)
	}
	for name, part := range map[string]string{
		"raphe_nipype/__init__.py":                   `"""`,
		"raphe_nipype/catalogue.txt":                 "fsl.BET\n",
		"raphe_nipype/bin/raphe":                     "the binary",
		"raphe_nipype.pth":                           "import raphe_nipype.hook\n",
		"raphe_nipype-0.1.0.dev0.data/scripts/raphe": "#!python\n",
		info + "METADATA":                            "\nName: raphe-nipype\nVersion: 0.1.0.dev0\n",
		info + "WHEEL":                               "\nTag: py3-none-manylinux_2_17_x86_64\n",
		info + "LICENSE":                             "Apache License",
	} {
		if !strings.Contains(content[name], part) {
			t.Errorf("%s: no %q in %.200q", name, part, content[name])
		}
	}
	for _, name := range []string{"raphe_nipype/bin/raphe", "raphe_nipype-0.1.0.dev0.data/scripts/raphe"} {
		if modes[name] != "-rwxr-xr-x" {
			t.Errorf("%s: mode %s", name, modes[name])
		}
	}
}
