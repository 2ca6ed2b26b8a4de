package nipype

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/value"
)

// stampOf gives the function that hashes a file as nipype's hash_method asks.
// It gives "" where there is no file of that name; a relative name is one below
// the directory that nipype runs in.
func stampOf(s Settings) (func(path string) (string, error), error) {
	var hash func(path string, info os.FileInfo) (string, error)
	switch strings.ToLower(s.HashMethod) {
	case "timestamp":
		hash = func(_ string, info os.FileInfo) (string, error) { return hashTimestamp(info), nil }
	case "content":
		hash = func(path string, _ os.FileInfo) (string, error) { return hashContent(path) }
	default:
		return nil, fmt.Errorf("nipype has no hash_method %q", s.HashMethod)
	}
	return func(path string) (string, error) {
		if path == "" {
			return "", nil
		}
		if !filepath.IsAbs(path) {
			path = filepath.Join(s.Cwd, path)
		}
		info, err := os.Stat(path)
		if err != nil || !info.Mode().IsRegular() {
			return "", nil // os.path.isfile says no, whatever the reason
		}
		return hash(path, info)
	}, nil
}

// hashTimestamp is nipype's: MD5 of the size and of the time of the last change
// in seconds, both as Python prints them.
func hashTimestamp(info os.FileInfo) string {
	return md5Text(strconv.FormatInt(info.Size(), 10) + value.FloatText(pythonTime(info.ModTime())))
}

// pythonTime is st_mtime. The conversion keeps the product from being fused
// with the sum, which would round once where Python rounds twice.
func pythonTime(t time.Time) float64 {
	return float64(t.Unix()) + float64(1e-9*float64(t.Nanosecond()))
}

func hashContent(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := md5.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
