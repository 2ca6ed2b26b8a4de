package starlang

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/toolfile"
)

func errorLine(err error) int {
	var e syntax.Error
	if errors.As(err, &e) {
		return int(e.Pos.Line)
	}
	return 0
}

// load answers a load() statement: a file, a package of interfaces, or one of
// nipype's own modules.
func (ld *loader) load(t *starlark.Thread, name string) (starlark.StringDict, error) {
	src, stmt := ld.loadStmt(t.CallFrame(0).Pos)
	if stmt == nil {
		return nil, fmt.Errorf("load() is for the top level of a file")
	}
	if isFile(name) {
		return ld.loadFile(src, stmt, name)
	}
	out := starlark.StringDict{}
	pkg, found := ld.packageOf(name)
	if !found {
		ld.problem(src.Of(stmt.Module), fmt.Sprintf("no package %q", name),
			"load() takes a package of interfaces, or a file whose name starts with \"./\"", diag.DidYouMean(pkg, ld.opts.Tools.Packages()))
	}
	for _, want := range stmt.From {
		out[want.Name] = ld.loaded(src, want, pkg, found)
	}
	return out, nil
}

// loaded gives one name of a package. An unknown one is a problem, and then an
// interface that takes anything.
func (ld *loader) loaded(src *source, want *syntax.Ident, pkg string, found bool) starlark.Value {
	if v, ok := ld.env[want.Name]; ok && isEngine(pkg) {
		return v
	}
	if pkg == "" {
		if _, ok := ld.packageOf(want.Name); ok {
			return &packageValue{ld, want.Name}
		}
	}
	full := pkg + "." + want.Name
	names := ld.opts.Tools.Names(pkg)
	if found && slices.Contains(names, want.Name) {
		return ld.class(full)
	}
	if v, ok := toolfile.Helper(pkg, want.Name); ok && found {
		return v
	}
	if found {
		pos := src.Span(want.NamePos, after(want.NamePos))
		pos.Length = len(want.Name)
		mend := diag.DidYouMean(want.Name, names)
		if other := ld.packageWith(want.Name); other != "" {
			mend = fmt.Sprintf("it is in package %q", other)
		} else if pkg == "" {
			mend = diag.DidYouMean(want.Name, ld.opts.Tools.Packages())
		}
		what := fmt.Sprintf("package %q has no interface %q", pkg, want.Name)
		if pkg == "" {
			what = fmt.Sprintf("nipype has no package %q", want.Name)
		}
		ld.problem(pos, what, packageWhy(pkg, names), mend)
	}
	return &class{ld: ld, name: full, broken: true}
}

func (ld *loader) loadStmt(p syntax.Position) (*source, *syntax.LoadStmt) {
	src := ld.sourceOf(p)
	if src == nil {
		return nil, nil
	}
	for _, s := range src.File.Stmts {
		if l, ok := s.(*syntax.LoadStmt); ok && l.Load == p {
			return src, l
		}
	}
	return src, nil
}

func isFile(name string) bool {
	return strings.HasSuffix(name, ".star") || strings.HasPrefix(name, "./") ||
		strings.HasPrefix(name, "../") || filepath.IsAbs(name)
}

// isEngine reports whether a package is where nipype has Node and Workflow;
// they are there without load(), which may still be written.
func isEngine(pkg string) bool {
	return pkg == "" || strings.HasPrefix(pkg, "pipeline")
}

// packageOf gives our name of a package as nipype spells it: the prefixes
// "nipype" and "interfaces" are dropped, and modules within a package
// (ants.registration) lead to the package. "" is nipype itself.
func (ld *loader) packageOf(name string) (pkg string, found bool) {
	parts := strings.Split(name, ".")
	for _, prefix := range []string{"nipype", "interfaces"} {
		if len(parts) > 0 && parts[0] == prefix {
			parts = parts[1:]
		}
	}
	pkg = strings.Join(parts, ".")
	if isEngine(pkg) {
		return pkg, true
	}
	for n := len(parts); n > 0; n-- {
		if p := strings.Join(parts[:n], "."); ld.opts.Tools.Names(p) != nil {
			return p, true
		}
	}
	return pkg, false
}

// loadPath gives the path of a file that another loads.
func loadPath(from, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(from), name)
}

// loadFile evaluates another definition file, once.
func (ld *loader) loadFile(src *source, stmt *syntax.LoadStmt, name string) (starlark.StringDict, error) {
	path := loadPath(src.Name, name)
	pos := src.Of(stmt.Module)
	m := ld.modules[path]
	if m == nil {
		m = &module{busy: true}
		ld.modules[path] = m
		text, err := ld.opts.Read(path)
		if err != nil {
			m.err = &fatal{diag.Diagnostic{Code: diag.BadDefinition, Pos: pos, What: fmt.Sprintf("cannot load %q", name),
				Why: plainError(err), Mend: fmt.Sprintf("the name counts from the loading file: %s", path), Err: err}}
		} else {
			m.globals, m.err = ld.exec(path, text)
			m.globals.Freeze()
		}
		m.busy = false
	}
	if m.busy {
		return nil, &fatal{diag.Diagnostic{Code: diag.BadDefinition, Pos: pos, What: fmt.Sprintf("%q loads itself", name),
			Why: "files that load each other have no first one", Mend: "move what both need into a third file"}}
	}
	if m.err != nil {
		return nil, m.err
	}
	for _, want := range stmt.From {
		if !m.globals.Has(want.Name) {
			return nil, noSuchGlobal(src, want, name, m.globals)
		}
	}
	return m.globals, nil
}

func noSuchGlobal(src *source, want *syntax.Ident, file string, globals starlark.StringDict) error {
	pos := src.Span(want.NamePos, after(want.NamePos))
	pos.Length = len(want.Name)
	return &fatal{diag.Diagnostic{Code: diag.BadDefinition, Pos: pos,
		What: fmt.Sprintf("%q defines no %q", file, want.Name), Why: orElse(listed("it defines", globals.Keys()), "it defines nothing"),
		Mend: orElse(diag.DidYouMean(want.Name, globals.Keys()), "take the name away")}}
}

// packageWhy says what a package has.
func packageWhy(pkg string, names []string) string {
	if pkg == "" {
		return "it has packages of interfaces, and what needs no load()"
	}
	return fmt.Sprintf("it has %s; see: raphe interface list %s", count(len(names), "interface"), pkg)
}

// A packageValue is a whole package: fsl in load("nipype.interfaces", "fsl").
type packageValue struct {
	ld   *loader
	name string
}

func (p *packageValue) String() string        { return "<package " + p.name + ">" }
func (p *packageValue) Type() string          { return "package" }
func (p *packageValue) Freeze()               {}
func (p *packageValue) Truth() starlark.Bool  { return true }
func (p *packageValue) Hash() (uint32, error) { return starlark.String(p.name).Hash() }

// Attr gives an interface of the package.
func (p *packageValue) Attr(name string) (starlark.Value, error) {
	names := p.ld.opts.Tools.Names(p.name)
	if slices.Contains(names, name) {
		return p.ld.class(p.name + "." + name), nil
	}
	p.ld.problem(p.ld.here(), fmt.Sprintf("package %q has no interface %q", p.name, name), packageWhy(p.name, names), diag.DidYouMean(name, names))
	return &class{ld: p.ld, name: p.name + "." + name, broken: true}, nil
}

// AttrNames lists the interfaces of the package.
func (p *packageValue) AttrNames() []string { return p.ld.opts.Tools.Names(p.name) }
