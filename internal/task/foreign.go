package task

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/nipype"
	"github.com/raphe-org/raphe/internal/pyworker"
	"github.com/raphe-org/raphe/workflow"
)

// A Pool runs the Python part of what nipype handed over (pyworker.Pool).
type Pool interface {
	Run(ctx context.Context, r *pyworker.Request, started func(executor.Handle)) (*pyworker.Reply, executor.Outcome)
}

// A door is what a run has of the nipype that handed its workflow over. How a
// node of it runs is in three files: a worker in python.go, a command apart
// from Python in split.go, a tool of the catalogue, with nipype's files added,
// in dress.go; a MapNode that nipype has to expand in pymap.go.
//
// Such a node lives in nipype's world: files are known as nipype knows them, a
// missing output of another node leaves an input unset, and nipype's hash files
// have the last word below Raphe's own records.
type door struct {
	*workflow.Python
	pool   Pool // nil: nothing runs, as for a forecast
	config map[string]map[string]string
	cwd    string
	err    error // what can't be read of it

	crashes sync.Mutex // one crash file after the other: elements share the blob of their MapNode

	mu      sync.Mutex
	classes map[*workflow.Class]*nipype.Class
}

// openDoor reads what belongs to all nodes; nil without a hand-over.
func openDoor(p *workflow.Python, pool Pool) *door {
	if p == nil {
		return nil
	}
	d := &door{Python: p, pool: pool, classes: map[*workflow.Class]*nipype.Class{}}
	var said struct {
		Config map[string]map[string]string `json:"config"`
		Cwd    string                       `json:"cwd"`
	}
	text, err := os.ReadFile(filepath.Join(p.Folder, "config.json"))
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	if err != nil {
		d.err = fmt.Errorf("read nipype's configuration: %w", err)
	}
	d.config, d.cwd = said.Config, said.Cwd
	return d
}

// option gives one of nipype's settings of section execution.
func (d *door) option(name string) string { return d.config["execution"][name] }

// isOn reads a switch of nipype's; left is what it is where nothing says so.
//
// Source: str2bool of nipype's utils/misc.py.
func (d *door) isOn(name string, left bool) bool {
	switch strings.ToLower(d.option(name)) {
	case "yes", "true", "y", "t", "1", "on":
		return true
	case "":
		return left
	}
	return false
}

// settled gives a setting of a node: its own or its workflow's, as the
// definition has them, else what nipype's configuration says.
func (d *door) settled(n workflow.Node, get func(*workflow.Config) workflow.Tristate, name string, left bool) bool {
	if v := setting(n, get); v != workflow.Unset {
		return v == workflow.Yes
	}
	return d.isOn(name, left)
}

func (d *door) removesUnnecessary(n workflow.Node) bool {
	return d.settled(n, func(c *workflow.Config) workflow.Tristate { return c.RemoveUnnecessaryOutputs }, "remove_unnecessary_outputs", true)
}

func (d *door) keepsInputs(n workflow.Node) bool {
	return d.settled(n, func(c *workflow.Config) workflow.Tristate { return c.KeepInputs }, "keep_inputs", false)
}

// hashMethod gives by what nipype knows the files of a node.
func (d *door) hashMethod(n workflow.Node) string {
	own := n.Options().Config.HashMethod
	for w := n.Parent(); own == "" && w.ID != 0; w = w.Parent() {
		own = w.Options().Config.HashMethod
	}
	return cmp.Or(own, d.option("hash_method"), "timestamp")
}

// foreignLook is what a look has of a node that nipype handed over.
type foreignLook struct {
	*workflow.Foreign
	blob    string // of the unit: its node's, or that of an element
	digest  string // in hexadecimal
	force   bool   // an output is gone: nipype is not to believe its hash file
	nipypes bool   // nipype ran it after Raphe, or without it, and has to say what it found
	part    bool   // an element that was made here: nipype knows the MapNode alone
}

// result gives the name of the unit in its result file.
func (k *look) result() string {
	if k.unit.Element >= 0 {
		return fmt.Sprintf("_%s%d", k.foreign.Result, k.unit.Element)
	}
	return k.foreign.Result
}

// readForeign fills in what a unit of a node that nipype handed over has more.
func (r *Runner) readForeign(k *look, f *workflow.Foreign) error {
	if r.door == nil {
		return fmt.Errorf("BUG: a node of a class without a python record")
	}
	k.foreign = &foreignLook{Foreign: f, blob: f.Blob, digest: hex.EncodeToString(f.Digest[:])}
	if k.unit.Element < 0 {
		return r.door.err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.maps[k.unit.Instance]
	k.foreign.part = e == nil || e.python == nil
	if !k.foreign.part {
		own := &e.python[k.unit.Element]
		k.foreign.blob, k.foreign.digest, k.iface = own.Blob, own.SHA256, e.look.iface
	}
	return r.door.err
}

// nipypesWord completes why a unit of nipype's runs: it finds out whether nipype
// has to look at the node itself, and whether it may believe its hash file then.
func (r *Runner) nipypesWord(k *look, rec *Record) {
	k.foreign.force = r.opts.Force || rec != nil && rec.Failure == nil && r.missesOutput(k, rec)
	switch done, err := nipype.Done(k.dir); {
	case k.foreign.force || k.foreign.part || err != nil:
	case r.door.UpdateHash: // what is there is taken as done, whatever its hash
		_, err := os.Stat(filepath.Join(k.dir, nipype.ResultFile(k.result())))
		k.foreign.nipypes = err == nil
	case !done:
	case rec == nil || rec.Failure != nil:
		k.foreign.nipypes = true
	default:
		k.foreign.nipypes = !r.isOurs(k, rec)
	}
}

// missesOutput reports whether a file that a record promises is gone, nipype's
// own files aside: these nipype misses itself.
func (r *Runner) missesOutput(k *look, rec *Record) bool {
	for i := range rec.Files {
		m := &rec.Files[i]
		if isNipypes(m.Path) || m.Size == removedSize {
			continue
		}
		if _, err := os.Stat(m.place(k.dir)); err != nil {
			return true
		}
	}
	return false
}

// isOurs reports whether nipype's files are as they were when the record was
// made.
func (r *Runner) isOurs(k *look, rec *Record) bool {
	now, err := nipypeFiles(k.dir, k.result())
	if err != nil {
		return false
	}
	for _, path := range now {
		name := filepath.Base(path)
		at, found := rec.findMark(name)
		if !found || rec.Files[at].differs(k.dir) != "" {
			return false
		}
	}
	return true
}

// nipypeFiles gives the files by which nipype believes that a node is done.
func nipypeFiles(dir, result string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if name := e.Name(); isNipypes(name) && (name == nipype.ResultFile(result) || name[0] == '_') {
			out = append(out, filepath.Join(dir, name))
		}
	}
	return out, nil
}

// isNipypes reports whether a file of that name in a working directory is a
// hash file or a result file.
func isNipypes(name string) bool {
	return strings.HasPrefix(name, "_0x") && strings.HasSuffix(name, ".json") ||
		strings.HasPrefix(name, "result_") && strings.HasSuffix(name, ".pklz")
}

// elementNameOf gives the name of an element of a MapNode.
func elementNameOf(instance string, n workflow.Node, element int) string {
	if f := n.Foreign(); f != nil {
		return elementName(instance, f.Result, element)
	}
	return elementName(instance, n.Name(), element)
}
