package native

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// dataSink copies results to where they are to stay. sinkplan.go works out the
// destinations, publish.go makes the files.
//
// Differs from nipype: two sources for one destination are an error, within one sink and among all sinks of a run; nipype keeps the last.
// Differs from nipype: a source that does not exist, None, a number or a dictionary is an error; nipype skips or ignores some of them. An empty list stores nothing, where nipype stops with an IndexError. Lists may nest to any depth.
// Differs from nipype: substitutions see the part of the destination below base_directory and container, with a / in front of it, and no destination may leave base_directory; nipype substitutes in the whole path and follows it anywhere.
// Differs from nipype: folders whose names start with _ count as parameters only below the run's base_dir, where the source lies there; nipype takes the user's own such folders above it too.
// Differs from nipype: a parameter folder whose name was too long, and is a hash, is kept; nipype drops it.
// Differs from nipype: out_file is in the order of the fields' names, not of their assignment.
// Differs from nipype: files are reflinks, else copies, with the time of the source; nipype makes hard links, so that an edit of a result changes the working file. link = "hard" asks for those, "symlink" and "copy" for the others.
// Differs from nipype: files appear complete or not at all, and one of equal content is left alone whatever its time.
// Differs from nipype: a relative base_directory starts at the folder that Raphe runs in, not at the node's working directory; without one, results stay in the working directory as in nipype.
// Differs from nipype: a companion (.hdr and .img, .nii and .mat, .BRIK and .HEAD) goes along only where a substitution leaves the extension; nipype may put it in the place of the file itself.
// Differs from nipype: S3 buckets are not supported.
var dataSink = &Impl{
	Help: "Copy results to where they are to stay. An input \"masks.@brain\" is any name: parts between points become folders, those with @ don't.",
	Params: []Param{
		{Name: "infields", Type: names},
		{Name: "force_run", Type: boolType, Default: value.Bool(true)}, // nipype's; a sink always looks
	},
	Ports: func(params value.Record) ([]iface.Input, []iface.Output, error) {
		ins := []iface.Input{
			place(in("base_directory", strType, "folder of the results")),
			place(in("container", strType, "folder within base_directory")),
			opt("parameterization", boolType, value.Bool(true), "keep the folders of iterables (_subject_01) and of map elements (_bet0)"),
			place(in("strip_dir", strType, "text to take out of the path of the source before its parameter folders are read")),
			in("substitutions", multiOf(pairOf(strType, strType)), "texts to replace in destinations: (old, new)"),
			in("regexp_substitutions", multiOf(pairOf(strType, strType)), "regular expressions to replace in destinations, after substitutions: (pattern, new)"),
			opt("remove_dest_dir", boolType, value.Bool(false), "remove the destination of a folder before copying it"),
			opt("link", oneOf(byReflink, byHard, bySymlink, byCopy), value.String(byReflink), "how files are copied; falls back to a plain copy"),
		}
		for _, f := range strs(params.Get("infields")) {
			if err := checkField(f); err != nil {
				return nil, nil, err
			}
			ins = append(ins, in(f, anyType, "files or folders to store"))
		}
		return ins, []iface.Output{out("out_file", listOf(either(fileType, iface.Type{Kind: iface.Dir})), "where everything was stored")}, nil
	},
	Check: func(_, inputs value.Record) error {
		_, err := newSinkPlan(&Call{Inputs: inputs})
		return err
	},
	Publishes:     true,
	DynamicInputs: true,
	Run:           runDataSink,
}

func runDataSink(ctx context.Context, c *Call) (value.Record, error) {
	p, err := newSinkPlan(c)
	if err != nil {
		return nil, err
	}
	if err := p.addFields(c.Inputs); err != nil {
		return nil, err
	}
	if err := p.claim(c.Claim); err != nil {
		return nil, err
	}
	for _, dir := range p.remove {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	for _, dir := range append([]string{p.outDir}, p.dirs...) {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return nil, err
		}
	}
	how := text(c.Inputs, "link", byReflink)
	made := ""
	for _, m := range p.moves {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if dir := filepath.Dir(m.to); dir != made {
			if err := os.MkdirAll(dir, 0o777); err != nil {
				return nil, err
			}
			made = dir
		}
		if err := publish(ctx, m.from, m.to, how); err != nil {
			return nil, err
		}
	}
	return output("out_file", value.Strings(p.out...)), nil
}

// claim makes sure that no other sink of the run writes where this one will.
func (p *sinkPlan) claim(claim func(path, source string) error) error {
	if claim == nil {
		return nil
	}
	for _, m := range p.moves {
		if err := claim(m.to, m.from); err != nil {
			return fmt.Errorf("%w; %s", err, collisionMend)
		}
	}
	return nil
}

const collisionMend = "keep them apart with parameterization = True, substitutions or container"

// addFolder adds the files below a folder. Symbolic links are followed.
func (p *sinkPlan) addFolder(from, to string, above []fs.FileInfo) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	for _, a := range above {
		if os.SameFile(a, info) {
			return fmt.Errorf("the folder %s holds a link to a folder above itself", from)
		}
	}
	p.dirs, above = append(p.dirs, to), append(above, info)
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		src, dst := filepath.Join(from, e.Name()), filepath.Join(to, e.Name())
		info, err := os.Stat(src)
		if errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s is a link to nothing", src)
		}
		if err != nil {
			return err
		}
		if info.IsDir() {
			err = p.addFolder(src, dst, above)
		} else {
			err = p.add(move{src, dst})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// within reports whether path is dir or below it.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, "../")
}
