package starfn

import (
	"context"
	"strings"
	"testing"

	"go.starlark.net/starlark"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

const moduleText = `# a file
load("p", "A", b = "B")
load("q", "C")
K = [1]
K.append(2)   # changes K
OTHER = {"x": (1, 2)}
def helper(x):
    # a comment within
    return x + K[0]

def f(x):
    return helper(x) + b

for n in range(3):
    OTHER[n] = n

g = lambda x: {"a": [x, K[0]]}["a"][
    0]

def outer(k):
    def inner(x):
        if x:
            return x * k

        return "none"
    return inner, lambda x: (x, k)
`

func parse(t *testing.T) *Module {
	t.Helper()
	m, err := ParseModule("m.star", []byte(moduleText))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSlice(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"f":      "load(\"p\", b = \"B\")\nK = [1]\nK.append(2)\ndef helper(x):\n    # a comment within\n    return x + K[0]\ndef f(x):\n    return helper(x) + b\n",
		"OTHER":  "OTHER = {\"x\": (1, 2)}\nfor n in range(3):\n    OTHER[n] = n\n",
		"g":      "K = [1]\nK.append(2)\ng = lambda x: {\"a\": [x, K[0]]}[\"a\"][\n    0]\n",
		"C":      "load(\"q\", C = \"C\")\n",
		"absent": "",
	} {
		if diff := cmp.Diff(want, parse(t).Slice(name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFunctionText(t *testing.T) {
	t.Parallel()
	m := parse(t)
	program, err := starlark.FileProgram(m.File, func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	thread := &starlark.Thread{Load: func(*starlark.Thread, string) (starlark.StringDict, error) {
		return starlark.StringDict{"A": starlark.None, "B": starlark.MakeInt(5), "C": starlark.None}, nil
	}}
	globals, err := program.Init(thread, nil)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := starlark.Call(thread, globals["outer"], starlark.Tuple{starlark.MakeInt(3)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair := inner.(starlark.Tuple)
	for _, tc := range []struct {
		name string
		fn   starlark.Value
		want value.Value
	}{
		{"lambda at the top", globals["g"], value.Int(2)},
		{"inner def", pair[0], value.Int(6)},
		{"inner lambda", pair[1], value.Tuple{value.Int(2), value.Int(3)}},
		{"helper", globals["helper"], value.Int(3)},
	} {
		fn, err := functionText(m, tc.fn.(*starlark.Function))
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		p, err := Compile(fn)
		if err != nil {
			t.Errorf("%s: %v in\n%s", tc.name, err, fn.Source)
			continue
		}
		got, err := p.Call(context.Background(), []value.Value{value.Int(2)}, nil)
		if err != nil || !value.Equal(got, tc.want) {
			t.Errorf("%s: got %v, %v from\n%s", tc.name, got, err, fn.Source)
		}
	}
	if name := m.LastFunction(); name != "outer" {
		t.Errorf("last function %s", name)
	}
}

func TestClosureOverWhatIsNoValue(t *testing.T) {
	t.Parallel()
	text := "def outer(k):\n    return lambda x: k(x)\nf = outer(\"\".join)\n"
	m, err := ParseModule("m.star", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	program, err := starlark.FileProgram(m.File, func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	globals, err := program.Init(&starlark.Thread{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := functionText(m, globals["f"].(*starlark.Function)); err == nil || !strings.Contains(err.Error(), `a function uses "k", which can't be written down`) {
		t.Errorf("got %v", err)
	}
}

// functionText writes a function of one file down.
func functionText(m *Module, fn *starlark.Function) (iface.Func, error) {
	texts := Texts{Module: func(string) *Module { return m }}
	text, faults := texts.Write(fn, diag.Pos{})
	return text, faults.Err()
}
