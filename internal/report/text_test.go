package report

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain text\n\twith lines", "plain text\n\twith lines"},
		{"caf\u00e9 \u4e2d\u6587", "caf\u00e9 \u4e2d\u6587"},
		{"a\x00b\x1b[31m", "a\u2400b\u241b[31m"},
		{"bad \xff\xfe bytes", "bad \ufffd bytes"},
		{"up \u202e down \u2067", "up \ufffd down \ufffd"},
		{"line\u2028end\x7f", "line\ufffdend\u2421"},
		{strings.Repeat("é", 30), strings.Repeat("é", 20) + " … (20 more bytes)"},
		{"x" + strings.Repeat("é", 30), "x" + strings.Repeat("é", 19) + " … (22 more bytes)"},
	} {
		if got := clean(c.in, 40); got != c.want {
			t.Errorf("clean(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

// TestCleanIsSafe sees that whatever comes in can stand in a page.
func TestCleanIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := string(rapid.SliceOf(rapid.Byte()).Draw(t, "in"))
		most := rapid.IntRange(1, 50).Draw(t, "most")
		out := clean(in, most)
		if !utf8.ValidString(out) || len(out) > 3*most+40 {
			t.Fatalf("clean(%q, %d) = %q", in, most, out)
		}
		for _, r := range out {
			if r < ' ' && r != '\n' && r != '\t' || r == 0x202e || r == 0x2028 {
				t.Fatalf("clean(%q) keeps %U", in, r)
			}
		}
	})
}

func TestSmallTexts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{count(0), "0"}, {count(999), "999"}, {count(1000), "1\u202f000"}, {count(1234567), "1\u202f234\u202f567"},
		{counted(1, "node"), "1 node"}, {counted(2000, "node"), "2\u202f000 nodes"},
		{shortenLabel("short", 10), "short"}, {shortenLabel("a_very_long_name_17", 9), "a_ve…e_17"},
		{lastBytes("one\ntwo\nthree", 7), "…\nthree"}, {lastBytes("one", 7), "one"},
		{percent(0.004), "under 1%"}, {percent(0.5), "50%"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
