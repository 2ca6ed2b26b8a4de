package starlang_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/starlang"
	"github.com/raphe-org/raphe/internal/value"
)

const funcHead = `load("utility", "IdentityInterface", "Function")
a = Node(IdentityInterface(fields = ["x"]), name = "a")
b = Node(IdentityInterface(fields = ["x"]), name = "b")
wf = Workflow("wf")
`

// edgeFunc gives the function on the last connection.
func edgeFunc(t *testing.T, res *starlang.Result) iface.Func {
	t.Helper()
	for _, d := range res.Definition.Problems {
		t.Fatalf("%s | %s | %s", d.Error(), d.Why, d.Mend)
	}
	e, _ := res.Definition.Edge(res.Definition.NumEdges() - 1)
	return e.Fn.Func
}

var functionTexts = []struct {
	name, code, text string
	want             value.Value
}{
	{"lambda", `wf.connect(a, ("x", lambda v: v + 1), b, "x")`, "fn = (lambda v: v + 1)\n", value.Int(6)},
	{"lambda within other arguments", `wf.connect([(a, b, [(("x", lambda v: (v, [v][0])), "x")])])`, "fn = (lambda v: (v, [v][0]))\n", value.Tuple{value.Int(5), value.Int(5)}},
	{"two lambdas on a line", `fs = [lambda v: 1, lambda v: v[0:1]]; wf.connect(a, ("x", fs[0]), b, "x")`, "fn = (lambda v: 1)\n", value.Int(1)},
	{"lambda over lines", "wf.connect(a, (\"x\", lambda v: v +\n   2), b, \"x\")", "fn = (lambda v: v +\n   2)\n", value.Int(7)},
	{"def", "def f(v):\n    # why\n    return v * 2\nwf.connect(a, (\"x\", f), b, \"x\")", "def f(v):\n    # why\n    return v * 2\n", value.Int(10)},
	{"def that ends in an index", "def f(v):\n    return [v][0]\nwf.connect(a, (\"x\", f), b, \"x\")", "def f(v):\n    return [v][0]\n", value.Int(5)},
	{"def that ends in a branch", "def f(v):\n    if v:\n        return (v, 1)\n    else:\n        return [v][0:1]\nwf.connect(a, (\"x\", f), b, \"x\")",
		"def f(v):\n    if v:\n        return (v, 1)\n    else:\n        return [v][0:1]\n", value.Tuple{value.Int(5), value.Int(1)}},
	{"one-line def", "def f(v): return [v]\nwf.connect(a, (\"x\", f), b, \"x\")", "def f(v): return [v]\n", value.List{value.Int(5)}},
	{"globals", "K = 3\nL = [1, (2,), {\"a\": None}]\nwf.connect(a, (\"x\", lambda v: (v + K, L)), b, \"x\")",
		"K = 3\n\nL = [1, (2,), {\"a\": None}]\n\nfn = (lambda v: (v + K, L))\n",
		value.Tuple{value.Int(8), value.List{value.Int(1), value.Tuple{value.Int(2)}, value.Dict{{Key: value.String("a"), Value: value.None{}}}}}},
	{"functions of functions", "def g(v):\n    return v + 1\nh = lambda v: g(v) * 2\ndef f(v):\n    return h(g(v))\nwf.connect(a, (\"x\", f), b, \"x\")",
		"def g(v):\n    return v + 1\n\nh = (lambda v: g(v) * 2)\n\ndef f(v):\n    return h(g(v))\n", value.Int(14)},
	{"closure", "def make(n):\n    if True:\n        def inner(v):\n            text = '''x\n            y'''\n            return v + n\n        return inner\nwf.connect(a, (\"x\", make(7)), b, \"x\")",
		"n = 7\n\ndef inner(v):\n    text = '''x\n            y'''\n    return v + n\n", value.Int(12)},
	{"closures in closures", "def make(n):\n    return lambda v: [i * n for i in range(v)][-1] + (lambda w: w + n)(1)\nwf.connect(a, (\"x\", make(2)), b, \"x\")",
		"n = 2\n\nfn = (lambda v: [i * n for i in range(v)][-1] + (lambda w: w + n)(1))\n", value.Int(11)},
	{"two closures of one name", "def make(n):\n    return lambda v: v + n\nf, g = make(1), make(10)\nwf.connect(a, (\"x\", lambda v: f(v) + g(v)), b, \"x\")",
		"n = 1\n\nf = (lambda v: v + n)\n\nn__2 = 10\n\ng = (lambda v: v + n__2)\n\nfn = (lambda v: f(v) + g(v))\n", value.Int(21)},
	{"defaults", "K = [4]\ndef f(v, k = K[0] + 1, j = \"s\"):\n    return v + k\nwf.connect(a, (\"x\", f), b, \"x\")",
		"def f(v, k = 5, j = \"s\"):\n    return v + k\n", value.Int(10)},
	{"loop variable", "for i in range(3):\n    wf.connect(a, (\"x\", lambda v: v + i), b, \"y%d\" % i)", "i = 2\n\nfn = (lambda v: v + i)\n", value.Int(7)},
	{"helpers", `wf.connect(a, ("x", lambda v: path.basename("/a/b") + json.encode(v) + str(len(re.findall("a", "aa")))), b, "x")`,
		"fn = (lambda v: path.basename(\"/a/b\") + json.encode(v) + str(len(re.findall(\"a\", \"aa\"))))\n", value.String("b52")},
	{"helper by another name", "enc = json.encode\nm = math\nsize = len\nwf.connect(a, (\"x\", lambda v: enc(v) + str(m.floor(size(\"ab\")))), b, \"x\")",
		"fn = (lambda v: json.encode(v) + str(math.floor(len(\"ab\"))))\n", value.String("52")},
	{"builtin", `wf.connect(a, ("x", str), b, "x")`, "fn = str\n", value.String("5")},
	{"float and set", "K = [1.0, 1e300, float(\"inf\")]\nS = set([1])\nwf.connect(a, (\"x\", lambda v: (v in S, len(K))), b, \"x\")",
		"S = set([1])\n\nK = [1.0, 1e+300, float(\"+inf\")]\n\nfn = (lambda v: (v in S, len(K)))\n", value.Tuple{value.Bool(false), value.Int(3)}},
	{"keyword arguments keep their names", "key = 3\nwf.connect(a, (\"x\", lambda v: sorted([v, 1], reverse = key > 2)), b, \"x\")",
		"key = 3\n\nfn = (lambda v: sorted([v, 1], reverse = key > 2))\n", value.List{value.Int(5), value.Int(1)}},
	{"name of a helper as a global", "def make(json):\n    return lambda v: v + json\nwf.connect(a, (\"x\", make(2)), b, \"x\")",
		"json__2 = 2\n\nfn = (lambda v: v + json__2)\n", value.Int(7)},
	{"not ASCII", "wf.connect(a, (\"x\", lambda v: (\"é\", v)), b, \"x\"); é = 3; wf.connect(a, (\"x\", lambda ü: (\"é\", ü + é)), b, \"z\")",
		"é = 3\n\nfn = (lambda ü: (\"é\", ü + é))\n", value.Tuple{value.String("é"), value.Int(8)}},
}

