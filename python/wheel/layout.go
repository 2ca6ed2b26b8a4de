package main

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/raphe-org/raphe/python"
)

// hookLine is what Python reads at each of its starts, from a file of the
// package's name beside the package: it makes the plugin known to nipype when
// that is imported, and before that does next to nothing.
const hookLine = "import " + python.Package + ".hook\n"

// launcher is the script `raphe`: it becomes the binary of the package. pip
// puts the path of its Python into the first line; that Python is then the one
// which `raphe run SCRIPT.py` takes.
const launcher = `#!python
import os
import sys

import raphe_nipype

program = os.path.join(os.path.dirname(os.path.abspath(raphe_nipype.__file__)), "bin", "raphe")
os.environ.setdefault("RAPHE_PYTHON", sys.executable)
os.execv(program, ["raphe"] + sys.argv[1:])
`

const metadata = `Metadata-Version: 2.1
Name: raphe-nipype
Version: %s
Summary: Runs nipype's workflows with Raphe: the plugin "Raphe" and the program raphe
License: Apache-2.0
Requires-Python: >=3.9
Description-Content-Type: text/plain

Where nipype is installed, this makes Raphe an execution plugin of it:
workflow.run(plugin="Raphe"). It brings the program raphe with it.
`

const wheelFile = `Wheel-Version: 1.0
Generator: raphe
Root-Is-Purelib: false
Tag: py3-none-%s
`

// A wheel is the list of a wheel's files.
type wheel struct {
	version, platform string
	files             []file
}

type file struct {
	name    string
	content []byte
	program bool // may be executed
}

// newWheel puts a wheel together, for pip's name of a machine. License and
// package are those of the checkout.
func newWheel(version, platform string, binary []byte) (*wheel, error) {
	w := &wheel{version: pythonVersion(version), platform: platform}
	err := fs.WalkDir(python.Files, python.Package, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := python.Files.ReadFile(name)
		w.add(name, text, false)
		return err
	})
	if err != nil {
		return nil, err
	}
	license, err := os.ReadFile("LICENSE")
	if err != nil {
		return nil, err
	}
	w.add(python.Package+"/bin/raphe", binary, true)
	w.add(python.Package+".pth", []byte(hookLine), false)
	w.add(w.stem()+".data/scripts/raphe", []byte(launcher), true)
	info := w.stem() + ".dist-info/"
	w.add(info+"LICENSE", license, false)
	w.add(info+"METADATA", fmt.Appendf(nil, metadata, w.version), false)
	w.add(info+"WHEEL", fmt.Appendf(nil, wheelFile, platform), false)
	w.add(info+"RECORD", w.record(info+"RECORD"), false)
	return w, nil
}

func (w *wheel) add(name string, content []byte, program bool) {
	w.files = append(w.files, file{name, content, program})
}

func (w *wheel) stem() string { return python.Package + "-" + w.version }

func (w *wheel) fileName() string { return w.stem() + "-py3-none-" + w.platform + ".whl" }

// record lists the files with their digests and sizes, and itself without.
func (w *wheel) record(self string) []byte {
	var text []byte
	for _, f := range w.files {
		digest := sha256.Sum256(f.content)
		text = fmt.Appendf(text, "%s,sha256=%s,%d\n", f.name, base64.RawURLEncoding.EncodeToString(digest[:]), len(f.content))
	}
	return fmt.Appendf(text, "%s,,\n", self)
}

var preRelease = regexp.MustCompile(`-(dev|rc|beta|alpha)\.?(\d*)$`)

// pythonVersion writes a version as Python does: "0.1.0-dev" is "0.1.0.dev0",
// "1.0.0-rc.2" is "1.0.0rc2" (PEP 440).
func pythonVersion(version string) string {
	return preRelease.ReplaceAllStringFunc(strings.TrimPrefix(version, "v"), func(end string) string {
		m := preRelease.FindStringSubmatch(end)
		word, number := m[1], m[2]
		if number == "" {
			number = "0"
		}
		switch word {
		case "dev":
			word = ".dev"
		case "beta", "alpha":
			word = word[:1]
		}
		return word + number
	})
}
