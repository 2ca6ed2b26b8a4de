package toolfile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// parseType reads the small language of types, for ports that have no
// constructor of their own:
//
//	any bool int float str dict     as in Python
//	file dir                        a path that must exist
//	path folder                     a path that need not
//	'a' 3 None                      this very value; 'a' | 'b' is a choice
//	T | U                           either, tried in order
//	(T, U)                          a tuple
//	[T]                             a list, or one T, which becomes a list of one
//	list[T]                         a list and nothing else
//	[T; 3] [T; 2..5] [T; ..3]       with so many elements
//	int(0..10) float(0<..1) ...     a range; < leaves the bound itself out
func parseType(text string) (iface.Type, error) {
	p := typeParser{text: text}
	t, err := p.either()
	if err == nil && p.peek() != 0 {
		err = p.unexpected()
	}
	if err != nil {
		return iface.Type{}, fmt.Errorf("type %q: %w", text, err)
	}
	return t, nil
}

type typeParser struct {
	text string
	at   int
}

func (p *typeParser) peek() byte {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

func (p *typeParser) take(s string) bool {
	p.peek()
	if strings.HasPrefix(p.text[p.at:], s) {
		p.at += len(s)
		return true
	}
	return false
}

func (p *typeParser) unexpected() error {
	if p.peek() == 0 {
		return fmt.Errorf("unexpected end")
	}
	return fmt.Errorf("unexpected %q", p.text[p.at:])
}

func (p *typeParser) either() (iface.Type, error) {
	var alts []iface.Type
	for {
		t, err := p.one()
		if err != nil {
			return t, err
		}
		// 'a' | 'b' is one choice.
		if n := len(alts) - 1; n >= 0 && t.Kind == iface.Enum && alts[n].Kind == iface.Enum {
			alts[n].Enum = append(alts[n].Enum, t.Enum...)
		} else {
			alts = append(alts, t)
		}
		if !p.take("|") {
			break
		}
	}
	if len(alts) == 1 {
		return alts[0], nil
	}
	return iface.Type{Kind: iface.Either, Of: alts}, nil
}

func (p *typeParser) one() (iface.Type, error) {
	switch c := p.peek(); {
	case c == '[':
		return p.list(iface.Multi)
	case c == '(':
		return p.tuple()
	case c == '\'' || c == '"':
		return p.quoted(c)
	case c == '-' || c >= '0' && c <= '9':
		v, err := p.number()
		return iface.Type{Kind: iface.Enum, Enum: []value.Value{v}}, err
	}
	return p.word()
}

func (p *typeParser) word() (iface.Type, error) {
	start := p.at
	if p.take("None") {
		return iface.Type{Kind: iface.Enum, Enum: []value.Value{value.None{}}}, nil
	}
	for p.at < len(p.text) && p.text[p.at] >= 'a' && p.text[p.at] <= 'z' {
		p.at++
	}
	switch name := p.text[start:p.at]; name {
	case "any":
		return iface.Type{}, nil
	case "bool":
		return iface.Type{Kind: iface.Bool}, nil
	case "str":
		return iface.Type{Kind: iface.Str}, nil
	case "dict":
		return iface.Type{Kind: iface.Dict}, nil
	case "file", "dir", "path", "folder":
		return pathType(name), nil
	case "list":
		return p.list(iface.List)
	case "int":
		return p.bounds(iface.Type{Kind: iface.Int})
	case "float":
		return p.bounds(iface.Type{Kind: iface.Float})
	case "":
		return iface.Type{}, p.unexpected()
	default:
		return iface.Type{}, fmt.Errorf("%q is no type; there are any, bool, int, float, str, dict, file, path, dir, folder, list[...]", name)
	}
}

func pathType(name string) iface.Type {
	switch name {
	case "file":
		return iface.Type{Kind: iface.File, Exists: true}
	case "path":
		return iface.Type{Kind: iface.File}
	case "dir":
		return iface.Type{Kind: iface.Dir, Exists: true}
	}
	return iface.Type{Kind: iface.Dir}
}

// bounds reads (low..high) after int or float, if it is there.
func (p *typeParser) bounds(t iface.Type) (iface.Type, error) {
	if !p.take("(") {
		return t, nil
	}
	r := iface.Type{Kind: iface.Range, Integer: t.Kind == iface.Int}
	var err error
	if r.Low, err = p.bound(); err != nil {
		return r, err
	}
	r.ExcludeLow = p.take("<")
	if !p.take("..") {
		return r, p.unexpected()
	}
	r.ExcludeHigh = p.take("<")
	if r.High, err = p.bound(); err != nil {
		return r, err
	}
	if !p.take(")") {
		return r, p.unexpected()
	}
	return r, nil
}

func (p *typeParser) bound() (*float64, error) {
	if c := p.peek(); c != '-' && (c < '0' || c > '9') {
		return nil, nil
	}
	v, err := p.number()
	if err != nil {
		return nil, err
	}
	f := 0.0
	switch v := v.(type) {
	case value.Int:
		f = float64(v)
	case value.Float:
		f = float64(v)
	}
	return &f, nil
}

// number reads an integer or a float; two points are no part of it.
func (p *typeParser) number() (value.Value, error) {
	p.peek()
	start := p.at
	for p.at < len(p.text) {
		c := p.text[p.at]
		if c == '.' && strings.HasPrefix(p.text[p.at:], "..") {
			break
		}
		if (c < '0' || c > '9') && c != '.' && c != 'e' && (c != '-' || p.at > start && p.text[p.at-1] != 'e') {
			break
		}
		p.at++
	}
	text := p.text[start:p.at]
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return value.Int(i), nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no number", text)
	}
	return value.Float(f), nil
}

func (p *typeParser) quoted(mark byte) (iface.Type, error) {
	end := strings.IndexByte(p.text[p.at+1:], mark)
	if end < 0 {
		return iface.Type{}, fmt.Errorf("a quotation mark without its partner")
	}
	text := p.text[p.at+1 : p.at+1+end]
	p.at += end + 2
	return iface.Type{Kind: iface.Enum, Enum: []value.Value{value.String(text)}}, nil
}

func (p *typeParser) tuple() (iface.Type, error) {
	p.take("(")
	t := iface.Type{Kind: iface.Tuple}
	for !p.take(")") {
		if len(t.Of) > 0 && !p.take(",") {
			return t, p.unexpected()
		}
		if p.take(")") { // (T,)
			break
		}
		e, err := p.either()
		if err != nil {
			return t, err
		}
		t.Of = append(t.Of, e)
	}
	return t, nil
}

func (p *typeParser) list(kind iface.TypeKind) (iface.Type, error) {
	if !p.take("[") {
		return iface.Type{}, p.unexpected()
	}
	e, err := p.either()
	if err != nil {
		return e, err
	}
	t := iface.Type{Kind: kind, Of: []iface.Type{e}}
	if p.take(";") {
		low, err := p.bound()
		if err != nil {
			return t, err
		}
		high := low
		if p.take("..") {
			if high, err = p.bound(); err != nil {
				return t, err
			}
		}
		if low != nil {
			t.MinLen = int(*low)
		}
		if high != nil {
			t.MaxLen = int(*high)
		}
	}
	if !p.take("]") {
		return t, p.unexpected()
	}
	return t, nil
}