// The text of a function is a module that stands for itself; calling it with 5
// gives what the definition would.
func TestFunctionText(t *testing.T) {
	for _, tt := range functionTexts {
		t.Run(tt.name, func(t *testing.T) {
			fn := edgeFunc(t, load(t, funcHead+tt.code+"\n", nil))
			if diff := cmp.Diff(tt.text, fn.Source); diff != "" {
				t.Errorf("text (-want +got):\n%s", diff)
			}
			p, err := starfn.Compile(fn)
			if err != nil {
				t.Fatal(err)
			}
			got, err := p.Call(context.Background(), []value.Value{value.Int(5)}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if !value.Equal(got, tt.want) {
				t.Errorf("called with 5: %s, want %s", value.Repr(got), value.Repr(tt.want))
			}
		})
	}
}

func TestFunctionTextFromLoadedFiles(t *testing.T) {
	res := loadFiles(t, map[string]string{
		"wf.star": "load(\"./lib.star\", \"clean\", scale = \"factor\")\n" + funcHead + `
K = 100
def f(v):
    return clean(v) + K + scale
wf.connect(a, ("x", f), b, "x")
`,
		"lib.star": "K = 1\nfactor = 1000\ndef clean(v):\n    return v + K\n",
	}, nil)
	fn := edgeFunc(t, res)
	p, err := starfn.Compile(fn)
	if err != nil {
		t.Fatalf("%v in\n%s", err, fn.Source)
	}
	got, err := p.Call(context.Background(), []value.Value{value.Int(5)}, nil)
	if err != nil || !value.Equal(got, value.Int(1106)) {
		t.Errorf("got %v, %v from\n%s", got, err, fn.Source)
	}
}

// What a function is called by, and where it stands, is no part of its text.
func TestFunctionIdentity(t *testing.T) {
	one := edgeFunc(t, load(t, funcHead+"K = 1\ndef f(v):\n    return v + K\nwf.connect(a, (\"x\", f), b, \"x\")\n", nil))
	two := edgeFunc(t, load(t, "# moved\nOTHER = 3\n"+funcHead+"def make():\n  if True:\n      K = 1\n      def f(v):\n          return v + K\n      return f\nwf.connect(a, (\"x\", make()), b, \"x\")\n", nil))
	if diff := cmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
}

func TestFunctionNode(t *testing.T) {
	res := clean(t, funcHead+`
def add(x, y = 2):
    return x + y, x - y
n = Node(Function(function = add, output_names = ["sum", "diff"], y = 3), name = "n")
wf.connect(a, "x", n, "x")
wf.connect(n, "sum", b, "x")
m = Node(Function(["x"], ["out"], lambda x: x), "m")
`)
	f := res.Definition.Node(3).Interface()
	if diff := cmp.Diff([]string{"x", "y"}, f.InputNames()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"sum", "diff"}, f.OutputNames()); diff != "" {
		t.Error(diff)
	}
	if f.Function == nil || f.Function.Fn.Name != "add" {
		t.Errorf("function %+v", f.Function)
	}
	if got := res.Definition.Node(3).Inputs().Get("y"); !value.Equal(got, value.Int(3)) {
		t.Errorf("y = %v", got)
	}
}
