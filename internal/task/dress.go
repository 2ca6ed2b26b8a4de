package task

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/internal/nipype"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// nipypeClass gives what package nipype wants to know of a class.
func (d *door) nipypeClass(c *workflow.Class, tool *iface.Interface) *nipype.Class {
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.classes[c]; known != nil {
		return known
	}
	made := &nipype.Class{
		Name: c.Name, OutputSpec: c.OutputSpec, Inputs: slices.Sorted(slices.Values(c.Inputs)), Outputs: slices.Sorted(slices.Values(c.Outputs)),
		NoHash: c.NoHash, NoFileHash: c.NoFileHash, Interface: tool,
	}
	d.classes[c] = made
	return made
}

// nipypeNode gives a unit that runs as a tool as nipype would know it.
func (r *Runner) nipypeNode(k *look) *nipype.Node {
	f := k.foreign
	n := &nipype.Node{
		Class: r.door.nipypeClass(f.Class, k.iface), Dir: k.dir, Name: k.result(), FullName: f.Label, ExecID: f.ExecID,
		Blob:          filepath.Join(r.door.Folder, f.Blob),
		NeededOutputs: k.options.KeepOutputs,
		Settings: nipype.Settings{
			HashMethod: r.door.hashMethod(k.node), RemoveUnnecessary: r.door.removesUnnecessary(k.node),
			CreateReport: r.door.isOn("create_report", true), RelativePaths: r.door.isOn("use_relative_paths", false), Cwd: r.door.cwd,
		},
	}
	switch {
	case k.unit.Element >= 0:
		n.FullName, n.ExecID, n.Element = "", n.Name, &nipype.Element{Index: int(k.unit.Element)}
		n.Inputs, _ = nipype.Normalise(k.iface, k.handed)
	case isMap(k.options):
		n.Map = &nipype.Map{IterFields: k.options.IterField, Nested: k.options.Nested}
		n.Inputs, _ = nipype.NormaliseMap(k.iface, n.Map, k.inputs)
	default:
		n.Inputs, _ = nipype.Normalise(k.iface, k.handed)
	}
	// What the node itself holds comes from nipype's traits.
	for _, f := range k.node.Inputs() {
		if k.unit.Element < 0 || !slices.Contains(k.options.IterField, f.Name) {
			n.Inputs.Set(f.Name, f.Value)
		}
	}
	return n
}

// dressed is a tool of nipype's that ran: what its files are written from.
type dressed struct {
	node *nipype.Node
	hash nipype.Hashed
}

// undress takes nipype's hash of a tool's inputs, before it runs; nil for a node
// that is not nipype's.
func (a *attemptRun) undress() (*dressed, error) {
	if a.foreign == nil {
		return nil, nil
	}
	if err := a.forgetMap(); err != nil {
		return nil, err
	}
	n := a.nipypeNode(a.look)
	h, err := n.Hash()
	return &dressed{n, h}, err
}

// dress ends a tool of nipype's: its directory is tidied as nipype would, gets
// nipype's files, and is recorded.
func (a *attemptRun) dress(d *dressed, outputs value.Record, line *iface.Line, t *executor.Task, out *executor.Outcome) sched.Ran {
	used := a.usage(out)
	n := d.node
	n.Used = nipype.Used(a.iface, n.Inputs, n.Dir)
	outputs, err := a.tidyAsNipype(n, outputs)
	if err != nil {
		return sched.Ran{Failure: a.fail("outputs", "what is not to be kept can't be removed", err)}
	}
	n.Outputs = outputs
	n.Runtime = runtimeOf(line, t, out)
	if err := n.Dress(d.hash); err != nil {
		return sched.Ran{Failure: a.fail("outputs", "nipype's own files can't be written", err)}
	}
	a.learn(&used, false)
	return a.doneForeign(n.Believed(d.hash), outputs, used, line.Argv)
}

