package native

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/native/pytext"
	"github.com/raphe-org/raphe/internal/value"
)

// A sinkPlan says what a DataSink will write, before it writes anything.
//
//	destination = base_directory / container / field / parameters / name
//
// and then substitutions, below base_directory/container.
type sinkPlan struct {
	base, outDir string // base_directory; with the container
	runDir       string // the run's base_dir
	params       bool
	stripDir     string
	plain        [][2]string
	patterns     []*pytext.Replacement
	clearDirs    bool

	moves  []move
	dirs   []string // folders to make
	remove []string // folders to remove first
	out    []string // nipype's out_file
	source map[string]string
}

// newSinkPlan reads the settings of a sink; what is missing of them is not
// known yet.
func newSinkPlan(c *Call) (*sinkPlan, error) {
	p := &sinkPlan{
		runDir: c.BaseDir, params: boolOr(c.Inputs, "parameterization", true), stripDir: c.Inputs.Str("strip_dir"),
		clearDirs: c.Inputs.Bool("remove_dest_dir"), source: map[string]string{},
	}
	for _, f := range c.Inputs {
		if err := checkField(f.Name); err != nil {
			return nil, err
		}
	}
	base := text(c.Inputs, "base_directory", c.Dir)
	if strings.HasPrefix(base, "s3://") {
		return nil, fmt.Errorf("base_directory %s: S3 is not supported; store in a folder and upload that", base)
	}
	var err error
	if p.base, err = filepath.Abs(base); err != nil {
		return nil, err
	}
	container := c.Inputs.Str("container")
	p.outDir = filepath.Join(p.base, container)
	if filepath.IsAbs(container) || !within(p.outDir, p.base) {
		return nil, fmt.Errorf("container %q is not a folder within base_directory", container)
	}
	p.plain = pairs(c.Inputs.Get("substitutions"))
	for _, pair := range pairs(c.Inputs.Get("regexp_substitutions")) {
		r, err := pytext.CompileReplacement(pair[0], pair[1])
		if err != nil {
			return nil, fmt.Errorf("regexp_substitutions: %w", err)
		}
		p.patterns = append(p.patterns, r)
	}
	return p, nil
}

// pairs gives a list of pairs of texts; a lone pair is one.
func pairs(v value.Value) [][2]string {
	items, _ := value.Items(v)
	var out [][2]string
	for _, e := range items {
		if pair, ok := value.Items(e); ok && len(pair) == 2 {
			out = append(out, [2]string{value.Text(pair[0]), value.Text(pair[1])})
		}
	}
	if len(out) == 0 && len(items) == 2 {
		out = append(out, [2]string{value.Text(items[0]), value.Text(items[1])})
	}
	return out
}

// sinkSettings are the inputs of a sink that are no fields to store.
var sinkSettings = []string{
	"base_directory", "container", "parameterization", "strip_dir", "substitutions",
	"regexp_substitutions", "remove_dest_dir", "link",
}

// notSupported are settings of nipype's that would pass for fields.
var notSupported = []string{"creds_path", "encrypt_bucket_keys", "bucket", "local_copy"}

// checkField says what is wrong with the name of a field.
func checkField(name string) error {
	if slices.Contains(notSupported, name) {
		return fmt.Errorf("the input %q is for S3 buckets, which are not supported", name)
	}
	for part := range strings.SplitSeq(name, ".") {
		if part == "" {
			return fmt.Errorf("the field %q has an empty part; parts between points are names of folders", name)
		}
	}
	return nil
}

// addFields adds all that is to be stored.
func (p *sinkPlan) addFields(inputs value.Record) error {
	for _, f := range inputs {
		if slices.Contains(sinkSettings, f.Name) {
			continue
		}
		var folder []string
		for part := range strings.SplitSeq(f.Name, ".") {
			if !strings.HasPrefix(part, "@") {
				folder = append(folder, part)
			}
		}
		if err := p.addValue(strings.Join(folder, "/"), f.Value); err != nil {
			return fmt.Errorf("field %q: %w", f.Name, err)
		}
	}
	return p.addCompanions()
}

