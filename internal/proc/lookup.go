package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// lookups remembers which file a command name means on a PATH. An entry is not
// checked before use: if the start shows it stale, it is dropped and looked up
// again, which saves the usual case even the stat.
var lookups struct {
	sync.RWMutex
	paths map[lookup]string
}

type lookup struct{ path, name string }

// LookPath returns the file to execute for the command, which is looked up on
// the child's PATH. A name with a slash is taken as it is, relative to the
// child's directory. Empty and relative entries of the PATH are passed over: a
// tool must not be replaced by a file that happens to lie in a working directory.
func LookPath(name, path string) (string, *Failure) {
	if strings.Contains(name, "/") {
		return name, nil
	}
	key := lookup{path, name}
	lookups.RLock()
	found := lookups.paths[key]
	lookups.RUnlock()
	if found != "" {
		return found, nil
	}
	var refused error
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) || name == "" {
			continue
		}
		file := filepath.Join(dir, name)
		why := notExecutable(file)
		if why == nil {
			lookups.Lock()
			if lookups.paths == nil {
				lookups.paths = make(map[lookup]string)
			}
			lookups.paths[key] = file
			lookups.Unlock()
			return file, nil
		}
		if refused == nil && !errors.Is(why, os.ErrNotExist) {
			refused = why
		}
	}
	if refused != nil {
		return "", &Failure{Kind: NotExecutable, Command: name, Err: refused}
	}
	return "", &Failure{Kind: NotFound, Command: name, Where: path}
}

// forgetPath drops what LookPath remembers of a name, and says whether there
// was anything.
func forgetPath(name, path string) bool {
	lookups.Lock()
	defer lookups.Unlock()
	_, known := lookups.paths[lookup{path, name}]
	delete(lookups.paths, lookup{path, name})
	return known
}

// notExecutable returns why the permissions do not let this process execute
// the file, or nil if they do.
func notExecutable(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return os.ErrNotExist
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a directory", file)
	case unix.Access(file, unix.X_OK) == nil:
		return nil
	case info.Mode()&0o111 == 0:
		return fmt.Errorf("%s has no permission to execute: %w", file, syscall.EACCES)
	}
	return fmt.Errorf("%s may not be executed by this user, or its disk is mounted noexec: %w", file, syscall.EACCES)
}

// badProgram explains why the kernel refused to execute a file whose
// permissions are right: its interpreter, or its format.
func badProgram(file string, err error) error {
	head := make([]byte, 256)
	f, openErr := os.Open(file)
	if openErr != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	n, _ := f.Read(head)
	f.Close()
	head = head[:n]
	switch line, _, _ := bytes.Cut(head, []byte("\n")); {
	case bytes.HasPrefix(line, []byte("#!")):
		words := strings.Fields(string(line[2:]))
		if len(words) == 0 {
			return fmt.Errorf("%s names no interpreter after #!: %w", file, err)
		}
		if strings.HasSuffix(string(line), "\r") {
			return fmt.Errorf("%s has Windows line ends, so its interpreter %q does not exist: %w", file, words[0]+"\\r", err)
		}
		return fmt.Errorf("%s wants the interpreter %s, which is not there or can't be run: %w", file, words[0], err)
	case bytes.HasPrefix(head, []byte("\x7fELF")) && errors.Is(err, syscall.ENOENT):
		return fmt.Errorf("%s needs a dynamic loader that this machine does not have: %w", file, err)
	case bytes.HasPrefix(head, []byte("\x7fELF")), bytes.HasPrefix(head, []byte("\xcf\xfa\xed\xfe")):
		return fmt.Errorf("%s is a program for another kind of machine: %w", file, err)
	case n == 0:
		return fmt.Errorf("%s is empty: %w", file, err)
	}
	return fmt.Errorf("%s is neither a program nor a script that begins with #!: %w", file, err)
}

func asErrno(err error) (syscall.Errno, bool) {
	var errno syscall.Errno
	ok := errors.As(err, &errno)
	return errno, ok
}
