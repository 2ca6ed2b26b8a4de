package main

import (
	"os"
	"strings"
	"testing"
)

func TestOwnPages(t *testing.T) {
	tests := []struct {
		line     string
		from, to uintptr
		ok       bool
	}{
		{"00400000-00a00000 r-xp 00000000 fe:00 12  /usr/bin/raphe", 0x400000, 0xa00000, true},
		{"00a00000-00f00000 r--p 00600000 fe:00 12  /usr/bin/raphe", 0xa00000, 0xf00000, true},
		{"00f00000-00f40000 rw-p 00b00000 fe:00 12  /usr/bin/raphe", 0, 0, false},
		{"00400000-00a00000 r-xp 00000000 fe:00 12  /usr/bin/other-raphe", 0, 0, false},
		{"7f00-7f10 rw-p 00000000 00:00 0", 0, 0, false},
		{"", 0, 0, false},
	}
	for _, tt := range tests {
		from, to, ok := ownPages(tt.line, "/usr/bin/raphe")
		if ok != tt.ok || ok && (from != tt.from || to != tt.to) {
			t.Errorf("%q: %x-%x %v", tt.line, from, to, ok)
		}
	}
}

// What was given back comes back when it is used.
func TestForgetProgram(t *testing.T) {
	before := percentFor(10<<20, 0)
	forgetProgram()
	if after := percentFor(10<<20, 0); after != before {
		t.Errorf("%d, and then %d", before, after)
	}
}

// What is brought back around a page that is used ends with a piece of the
// program, so that its parts that can't be written to are pieces by now.
func TestProgramIsInPieces(t *testing.T) {
	forgetProgram()
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Fatal(err)
	}
	pieces := 0
	for line := range strings.Lines(string(text)) {
		from, to, ok := ownPages(strings.TrimSuffix(line, "\n"), self)
		if ok && to-from > apart {
			t.Errorf("%d kB in one piece: %s", (to-from)>>10, line)
		}
		if ok {
			pieces++
		}
	}
	if pieces < 100 {
		t.Errorf("%d pieces", pieces)
	}
}
