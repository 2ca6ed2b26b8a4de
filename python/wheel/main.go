// Command wheel builds the Python wheels of Raphe: the package raphe_nipype with
// the binary in it, so that one `pip install` brings both. Run it at the top of
// the checkout; it needs Go and no network.
//
//	main.go    builds the binary for each machine, and a wheel around it
//	layout.go  what a wheel holds, and where
//	zip.go     the archive: the same input gives the same bytes
//
// Source: the Python Packaging User Guide, "Binary distribution format" (wheel
// 1.0) and "Core metadata" 2.1.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// machines are those that a wheel is built for: Go's name, and pip's. The
// binary is static, so it asks nothing of the C library; 2.17 is the oldest
// that pip has a word for.
var machines = map[string]string{
	"amd64": "manylinux_2_17_x86_64",
	"arm64": "manylinux_2_17_aarch64",
}

func main() {
	out := flag.String("out", "dist", "write the wheels to this folder")
	arch := flag.String("arch", "amd64 arm64", "for these machines")
	version := flag.String("version", "", "as this version (default: what the binary says)")
	flag.Parse()
	if err := build(*out, strings.Fields(*arch), *version); err != nil {
		fmt.Fprintln(os.Stderr, "wheel:", err)
		os.Exit(1)
	}
}

func build(out string, archs []string, version string) error {
	scratch, err := os.MkdirTemp("", "raphe-wheel-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	if version == "" {
		if version, err = ownVersion(); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(out, 0o777); err != nil {
		return err
	}
	for _, arch := range archs {
		platform, known := machines[arch]
		if !known {
			return fmt.Errorf("no wheel for %q", arch)
		}
		program := filepath.Join(scratch, arch)
		if err := compile(program, arch, version); err != nil {
			return err
		}
		binary, err := os.ReadFile(program)
		if err != nil {
			return err
		}
		w, err := newWheel(version, platform, binary)
		if err != nil {
			return err
		}
		path := filepath.Join(out, w.fileName())
		if err := os.WriteFile(path, w.archive(), 0o644); err != nil {
			return err
		}
		fmt.Println(path)
	}
	return nil
}

// ownVersion asks the program of this checkout.
func ownVersion() (string, error) {
	text, err := goTool(nil, "run", "./cmd/raphe", "version").Output()
	version, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "raphe ")
	if err == nil && !ok {
		err = errors.New("it says " + string(text))
	}
	if err != nil {
		return "", fmt.Errorf("ask raphe for its version: %w", err)
	}
	return version, nil
}

func compile(program, arch, version string) error {
	cmd := goTool([]string{"GOOS=linux", "GOARCH=" + arch}, "build", "-trimpath", "-ldflags=-s -w -X main.version="+version, "-o", program, "./cmd/raphe")
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("build raphe for %s: %w", arch, err)
	}
	return nil
}

func goTool(environ []string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Env = append(append(os.Environ(), "CGO_ENABLED=0"), environ...)
	cmd.Stderr = os.Stderr
	return cmd
}
