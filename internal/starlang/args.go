package starlang

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
)

// An Arg is one argument of a definition, declared with arg(): on the command
// line --bids-dir for "bids_dir".
type Arg struct {
	Name     string
	Type     string // str, int, float, bool, file, dir or list
	Default  value.Value
	Required bool
	Help     string
	Choices  []value.Value
	Pos      diag.Pos
}

// Flag gives the name as it stands on the command line, without dashes before.
func (a *Arg) Flag() string { return strings.ReplaceAll(a.Name, "_", "-") }

var argTypes = []string{"str", "int", "float", "bool", "file", "dir", "list"}

// arg answers arg("name", ...): what the command line says, or the default.
func (ld *loader) arg(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	b := s.bind([]string{"name", "type", "default", "required", "help", "choices"}, args, kwargs)
	a := Arg{Name: strings.ReplaceAll(b.text("name"), "-", "_"), Type: b.text("type"), Help: b.text("help"), Pos: s.pos()}
	if a.Type == "" {
		a.Type = "str"
	}
	if !slices.Contains(argTypes, a.Type) {
		ld.problem(b.where("type"), fmt.Sprintf("arg %q: there is no type %q", a.Name, a.Type), "the types are "+strings.Join(argTypes, ", "), diag.DidYouMean(a.Type, argTypes))
		a.Type = "str"
	}
	if !argName(a.Name) {
		ld.problem(b.where("name"), fmt.Sprintf("%q can't be the name of an argument", a.Name), "it becomes an option of the command line", "use letters, digits and '_', a letter first")
		return starlark.None, nil
	}
	a.Default = ld.argDefault(b, &a)
	a.Required = a.Default == nil && a.Type != "bool"
	if v, ok := b.get("required"); ok {
		a.Required = bool(v.Truth())
	}
	if v, ok := b.get("choices"); ok {
		a.Choices = ld.argChoices(b, &a, v)
	}
	if i := slices.IndexFunc(ld.args, func(o Arg) bool { return o.Name == a.Name }); i >= 0 {
		ld.problem(s.pos(), fmt.Sprintf("argument %q is declared twice", a.Name), "the command line has one option of each name", "declare it once and use its value",
			diag.Note{Pos: ld.args[i].Pos, Text: "the first is declared here"})
	} else {
		ld.args = append(ld.args, a)
	}
	return starfn.ToStarlark(ld.argValue(&a)), nil
}

func argName(name string) bool {
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != ""
}

func (ld *loader) argDefault(b *bound, a *Arg) value.Value {
	v, ok := b.get("default")
	if !ok {
		return nil
	}
	plain, err := plainValue(v)
	if err == nil {
		plain, err = ld.argTyped(a, plain)
	}
	if err != nil {
		ld.problem(b.where("default"), fmt.Sprintf("arg %q: the default %s is not of type %s", a.Name, describe(v), a.Type), err.Error(), "write a default of type "+a.Type+", or change the type")
		return nil
	}
	return plain
}

func (ld *loader) argChoices(b *bound, a *Arg, v starlark.Value) []value.Value {
	items, ok := sequence(v)
	if !ok {
		ld.problem(b.where("choices"), fmt.Sprintf("arg %q: choices must be a list, not %s", a.Name, describe(v)), "the argument takes one of several values", `write choices = ["a", "b"]`)
	}
	var out []value.Value
	for i, item := range items {
		plain, err := plainValue(item)
		if err == nil && a.Type != "list" {
			plain, err = ld.argTyped(a, plain)
		}
		if err != nil {
			ld.problem(b.where("choices", i), fmt.Sprintf("arg %q: the choice %s is not of type %s", a.Name, describe(item), a.Type), err.Error(), "write choices of type "+a.Type+", or change the type")
			continue
		}
		out = append(out, plain)
	}
	return out
}

// argTyped gives v as the type keeps it.
func (ld *loader) argTyped(a *Arg, v value.Value) (value.Value, error) {
	switch t := v.(type) {
	case value.String:
		switch a.Type {
		case "str":
			return v, nil
		case "file", "dir":
			return value.String(ld.abs(string(t))), nil
		}
	case value.Int:
		switch a.Type {
		case "int":
			return v, nil
		case "float":
			return value.Float(t), nil
		}
	case value.Float:
		if a.Type == "float" {
			return v, nil
		}
	case value.Bool:
		if a.Type == "bool" {
			return v, nil
		}
	}
	if items, ok := value.Items(v); ok && a.Type == "list" {
		return value.List(items), nil
	}
	return nil, fmt.Errorf("want %s, got %s", a.Type, value.KindOf(v))
}

