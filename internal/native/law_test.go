package native

import (
	"context"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/value"
)

// anyValue draws values as they travel on edges.
func anyValue(depth int) *rapid.Generator[value.Value] {
	leaves := []*rapid.Generator[value.Value]{
		rapid.Map(rapid.Int64(), func(i int64) value.Value { return value.Int(i) }),
		rapid.Map(rapid.Float64(), func(f float64) value.Value { return value.Float(f) }),
		rapid.Map(rapid.String(), func(s string) value.Value { return value.String(s) }),
		rapid.Map(rapid.Bool(), func(b bool) value.Value { return value.Bool(b) }),
		rapid.Just[value.Value](value.None{}),
	}
	if depth == 0 {
		return rapid.OneOf(leaves...)
	}
	items := rapid.SliceOfN(anyValue(depth-1), 0, 4)
	return rapid.OneOf(append(leaves,
		rapid.Map(items, func(v []value.Value) value.Value { return value.List(v) }),
		rapid.Map(items, func(v []value.Value) value.Value { return value.Tuple(v) }),
		rapid.Map(rapid.MapOfN(rapid.String(), anyValue(depth-1), 0, 3), func(m map[string]value.Value) value.Value {
			d := value.Dict{}
			for k, v := range m {
				d = append(d, value.Entry{Key: value.String(k), Value: v})
			}
			return d
		}))...)
}

func call(t interface{ Fatal(...any) }, impl *Impl, params, inputs map[string]value.Value) value.Record {
	out, err := impl.Run(context.Background(), &Call{Params: value.NewRecord(params), Inputs: value.NewRecord(inputs)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSplitThenMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(rapid.SliceOfN(anyValue(1), 0, 4), 1, 5).Draw(t, "pieces")
		all, lengths := value.List{}, value.List{}
		for _, p := range pieces {
			all, lengths = append(all, p...), append(lengths, value.Int(len(p)))
		}
		cut := call(t, split, nil, map[string]value.Value{"inlist": all, "splits": lengths})
		inputs := map[string]value.Value{}
		for _, f := range cut {
			inputs["in"+f.Name[len("out"):]] = f.Value
		}
		merged := call(t, merge, map[string]value.Value{"numinputs": value.Int(len(pieces))}, inputs)
		if !value.Equal(merged.Get("out"), all) {
			t.Fatalf("got %s, want %s", value.Repr(merged.Get("out")), value.Repr(all))
		}
	})
}

func TestMergeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(1, 4).Draw(t, "rows")
		columns := rapid.IntRange(1, 4).Draw(t, "columns")
		inputs, flat := map[string]value.Value{}, 0
		for i := range columns {
			list := value.List(rapid.SliceOfN(anyValue(0), rows, rows).Draw(t, "list"))
			inputs[string(append([]byte("in"), byte('1'+i)))] = list
			flat += len(list)
		}
		params := map[string]value.Value{"numinputs": value.Int(columns)}
		if n := len(asList(call(t, merge, params, inputs).Get("out"))); n != flat {
			t.Fatalf("vstack has %d elements, want %d", n, flat)
		}
		// Stacking sideways twice gives the lists back.
		inputs["axis"] = value.String("hstack")
		once := asList(call(t, merge, params, inputs).Get("out"))
		back := map[string]value.Value{"axis": value.String("hstack")}
		for i, row := range once {
			back[string(append([]byte("in"), byte('1'+i)))] = row
		}
		twice := asList(call(t, merge, map[string]value.Value{"numinputs": value.Int(rows)}, back).Get("out"))
		for i, list := range twice {
			if want := inputs[string(append([]byte("in"), byte('1'+i)))]; !value.Equal(list, want) {
				t.Fatalf("column %d: got %s, want %s", i, value.Repr(list), value.Repr(want))
			}
		}
	})
}

func TestSelectLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := value.List(rapid.SliceOfN(anyValue(1), 1, 6).Draw(t, "items"))
		i := rapid.IntRange(0, len(items)-1).Draw(t, "i")
		for _, at := range []int{i, i - len(items)} {
			got := call(t, selectItems, nil, map[string]value.Value{"inlist": items, "index": value.List{value.Int(at)}}).Get("out")
			if !value.Equal(got, items[i]) {
				t.Fatalf("[%d] of %s gave %s", at, value.Repr(items), value.Repr(got))
			}
		}
		all := value.List{}
		for i := range items {
			all = append(all, value.Int(i))
		}
		got := call(t, selectItems, nil, map[string]value.Value{"inlist": items, "index": all}).Get("out")
		if want := simplify(items); !value.Equal(got, want) {
			t.Fatalf("selecting all of %s gave %s", value.Repr(items), value.Repr(got))
		}
	})
}

// TestSinkStaysInside tries to lead a sink out of its folder.
func TestSinkStaysInside(t *testing.T) {
	part := rapid.SampledFrom([]string{"..", ".", "/", "a", "_b_1", "../", "//", "a/../..", "/etc", "\x00", ""})
	rapid.Check(t, func(t *rapid.T) {
		text := func(label string) value.Value {
			var s string
			for _, p := range rapid.SliceOfN(part, 1, 4).Draw(t, label) {
				s += p
			}
			return value.String(s)
		}
		pair := func(label string) value.Value {
			return value.List{value.Tuple{text(label + " old"), text(label + " new")}}
		}
		inputs := value.NewRecord(map[string]value.Value{
			"base_directory": value.String("/base/dir"), "container": text("container"), "substitutions": pair("pair"),
			"regexp_substitutions": value.List{value.Tuple{value.String(`[a_/]`), text("repl")}}, "strip_dir": text("strip"),
		})
		p, err := newSinkPlan(&Call{Inputs: inputs, BaseDir: "/run"})
		if err != nil {
			return
		}
		dst, err := p.destination(value.Text(text("field")), filepath.Join("/run", value.Text(text("source"))))
		if err == nil && (!within(dst, "/base/dir") || dst == "/base/dir") {
			t.Fatalf("the destination is %q", dst)
		}
	})
}