func (p *sinkPlan) addValue(folder string, v value.Value) error {
	if items, ok := value.Items(v); ok {
		for _, e := range items {
			if err := p.addValue(folder, e); err != nil {
				return err
			}
		}
		return nil
	}
	s, ok := v.(value.String)
	if !ok || s == "" {
		return fmt.Errorf("%s is no path of a file or folder", value.Repr(v))
	}
	return p.addSource(folder, string(s))
}

func (p *sinkPlan) addSource(folder, src string) error {
	src, err := filepath.Abs(src) // drops a trailing /
	if err != nil {
		return err
	}
	info, err := os.Stat(src)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no file or folder %s", src)
	}
	if err != nil {
		return err
	}
	dst, err := p.destination(folder, src)
	if err != nil {
		return err
	}
	p.out = append(p.out, dst)
	if !info.IsDir() {
		return p.add(move{src, dst})
	}
	if within(dst, src) || p.clearDirs && within(src, dst) {
		return fmt.Errorf("the folder %s can't be stored as %s: one holds the other", src, dst)
	}
	if p.clearDirs && slices.Contains(p.remove, dst) {
		return fmt.Errorf("two folders would be stored as %s, and remove_dest_dir keeps only one; %s", dst, collisionMend)
	}
	if p.clearDirs {
		p.remove = append(p.remove, dst)
	}
	return p.addFolder(src, dst, nil)
}

// destination works out where a source goes.
func (p *sinkPlan) destination(folder, src string) (string, error) {
	rel := strings.Join(slices.DeleteFunc([]string{folder, p.parameters(filepath.Dir(src)), filepath.Base(src)},
		func(s string) bool { return s == "" }), "/")
	sub := "/" + rel
	for _, s := range p.plain {
		if s[0] != "" {
			sub = strings.ReplaceAll(sub, s[0], s[1])
		}
	}
	for _, r := range p.patterns {
		sub = r.Apply(sub)
	}
	dst := filepath.Join(p.outDir, sub)
	if !within(dst, p.base) {
		return "", fmt.Errorf("the substitutions turn %s into %s, which is outside base_directory %s", rel, dst, p.base)
	}
	if dst == p.outDir || dst == p.base || strings.HasSuffix(sub, "/") {
		return "", fmt.Errorf("the substitutions leave nothing of the name of %s: %q", rel, sub)
	}
	return dst, nil
}

// parameters gives the folders of a path that stand for parameters: those that
// start with _, or are the hash that stands for a longer name; below the run's
// directory if the path lies there.
func (p *sinkPlan) parameters(dir string) string {
	if !p.params {
		return ""
	}
	above := ""
	if p.runDir != "" && within(dir, p.runDir) {
		above = filepath.Clean(p.runDir)
	}
	if p.stripDir != "" {
		dir = strings.ReplaceAll(dir, p.stripDir, "")
		above = strings.ReplaceAll(above, p.stripDir, "")
	}
	var out []string
	for part := range strings.SplitSeq(strings.TrimPrefix(dir, above), "/") {
		if strings.HasPrefix(part, "_") || above != "" && isHashLevel(part) {
			out = append(out, part)
		}
	}
	return strings.Join(out, "/")
}

// isHashLevel recognises a parameter folder whose name would be too long: a
// SHA-1 in hexadecimal digits.
func isHashLevel(name string) bool {
	return len(name) == 40 && strings.Trim(name, "0123456789abcdef") == ""
}

// add adds a file. The same source twice is stored once.
func (p *sinkPlan) add(m move) error {
	other, taken := p.source[m.to]
	if taken && other != m.from {
		return fmt.Errorf("%s and %s would both be stored as %s; %s", other, m.from, m.to, collisionMend)
	}
	if !taken {
		p.source[m.to] = m.from
		p.moves = append(p.moves, m)
	}
	return nil
}

// addCompanions adds the files that belong to those added, where nothing else
// goes.
func (p *sinkPlan) addCompanions() error {
	for _, m := range slices.Clone(p.moves) {
		for _, c := range companions(m.from, m.to) {
			if _, taken := p.source[c.to]; taken {
				continue
			}
			if err := p.add(c); err != nil {
				return err
			}
		}
	}
	return nil
}
