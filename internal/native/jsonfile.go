package native

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// jsonFileGrabber reads a JSON file: one output for each key at its top.
//
// Differs from nipype: NaN and Infinity, which JSON has not, are refused.
var jsonFileGrabber = &Impl{
	Help: "Read a JSON file: one output for each key at its top.",
	Ports: ports([]iface.Input{
		in("in_file", inFile, "the file"),
		in("defaults", dictType, "values for keys that the file does not have"),
	}),
	DynamicOutputs: true,
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		m := map[string]value.Value{}
		if defaults, ok := c.Inputs.Get("defaults").(value.Dict); ok {
			for _, e := range defaults {
				m[value.Text(e.Key)] = e.Value
			}
		}
		if c.Inputs.Has("in_file") {
			path := c.Inputs.Str("in_file")
			content, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			v, err := value.ParseJSON(content)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", path, err)
			}
			d, ok := v.(value.Dict)
			if !ok {
				return nil, fmt.Errorf("read %s: at its top is a %s; want an object, {...}", path, value.KindOf(v))
			}
			for _, e := range d {
				if e.Value == nil {
					e.Value = value.None{}
				}
				m[value.Text(e.Key)] = e.Value
			}
		}
		return value.NewRecord(m), nil
	},
}

// jsonFileSink writes its inputs to a JSON file. "a.b.c" is an object within an
// object.
//
// Differs from nipype: "a.b" and "a.c" both stay; in nipype the last of them replaces the others. "a" and "a.b" together are an error unless "a" is a dictionary.
// Differs from nipype: two sinks of one run that write one file are an error, and the file appears in one step; keys come in the order of their names, behind those of in_dict.
var jsonFileSink = &Impl{
	Help: "Write the inputs to a JSON file: any name is a key, and points make objects within objects.",
	Params: []Param{
		{Name: "infields", Type: names},
		{Name: "force_run", Type: boolType, Default: value.Bool(true)},
	},
	Ports: func(params value.Record) ([]iface.Input, []iface.Output, error) {
		ins := []iface.Input{
			place(opt("out_file", strType, value.String("datasink.json"), "the file; a relative path lies in the working directory")),
			in("in_dict", dictType, "what to write; the other inputs go before it"),
		}
		for _, f := range strs(params.Get("infields")) {
			ins = append(ins, in(f, anyType, ""))
		}
		return ins, []iface.Output{out("out_file", fileType, "the file")}, nil
	},
	Check: func(_, inputs value.Record) error {
		_, err := jsonContent(inputs)
		return err
	},
	Publishes:     true,
	DynamicInputs: true,
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		content, err := jsonContent(c.Inputs)
		if err != nil {
			return nil, err
		}
		path, err := c.outPath(text(c.Inputs, "out_file", "datasink.json"))
		if err != nil {
			return nil, err
		}
		return output("out_file", value.String(path)), writeFile(path, pythonJSON(nil, content))
	},
}

func jsonContent(inputs value.Record) (value.Dict, error) {
	given, _ := inputs.Get("in_dict").(value.Dict)
	content := append(value.Dict{}, given...)
	set := map[string]bool{}
	for _, f := range inputs {
		if f.Name == "in_dict" || f.Name == "out_file" {
			continue
		}
		var err error
		if content, err = nest(content, set, "", strings.Split(f.Name, "."), f.Value); err != nil {
			return nil, fmt.Errorf("input %q: %w", f.Name, err)
		}
	}
	return content, nil
}

// nest gives d with v under the keys; set holds the paths that inputs gave.
func nest(d value.Dict, set map[string]bool, above string, keys []string, v value.Value) (value.Dict, error) {
	key := value.String(keys[0])
	if key == "" {
		return nil, errors.New("a part between points is empty")
	}
	at := above + "." + keys[0]
	old := d.Get(key)
	if len(keys) > 1 {
		inner, ok := old.(value.Dict)
		if old != nil && !ok && set[at] {
			return nil, fmt.Errorf("%q holds %s already", strings.TrimPrefix(at, "."), value.Repr(old))
		}
		var err error
		if v, err = nest(append(value.Dict{}, inner...), set, at, keys[1:], v); err != nil {
			return nil, err
		}
	} else {
		set[at] = true
	}
	out := append(value.Dict{}, d...)
	for i, e := range out {
		if value.Equal(e.Key, key) {
			out[i].Value = v
			return out, nil
		}
	}
	return append(out, value.Entry{Key: key, Value: v}), nil
}

// pythonJSON writes v as Python's json.dumps does by default, but leaves
// letters beyond ASCII as they are.
func pythonJSON(dst []byte, v value.Value) []byte {
	if d, ok := v.(value.Dict); ok {
		dst = append(dst, '{')
		for i, e := range d {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = value.AppendPlainJSON(dst, value.String(value.Text(e.Key)))
			dst = pythonJSON(append(dst, ": "...), e.Value)
		}
		return append(dst, '}')
	}
	items, ok := value.Items(v)
	if !ok {
		return value.AppendPlainJSON(dst, v)
	}
	dst = append(dst, '[')
	for i, e := range items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = pythonJSON(dst, e)
	}
	return append(dst, ']')
}
