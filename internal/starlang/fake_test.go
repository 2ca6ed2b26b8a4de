package starlang_test

import (
	"maps"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/internal/toolfile"
	"github.com/raphe-org/raphe/internal/value"
)

// fakeTools is a small catalogue: two commands of FSL's, one that takes
// anything, and Raphe's own interfaces as package native has them.
type fakeTools struct{}

var commands = map[string]iface.Interface{
	"fsl.BET": {
		Inputs: []iface.Input{
			{Name: "in_file", Type: iface.Type{Kind: iface.File, Exists: true}, Mandatory: true},
			{Name: "out_file", Type: iface.Type{Kind: iface.File}},
			{Name: "frac", Type: iface.Type{Kind: iface.Float}},
			{Name: "mask", Type: iface.Type{Kind: iface.Bool}},
			{Name: "robust", Type: iface.Type{Kind: iface.Bool}, Xor: []string{"functional"}},
			{Name: "functional", Type: iface.Type{Kind: iface.Bool}, Xor: []string{"robust"}},
			{Name: "center", Type: iface.Type{Kind: iface.List, Of: []iface.Type{{Kind: iface.Int}}, MaxLen: 3}},
			{Name: "fractional", Type: iface.Type{Kind: iface.Float}, Deprecated: "1.0", NewName: "frac"},
			{Name: "mode", Type: iface.Type{Kind: iface.Enum, Enum: value.Strings("fast", "slow")}, Default: value.String("fast")},
		},
		Outputs: []iface.Output{
			output("out_file"), output("mask_file"),
		},
		Command: &iface.Command{Words: []string{"tool"}},
	},
	"fsl.FLIRT": {
		Inputs: []iface.Input{
			{Name: "in_file", Type: iface.Type{Kind: iface.File, Exists: true}, Mandatory: true},
			{Name: "reference", Type: iface.Type{Kind: iface.File, Exists: true}, Mandatory: true},
			{Name: "dof", Type: iface.Type{Kind: iface.Int}},
		},
		Outputs: []iface.Output{output("out_file")},
		Command: &iface.Command{Words: []string{"tool"}},
	},
	"ants.Registration": {
		Inputs:  []iface.Input{{Name: "in_file", Type: iface.Type{Kind: iface.File}}, {Name: "metric", Type: iface.Type{Kind: iface.List, Of: []iface.Type{{Kind: iface.Str}}}}},
		Outputs: []iface.Output{output("warped")},
		Command: &iface.Command{Words: []string{"tool"}},
	},
}

func output(name string) iface.Output {
	return iface.Output{Name: name, Type: iface.Type{Kind: iface.File}, Value: &iface.Same{Input: "in_file"}}
}

func (fakeTools) Packages() []string {
	set := map[string]bool{}
	for _, n := range slices.Concat(slices.Collect(maps.Keys(commands)), native.Names(), []string{"utility.Function"}) {
		set[n[:strings.LastIndexByte(n, '.')]] = true
	}
	return slices.Sorted(maps.Keys(set))
}

func (fakeTools) Names(pkg string) []string {
	var out []string
	for _, n := range slices.Concat(slices.Collect(maps.Keys(commands)), native.Names(), []string{"utility.Function"}) {
		if name, ok := strings.CutPrefix(n, pkg+"."); ok && !strings.Contains(name, ".") {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

var built = map[string]*iface.Interface{}

func (fakeTools) Resolve(r iface.Ref) (*iface.Interface, error) {
	if f, ok := commands[r.Name]; ok {
		if built[r.Name] == nil {
			f.Ref = r
			built[r.Name] = iface.New(f)
		}
		return built[r.Name], nil
	}
	return toolfile.Resolve(r)
}
