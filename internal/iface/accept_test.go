package iface

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/value"
)

func bound(f float64) *float64 { return &f }

var (
	tInt   = Type{Kind: Int}
	tFloat = Type{Kind: Float}
	tStr   = Type{Kind: Str}
	tFile  = Type{Kind: File, Exists: true}
	tPath  = Type{Kind: File}
	tAB    = Type{Kind: Enum, Enum: []value.Value{value.String("a"), value.Int(1)}}
)

func list(items ...value.Value) value.List { return items }

func TestAccept(t *testing.T) {
	t.Parallel()
	unit := Type{Kind: Range, Low: bound(0), High: bound(1), ExcludeHigh: true}
	multi := Type{Kind: Multi, Of: []Type{tInt}}
	pair := Type{Kind: Tuple, Of: []Type{tInt, tFloat}}
	for _, tc := range []struct {
		name string
		typ  Type
		in   value.Value
		want value.Value // nil: refused, or Undefined if why is empty
		why  string
	}{
		{"any", Type{}, value.None{}, value.None{}, ""},
		{"bool", Type{Kind: Bool}, value.Bool(true), value.Bool(true), ""},
		{"bool from 1", Type{Kind: Bool}, value.Int(1), nil, "want True or False, got the int 1"},
		{"int", tInt, value.Int(3), value.Int(3), ""},
		{"int from float", tInt, value.Float(1.5), nil, "want an integer, got the float 1.5"},
		{"int from bool", tInt, value.Bool(true), nil, "want an integer"},
		{"float from int", tFloat, value.Int(3), value.Float(3), ""},
		{"float from text", tFloat, value.String("3"), nil, "want a number, got the str '3'"},
		{"str from int", tStr, value.Int(3), nil, "want a string, got the int 3"},
		{"none", tStr, value.None{}, nil, "want a string, got None"},
		{"nothing", tStr, nil, nil, "got nothing"},
		{"enum", tAB, value.String("a"), value.String("a"), ""},
		{"enum by value", tAB, value.Float(1), value.Int(1), ""},
		{"enum unknown", tAB, value.String("c"), nil, "want one of 'a', 1, got the str 'c'"},
		{"enum and True", tAB, value.Bool(true), nil, "want one of"},
		{"range", unit, value.Int(0), value.Float(0), ""},
		{"range end", unit, value.Float(1), nil, "a number of at least 0 and below 1"},
		{"range nan", unit, value.Float(math.NaN()), nil, "want a number"},
		{"range of integers", Type{Kind: Range, Integer: true, Low: bound(1)}, value.Float(2), nil, "an integer of at least 1"},
		{"file", tFile, value.String("/a"), value.String("/a"), ""},
		{"file empty", tFile, value.String(""), nil, "want the path of an existing file, got the str ''"},
		{"folder", Type{Kind: Dir}, value.Int(1), nil, "want the path of a folder"},
		{"extension", Type{Kind: File, Extensions: []string{".nii"}}, value.String("a.NII.gz"), value.String("a.NII.gz"), ""},
		{"extension wrong", Type{Kind: File, Extensions: []string{".nii"}}, value.String("a.mgz"), nil, "(.nii)"},
		{"list", Type{Kind: List, Of: []Type{tFloat}}, list(value.Int(1)), list(value.Float(1)), ""},
		{"list of tuple", Type{Kind: List, Of: []Type{tInt}}, value.Tuple{value.Int(1)}, list(value.Int(1)), ""},
		{"list alone", Type{Kind: List, Of: []Type{tInt}}, value.Int(1), nil, "want a list, each an integer, got the int 1"},
		{"list element", multi, list(value.Int(1), value.String("x")), nil, "got the str 'x' as element 1"},
		{"multi alone", multi, value.Int(1), list(value.Int(1)), ""},
		{"multi empty", multi, list(), nil, ""},
		{"multi of an empty one", Type{Kind: Multi, Of: []Type{multi}}, list(list()), list(value.Value(nil)), ""},
		{"multi of an empty one, again", Type{Kind: Multi, Of: []Type{multi}}, list(value.Value(nil)), list(value.Value(nil)), ""},
		{"too long", Type{Kind: Multi, Of: []Type{tInt}, MaxLen: 2}, list(value.Int(1), value.Int(2), value.Int(3)), nil, "want a list of at most 2, each an integer, got 3 elements"},
		{"too short", Type{Kind: Multi, Of: []Type{tInt}, MinLen: 2, MaxLen: 2}, list(value.Int(1)), nil, "a list of exactly 2"},
		{"multi of tuples, alone", Type{Kind: Multi, Of: []Type{pair}}, value.Tuple{value.Int(1), value.Int(2)}, list(value.Tuple{value.Int(1), value.Float(2)}), ""},
		{"tuple of list", pair, list(value.Int(1), value.Int(2)), value.Tuple{value.Int(1), value.Float(2)}, ""},
		{"tuple length", pair, list(value.Int(1)), nil, "want a tuple of an integer, a number, got 1 elements"},
		{"tuple element", pair, list(value.Int(1), value.String("x")), nil, "got the str 'x' as element 1"},
		{"dict", Type{Kind: Dict}, list(), nil, "want a dictionary"},
		{"either in order", Type{Kind: Either, Of: []Type{tFloat, tStr}}, value.Int(1), value.Float(1), ""},
		{"either none", Type{Kind: Either, Of: []Type{tInt, tFile}}, value.Bool(true), nil, "want an integer, or the path of an existing file, got the bool True"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got, err := tc.typ.Accept(tc.in)
			if tc.why != "" {
				if err == nil || !strings.Contains(err.Error(), tc.why) {
					t.Fatalf("got %v, %v, want an error with %q", got, err, tc.why)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Accepting what was accepted changes nothing.
func TestAcceptTwice(t *testing.T) {
	t.Parallel()
	types := []Type{
		{}, tInt, tFloat, tStr, tFile, tAB,
		{Kind: Multi, Of: []Type{tFloat}}, {Kind: List, Of: []Type{tStr}}, {Kind: Tuple, Of: []Type{tInt, tFloat}},
		{Kind: Either, Of: []Type{tInt, {Kind: Multi, Of: []Type{tFloat}}}}, {Kind: Multi, Of: []Type{{Kind: Multi, Of: []Type{tInt}}}},
	}
	rapid.Check(t, func(t *rapid.T) {
		typ := rapid.SampledFrom(types).Draw(t, "type")
		once, err := typ.Accept(drawValue(t, 2))
		if err != nil || once == nil {
			return
		}
		twice, err := typ.Accept(once)
		if err != nil || !value.Equal(once, twice) {
			t.Fatalf("%v became %v, %v", once, twice, err)
		}
	})
}

func drawValue(t *rapid.T, depth int) value.Value {
	switch rapid.IntRange(0, 4+min(depth, 1)*2).Draw(t, "kind") {
	case 0:
		return value.Bool(rapid.Bool().Draw(t, "bool"))
	case 1:
		return value.Int(rapid.Int64Range(-3, 3).Draw(t, "int"))
	case 2:
		return value.Float(rapid.Float64().Draw(t, "float"))
	case 3:
		return value.String(rapid.SampledFrom([]string{"", "a", "b c", "/x/y.nii.gz"}).Draw(t, "str"))
	case 4:
		return value.None{}
	}
	items := list()
	for range rapid.IntRange(0, 3).Draw(t, "n") {
		items = append(items, drawValue(t, depth-1))
	}
	if rapid.Bool().Draw(t, "tuple") {
		return value.Tuple(items)
	}
	return items
}

func TestPaths(t *testing.T) {
	t.Parallel()
	typ := Type{Kind: Either, Of: []Type{
		{Kind: Enum, Enum: []value.Value{value.String("identity")}},
		{Kind: Multi, Of: []Type{{Kind: Tuple, Of: []Type{tFile, tStr}}}},
		tFile,
	}}
	for _, tc := range []struct {
		name string
		v    value.Value
		want []string
	}{
		{"a choice is no path", value.String("identity"), nil},
		{"a path", value.String("/a"), []string{"/a"}},
		{"within tuples", list(value.Tuple{value.String("/a"), value.String("b")}), []string{"/a"}},
	} {
		var got []string
		typ.Paths(tc.v, func(p string, _ Type) { got = append(got, p) })
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s: %s", tc.name, diff)
		}
	}
	// Where a text would do as well, the file need not exist.
	Type{Kind: Either, Of: []Type{tFile, tStr}}.Paths(value.String("x"), func(_ string, t2 Type) {
		if t2.Exists {
			t.Error("a file or a text must exist")
		}
	})
}

// A list of which nothing has to change is not copied: it may be long, and go
// to a thousand instances.
func TestAcceptSharesLists(t *testing.T) {
	files := Type{Kind: Multi, Of: []Type{{Kind: File}}}
	list := value.Strings("/a", "/b")
	if got, err := files.Accept(list); err != nil || &got.(value.List)[0] != &list[0] {
		t.Errorf("Accept copied the list, or gave %v", err)
	}
	mixed := value.List{value.Float(1), value.Int(2), value.Float(3)}
	got, err := Type{Kind: List, Of: []Type{{Kind: Float}}}.Accept(mixed)
	if err != nil || !value.Equal(got, value.List{value.Float(1), value.Float(2), value.Float(3)}) || mixed[1] != value.Int(2) {
		t.Errorf("Accept gave %v, %v, and left %v", got, err, mixed)
	}
}
