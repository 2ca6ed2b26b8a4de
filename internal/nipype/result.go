package nipype

import (
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/value"
)

// support is the module of nipype that the classes of results lie in.
const support = "nipype.interfaces.base.support"

// traitsVersion is what the state of a HasTraits object says of the traits that
// wrote it. Its presence alone counts: since 3.0 the state is restored by
// setting every value.
const traitsVersion = "6.3.2"

// result writes nipype's InterfaceResult of the node.
func (n *Node) result(p *pickler) {
	p.global(support, "InterfaceResult")
	p.op(opEmptyTuple, opNewObj, opEmptyDict, opMark)
	p.text("_version")
	p.float(2)
	p.text("interface")
	if n.Map != nil {
		n.mapResult(p)
	} else {
		p.class(n.Class.Name)
		p.text("runtime")
		p.runtime(n, n.Dir, &n.Runtime)
		p.text("inputs")
		p.record(n.used())
		p.text("outputs")
		n.outputs(p)
		p.text("provenance")
		p.op(opNone)
	}
	p.op(opSetItems, opBuild)
}

// mapResult writes what the result of a MapNode holds after the name of its
// first field: for all but the outputs a list with one value for each element.
// In the outputs, what is nil within a list is Undefined.
func (n *Node) mapResult(p *pickler) {
	list := func(item func(i int, e MapResult)) {
		p.op(opEmptyList, opMark)
		i := 0
		for e := range n.Map.Elements {
			item(i, e)
			p.pause()
			i++
		}
		p.op(opAppends)
	}
	list(func(int, MapResult) { p.class(n.Class.Name) })
	p.text("runtime")
	list(func(i int, e MapResult) { p.runtime(n, n.elementDir(i), &e.Runtime) })
	p.text("inputs")
	list(func(_ int, e MapResult) { p.record(e.Used) })
	p.text("outputs")
	if n.Class.OutputSpec == "" {
		p.op(opNone)
	} else {
		p.bunch(func() {
			for _, name := range n.Class.Outputs {
				p.text(name)
				p.value(n.Outputs.Get(name))
			}
		})
	}
	p.text("provenance")
	list(func(int, MapResult) { p.op(opNone) })
}

// outputs writes the outputs of a node, an object of its output spec. Unpickling
// calls no constructor, so that all that are undefined have to be said, too.
func (n *Node) outputs(p *pickler) {
	if n.Class.OutputSpec == "" {
		p.op(opNone)
		return
	}
	p.class(n.Class.OutputSpec)
	p.op(opEmptyTuple, opNewObj, opEmptyDict, opMark)
	for _, name := range n.Class.Outputs {
		p.text(name)
		p.value(n.stored(name))
	}
	p.text("__traits_version__")
	p.text(traitsVersion)
	p.op(opSetItems, opBuild)
}

// stored gives an output as the state of its spec holds it. The lone value of
// an OutputMultiPath needs no list around it: it is set through its trait.
func (n *Node) stored(name string) value.Value {
	v := n.Outputs.Get(name)
	if n.Settings.RelativePaths {
		if o := n.Class.Interface.Output(name); o != nil && o.Type.IsPath() {
			return value.Map(v, func(path string) string { return relativeTo(n.Dir, path) })
		}
	}
	return v
}

// relativeTo gives a path below dir relative to it, others as they are.
func relativeTo(dir, path string) string {
	if path == dir {
		return "."
	}
	if rest, ok := strings.CutPrefix(path, dir+"/"); ok {
		return rest
	}
	return path
}

// class is a class by the name of its module and its own.
func (p *pickler) class(name string) {
	i := strings.LastIndexByte(name, '.')
	p.global(name[:max(i, 0)], name[i+1:])
}

// bunch is nipype's Bunch; fields writes names and values.
func (p *pickler) bunch(fields func()) {
	p.global(support, "Bunch")
	p.op(opEmptyTuple, opNewObj, opEmptyDict, opMark)
	fields()
	p.op(opSetItems, opBuild)
}

// runtime writes the Bunch that nipype keeps of a command. Its libraries are not
// looked up, as with get_linked_libs off.
func (p *pickler) runtime(n *Node, dir string, r *Runtime) {
	texts := func(pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			p.text(pairs[i])
			p.text(pairs[i+1])
		}
	}
	stdout, stderr, merged := r.terminal()
	p.bunch(func() {
		texts("cwd", dir)
		p.text("duration")
		p.float(r.seconds())
		texts("endTime", isoTime(r.End))
		p.text("environ")
		p.environ(r.Environ)
		texts("hostname", r.Hostname, "interface", n.Class.shortName(), "platform", r.Platform, "prevcwd", n.Settings.Cwd)
		p.text("redirect_x")
		p.bool(r.RedirectX)
		texts("resmon", "off")
		p.text("returncode")
		if n.Class.runsCommand() {
			p.int(int64(r.ReturnCode))
		} else {
			p.op(opNone)
		}
		texts("startTime", isoTime(r.Start))
		p.text("version")
		if r.Version == "" {
			p.op(opNone)
		} else {
			p.text(r.Version)
		}
		if !n.Class.runsCommand() {
			return
		}
		texts("cmdline", r.CommandLine, "stdout", stdout, "stderr", stderr)
		p.text("success_codes")
		p.value(n.Class.successCodes())
		texts("command_path", r.CommandPath, "dependencies", "<skipped>", "merged", merged)
	})
}

// environ is the environment as a dictionary, one object for all elements of a
// MapNode that share it.
func (p *pickler) environ(env []string) {
	var name *string
	if len(env) > 0 {
		name = &env[0]
	}
	if p.recall(name) {
		return
	}
	p.op(opEmptyDict)
	p.keep(name)
	p.op(opMark)
	for _, e := range env {
		key, v, _ := strings.Cut(e, "=")
		p.text(key)
		p.text(v)
	}
	p.op(opSetItems)
}

func (r *Runtime) seconds() float64 { return r.End.Sub(r.Start).Round(time.Microsecond).Seconds() }

func (c *Class) shortName() string { return c.Name[strings.LastIndexByte(c.Name, '.')+1:] }

// runsCommand tells a command line from what nipype does in Python alone.
func (c *Class) runsCommand() bool { return c.Interface.Command != nil }

func (c *Class) successCodes() value.Tuple {
	if len(c.Interface.Command.SuccessCodes) == 0 {
		return value.Tuple{value.Int(0)}
	}
	var out value.Tuple
	for _, code := range c.Interface.Command.SuccessCodes {
		out = append(out, value.Int(code))
	}
	return out
}
