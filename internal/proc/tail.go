package proc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Tail returns the last lines of a file, read from its end: at most maxLines
// lines and maxBytes bytes, however long the file or its lines are. A first
// line that maxBytes cuts begins with "...". Bytes that are not UTF-8 come out
// as U+FFFD, carriage returns of progress displays as line ends.
func Tail(path string, maxLines, maxBytes int) ([]string, error) {
	if maxLines <= 0 || maxBytes <= 0 {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read end of log: %w", err)
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("read end of log %s: %w", path, err)
	}
	from := max(0, size-int64(maxBytes))
	text := make([]byte, size-from)
	n, err := f.ReadAt(text, from)
	if err != nil && !errors.Is(err, io.EOF) { // it may have become shorter
		return nil, fmt.Errorf("read end of log %s: %w", path, err)
	}
	return lastLines(text[:n], maxLines, from > 0), nil
}

func lastLines(text []byte, maxLines int, cut bool) []string {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	text = bytes.TrimRight(text, "\n")
	if len(text) == 0 {
		return nil
	}
	lines := bytes.Split(text, []byte("\n"))
	if len(lines) > maxLines {
		lines, cut = lines[len(lines)-maxLines:], false
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.ToValidUTF8(string(line), "\uFFFD")
	}
	if cut {
		out[0] = "..." + out[0]
	}
	return out
}
