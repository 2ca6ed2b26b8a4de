package task

import (
	"errors"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/key"
	"github.com/raphe-org/raphe/internal/pyworker"
	"github.com/raphe-org/raphe/internal/value"
)

// fit checks the inputs of a node that is to run as a tool. Where the catalogue
// can't do with them, nipype runs it: it may find more in them, or says what is
// wrong in its own words.
func (r *Runner) fit(k *look) error {
	if k.iface.Python != nil {
		return nil
	}
	k.handed = k.inputs
	set, err := accept(k.iface, k.inputs, k.dir, k.glance)
	if err == nil {
		err = r.plain(k, set)
	}
	if slices.ContainsFunc(k.inputs, func(f value.Field) bool { return pyworker.Opaque(f.Value) }) {
		err = errOpaque
	}
	switch {
	case err == nil:
		k.inputs = set
	case k.foreign.part:
		return err
	default:
		k.iface = k.foreign.Otherwise
	}
	return nil
}

// errOpaque says that an input is known to Python alone.
var errOpaque = errors.New("a value of its inputs has no form outside Python")

// errShell says that nipype's shell would read a command line in its own way.
var errShell = errors.New("a shell would change its command line")

// plain makes sure that the command of a tool is the one that nipype, which hands
// it to a shell, would run. Most inputs hold nothing that a shell looks at.
func (r *Runner) plain(k *look, set value.Record) error {
	suspect := false
	for _, f := range set {
		in := k.iface.Input(f.Name)
		if strings.ContainsAny(in.Argstr, "\"'\\$`") { // nipype would keep them in what it writes down
			return errShell
		}
		if in.Argstr != "" || in.Format != nil || len(in.Choices) > 0 {
			value.Walk(f.Value, func(s string) { suspect = suspect || iface.HasShellText(s) })
		}
	}
	if !suspect {
		return nil
	}
	line, err := k.iface.CommandLine(set, iface.Context{
		Dir: k.dir, NProcs: k.options.NProcs, Version: r.tools.version(k.iface, r.opts.Environ, k.env),
		Getenv: func(name string) (string, bool) { return r.getenv(name, k.env) },
	})
	if err == nil {
		if _, ok := line.Plain(); !ok {
			err = errShell
		}
	}
	return err
}

// facts gives what the result of a unit depends on beside its inputs: what its
// blob holds, which is more than they are; of a tool, of which the inputs say
// all, the outputs that nipype keeps.
func (r *Runner) facts(k *look) []key.Fact {
	switch {
	case k.foreign == nil:
		return nil
	case k.iface.Python != nil:
		return []key.Fact{{Name: "the node itself", Text: k.foreign.digest[:min(len(k.foreign.digest), 16)]}}
	case r.door.removesUnnecessary(k.node) && len(k.options.KeepOutputs) > 0:
		return []key.Fact{{Name: "the list of needed outputs", Text: strings.Join(k.options.KeepOutputs, ", ")}}
	}
	return nil
}
