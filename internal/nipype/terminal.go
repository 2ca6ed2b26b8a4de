package nipype

import (
	"strings"
	"time"
	"unicode/utf8"
)

// terminal gives what nipype keeps of what a command printed. With "stream",
// its default, that is the lines as they are, and all of them once more with
// their stream and their time. When each came is not known here: they have the
// time of the end, the standard output before the errors.
//
// Source: run_command and Stream of nipype's utils/subprocess.py.
func (r *Runtime) terminal() (stdout, stderr, merged string) {
	if r.Terminal == "allatonce" {
		return splitLines(r.Stdout), splitLines(r.Stderr), ""
	}
	var rows []string
	stamp := isoLocal(r.End)
	keep := func(name string, stream []byte) string {
		text := strings.TrimSuffix(decoded(stream), "\n")
		if len(stream) > 0 {
			for line := range strings.SplitSeq(text, "\n") {
				rows = append(rows, name+" "+stamp+":"+line)
			}
		}
		return text
	}
	stdout = keep("stdout", r.Stdout)
	stderr = keep("stderr", r.Stderr)
	return stdout, stderr, strings.Join(rows, "\n")
}

// decoded is Python's decode(errors="replace").
func decoded(stream []byte) string {
	if utf8.Valid(stream) {
		return string(stream)
	}
	return string([]rune(string(stream)))
}

// isoTime is Python's isoformat() of the time in UTC, without a zone.
func isoTime(t time.Time) string { return iso(t.UTC()) }

// isoLocal is the same in the zone of the machine.
func isoLocal(t time.Time) string { return iso(t.Local()) }

func iso(t time.Time) string {
	if t.Nanosecond() < 1000 {
		return t.Format("2006-01-02T15:04:05")
	}
	return t.Format("2006-01-02T15:04:05.000000")
}

// splitLines is "\n".join(text.splitlines()): what nipype makes of a stream that
// it reads at once.
func splitLines(stream []byte) string {
	var b strings.Builder
	b.Grow(len(stream))
	for i := 0; i < len(stream); {
		r, size := utf8.DecodeRune(stream[i:])
		i += size
		switch {
		case r == '\r' && i < len(stream) && stream[i] == '\n':
			continue
		case isLineEnd(r):
			if i < len(stream) {
				b.WriteByte('\n')
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isLineEnd reports whether Python's str.splitlines ends a line there.
func isLineEnd(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x1c, 0x1d, 0x1e, 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}
