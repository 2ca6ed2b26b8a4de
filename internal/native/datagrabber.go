package native

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native/pytext"
	"github.com/raphe-org/raphe/internal/value"
)

// dataGrabber finds files by templates that the % operator fills in.
//
// Differs from nipype: template_args and field_template name outfields only (nipype makes outputs of other names too); an outfield that template_args leaves out has [infields].
// Differs from nipype: sort_filelist is True unless set, where nipype has no default; without it files come in the order of their names.
// Differs from nipype: base_directory is taken as it stands, percent signs and brackets too; a relative one starts at the folder that Raphe runs in.
// Differs from nipype: only infields stand for values in template_args, not every attribute of the interface; an empty list as an argument is an error.
var dataGrabber = &Impl{
	Help:   "Find files by templates such as \"%s/f%d.nii\", filled in from template_args.",
	Params: []Param{{Name: "infields", Type: names}, {Name: "outfields", Type: names}},
	Ports: func(params value.Record) ([]iface.Input, []iface.Output, error) {
		ins := []iface.Input{
			place(in("base_directory", inDir, "folder that the templates start from")),
			need("template", strType, "path with % fields and wildcards"),
			in("template_args", dictType, "for each output the list of its argument lists; an infield's name stands for its value"),
			in("field_template", dictType, "templates of single outputs"),
			opt("sort_filelist", boolType, value.Bool(true), "sort the files, numbers within names as numbers"),
			opt("raise_on_empty", boolType, value.Bool(true), "a template that matches nothing is an error"),
			opt("drop_blank_outputs", boolType, value.Bool(false), "leave templates that match nothing out of the lists"),
		}
		for _, f := range strs(params.Get("infields")) {
			ins = append(ins, need(f, anyType, ""))
		}
		var outs []iface.Output
		for _, f := range outfields(params) {
			outs = append(outs, out(f, anyType, ""))
		}
		return ins, outs, nil
	},
	Check:     checkGrabber,
	AlwaysRun: true,
	Run:       runDataGrabber,
}

// checkGrabber looks for outputs that are none.
func checkGrabber(params, inputs value.Record) error {
	for _, name := range []string{"template_args", "field_template"} {
		d, _ := inputs.Get(name).(value.Dict)
		for _, e := range d {
			if !slices.Contains(outfields(params), value.Text(e.Key)) {
				return fmt.Errorf("%s names %q, which is none of the outfields %q", name, value.Text(e.Key), outfields(params))
			}
		}
	}
	return nil
}

func outfields(params value.Record) []string {
	if f := strs(params.Get("outfields")); len(f) > 0 {
		return f
	}
	return []string{"outfiles"}
}

func runDataGrabber(_ context.Context, c *Call) (value.Record, error) {
	if err := checkGrabber(c.Params, c.Inputs); err != nil {
		return nil, err
	}
	m := map[string]value.Value{}
	for _, field := range outfields(c.Params) {
		g := grab{c: c, field: field, template: c.Inputs.Str("template")}
		if d, ok := c.Inputs.Get("field_template").(value.Dict); ok {
			if t, ok := d.Get(value.String(field)).(value.String); ok {
				g.template = string(t)
			}
		}
		found, err := g.all()
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", field, err)
		}
		m[field] = found
	}
	return value.NewRecord(m), nil
}

// A grab finds the files of one output.
type grab struct {
	c        *Call
	field    string
	template string
}

// argLists gives the argument lists of the output: those of template_args, else
// the infields.
func (g grab) argLists() ([]value.Value, error) {
	given, _ := g.c.Inputs.Get("template_args").(value.Dict)
	lists := given.Get(value.String(g.field))
	if lists == nil {
		if infields := strs(g.c.Params.Get("infields")); len(infields) > 0 {
			return []value.Value{value.Strings(infields...)}, nil
		}
		return nil, nil
	}
	items, ok := value.Items(lists)
	for _, e := range items {
		_, isList := value.Items(e)
		ok = ok && isList
	}
	if !ok {
		return nil, fmt.Errorf("template_args is %s; want a list of lists", value.Repr(lists))
	}
	return items, nil
}

func (g grab) all() (value.Value, error) {
	lists, err := g.argLists()
	if err != nil {
		return nil, err
	}
	var found []value.Value
	if len(lists) == 0 {
		v, err := g.glob(g.template)
		if err != nil {
			return nil, err
		}
		if items, ok := v.(value.List); ok {
			found = items
		} else {
			found = []value.Value{v}
		}
	}
	for _, list := range lists {
		if found, err = g.walk(found, list); err != nil {
			return nil, err
		}
	}
	blank := func(v value.Value) bool { return v == value.None{} }
	if g.c.Inputs.Bool("drop_blank_outputs") {
		found = slices.DeleteFunc(found, blank)
	}
	if len(found) == 0 || slices.ContainsFunc(found, blank) {
		return value.None{}, nil
	}
	return simplify(found), nil
}

// walk fills the template in once for each step of the arguments that are
// lists, which go together.
func (g grab) walk(found []value.Value, list value.Value) ([]value.Value, error) {
	args, steps, err := g.arguments(list)
	if err != nil {
		return nil, err
	}
	for step := range steps {
		pattern := g.template
		if len(args) > 0 {
			now := slices.Clone(args)
			for i, a := range now {
				if l, ok := a.(value.List); ok {
					now[i] = l[step]
				}
			}
			if pattern, err = pytext.Percent(g.template, now); err != nil {
				return nil, err
			}
		}
		v, err := g.glob(pattern)
		if err != nil {
			return nil, err
		}
		found = append(found, v)
	}
	return found, nil
}

// arguments puts values for the names of infields, and counts the steps.
func (g grab) arguments(list value.Value) (args []value.Value, steps int, err error) {
	steps = -1
	for _, a := range asList(list) {
		if name, ok := a.(value.String); ok && slices.Contains(strs(g.c.Params.Get("infields")), string(name)) {
			if a = g.c.Inputs.Get(string(name)); a == nil {
				return nil, 0, fmt.Errorf("infield %q has no value", name)
			}
		}
		if l, ok := a.(value.List); ok {
			if len(l) == 0 || steps >= 0 && len(l) != steps {
				return nil, 0, fmt.Errorf("the lists among %s go together and want one length above 0", value.Repr(list))
			}
			steps = len(l)
		}
		args = append(args, a)
	}
	if steps < 0 {
		steps = 1
	}
	return args, steps, nil
}

// glob gives the file, the list of files, or None.
func (g grab) glob(pattern string) (value.Value, error) {
	base, err := filepath.Abs(g.c.Inputs.Str("base_directory"))
	if err != nil {
		return nil, err
	}
	found := pytext.Glob(base, pattern)
	if len(found) == 0 {
		if boolOr(g.c.Inputs, "raise_on_empty", true) {
			return nil, fmt.Errorf("no files match %s below %s; raise_on_empty = False allows that", pattern, base)
		}
		return value.None{}, nil
	}
	if boolOr(g.c.Inputs, "sort_filelist", true) {
		pytext.HumanSort(found)
	}
	return simplify(value.Strings(found...)), nil
}
