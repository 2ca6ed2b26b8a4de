package iface

import (
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// Text is a template: literal text and fields in braces, as in
// "{in_file:stem}_{i:03d}.nii". It has no value when one of its fields has none.
type Text []TextPart

// A TextPart is a literal, or the field of an input.
type TextPart struct {
	Literal string
	Field   string // "" for a literal; "ext" is also the extension by the interface's rule
	Spec    string // stem, name, dir, ext, root, or a printf specification without its %
}

// ParseText reads a template. {{ and }} are braces.
func ParseText(s string) (Text, error) {
	var out Text
	var lit strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		doubled := i+1 < len(s) && s[i+1] == c
		switch {
		case (c == '{' || c == '}') && doubled:
			lit.WriteByte(c)
			i++
		case c == '}':
			return nil, fmt.Errorf("template %q: a } without its {", s)
		case c == '{':
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, fmt.Errorf("template %q: a { without its }", s)
			}
			if lit.Len() > 0 {
				out = append(out, TextPart{Literal: lit.String()})
				lit.Reset()
			}
			name, spec, _ := strings.Cut(s[i+1:i+end], ":")
			part := TextPart{Field: name, Spec: spec}
			if err := part.check(); err != nil {
				return nil, fmt.Errorf("template %q: %w", s, err)
			}
			out = append(out, part)
			i += end
		default:
			lit.WriteByte(c)
		}
	}
	if lit.Len() > 0 {
		out = append(out, TextPart{Literal: lit.String()})
	}
	return out, nil
}

func (p *TextPart) check() error {
	if p.Field == "" {
		return fmt.Errorf("an empty field {}")
	}
	switch p.Spec {
	case "", "stem", "name", "dir", "ext", "root":
		return nil
	}
	if _, n, err := parseConversion(p.Spec); err != nil || n != len(p.Spec) {
		return fmt.Errorf("{%s:%s}: want stem, name, dir, ext, root, or a format such as 03d", p.Field, p.Spec)
	}
	return nil
}

func (t Text) refs(fn func(string)) {
	for _, p := range t {
		if p.Field != "" && p.Field != "ext" {
			fn(p.Field)
		}
	}
}

// fill gives the text for the inputs of s, and whether all fields had a value.
func (t Text) fill(s *scope) (string, bool, error) {
	var b strings.Builder
	for _, p := range t {
		if p.Field == "" {
			b.WriteString(p.Literal)
			continue
		}
		text, ok, err := p.fill(s)
		if err != nil || !ok {
			return "", false, err
		}
		b.WriteString(text)
	}
	return b.String(), true, nil
}

func (p *TextPart) fill(s *scope) (string, bool, error) {
	if p.Field == "ext" && s.f.Input("ext") == nil {
		ext, _, err := s.f.extension(s)
		return ext, err == nil, err
	}
	v, err := s.get(p.Field)
	if err != nil || !isOn(v) {
		return "", false, err
	}
	if _, isSeq := value.Items(v); isSeq {
		v = firstOf(v)
	}
	text := value.Text(v)
	stem, ext := SplitExt(text)
	switch p.Spec {
	case "":
		return text, true, nil
	case "stem":
		return BaseName(stem), true, nil
	case "name":
		return BaseName(text), true, nil
	case "dir":
		if dir := DirName(text); dir != "" {
			return dir, true, nil
		}
		return ".", true, nil
	case "ext":
		return ext, true, nil
	case "root":
		return stem, true, nil
	}
	c, _, err := parseConversion(p.Spec)
	if err != nil {
		return "", false, err
	}
	out, err := c.format(v)
	return out, err == nil, err
}
