package toolfile

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
)

// A spec is what an interface is made of before it is built: its own parts
// over those of the tool it is like, over those of its profile.
type spec struct {
	inputs  []iface.Input
	outputs []iface.Output
	rules   iface.Rules
	command iface.Command
	help    string
	always  bool
}

// extend gives a copy of s that can be added to.
func (s *spec) extend() *spec {
	out := *s
	out.inputs = append([]iface.Input(nil), s.inputs...)
	out.outputs = append([]iface.Output(nil), s.outputs...)
	out.rules.Exclusive = append([][]string(nil), s.rules.Exclusive...)
	c := &out.command
	c.Env = append([]iface.EnvRule(nil), c.Env...)
	c.Reads = append([]string(nil), c.Reads...)
	c.Fails = append([]iface.Failure(nil), c.Fails...)
	c.Checks = append([]iface.Pure(nil), c.Checks...)
	c.Stage = append([]iface.StageRule(nil), c.Stage...)
	c.Writes = append([]iface.WriteRule(nil), c.Writes...)
	c.Headers = append([]iface.HeaderRule(nil), c.Headers...)
	return &out
}

// A profile is what the tools of a package have in common.
type profile struct{ spec *spec }

func (p *profile) String() string { return "<profile>" }

func (p *profile) Type() string { return "profile" }

func (p *profile) Freeze() {}

func (p *profile) Truth() starlark.Bool { return true }

func (p *profile) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: profile") }

// A group is exclusive(...) or one_of(...).
type group struct {
	names []string
	must  bool
	pos   diag.Pos
}

func (g *group) String() string { return "exclusive(...)" }

func (g *group) Type() string { return "group" }

func (g *group) Freeze() {}

func (g *group) Truth() starlark.Bool { return true }

func (g *group) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: group") }

func newGroup(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if _, err := sessionOf(thread, b.Name()); err != nil {
		return nil, err
	}
	names, ok := stringList(args)
	if !ok || len(names) < 2 || len(kwargs) > 0 {
		return nil, fmt.Errorf(`%s: want the names of two inputs or more`, b.Name())
	}
	pos, _ := caller(thread, b.Name())
	return &group{names, b.Name() == "one_of", pos}, nil
}

// commonSpec gives the inputs that every command has.
func commonSpec() *spec {
	return &spec{inputs: []iface.Input{
		{Name: "args", Type: iface.Type{Kind: iface.Str}, Argstr: "%s", Help: "further arguments, as they are"},
		{Name: "environ", Type: iface.Type{Kind: iface.Dict}, NoHash: true, Help: "environment variables"},
	}}
}

// override puts p in the place of one of its name, unless that is of the same
// file's making (Build reports such).
func override[P any](ports []P, p P, again bool, name func(P) string) []P {
	for i := range ports {
		if name(ports[i]) == name(p) && !again {
			ports[i] = p
			return ports
		}
	}
	return append(ports, p)
}
