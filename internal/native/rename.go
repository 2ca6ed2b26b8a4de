package native

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native/pytext"
	"github.com/raphe-org/raphe/internal/value"
)

// rename gives a file another name: a symbolic link in the working directory.
//
// Differs from nipype: a new name that holds a / is refused; a companion (.hdr and .img, .nii and .mat, .BRIK and .HEAD) goes along only where the extension stays, so that it never takes the name of the file itself.
var rename = &Impl{
	Help:   "Give a file another name, made of a format such as \"%(subject)s_run%(run)02d\".",
	Params: []Param{{Name: "format_string", Type: strType}},
	Ports: func(params value.Record) ([]iface.Input, []iface.Output, error) {
		format := params.Str("format_string")
		if err := pytext.CheckPercentNamed(format); err != nil {
			return nil, nil, err
		}
		formatPort := in("format_string", strType, "the new name, with %(field)s for values")
		if format != "" {
			formatPort.Default = value.String(format)
		} else {
			formatPort.Mandatory = true
		}
		ins := []iface.Input{
			need("in_file", inFile, "the file"),
			formatPort,
			in("keep_ext", boolType, "put the extension of in_file behind the new name"),
			in("parse_string", strType, "a regular expression; its named groups, found in the old name, are values too"),
			opt("use_fullpath", boolType, value.Bool(false), "look for parse_string in the whole path"),
		}
		for _, f := range pytext.PercentFields(format) {
			if !slices.ContainsFunc(ins, func(i iface.Input) bool { return i.Name == f }) {
				ins = append(ins, in(f, anyType, "value of %("+f+")"))
			}
		}
		return ins, []iface.Output{out("out_file", fileType, "link to the file, under the new name")}, nil
	},
	Check: func(_, inputs value.Record) error {
		_, err := pytext.CompilePattern(inputs.Str("parse_string"))
		if err == nil {
			err = pytext.CheckPercentNamed(inputs.Str("format_string"))
		}
		return err
	},
	Run: runRename,
}

func runRename(ctx context.Context, c *Call) (value.Record, error) {
	from := c.Inputs.Str("in_file")
	name, err := newName(c, from)
	if err != nil {
		return nil, err
	}
	if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
		return nil, fmt.Errorf("the new name is %q; want one without / that is not empty", name)
	}
	from, err = filepath.Abs(from)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(from); err != nil {
		return nil, err
	}
	dir, err := c.MkDir()
	if err != nil {
		return nil, err
	}
	to := filepath.Join(dir, name)
	for _, m := range append([]move{{from, to}}, companions(from, to)...) {
		if err := os.Symlink(m.from, m.to); err == nil {
			continue
		}
		if err := publish(ctx, m.from, m.to, byCopy); err != nil { // no links here
			return nil, err
		}
	}
	return output("out_file", value.String(to)), nil
}

// newName fills the format in. Inputs win over what the old name says.
func newName(c *Call, from string) (string, error) {
	given := c.Params.Str("format_string")
	format := text(c.Inputs, "format_string", given)
	values := map[string]value.Value{}
	if c.Inputs.Has("parse_string") {
		p, err := pytext.CompilePattern(c.Inputs.Str("parse_string"))
		if err != nil {
			return "", err
		}
		subject := from
		if !c.Inputs.Bool("use_fullpath") {
			subject = filepath.Base(from)
		}
		groups, _ := p.Search(subject)
		for _, g := range groups {
			values[g.Name] = groupValue(g)
		}
	}
	for _, f := range pytext.PercentFields(given) {
		if v := c.Inputs.Get(f); v != nil {
			values[f] = v
		}
	}
	if c.Inputs.Bool("keep_ext") {
		_, _, ext := pytext.SplitExt(from)
		format += strings.ReplaceAll(ext, "%", "%%")
	}
	return pytext.PercentNamed(format, values)
}

func groupValue(g pytext.Group) value.Value {
	if !g.Matched {
		return value.None{}
	}
	return value.String(g.Text)
}
