package toolfile

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
)

// A port is what file("in_file", ...) and its like give: an input or an
// output, whichever list it is put in.
type port struct {
	kind  string // the constructor: "file", "flag", ...
	name  string
	typ   iface.Type
	arg   starlark.Value            // the second argument: argstr or template; nil: none
	opts  map[string]starlark.Value // the options by name
	pos   diag.Pos
	doubt bool // had a fault already: say nothing more
}

func (p *port) String() string        { return fmt.Sprintf("%s(%q)", p.kind, p.name) }
func (p *port) Type() string          { return "port" }
func (p *port) Freeze()               {}
func (p *port) Truth() starlark.Bool  { return true }
func (p *port) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: port") }

// inputOptions, outputOptions and typeOptions are what constructors take by
// name beside the first arguments.
var (
	sharedOptions = []string{"help", "units", "when", "unless"}
	inputOptions  = []string{
		"pos", "mandatory", "default", "auto", "sep", "xor", "requires", "map", "value", "key", "copy", "threads", "relative",
		"since", "until", "deprecated", "renamed",
	}
	outputOptions = []string{"optional"}
	typeOptions   = []string{"low", "high", "above", "below", "least", "most", "exactly", "ext", "only_list"}
)

// kinds are the constructors of ports and their types.
var kinds = map[string]iface.Type{
	"flag":    {Kind: iface.Bool},
	"text":    {Kind: iface.Str},
	"integer": {Kind: iface.Int},
	"real":    {Kind: iface.Float},
	"choice":  {Kind: iface.Enum},
	"file":    pathType("file"),
	"path":    pathType("path"),
	"dir":     pathType("dir"),
	"folder":  pathType("folder"),
	"flags":   listOf(iface.Type{Kind: iface.Bool}),
	"texts":   listOf(iface.Type{Kind: iface.Str}),
	"ints":    listOf(iface.Type{Kind: iface.Int}),
	"reals":   listOf(iface.Type{Kind: iface.Float}),
	"choices": listOf(iface.Type{Kind: iface.Enum}),
	"files":   listOf(pathType("file")),
	"paths":   listOf(pathType("path")),
	"dirs":    listOf(pathType("dir")),
	"folders": listOf(pathType("folder")),
	"typed":   {},
	"auto":    {Kind: iface.Either, Of: []iface.Type{{Kind: iface.Bool}, {Kind: iface.File}}},
}

func listOf(t iface.Type) iface.Type { return iface.Type{Kind: iface.Multi, Of: []iface.Type{t}} }

// thirdArgument names what some constructors take third.
var thirdArgument = map[string]string{"choice": "values", "choices": "values", "typed": "type", "auto": "auto"}

// newPort is every constructor of ports.
func newPort(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	kind := b.Name()
	s, err := sessionOf(thread, kind)
	if err != nil {
		return nil, err
	}
	pos, _ := caller(thread, kind)
	p := &port{kind: kind, typ: kinds[kind], pos: pos, opts: map[string]starlark.Value{}}
	third := thirdArgument[kind]
	for i, a := range args {
		switch {
		case i == 0:
			if name, ok := starlark.AsString(a); ok && isIdentifier(name) {
				p.name = name
				continue
			}
			s.portFault(p, fmt.Sprintf("%s wants a name first, got %s", kind, a), "names are made of letters, digits and underscores", fmt.Sprintf("write %s(\"in_file\", ...)", kind))
			p.name = "_"
		case i == 1:
			p.arg = a
		case i == 2 && third != "":
			p.opts[third] = a
		default:
			s.portFault(p, fmt.Sprintf("%s(%q) has too many arguments", kind, p.name), "after the template everything is given by name", "write name = value")
		}
	}
	if len(args) == 0 {
		s.portFault(p, kind+" wants a name", "a port is set and connected by its name", fmt.Sprintf(`as in %s("in_file", ...)`, kind))
	}
	known := slices.Concat(sharedOptions, inputOptions, outputOptions, typeOptions, []string{third, "arg"})
	for _, kw := range kwargs {
		name, _ := starlark.AsString(kw[0])
		switch {
		case !slices.Contains(known, name) || name == "":
			s.portFault(p, fmt.Sprintf("%s(%q) has no option %q", kind, p.name, name), "its options are "+strings.Join(known, ", "), diag.DidYouMean(name, known))
		case name == "arg":
			p.arg = kw[1]
		default:
			p.opts[name] = kw[1]
		}
	}
	s.completeType(p)
	return p, nil
}

func isIdentifier(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}

func (s *Session) portFault(p *port, what, why, mend string) {
	if !p.doubt {
		s.fault(p.pos, what, why, mend)
	}
	p.doubt = true
}

// bad reports an option of the wrong kind.
func (s *Session) bad(p *port, option, want string) {
	s.portFault(p, fmt.Sprintf("%s(%q): %s is %s", p.kind, p.name, option, short(p.opts[option])), "want "+want, "change "+option)
}

func short(v starlark.Value) string {
	text := v.String()
	if r := []rune(text); len(r) > 60 {
		text = string(r[:57]) + "..."
	}
	return text
}

