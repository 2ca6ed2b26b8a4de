// Package python holds the Python package raphe_nipype, which hands nipype's
// workflows over to Raphe, as part of the binary, so that `raphe run script.py`
// needs nothing installed but nipype itself.
//
//	Files   the package's files
//	Unpack  puts them where Python finds them
//
// It knows nothing of what the files do.
package python

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Files are the files of the package, below a folder of its name.
//
//go:embed raphe_nipype/*.py raphe_nipype/catalogue.txt
var Files embed.FS

// Package is the name of the package and of its folder.
const Package = "raphe_nipype"

// Unpack makes a folder below cache that holds the package, and gives that
// folder, which belongs on PYTHONPATH. Its name is made of the content, so each
// version has its own and what is there is kept. A file that is missing or not
// as it was is written anew, under another name that is then given up: several
// may do this at the same time, and who reads sees whole files only.
func Unpack(cache string) (string, error) {
	digest := sha256.New()
	var names []string
	err := fs.WalkDir(Files, Package, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := Files.ReadFile(name)
		fmt.Fprintf(digest, "%s %d\n%s", name, len(text), text)
		names = append(names, name)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("read embedded %s: %w", Package, err)
	}
	folder := filepath.Join(cache, Package+"-"+hex.EncodeToString(digest.Sum(nil)[:8]))
	for _, name := range names {
		if err := unpackFile(folder, name); err != nil {
			return "", fmt.Errorf("unpack %s: %w", Package, err)
		}
	}
	return folder, nil
}

func unpackFile(folder, name string) error {
	text, err := Files.ReadFile(name)
	if err != nil {
		return err
	}
	target := filepath.Join(folder, filepath.FromSlash(name))
	have, err := os.ReadFile(target)
	if err == nil && bytes.Equal(have, text) {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(target), "."+path.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), target)
}
