package starlang

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/unit"
	"github.com/raphe-org/raphe/workflow"
)

// A setting is one option of one node while it is being read.
type setting struct {
	ld     *loader
	option string
	node   string
	f      *iface.Interface
	opts   *workflow.Options
	at     func(path ...int) diag.Pos
}

// A nodeOption is one option of Node, MapNode and JoinNode: a keyword of the
// constructor and an attribute of the node.
type nodeOption struct {
	name string
	kind workflow.NodeKind // PlainNode: all kinds
	read func(*setting, starlark.Value)
	show func(*workflow.Options) starlark.Value // nil: reads as None
}

func (o *nodeOption) forKind(k workflow.NodeKind) bool {
	return o.kind == workflow.PlainNode || o.kind == k
}

// nodeOptions lists all options. iterfield comes before iterables, whose values
// it changes the type of.
var nodeOptions []nodeOption

func init() {
	flag := func(name string, kind workflow.NodeKind, field func(*workflow.Options) *bool) nodeOption {
		return nodeOption{name, kind,
			func(s *setting, v starlark.Value) { *field(s.opts) = s.flag(v) },
			func(o *workflow.Options) starlark.Value { return starlark.Bool(*field(o)) }}
	}
	names := func(name string, kind workflow.NodeKind, field func(*workflow.Options) *[]string, ports func(*setting) []string) nodeOption {
		return nodeOption{name, kind,
			func(s *setting, v starlark.Value) { *field(s.opts) = s.names(v, ports(s)) },
			func(o *workflow.Options) starlark.Value { return textList(*field(o)) }}
	}
	inputs := func(s *setting) []string {
		if s.f.DynamicInputs {
			return nil
		}
		return s.f.InputNames()
	}
	nodeOptions = []nodeOption{
		names("iterfield", workflow.MapNode, func(o *workflow.Options) *[]string { return &o.IterField }, inputs),
		flag("nested", workflow.MapNode, func(o *workflow.Options) *bool { return &o.Nested }),
		flag("serial", workflow.MapNode, func(o *workflow.Options) *bool { return &o.Serial }),
		{"joinsource", workflow.JoinNode, (*setting).joinSource, func(o *workflow.Options) starlark.Value { return starlark.String(o.JoinSource) }},
		names("joinfield", workflow.JoinNode, func(o *workflow.Options) *[]string { return &o.JoinField }, inputs),
		flag("unique", workflow.JoinNode, func(o *workflow.Options) *bool { return &o.Unique }),
		flag("synchronize", workflow.PlainNode, func(o *workflow.Options) *bool { return &o.Synchronize }),
		{"iterables", workflow.PlainNode, (*setting).iterables, showIterables},
		{"itersource", workflow.PlainNode, (*setting).iterSource, nil},
		{"overwrite", workflow.PlainNode, func(s *setting, v starlark.Value) { s.opts.Overwrite = s.tristate(v) }, nil},
		names("needed_outputs", workflow.PlainNode, func(o *workflow.Options) *[]string { return &o.KeepOutputs },
			func(s *setting) []string { return s.f.OutputNames() }),
		flag("run_without_submitting", workflow.PlainNode, func(o *workflow.Options) *bool { return &o.RunWithoutSubmitting }),
		{"n_procs", workflow.PlainNode, func(s *setting, v starlark.Value) { s.opts.NProcs = s.count(v, 1) },
			func(o *workflow.Options) starlark.Value { return starlark.MakeInt(max(o.NProcs, 1)) }},
		{"mem_gb", workflow.PlainNode, (*setting).memory, func(o *workflow.Options) starlark.Value { return starlark.Float(o.MemGB) }},
		{"timeout", workflow.PlainNode, (*setting).timeout, func(o *workflow.Options) starlark.Value { return starlark.Float(o.Timeout.Seconds()) }},
		{"retries", workflow.PlainNode, func(s *setting, v starlark.Value) { s.opts.Retries = s.count(v, 0) },
			func(o *workflow.Options) starlark.Value { return starlark.MakeInt(o.Retries) }},
		{"environ", workflow.PlainNode, (*setting).environ, nil},
		{"config", workflow.PlainNode, func(s *setting, v starlark.Value) { s.ld.readConfig(&s.opts.Config, v, s.at) }, nil},
		{"base_dir", workflow.PlainNode, func(s *setting, _ starlark.Value) {
			s.ld.warn(s.at(), "base_dir of a node means nothing here", "a workflow's nodes all live below the workflow's base_dir", "give it to the top workflow")
		}, nil},
	}
}

func textList(items []string) starlark.Value {
	out := make([]starlark.Value, len(items))
	for i, s := range items {
		out[i] = starlark.String(s)
	}
	return starlark.NewList(out)
}

// wrong records that the option can't be that.
func (s *setting) wrong(v starlark.Value, want, mend string, path ...int) {
	s.ld.problem(s.at(path...), fmt.Sprintf("%s of node %q must be %s, not %s", s.option, s.node, want, describe(v)), optionWhy(s.option), mend)
}

