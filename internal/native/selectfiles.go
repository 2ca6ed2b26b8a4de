package native

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native/pytext"
	"github.com/raphe-org/raphe/internal/value"
)

// selectFiles finds files by templates with fields in braces and wildcards.
//
// Differs from nipype: with raise_on_empty = False an output without files is unset, or an empty list under force_lists; nipype stops with an IndexError.
// Differs from nipype: base_directory is taken as it stands, braces and brackets too; a relative one, or a template without one, starts at the folder that Raphe runs in; without sort_filelist files come in the order of their names.
// Differs from nipype: all fields must have values, and a list as a value is an error, where nipype looks for files with its text as a pattern.
var selectFiles = &Impl{
	Help:   "Find files by templates: {\"t1w\": \"sub-{subject}/anat/*_T1w.nii.gz\"}. Fields in braces are inputs, keys are outputs.",
	Params: []Param{{Name: "templates", Type: dictType}},
	Ports: func(params value.Record) ([]iface.Input, []iface.Output, error) {
		templates, err := parseTemplates(params)
		if err != nil {
			return nil, nil, err
		}
		ins := []iface.Input{
			place(in("base_directory", inDir, "folder that the templates start from")),
			opt("force_lists", either(boolType, names), value.Bool(false), "outputs that are lists even of one file: True, or their names"),
			opt("raise_on_empty", boolType, value.Bool(true), "a template that matches nothing is an error"),
			opt("sort_filelist", boolType, value.Bool(true), "sort the files, numbers within names as numbers"),
		}
		var outs []iface.Output
		for _, t := range templates {
			outs = append(outs, out(t.name, anyType, "files that match "+t.text))
			for _, f := range t.parsed.Fields() {
				if !slices.ContainsFunc(ins, func(i iface.Input) bool { return i.Name == f }) {
					ins = append(ins, need(f, anyType, "value of {"+f+"}"))
				}
			}
		}
		return ins, outs, nil
	},
	Check: func(params, inputs value.Record) error {
		templates, err := parseTemplates(params)
		if err == nil {
			_, err = forcedLists(templates, inputs)
		}
		return err
	},
	AlwaysRun: true,
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		templates, err := parseTemplates(c.Params)
		if err != nil {
			return nil, err
		}
		forced, err := forcedLists(templates, c.Inputs)
		if err != nil {
			return nil, err
		}
		base, err := filepath.Abs(c.Inputs.Str("base_directory"))
		if err != nil {
			return nil, err
		}
		m := map[string]value.Value{}
		for _, t := range templates {
			found, err := t.find(base, c.Inputs)
			switch {
			case err != nil:
				return nil, err
			case forced[t.name]:
				m[t.name] = value.Strings(found...)
			case len(found) > 0:
				m[t.name] = simplify(value.Strings(found...))
			}
		}
		return value.NewRecord(m), nil
	},
}

// A fileTemplate is one output of SelectFiles.
type fileTemplate struct {
	name, text string
	parsed     *pytext.Template
}

func parseTemplates(params value.Record) ([]fileTemplate, error) {
	d, _ := params.Get("templates").(value.Dict)
	if len(d) == 0 {
		return nil, fmt.Errorf("templates is empty: SelectFiles wants a dictionary, output to template")
	}
	var out []fileTemplate
	for _, e := range d {
		name, okName := e.Key.(value.String)
		text, okText := e.Value.(value.String)
		if !okName || !okText || text == "" {
			return nil, fmt.Errorf("templates: want text to text, got %s: %s", value.Repr(e.Key), value.Repr(e.Value))
		}
		parsed, err := pytext.ParseTemplate(string(text))
		if err != nil {
			return nil, fmt.Errorf("output %q: %w", name, err)
		}
		out = append(out, fileTemplate{string(name), string(text), parsed})
	}
	return out, nil
}

// forcedLists says which outputs are lists whatever is found.
func forcedLists(templates []fileTemplate, inputs value.Record) (map[string]bool, error) {
	forced := map[string]bool{}
	for _, t := range templates {
		forced[t.name] = inputs.Bool("force_lists")
	}
	for _, name := range strs(inputs.Get("force_lists")) {
		if _, ok := forced[name]; !ok {
			return nil, fmt.Errorf("force_lists names %q, which is none of the templates", name)
		}
		forced[name] = true
	}
	return forced, nil
}

func (t fileTemplate) find(base string, inputs value.Record) ([]string, error) {
	for _, f := range t.parsed.Fields() {
		if _, isList := value.Items(inputs.Get(f)); isList && !strings.Contains(t.text, "{"+f+"[") {
			return nil, fmt.Errorf("field %q is the list %s; give it one value at a time, by iterables or a MapNode", f, value.Repr(inputs.Get(f)))
		}
	}
	pattern, err := t.parsed.Format(inputs.Get)
	if err != nil {
		return nil, fmt.Errorf("output %q: %w", t.name, err)
	}
	return t.glob(base, pattern, inputs)
}

func (t fileTemplate) glob(base, pattern string, inputs value.Record) ([]string, error) {
	folders := strings.HasSuffix(pattern, "/")
	pattern = filepath.Clean(pattern)
	for strings.HasPrefix(pattern, "../") { // .. may lead out of base
		base, pattern = filepath.Dir(base), pattern[3:]
	}
	if folders {
		pattern += "/"
	}
	found := pytext.Glob(base, pattern)
	if len(found) == 0 && boolOr(inputs, "raise_on_empty", true) {
		return nil, fmt.Errorf("output %q: no files match %s below %s; raise_on_empty = False allows that", t.name, pattern, base)
	}
	if boolOr(inputs, "sort_filelist", true) {
		pytext.HumanSort(found)
	}
	return found, nil
}