// completeType applies the options that are about the type.
func (s *Session) completeType(p *port) {
	if t, ok := p.opts["type"]; ok || p.kind == "typed" {
		text, isText := "", false
		if ok {
			text, isText = starlark.AsString(t)
		}
		if !isText {
			s.portFault(p, fmt.Sprintf("typed(%q) wants a type", p.name), "it stands third, behind the template", `as in typed("x", "-x %s", "int | file")`)
			return
		}
		var err error
		if p.typ, err = parseType(text); err != nil {
			s.portFault(p, fmt.Sprintf("typed(%q): %s", p.name, err), "types are combined of those that doc/interfaces.md lists", "correct the type")
		}
	}
	list := &p.typ
	element := &p.typ
	if p.typ.Kind == iface.Multi {
		p.typ.Of = slices.Clone(p.typ.Of)
		element = &p.typ.Of[0]
	}
	if element.Kind == iface.Enum && p.kind != "typed" {
		s.completeChoice(p, element)
	}
	s.completeRange(p, element)
	s.completeLength(p, list)
	if exts := s.strings(p, "ext"); exts != nil {
		element.Extensions = exts
	}
	if s.boolean(p, "only_list") {
		list.Kind = iface.List
	}
}

// completeChoice takes the values of a choice: listed, or the keys of a map.
func (s *Session) completeChoice(p *port, t *iface.Type) {
	values, ok := p.opts["values"]
	if !ok {
		for _, v := range []starlark.Value{p.arg, p.opts["map"]} {
			if d, isDict := v.(*starlark.Dict); isDict {
				values = starlark.NewList(d.Keys())
			}
		}
	}
	got, err := fromIterable(values)
	if err != nil || len(got) == 0 {
		s.portFault(p, fmt.Sprintf("%s(%q) wants its values", p.kind, p.name), "they stand third, or in place of the template", `as in choice("x", "-x %s", ["a", "b"]), or choice("x", {"a": "-a", "b": "-b"})`)
		return
	}
	t.Enum = got
}

func fromIterable(v starlark.Value) ([]value.Value, error) {
	if _, ok := v.(starlark.Iterable); !ok {
		return nil, fmt.Errorf("want a list")
	}
	got, err := starfn.FromStarlark(v)
	if err != nil {
		return nil, err
	}
	items, _ := value.Items(got)
	return items, nil
}

func (s *Session) completeRange(p *port, t *iface.Type) {
	low, above := s.number(p, "low"), s.number(p, "above")
	high, below := s.number(p, "high"), s.number(p, "below")
	if low == nil && above == nil && high == nil && below == nil {
		return
	}
	if t.Kind != iface.Int && t.Kind != iface.Float {
		s.portFault(p, fmt.Sprintf("%s(%q) has bounds", p.kind, p.name), "only numbers have", "take them away, or use integer() or real()")
		return
	}
	r := iface.Type{Kind: iface.Range, Integer: t.Kind == iface.Int, Low: low, High: high}
	if above != nil {
		r.Low, r.ExcludeLow = above, true
	}
	if below != nil {
		r.High, r.ExcludeHigh = below, true
	}
	*t = r
}

func (s *Session) completeLength(p *port, t *iface.Type) {
	least, most, exactly := s.number(p, "least"), s.number(p, "most"), s.number(p, "exactly")
	if least == nil && most == nil && exactly == nil {
		return
	}
	if t.Kind != iface.Multi && t.Kind != iface.List {
		s.portFault(p, fmt.Sprintf("%s(%q) has a length", p.kind, p.name), "only lists have", "take it away, or use a list such as texts()")
		return
	}
	if exactly != nil {
		least, most = exactly, exactly
	}
	if least != nil {
		t.MinLen = int(*least)
	}
	if most != nil {
		t.MaxLen = int(*most)
	}
}

// number, str, boolean and strings read an option of that type.

func (s *Session) number(p *port, option string) *float64 {
	v, ok := p.opts[option]
	if !ok {
		return nil
	}
	f, ok := starlark.AsFloat(v)
	if !ok {
		s.bad(p, option, "a number")
		return nil
	}
	return &f
}

func (s *Session) str(p *port, option string) string {
	v, ok := p.opts[option]
	if !ok {
		return ""
	}
	text, ok := starlark.AsString(v)
	if !ok {
		s.bad(p, option, "a string")
	}
	return text
}

func (s *Session) boolean(p *port, option string) bool {
	v, ok := p.opts[option]
	if !ok {
		return false
	}
	b, ok := v.(starlark.Bool)
	if !ok {
		s.bad(p, option, "True or False")
	}
	return bool(b)
}

// strings takes a string for a list of one.
func (s *Session) strings(p *port, option string) []string {
	v, ok := p.opts[option]
	if !ok {
		return nil
	}
	out, ok := stringList(v)
	if !ok {
		s.bad(p, option, "a string or a list of strings")
	}
	return out
}

func stringList(v starlark.Value) ([]string, bool) {
	if text, ok := starlark.AsString(v); ok {
		return []string{text}, true
	}
	seq, ok := v.(starlark.Iterable)
	if !ok {
		return nil, false
	}
	var out []string
	for e := range starlark.Elements(seq) {
		text, ok := starlark.AsString(e)
		if !ok {
			return nil, false
		}
		out = append(out, text)
	}
	return out, true
}
