package toolfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/raphe-org/raphe/interfaces"
	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
)

// FunctionName is the interface that runs a Starlark function: nipype's
// Function.
const FunctionName = "utility.Function"

// Catalogue is the catalogue with everything that is written in Go.
type Catalogue struct{}

// Resolve gives the interface that a reference means; see [Resolve].
func (Catalogue) Resolve(ref iface.Ref) (*iface.Interface, error) { return Resolve(ref) }

// Names gives the interfaces of a package without the package's name, sorted;
// nil if there is no such package.
func (Catalogue) Names(pkg string) []string {
	var out []string
	for _, name := range allNames() {
		if short, ok := strings.CutPrefix(name, pkg+"."); ok && !strings.Contains(short, ".") {
			out = append(out, short)
		}
	}
	return out
}

// Packages gives all packages, sorted: "fsl", "fsl.maths", "utility", ...
func (Catalogue) Packages() []string {
	var out []string
	for _, name := range allNames() {
		out = append(out, name[:strings.LastIndexByte(name, '.')])
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// List gives the full names of all interfaces, sorted.
func (Catalogue) List() []string { return allNames() }

// Lookup gives a tool of the catalogue as a value, for like = TOOL.
func Lookup(name string) (*Tool, error) {
	dot := strings.LastIndexByte(name, '.')
	if dot < 0 {
		return nil, unknownName("", name)
	}
	v, err := catalogue.global(name[:dot], name[dot+1:])
	if err != nil {
		return nil, err
	}
	tool, ok := v.(*Tool)
	if !ok {
		return nil, unknownName(name[:dot], name[dot+1:])
	}
	return tool, nil
}

var allNames = sync.OnceValue(func() []string {
	out := append(native.Names(), FunctionName)
	for _, e := range interfaces.List() {
		out = append(out, e.Name)
	}
	slices.Sort(out)
	return slices.Compact(out)
})

// resolved holds the interfaces that were made of references with parameters
// or a source; a full cache is emptied, since a workflow made by a loop may
// hold very many.
var resolved = struct {
	sync.Mutex
	byRef map[string]*iface.Interface
}{byRef: map[string]*iface.Interface{}}

const maxResolved = 4096

// Resolve gives the interface that a reference means: one of the catalogue,
// one that is written in Go, one that a user's text defines, or a function.
// The error for an unknown name is a *[diag.Diagnostic], for a faulty text a
// [diag.List].
func Resolve(ref iface.Ref) (*iface.Interface, error) {
	key := string(value.AppendRecord(append([]byte(ref.Name), 0), ref.Params)) + ref.Source
	resolved.Lock()
	f := resolved.byRef[key]
	resolved.Unlock()
	if f != nil {
		return f, nil
	}
	f, err := resolveRef(ref)
	if err != nil {
		return nil, err
	}
	resolved.Lock()
	defer resolved.Unlock()
	if len(resolved.byRef) >= maxResolved {
		clear(resolved.byRef)
	}
	resolved.byRef[key] = f
	return f, nil
}

func resolveRef(ref iface.Ref) (*iface.Interface, error) {
	if ref.Name == FunctionName {
		return resolveFunction(ref)
	}
	if ref.Source != "" {
		return resolveSource(ref)
	}
	impl, isNative := native.Lookup(ref.Name)
	if isNative && impl.Ports != nil {
		return resolveNative(ref, impl)
	}
	tool, err := Lookup(ref.Name)
	if err != nil {
		return nil, err
	}
	if len(ref.Params) > 0 {
		return nil, fmt.Errorf("interface %s takes no arguments that shape it, got %s", ref.Name, strings.Join(ref.Params.Names(), ", "))
	}
	return tool.f, nil
}

// unknownName says that there is no such interface, and what was meant.
func unknownName(pkg, name string) error {
	full := strings.TrimPrefix(pkg+"."+name, ".")
	d := &diag.Diagnostic{Code: diag.BadDefinition, What: fmt.Sprintf("there is no interface %q", full)}
	names, packages := Catalogue{}.Names(pkg), Catalogue{}.Packages()
	switch {
	case names == nil && pkg != "":
		d.Why = fmt.Sprintf("there is no package %q", pkg)
		d.Mend = diag.DidYouMean(pkg, packages)
	case names == nil:
		d.Why = "a name has a package, as in fsl.BET"
		d.Mend = diag.DidYouMean(full, allNames())
	default:
		d.Why = fmt.Sprintf("package %s has %d interfaces; see: raphe interface list %s", pkg, len(names), pkg)
		d.Mend = diag.DidYouMean(name, names)
	}
	return d
}

// resolveSource evaluates a user's text.
func resolveSource(ref iface.Ref) (*iface.Interface, error) {
	catalogue.mu.Lock()
	globals, err := catalogue.exec(ref.Name, "", []byte(ref.Source))
	catalogue.mu.Unlock()
	if err != nil {
		return nil, err
	}
	tool, ok := globals[ref.Name].(*Tool)
	if !ok {
		// A tool with name = "..." stands under another variable.
		for _, v := range globals {
			if t, isTool := v.(*Tool); isTool && t.named == ref.Name {
				tool, ok = t, true
			}
		}
	}
	if !ok {
		return nil, fmt.Errorf("the text of interface %s does not define it", ref.Name)
	}
	f := *tool.f
	f.Ref = ref
	built, faults := iface.Build(f)
	return built, faults.Err()
}

// resolveNative shapes an interface that is written in Go by its parameters.
func resolveNative(ref iface.Ref, impl *native.Impl) (*iface.Interface, error) {
	params := value.Record{}
	for _, p := range impl.Params {
		v := ref.Params.Get(p.Name)
		if v == nil {
			v = p.Default
		}
		if v == nil {
			continue
		}
		got, err := p.Type.Accept(v)
		if err != nil {
			return nil, fmt.Errorf("interface %s: argument %q: %w", ref.Name, p.Name, err)
		}
		params.Set(p.Name, got)
	}
	for _, field := range ref.Params {
		if !slices.ContainsFunc(impl.Params, func(p native.Param) bool { return p.Name == field.Name }) {
			return nil, fmt.Errorf("interface %s has no argument %q", ref.Name, field.Name)
		}
	}
	inputs, outputs, err := impl.Ports(params)
	if err != nil {
		return nil, fmt.Errorf("interface %s: %w", ref.Name, err)
	}
	f, faults := iface.Build(iface.Interface{
		Ref: iface.Ref{Name: ref.Name, Params: params}, Help: impl.Help, Inputs: inputs, Outputs: outputs,
		AlwaysRun: impl.AlwaysRun, DynamicInputs: impl.DynamicInputs,
		Native: &iface.Native{Impl: ref.Name, Revision: impl.Revision, Child: impl.Child},
	})
	return f, faults.Err()
}

// resolveFunction makes the interface of a Starlark function. Its text is the
// reference's source, or nipype's parameter function_str; the parameter
// function says which function of the text is meant, else it is the last.
// input_names and output_names are nipype's.
func resolveFunction(ref iface.Ref) (*iface.Interface, error) {
	fn := iface.Func{Name: ref.Params.Str("function"), Source: ref.Source}
	if fn.Source == "" {
		fn.Source = ref.Params.Str("function_str")
	}
	if fn.Source == "" {
		return nil, errors.New("interface utility.Function has no function")
	}
	if fn.Name == "" {
		name, err := onlyFunction(fn.Source)
		if err != nil {
			return nil, fmt.Errorf("interface utility.Function: %w", err)
		}
		fn.Name = name
	}
	program, err := starfn.Compile(fn)
	if err != nil {
		return nil, fmt.Errorf("interface utility.Function: %w", err)
	}
	params := program.Params()
	names := params.Names
	if v := ref.Params.Get("input_names"); v != nil {
		names = stringsOf(v)
	}
	f := iface.Interface{
		Ref: ref, Help: "the function " + fn.Name, Function: &iface.Function{Fn: fn, Outputs: []string{"out"}},
	}
	for _, name := range names {
		if !slices.Contains(params.Names, name) && !params.Kwargs {
			return nil, fmt.Errorf("interface utility.Function: function %s has no parameter %q: %s", fn.Name, name, diag.DidYouMean(name, params.Names))
		}
		needed := slices.Contains(params.Names, name) && !params.Default[name]
		f.Inputs = append(f.Inputs, iface.Input{Name: name, Mandatory: needed})
	}
	if v := ref.Params.Get("output_names"); v != nil {
		f.Function.Outputs = stringsOf(v)
	}
	for _, name := range f.Function.Outputs {
		f.Outputs = append(f.Outputs, iface.Output{Name: name})
	}
	built, faults := iface.Build(f)
	return built, faults.Err()
}

// onlyFunction gives the last function that a text defines at its top: the
// others are its helpers.
func onlyFunction(text string) (string, error) {
	module, err := starfn.ParseModule("function_str", []byte(text))
	if err != nil {
		return "", err
	}
	name := module.LastFunction()
	if name == "" {
		return "", errors.New("function_str defines no function")
	}
	return name, nil
}

func stringsOf(v value.Value) []string {
	items, ok := value.Items(v)
	if !ok {
		items = []value.Value{v}
	}
	out := make([]string, len(items))
	for i, e := range items {
		out[i] = value.Text(e)
	}
	return out
}
