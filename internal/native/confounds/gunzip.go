package confounds

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// GunzipOptions are nipype's inputs of Gunzip (and, with Mode "compress", of
// Gzip).
type GunzipOptions struct {
	Dir    string
	InFile string
	Mode   string // "decompress" or "compress"
}

// GunzipResult is what came out.
type GunzipResult struct {
	OutFile string
}

// DefaultGunzip has nipype's defaults.
func DefaultGunzip() GunzipOptions { return GunzipOptions{Mode: "decompress"} }

// Gunzip decompresses a .gz file into Dir, under its name without .gz; with
// Mode "compress" it compresses, and .gz is added.
//
// The content may be anything, in any number of gzip members. Memory: some
// 100 kB (compressing: 1 MB), whatever the size.
//
// It returns an error if the mode is unknown, if the input is not a gzip file
// or is damaged, or if the output would be the input itself; then no output is
// left. Compressed files hold no time and no name, so that the same content
// always gives the same bytes (Python's gzip stores both).
//
// Source: RFC 1952; names and modes as nipype 1.8.5 algorithms.misc.Gzip.
func Gunzip(opts GunzipOptions) (GunzipResult, error) {
	name := filepath.Base(opts.InFile)
	switch opts.Mode {
	case "decompress":
		if n := len(name) - 3; n > 0 && strings.EqualFold(name[n:], ".gz") {
			name = name[:n]
		}
	case "compress":
		name += ".gz"
	default:
		return GunzipResult{}, fmt.Errorf("gunzip %s: unknown mode %q (decompress, compress)", opts.InFile, opts.Mode)
	}
	res := GunzipResult{OutFile: filepath.Join(opts.Dir, name)}
	in, err := os.Open(opts.InFile)
	if err != nil {
		return res, err
	}
	defer in.Close()
	if sameFile(in, res.OutFile) {
		return res, fmt.Errorf("gunzip %s: the output would replace the input", opts.InFile)
	}
	return res, writeFile(res.OutFile, func(out io.Writer) error {
		if opts.Mode == "compress" {
			z := gzip.NewWriter(out)
			z.ModTime = time.Unix(0, 0) // stored as 0, "no time"
			if _, err := io.Copy(z, in); err != nil {
				return err
			}
			return z.Close()
		}
		z, err := gzip.NewReader(in)
		if err == nil {
			_, err = io.Copy(out, z)
		}
		if err != nil {
			return fmt.Errorf("decompress %s: %w", opts.InFile, err)
		}
		return nil
	})
}

func sameFile(open *os.File, path string) bool {
	a, err := open.Stat()
	if err != nil {
		return false
	}
	b, err := os.Stat(path)
	return err == nil && os.SameFile(a, b)
}
