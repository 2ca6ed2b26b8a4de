package starfn

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

func ints(items ...int64) value.List {
	out := value.List{}
	for _, i := range items {
		out = append(out, value.Int(i))
	}
	return out
}

func TestCall(t *testing.T) {
	t.Parallel()
	str := func(s string) value.Value { return value.String(s) }
	for _, tc := range []struct {
		name, source string
		args         []value.Value
		kwargs       value.Record
		want         value.Value
	}{
		{"def", "def f(x): return [x]", []value.Value{value.Int(1)}, nil, ints(1)},
		{"lambda", "f = lambda x: x + 1", []value.Value{value.Int(1)}, nil, value.Int(2)},
		{"helper", "def g(x): return x * 2\ndef f(x): return g(x)", []value.Value{value.Float(1.5)}, nil, value.Float(3)},
		{"kwargs", "def f(a, b = 2): return (a, b)", nil, value.Record{{Name: "a", Value: value.Int(1)}}, value.Tuple{value.Int(1), value.Int(2)}},
		{"loop", "def f(n):\n  s = 0\n  for i in range(n): s += i\n  return s", []value.Value{value.Int(10)}, nil, value.Int(45)},
		{"own copy", "def f(x):\n  x.append(3)\n  return x", []value.Value{ints(1, 2)}, nil, ints(1, 2, 3)},
		{"none", "def f(): pass", nil, nil, value.None{}},
		{"range", "def f(): return range(3)", nil, nil, ints(0, 1, 2)},
		{"dict", "def f(): return {1: [True], 'b': None}", nil, nil, value.Dict{{Key: value.Int(1), Value: value.List{value.Bool(true)}}, {Key: str("b"), Value: value.None{}}}},
		{"set inside", "def f(x): return sorted(set(x))", []value.Value{ints(3, 1, 3)}, nil, ints(1, 3)},
		{"splitext", "f = path.splitext", []value.Value{str("/d/a.nii.gz")}, nil, value.Tuple{str("/d/a"), str(".nii.gz")}},
		{"split", "f = path.split", []value.Value{str("/d/a.b.NII.GZ")}, nil, value.Tuple{str("/d"), str("a.b"), str(".NII.GZ")}},
		{"split hidden", "f = path.split", []value.Value{str(".hid")}, nil, value.Tuple{str(""), str(".hid"), str("")}},
		{"join", "f = path.join", []value.Value{str("a"), str("b/"), str("c")}, nil, str("a/b/c")},
		{"join absolute", "f = path.join", []value.Value{str("a"), str("/b")}, nil, str("/b")},
		{"dirname root", "f = path.dirname", []value.Value{str("/a")}, nil, str("/")},
		{"match", `def f(s): return re.match(r"sub-(?P<id>\w+?)_", s).groupdict()`, []value.Value{str("sub-01_T1w")}, nil, value.Dict{{Key: str("id"), Value: str("01")}}},
		{"match starts", `def f(s): return re.match("b", s)`, []value.Value{str("ab")}, nil, value.None{}},
		{"search", `def f(s): return re.search("b(c)?", s).group(0, 1)`, []value.Value{str("ab")}, nil, value.Tuple{str("b"), value.None{}}},
		{"fullmatch", `def f(s): return re.fullmatch("a|ab", s) != None`, []value.Value{str("ab")}, nil, value.Bool(true)},
		{"findall", `def f(s): return re.findall(r"(\w)(\d)", s)`, []value.Value{str("a1 b2")}, nil, value.List{value.Tuple{str("a"), str("1")}, value.Tuple{str("b"), str("2")}}},
		{"sub", `def f(s): return re.sub(r"(\w)(?P<n>\d)", r"\g<n>\1", s, count = 1)`, []value.Value{str("a1 b2")}, nil, str("1a b2")},
		{"sub function", `def f(s): return re.sub(r"\d", lambda m: str(int(m.group()) + 1), s)`, []value.Value{str("a1 b2")}, nil, str("a2 b3")},
		{"re split", `def f(s): return re.split("(,) *", s)`, []value.Value{str("a, b,c")}, nil, value.Strings("a", ",", "b", ",", "c")},
		{"json", `def f(s): return json.decode(s)["a"]`, []value.Value{str(`{"a": 1.5}`)}, nil, value.Float(1.5)},
		{"math", "def f(): return math.floor(math.sqrt(17))", nil, nil, value.Int(4)},
		{"struct", "def f(): return struct(a = 1).a", nil, nil, value.Int(1)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p, err := Compile(iface.Func{Name: "f", Source: tc.source})
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Call(context.Background(), tc.args, tc.kwargs)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, source, want string }{
		{"syntax", "def f(:", "function f:1:8: got ':'"},
		{"undefined name", "def f(x): return y", "undefined: y"},
		{"no such function", "def g(x): return x", `the text does not define "f"`},
		{"not a function", "f = 3", `"f" is of type int, not a function`},
		{"while", "def f(x):\n  while x: pass", "does not support while loops"},
		{"recursion", "def f(x): return f(x)", "called recursively"},
		{"load", `load("fsl", "BET")` + "\nf = BET", "a function cannot load()"},
		{"backtrace", "def g(x):\n  return x[5]\ndef f(x):\n  return g(x)", "function f:2:11: in g"},
		{"set out", "def f(x): return set(x)", "make it a list"},
		{"function out", "def f(x): return f", "a value of type function can't be handed on"},
		{"big integer", "def f(x): return 1 << 80", "does not fit 64 bits"},
		{"cycle", "def f(x):\n  x.append(x)\n  return x", "nested more than 200 deep"},
		{"bad pattern", `def f(x): return re.match("(?=a)", "a")`, "invalid or unsupported Perl syntax"},
		{"missing argument", "def f(x, y): return x", "missing 1 argument (y)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p, err := Compile(iface.Func{Name: "f", Source: tc.source})
			if err == nil {
				_, err = p.Call(context.Background(), []value.Value{ints(1)}, nil)
			}
			var e *Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want an *Error with %q", err, tc.want)
			}
		})
	}
}

