package iface

import "strings"

// A fragment is a part of an argument's text. Templates and texts are written
// the way they would be typed in a shell, so spaces separate words and quotes
// hold them together; a path or a number is itself, whatever it contains.
// Nothing else of a shell is known here: no variables, no patterns, no pipes.
type fragment struct {
	text string
	kind fragmentKind
}

type fragmentKind uint8

const (
	template fragmentKind = iota // of the tool file: quotes and spaces count
	words                        // a text value: they count as well, unless it stands in quotes or they don't pair up
	verbatim                     // a path, a number: always a part of one word
)

// splitWords makes the argument vector of a run of fragments.
func splitWords(frags []fragment) []string {
	s := splitter{}
	for _, f := range frags {
		switch {
		case f.kind == verbatim, f.kind == words && s.quote != 0:
			s.word.WriteString(f.text)
			s.open = s.open || f.text != "" || f.kind == verbatim
		case f.kind == words && !balanced(f.text):
			s.spaces(f.text)
		default:
			s.shell(f.text)
		}
	}
	s.end()
	return s.out
}

// Split gives the words of a text as it would be typed in a shell; ok is false
// where its quotes do not pair up.
func Split(text string) (words []string, ok bool) {
	return splitWords([]fragment{{text, template}}), balanced(text)
}

// A splitter is in the middle of splitting.
type splitter struct {
	out     []string
	word    strings.Builder
	open    bool // word has begun; it may be empty, as '' is
	quote   byte // the quotation mark that is open, 0: none
	escaped bool // the last byte was a backslash
}

func (s *splitter) end() {
	if s.open {
		s.out = append(s.out, s.word.String())
	}
	s.word.Reset()
	s.open = false
}

// shell takes text with POSIX quoting.
func (s *splitter) shell(text string) {
	for i := range len(text) {
		c := text[i]
		switch {
		case s.escaped:
			// Within double quotes a backslash is itself, unless before one of these.
			if s.quote == '"' && strings.IndexByte("\\\"$`\n", c) < 0 {
				s.word.WriteByte('\\')
			}
			s.word.WriteByte(c)
			s.escaped = false
		case c == '\\' && s.quote != '\'':
			s.escaped, s.open = true, true
		case s.quote != 0 && c == s.quote:
			s.quote = 0
		case s.quote != 0:
			s.word.WriteByte(c)
		case c == '\'' || c == '"':
			s.quote, s.open = c, true
		case isSpace(c):
			s.end()
		default:
			s.word.WriteByte(c)
			s.open = true
		}
	}
}

// spaces takes text that is split at spaces only.
func (s *splitter) spaces(text string) {
	for i := range len(text) {
		if isSpace(text[i]) {
			s.end()
			continue
		}
		s.word.WriteByte(text[i])
		s.open = true
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// balanced reports whether every quotation mark in text has its partner and no
// backslash is last.
func balanced(text string) bool {
	s := splitter{}
	s.shell(text)
	return s.quote == 0 && !s.escaped
}

// Quote writes an argument so that a POSIX shell reads it back as it is: for
// people to read and to paste, never to be run by Raphe.
func Quote(arg string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./-_", r)
	}
	if arg != "" && strings.IndexFunc(arg, func(r rune) bool { return !safe(r) }) < 0 {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'"'"'`) + "'"
}
