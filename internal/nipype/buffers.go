package nipype

import (
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
)

// buffers are what a Dress needs and the next can use again.
type buffers struct {
	pickler
	text   []byte
	zipped zipped
}

// scratch holds buffers.
var scratch = sync.Pool{New: func() any { return new(buffers) }}

// release keeps the buffers for the next, unless a MapNode made them large.
func (b *buffers) release() {
	if b.zipped.size()+cap(b.text)+cap(b.out) < 1<<20 {
		scratch.Put(b)
	}
}

// pickle writes a pickle, compressed as nipype's savepkl does. A long one is
// compressed piece by piece.
func (b *buffers) pickle(path string, fill func(*pickler)) error {
	return b.compressed(path, func(w io.Writer) error {
		p := &b.pickler
		p.start(p.out, func(piece []byte) error {
			_, err := w.Write(piece)
			return err
		})
		fill(p)
		p.stop()
		if p.err != nil {
			return p.err
		}
		_, err := w.Write(p.out)
		return err
	})
}

func (b *buffers) zip(path string, content []byte) error {
	return b.compressed(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

func (b *buffers) compressed(path string, fill func(io.Writer) error) error {
	b.zipped.reset()
	if err := fill(&b.zipped); err != nil {
		return err
	}
	content, err := b.zipped.close()
	if err != nil {
		return err
	}
	return writeFile(path, content)
}

// writeLast writes under another name first: a hash file is believed by its
// name, so it must not be there in part.
func writeLast(path string, content []byte) error {
	unfinished := strings.TrimSuffix(path, ".json") + "_unfinished.json"
	if err := writeFile(unfinished, content); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
}

// writeFile is os.WriteFile with a third of its system calls: half of what a
// node costs here are those. The os package asks of each file whether it could
// be waited for.
func writeFile(path string, content []byte) error {
	fd, err := again(func() (int, error) {
		return syscall.Open(path, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_TRUNC|syscall.O_CLOEXEC, 0o666)
	})
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	for len(content) > 0 && err == nil {
		var n int
		n, err = again(func() (int, error) { return syscall.Write(fd, content) })
		content = content[max(n, 0):]
	}
	if e := syscall.Close(fd); err == nil {
		err = e
	}
	if err != nil {
		return &os.PathError{Op: "write", Path: path, Err: err}
	}
	return nil
}

// again repeats a system call that a signal interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != syscall.EINTR {
			return n, err
		}
	}
}