func TestStepLimit(t *testing.T) {
	t.Parallel()
	p, err := compile(iface.Func{Name: "f", Source: "def f():\n  for i in range(1 << 40): pass"})
	if err != nil {
		t.Fatal(err)
	}
	p.steps = 10_000
	if _, err := p.Call(context.Background(), nil, nil); err == nil || !strings.Contains(err.Error(), "too many steps") {
		t.Errorf("got %v", err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	p, err := Compile(iface.Func{Name: "f", Source: "def f():\n  print('go')\n  for i in range(1 << 40): pass"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err = p.CallPrint(ctx, nil, nil, func(string) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := p.Call(ctx, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestConcurrentCalls(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			p, err := Compile(iface.Func{Name: "f", Source: "K = [1]\ndef f(x): return K + [x]"})
			if err != nil {
				t.Error(err)
				return
			}
			got, err := p.Call(context.Background(), []value.Value{value.Int(i)}, nil)
			if err != nil || !value.Equal(got, ints(1, int64(i))) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	wg.Wait()
}

func TestParams(t *testing.T) {
	t.Parallel()
	p, err := Compile(iface.Func{Name: "f", Source: "def f(a, b, c = 1, *rest, d, e = 2, **kw): pass"})
	if err != nil {
		t.Fatal(err)
	}
	want := Params{
		Names: []string{"a", "b", "c", "d", "e"}, Required: 2,
		Default: map[string]bool{"c": true, "e": true}, Args: true, Kwargs: true,
	}
	if diff := cmp.Diff(want, p.Params()); diff != "" {
		t.Error(diff)
	}
}

// A value goes into Starlark and comes back unchanged, but for Undefined,
// which is None there.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := drawValue(t, 3)
		got, err := FromStarlark(ToStarlark(v))
		if err != nil {
			t.Fatal(err)
		}
		if !value.Equal(v, got) {
			t.Fatalf("%v came back as %v", v, got)
		}
	})
}

func drawValue(t *rapid.T, depth int) value.Value {
	kinds := 7
	if depth == 0 {
		kinds = 5
	}
	switch rapid.IntRange(0, kinds).Draw(t, "kind") {
	case 0:
		return value.None{}
	case 1:
		return value.Bool(rapid.Bool().Draw(t, "bool"))
	case 2:
		return value.Int(rapid.Int64().Draw(t, "int"))
	case 3:
		return value.Float(rapid.Float64().Draw(t, "float"))
	case 4, 5:
		return value.String(rapid.String().Draw(t, "string"))
	}
	items := []value.Value{}
	for range rapid.IntRange(0, 3).Draw(t, "n") {
		items = append(items, drawValue(t, depth-1))
	}
	switch rapid.IntRange(0, 2).Draw(t, "container") {
	case 0:
		return value.List(items)
	case 1:
		return value.Tuple(items)
	}
	d := value.Dict{}
	for i, v := range items {
		d = append(d, value.Entry{Key: value.Int(i), Value: v})
	}
	return d
}

func TestNaNRoundTrip(t *testing.T) {
	t.Parallel()
	got, err := FromStarlark(ToStarlark(value.Float(math.NaN())))
	if err != nil || !value.Equal(got, value.Float(math.NaN())) {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := Compile(iface.Func{Name: "f", Source: "def f(): return 1"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		time.Sleep(2 * time.Second) // the bubble's clock, not ours
		if _, err := p.Call(ctx, nil, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}