// argValue gives what the command line says. What is missing or wrong is a
// problem of the command line, and then something of the right type, so that
// the rest of the definition is read.
func (ld *loader) argValue(a *Arg) value.Value {
	texts, given := ld.given(a.Name)
	if !given {
		if a.Required && a.Default == nil {
			ld.usage(a.Pos, fmt.Sprintf("argument --%s is required", a.Flag()), "the definition declares it without a default", fmt.Sprintf("add --%s %s", a.Flag(), strings.ToUpper(a.Type)))
			return zeroArg(a.Type)
		}
		if a.Default == nil && a.Type == "bool" {
			return value.Bool(false)
		}
		return a.Default
	}
	v, err := ld.parseArg(a, texts)
	if err != nil {
		ld.usage(a.Pos, fmt.Sprintf("argument --%s: %s", a.Flag(), err), fmt.Sprintf("the definition declares it as %s", a.Type), argMend(a))
		return zeroArg(a.Type)
	}
	if bad := a.notChosen(v); bad != nil {
		var names []string
		for _, c := range a.Choices {
			names = append(names, value.Text(c))
		}
		ld.usage(a.Pos, fmt.Sprintf("argument --%s can't be %q", a.Flag(), value.Text(bad)), "its choices are "+strings.Join(names, ", "), diag.DidYouMean(value.Text(bad), names))
	}
	return v
}

// notChosen gives what is not among the choices, nil if all is.
func (a *Arg) notChosen(v value.Value) value.Value {
	if a.Choices == nil {
		return nil
	}
	items := []value.Value{v}
	if l, ok := v.(value.List); ok {
		items = l
	}
	for _, item := range items {
		if !slices.ContainsFunc(a.Choices, func(c value.Value) bool { return value.Equal(c, item) }) {
			return item
		}
	}
	return nil
}

func (ld *loader) given(name string) ([]string, bool) {
	for k, v := range ld.opts.Args {
		if strings.ReplaceAll(k, "-", "_") == name {
			return v, true
		}
	}
	return nil, false
}

func (ld *loader) parseArg(a *Arg, texts []string) (value.Value, error) {
	if a.Type == "list" {
		out := value.List{}
		for _, t := range texts {
			for part := range strings.SplitSeq(t, ",") {
				if part = strings.TrimSpace(part); part != "" {
					out = append(out, value.String(part))
				}
			}
		}
		return out, nil
	}
	if len(texts) != 1 {
		return nil, fmt.Errorf("given %d times", len(texts))
	}
	text := texts[0]
	switch a.Type {
	case "int":
		i, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not an integer", text)
		}
		return value.Int(i), nil
	case "float":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		return value.Float(f), nil
	case "bool":
		switch strings.ToLower(text) {
		case "", "true", "yes", "1", "on":
			return value.Bool(true), nil
		case "false", "no", "0", "off":
			return value.Bool(false), nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", text)
	case "file", "dir":
		return value.String(ld.abs(text)), nil
	}
	return value.String(text), nil
}

// argMend gives an example of what the command line takes.
func argMend(a *Arg) string {
	example := map[string]string{"int": "3", "float": "0.5", "bool": "true", "list": "a,b"}[a.Type]
	if example == "" {
		example = "VALUE"
	}
	return fmt.Sprintf("write --%s=%s, once", a.Flag(), example)
}

func zeroArg(kind string) value.Value {
	switch kind {
	case "int":
		return value.Int(0)
	case "float":
		return value.Float(0)
	case "bool":
		return value.Bool(false)
	case "list":
		return value.List{}
	}
	return value.String("")
}

// checkGiven reports arguments that no arg() declares.
func (ld *loader) checkGiven(file string) {
	var names []string
	for i := range ld.args {
		names = append(names, ld.args[i].Flag())
	}
	for name := range ld.opts.Args {
		flag := strings.ReplaceAll(name, "_", "-")
		if !slices.Contains(names, flag) {
			mend := "the definition declares no arguments"
			if near := diag.Nearest(flag, slices.Concat(names, ld.opts.Flags)); near != "" {
				mend = fmt.Sprintf("did you mean --%s?", near)
			} else if len(names) > 0 {
				mend = "it takes --" + strings.Join(names, ", --")
			}
			ld.usage(diag.Pos{}, fmt.Sprintf("%s has no argument --%s", file, flag), "the options of a definition are those that it declares with arg()", mend)
		}
	}
}