// optionWhy says what an option is for.
func optionWhy(option string) string {
	switch option {
	case "iterables":
		return "a node runs once for each value of its iterables"
	case "itersource":
		return "the values of another node choose among the lists of this one"
	case "iterfield":
		return "a MapNode runs once for each element of these inputs"
	case "joinsource", "joinfield":
		return "a JoinNode collects the branches of its joinsource in its joinfields"
	case "needed_outputs":
		return "these outputs are kept"
	case "n_procs":
		return "it is how many processors a run of the node claims"
	case "mem_gb":
		return "it is how much memory a run of the node claims"
	case "timeout":
		return "a run that takes longer is ended"
	case "retries":
		return "a run that fails is tried again so many times"
	case "environ":
		return "the variables are set for the node's command"
	}
	return "the option is a switch"
}

func (s *setting) flag(v starlark.Value) bool {
	b, ok := v.(starlark.Bool)
	if !ok {
		s.wrong(v, "True or False", fmt.Sprintf("write %s = True, or leave it out", s.option))
	}
	return bool(b)
}

func (s *setting) tristate(v starlark.Value) workflow.Tristate {
	switch {
	case v == starlark.None:
		return workflow.Unset
	case s.flag(v):
		return workflow.Yes
	}
	return workflow.No
}

func (s *setting) count(v starlark.Value, least int) int {
	i, ok := v.(starlark.Int)
	n, small := i.Int64()
	if !ok || !small || n < int64(least) || n > 1<<20 {
		s.wrong(v, fmt.Sprintf("an integer, %d or more", least), fmt.Sprintf("write %s = %d", s.option, least+1))
		return 0
	}
	return int(n)
}

func (s *setting) memory(v starlark.Value) {
	f, ok := starlark.AsFloat(v)
	if !ok || !(f > 0) || f > 1e6 {
		s.wrong(v, "a number of GiB above 0", "mem_gb = 1.5 claims one and a half GiB")
		return
	}
	s.opts.MemGB = f
}

func (s *setting) timeout(v starlark.Value) {
	mend := `seconds, or text such as "90m" or "2h"`
	if text, ok := starlark.AsString(v); ok {
		d, err := unit.ParseDuration(text)
		if err != nil || d <= 0 {
			s.wrong(v, "a length of time", mend)
			return
		}
		s.opts.Timeout = d
		return
	}
	f, ok := starlark.AsFloat(v)
	if !ok || !(f > 0) || f > 1e9 {
		s.wrong(v, "a length of time", mend)
		return
	}
	s.opts.Timeout = time.Duration(math.Round(f * float64(time.Second)))
}

func (s *setting) environ(v starlark.Value) {
	d, ok := v.(*starlark.Dict)
	if !ok {
		s.wrong(v, "a dictionary", `environ = {"OMP_NUM_THREADS": "1"}`)
		return
	}
	var env []workflow.EnvVar
	for i, kv := range d.Items() {
		name, isName := starlark.AsString(kv[0])
		text, isText := starlark.AsString(kv[1])
		switch {
		case !isName || name == "" || strings.ContainsAny(name, "=\x00"):
			s.ld.problem(s.at(2*i), fmt.Sprintf("environ of node %q: %s is not the name of a variable", s.node, describe(kv[0])), "names of variables are text without '='", "use letters, digits and '_'")
		case !isText || strings.Contains(text, "\x00"):
			s.ld.problem(s.at(2*i+1), fmt.Sprintf("environ of node %q: the value of %s must be text, not %s", s.node, name, describe(kv[1])), "variables of the environment are text", "put it in quotes")
		default:
			env = append(env, workflow.EnvVar{Name: name, Value: text})
		}
	}
	s.opts.Environ = workflow.SortEnv(env)
}

// names reads one name or a list of names; known ones only, where a list of
// those is given.
func (s *setting) names(v starlark.Value, known []string) []string {
	var out []string
	read := func(v starlark.Value, path ...int) {
		name, ok := starlark.AsString(v)
		switch {
		case !ok:
			s.wrong(v, "a name or a list of names", "put it in quotes", path...)
		case known != nil && !slices.Contains(known, name):
			s.ld.problem(s.at(path...), fmt.Sprintf("%s of node %q: %s has no %q", s.option, s.node, s.f.Name, name),
				listed("there are", known), diag.DidYouMean(name, known))
		case slices.Contains(out, name):
			s.ld.problem(s.at(path...), fmt.Sprintf("%s of node %q names %q twice", s.option, s.node, name), "each name counts once", "name it once")
		default:
			out = append(out, name)
		}
	}
	seq, ok := v.(starlark.Sequence)
	if _, isDict := v.(*starlark.Dict); !ok || isDict {
		if v != starlark.None {
			read(v)
		}
		return out
	}
	i := 0
	for e := range starlark.Elements(seq) {
		read(e, i)
		i++
	}
	return out
}

func (s *setting) joinSource(v starlark.Value) {
	switch v := v.(type) {
	case nodeValue:
		s.opts.JoinSource = v.node().Name()
	case starlark.String:
		s.opts.JoinSource = string(v)
	default:
		s.wrong(v, "a node or the name of one", "name the node whose iterables are collected")
	}
}