// dressedNative runs an interface written in Go in place of nipype's own.
func (a *attemptRun) dressedNative(ctx context.Context) sched.Ran {
	a.started(sched.Start{Dir: a.dir})
	d, err := a.undress()
	if err != nil {
		return sched.Ran{Failure: a.fail("inputs", "nipype's hash of its inputs can't be made", err)}
	}
	if err := a.dirs.fresh(a.dir); err != nil {
		return sched.Ran{Failure: a.fail("directory", "its directory can't be made", err)}
	}
	impl, ok := native.Lookup(a.iface.Native.Impl)
	if !ok {
		return sched.Ran{Failure: a.fail("native", fmt.Sprintf("BUG: no implementation %q", a.iface.Native.Impl), nil)}
	}
	n := d.node
	if n.Outputs, err = impl.Run(ctx, a.call(a.look)); err != nil {
		return sched.Ran{Failure: a.stopped(ctx, "native", firstLine(err), err)}
	}
	host, _ := os.Hostname()
	n.Runtime = nipype.Runtime{Start: a.began, End: time.Now(), Environ: a.opts.Environ, Hostname: host}
	if err := n.Dress(d.hash); err != nil {
		return sched.Ran{Failure: a.fail("outputs", "nipype's own files can't be written", err)}
	}
	return a.doneForeign(n.Believed(d.hash), n.Outputs, a.inside(), nil)
}

// pardon passes over outputs that are not there where nipype does: it takes only
// some of them for promised.
func (a *attemptRun) pardon(err error) error {
	var missing *iface.MissingError
	if a.foreign == nil || !errors.As(err, &missing) {
		return err
	}
	left := *missing
	left.Missing = slices.DeleteFunc(slices.Clone(missing.Missing), func(m iface.MissingOutput) bool {
		return !slices.Contains(a.foreign.Class.Exists, m.Output)
	})
	if len(left.Missing) == 0 {
		return nil
	}
	return &left
}

// runtimeOf gives what nipype's result says of how a command ran.
func runtimeOf(line *iface.Line, t *executor.Task, out *executor.Outcome) nipype.Runtime {
	path, _ := getenv("PATH", t.Env)
	host, _ := os.Hostname() // "" says as much as an error
	text, plain := line.Plain()
	if !plain { // a file's name, once it lies where the command runs
		text = line.String()
	}
	rt := nipype.Runtime{
		CommandLine: text, CommandPath: findProgram(line.Argv[0], path), ReturnCode: out.ExitCode,
		Start: out.Started, End: out.Started.Add(out.Usage.Wall), Environ: t.Env, Hostname: host,
	}
	stdout, stderr := printed(t, out)
	if stdout && !t.StdoutIsData {
		rt.Stdout = streamHead(t.Stdout)
	}
	if stderr {
		rt.Stderr = streamHead(t.Stderr)
	}
	return rt
}

// mostStream is how much of a stream a result file holds.
const mostStream = 1 << 20

func streamHead(path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	buf := make([]byte, 4<<10)
	var all []byte
	for len(all) < mostStream {
		n, err := f.Read(buf)
		all = append(all, buf[:n]...)
		if err != nil {
			break
		}
	}
	return all
}

// tidyAsNipype removes from a directory what nipype would not keep. It gives the
// outputs without those that are not needed: to nipype they are undefined then.
//
// Source: clean_working_directory of nipype's pipeline/engine/utils.py.
func (a *attemptRun) tidyAsNipype(n *nipype.Node, outputs value.Record) (value.Record, error) {
	removes, keeps := n.Settings.RemoveUnnecessary, a.door.keepsInputs(a.node)
	inputs := n.Used
	if removes && len(n.NeededOutputs) > 0 {
		for _, f := range outputs {
			if !slices.Contains(n.NeededOutputs, f.Name) {
				outputs = outputs.With(f.Name, nil)
			}
		}
	}
	if !removes && keeps {
		return outputs, nil
	}
	keep := pathsBelow(a.dir, outputs)
	given := pathsBelow(a.dir, inputs)
	if keeps {
		for name := range given {
			keep[name] = true
		}
	}
	return outputs, filepath.WalkDir(a.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel := strings.TrimPrefix(path, a.dir+"/")
		if kept(keep, rel) || !removes && !given[rel] {
			return nil
		}
		return os.Remove(path)
	})
}

// pathsBelow gives the paths below dir that values name, with the files that
// belong to them.
func pathsBelow(dir string, r value.Record) map[string]bool {
	out := map[string]bool{}
	for _, f := range r {
		value.Walk(f.Value, func(s string) {
			if rel, inside := strings.CutPrefix(s, dir+"/"); inside {
				for _, name := range companions(rel) {
					out[name] = true
				}
			}
		})
	}
	return out
}

// quoted gives an argument vector as a line for a shell.
func quoted(argv []string) string {
	words := make([]string, len(argv))
	for i, word := range argv {
		words[i] = iface.Quote(word)
	}
	return strings.Join(words, " ")
}
