package iface

import (
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// A stream says where an input that is a redirection sends what the command
// prints: there is no shell to do it.
type stream uint8

const (
	noStream   stream = iota
	stdoutFile        // "> %s"
	stderrFile        // "2> %s"
	bothFile          // "|& tee %s", "&> %s"
)

// An argument is an input's argstr, read once when the interface is built.
type argument struct {
	pieces      []piece
	conversions int
	repeat      bool // ended in "...": the template applies to each element
	stream      stream
}

var redirections = []struct {
	text string
	to   stream
}{
	{"|& tee ", bothFile}, {"&> ", bothFile}, {"2> ", stderrFile}, {"> ", stdoutFile},
}

// parseArgument reads an argstr. A redirection may follow a plain flag.
func parseArgument(argstr string) (argument, error) {
	var a argument
	text := argstr
	for _, r := range redirections {
		if before, after, found := strings.Cut(text, r.text); found {
			if strings.TrimSpace(after) != "%s" {
				return a, fmt.Errorf("template %q: %sgoes before a lone %%s", argstr, r.text)
			}
			a.stream, text = r.to, strings.TrimSpace(before)
			break
		}
	}
	if strings.Contains(text, "...") {
		a.repeat = true
		text = strings.ReplaceAll(text, "...", "")
	}
	var err error
	if a.pieces, err = parseFormat(text); err != nil {
		return a, err
	}
	for _, p := range a.pieces {
		if p.conv != nil {
			a.conversions++
		}
	}
	return a, nil
}

// arguments gives what an input adds to the argument vector.
func (s *scope) arguments(in *Input, v value.Value) ([]string, error) {
	if in.Transform != nil {
		got, err := in.Transform.Call([]value.Value{v}, s)
		if _, none := got.(value.None); none || err != nil {
			return nil, err
		}
		v = got
	}
	if in.Instead != nil {
		if !isOn(v) {
			return nil, nil
		}
		got, err := in.Instead.eval(s)
		if got == nil || err != nil {
			return nil, err
		}
		v = got
	}
	if in.Relative {
		v = value.Map(v, s.relative)
	}
	switch {
	case in.Format != nil:
		got, err := in.Format.Call([]value.Value{v}, s)
		if err != nil {
			return nil, err
		}
		return formatted(got)
	case len(in.Choices) > 0:
		return in.chosen(v)
	}
	a := &in.arg
	if b, isBool := v.(value.Bool); isBool && a.conversions == 0 {
		if !b {
			return nil, nil
		}
		return splitWords(literal(a)), nil
	}
	if a.conversions == 0 {
		if len(a.pieces) == 0 {
			return nil, nil
		}
		return nil, fmt.Errorf("template %q has no place for %s", in.Argstr, describe(v))
	}
	if in.Auto != nil && v == value.Bool(false) {
		return nil, nil
	}
	frags, err := a.expand(in.Type, in.mapped(v), in.sep())
	return splitWords(frags), err
}

// formatted gives the arguments that a format function made: of a string the
// words, of a list the elements as they are.
func formatted(v value.Value) ([]string, error) {
	switch v := v.(type) {
	case nil, value.None:
		return nil, nil
	case value.String:
		return splitWords([]fragment{{string(v), words}}), nil
	}
	items, ok := value.Items(v)
	if !ok {
		return nil, fmt.Errorf("its function gave %s, want a string, a list of strings or None", describe(v))
	}
	out := make([]string, len(items))
	for i, e := range items {
		out[i] = value.Text(e)
	}
	return out, nil
}

// chosen gives the argument that the tool file lists for a value.
func (in *Input) chosen(v value.Value) ([]string, error) {
	items := []value.Value{v}
	if list, ok := v.(value.List); ok {
		items = list
	}
	var frags []fragment
	for i, e := range items {
		text, ok := lookup(in.Choices, e)
		if !ok {
			return nil, fmt.Errorf("no argument is listed for %s", describe(e))
		}
		if i > 0 {
			frags = append(frags, fragment{in.sep(), template})
		}
		if s, isText := text.(value.String); isText {
			frags = append(frags, fragment{string(s), template})
		}
	}
	return splitWords(frags), nil
}

func lookup(table []Choice, v value.Value) (value.Value, bool) {
	for _, c := range table {
		if contains([]value.Value{c.Value}, v) {
			return c.Text, true
		}
	}
	return nil, false
}

// mapped replaces values by what Map lists for them.
func (in *Input) mapped(v value.Value) value.Value {
	if len(in.Map) == 0 {
		return v
	}
	if items, ok := v.(value.List); ok {
		out := make(value.List, len(items))
		for i, e := range items {
			out[i] = in.mapped(e)
		}
		return out
	}
	if to, ok := lookup(in.Map, v); ok {
		return to
	}
	return v
}

func (in *Input) sep() string {
	if in.Sep == "" {
		return " "
	}
	return in.Sep
}

func literal(a *argument) []fragment {
	var out []fragment
	for _, p := range a.pieces {
		out = append(out, fragment{p.text, template})
	}
	return out
}

// expand fills the template with a value.
func (a *argument) expand(t Type, v value.Value, sep string) ([]fragment, error) {
	items, isList := v.(value.List)
	if !a.repeat {
		return a.once(t, v, sep)
	}
	if !isList {
		items = value.List{v}
	}
	var out []fragment
	for i, e := range items {
		if i > 0 {
			out = append(out, fragment{sep, template})
		}
		frags, err := a.once(t.element(), e, sep)
		if err != nil {
			return nil, err
		}
		out = append(out, frags...)
	}
	return out, nil
}

// once fills the template with one value; a tuple, or a list of the right
// length, is spread over several conversions.
func (a *argument) once(t Type, v value.Value, sep string) ([]fragment, error) {
	t = t.narrow(v)
	parts, spread := value.Items(v)
	spread = spread && a.conversions > 1
	if a.conversions > 1 && len(parts) != a.conversions {
		return nil, fmt.Errorf("its template has %d places, got %s", a.conversions, describe(v))
	}
	var out []fragment
	next := 0
	for _, p := range a.pieces {
		if p.conv == nil {
			out = append(out, fragment{p.text, template})
			continue
		}
		e, et := v, t
		if spread {
			e, et = parts[next], t.elementAt(next)
			next++
		}
		frags, err := p.conv.fragments(et, e, sep)
		if err != nil {
			return nil, err
		}
		out = append(out, frags...)
	}
	return out, nil
}

// fragments gives the text of one value in one conversion.
func (c *conversion) fragments(t Type, v value.Value, sep string) ([]fragment, error) {
	t = t.narrow(v)
	items, isSeq := value.Items(v)
	if isSeq {
		var out []fragment
		for i, e := range items {
			if i > 0 {
				out = append(out, fragment{sep, template})
			}
			et := t.elementAt(i)
			if _, nested := value.Items(e); nested {
				out = append(out, fragment{value.Text(e), words}) // Python's text of a list, as nipype has it
				continue
			}
			frags, err := c.fragments(et, e, sep)
			if err != nil {
				return nil, err
			}
			out = append(out, frags...)
		}
		return out, nil
	}
	text, err := c.format(v)
	if err != nil {
		return nil, err
	}
	if t.Kind == List || t.Kind == Multi { // a function made one value of the list
		t = t.elementAt(0).narrow(v)
	}
	kind := verbatim
	if _, isText := v.(value.String); isText && t.Kind != File && t.Kind != Dir {
		kind = words
	}
	if _, isDict := v.(value.Dict); isDict {
		kind = words
	}
	return []fragment{{text, kind}}, nil
}

// narrow gives the alternative of an Either that takes v, else t.
func (t Type) narrow(v value.Value) Type {
	for t.Kind == Either {
		alt, ok := t.alternative(v)
		if !ok {
			return Type{}
		}
		t = alt
	}
	return t
}

// element gives the type of a list's elements, Any where it is not known.
func (t Type) element() Type { return t.elementAt(0) }

func (t Type) elementAt(i int) Type {
	switch {
	case t.Kind == Either:
		for _, alt := range t.Of {
			if alt.isSequence() {
				return alt.elementAt(i)
			}
		}
	case t.Kind == Tuple && i < len(t.Of):
		return t.Of[i]
	case (t.Kind == List || t.Kind == Multi) && len(t.Of) > 0:
		return t.Of[0]
	}
	return Type{}
}
