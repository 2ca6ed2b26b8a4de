package key

import "testing"

// A fact is a reason where there is no better one.
func TestWhyOfFacts(t *testing.T) {
	item := func(name, text string) Item { return Item{Name: name, Text: text, Sum: uint64(text[0])} }
	before := []Item{item("input.x", "4"), item("the node itself", "abc")}
	for _, c := range []struct {
		want string
		now  []Item
	}{
		{"", before},
		{"the node itself changed: abc -> def", []Item{item("input.x", "4"), item("the node itself", "def")}},
		{`input "x" changed: 4 -> 7`, []Item{item("input.x", "7"), item("the node itself", "def")}},
		{`the node itself is no longer set (was abc)`, []Item{item("input.x", "4")}},
	} {
		if got := Why(before, c.now); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}
