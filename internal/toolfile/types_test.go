package toolfile

import (
	"strings"
	"testing"
)

func TestParseType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"any":                       "any value",
		"int":                       "an integer",
		"file | 'identity'":         "the path of an existing file, or 'identity'",
		"'a' | 'b' | 3":             "one of 'a', 'b', 3",
		"-1.5 | None":               "one of -1.5, None",
		"(int, float)":              "a tuple of an integer, a number",
		"(str,)":                    "a tuple of a string",
		"[path]":                    "a list, each the path of a file",
		"list[int; 3]":              "a list of exactly 3, each an integer",
		"[dir; 1..4]":               "a list of 1 to 4, each the path of an existing folder",
		"[int; ..4]":                "a list of at most 4, each an integer",
		"[int; 2..]":                "a list of at least 2, each an integer",
		"int(0..10)":                "an integer of at least 0 and of at most 10",
		"float(0<..<1)":             "a number above 0 and below 1",
		"float(..1.5)":              "a number of at most 1.5",
		"[[float(0..1)] | bool]":    "a list, each a list, each a number of at least 0 and of at most 1, or True or False",
		" [ ( int , 'a b' ) ; 2 ] ": "a list of exactly 2, each a tuple of an integer, 'a b'",
	} {
		got, err := parseType(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if got.String() != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"": "unexpected end", "int int": `unexpected "int"`, "[int": "unexpected end", "(int float)": "unexpected", "'a": "without its partner",
		"file |": "unexpected end", "Int": "unexpected", "lists": `"lists" is no type`, "int(0-1)": "unexpected", "int(1.2.3..)": "no number", "list": "unexpected end",
	} {
		if _, err := parseType(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

func FuzzParseType(f *testing.F) {
	for _, s := range []string{"[(int, 'a' | 3); 1..2]", "float(0<..<1)", "list[[path]]", "((", "-", "[;", "int(.."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if typ, err := parseType(text); err == nil {
			_ = typ.String()
		}
	})
}
