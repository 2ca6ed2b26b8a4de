package task

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// setting gives nipype's execution setting of a node: its own, or that of the
// nearest workflow around it that has one.
func setting(n workflow.Node, get func(*workflow.Config) workflow.Tristate) workflow.Tristate {
	if v := get(&n.Options().Config); v != workflow.Unset {
		return v
	}
	for w := n.Parent(); w.ID != 0; w = w.Parent() {
		if v := get(&w.Options().Config); v != workflow.Unset {
			return v
		}
	}
	return workflow.Unset
}

func removesUnnecessary(n workflow.Node) bool {
	return setting(n, func(c *workflow.Config) workflow.Tristate { return c.RemoveUnnecessaryOutputs }) == workflow.Yes
}

func keepsInputs(n workflow.Node) bool {
	return setting(n, func(c *workflow.Config) workflow.Tristate { return c.KeepInputs }) != workflow.No
}

// wanted finds which outputs of which nodes something is connected to.
type wanted struct {
	once  sync.Once
	ports map[workflow.NodeID]map[string]bool
}

// of gives the outputs of a node that are of use to somebody; nil: all, since
// nothing is connected to it.
func (w *wanted) of(p *plan.Plan, n workflow.Node) map[string]bool {
	w.once.Do(func() {
		w.ports = map[workflow.NodeID]map[string]bool{}
		nodes, edges := p.Graph()
		for _, e := range edges {
			id := nodes[e.From].Node.ID
			if w.ports[id] == nil {
				w.ports[id] = map[string]bool{}
			}
			w.ports[id][e.FromPort] = true
		}
		for _, row := range nodes {
			for _, name := range row.Node.Options().KeepOutputs {
				if ports := w.ports[row.Node.ID]; ports != nil {
					ports[name] = true
				}
			}
		}
	})
	return w.ports[n.ID] // read only from here on: many goroutines ask
}

// tidy removes from a directory what the settings of its node do not keep. It
// marks the outputs among it in the record, so that it is known later that
// they are gone on purpose.
func (a *attemptRun) tidy(rec *Record, staged []iface.Staged) error {
	if !keepsInputs(a.node) {
		for _, s := range staged {
			if !isMarked(rec, s.To, a.dir) {
				if err := os.RemoveAll(s.To); err != nil {
					return err
				}
			}
		}
	}
	if !removesUnnecessary(a.node) {
		return nil
	}
	ports := a.wanted.of(a.plan, a.node)
	keep := map[string]bool{stdoutLog: true, stderrLog: true}
	for _, f := range rec.Outputs {
		if ports != nil && !ports[f.Name] {
			continue
		}
		value.Walk(f.Value, func(s string) {
			if rel, inside := strings.CutPrefix(s, a.dir+"/"); inside {
				for _, name := range companions(rel) {
					keep[name] = true
				}
			}
		})
	}
	for _, s := range staged {
		keep[strings.TrimPrefix(s.To, a.dir+"/")] = keepsInputs(a.node)
	}
	for k := range rec.Files {
		if m := &rec.Files[k]; !filepath.IsAbs(m.Path) && !kept(keep, m.Path) {
			m.Size, m.MtimeNS = removedSize, 0
		}
	}
	return removeOthers(a.dir, "", keep)
}

// companions gives the files that make one image together with the one of that
// name, as nipype knows them.
func companions(name string) []string {
	for _, group := range [][]string{{".img", ".hdr", ".mat"}, {".nii", ".mat"}, {".BRIK", ".HEAD"}} {
		ext := filepath.Ext(name)
		if !slices.Contains(group, ext) {
			continue
		}
		var out []string
		for _, e := range group {
			out = append(out, strings.TrimSuffix(name, ext)+e)
		}
		return out
	}
	return []string{name}
}

func isMarked(rec *Record, path, dir string) bool {
	_, found := rec.findMark(strings.TrimPrefix(path, dir+"/"))
	return found
}

// kept reports whether a path is to be kept, or lies in a folder that is.
func kept(keep map[string]bool, rel string) bool {
	for at := rel; at != "."; at = filepath.Dir(at) {
		if keep[at] {
			return true
		}
	}
	return false
}

// removeOthers removes all of a directory but what is to be kept, and the
// folders that are then empty.
func removeOthers(root, below string, keep map[string]bool) error {
	entries, err := os.ReadDir(filepath.Join(root, below))
	if err != nil {
		return err
	}
	for _, e := range entries {
		rel := filepath.Join(below, e.Name())
		switch {
		case kept(keep, rel):
		case e.IsDir():
			if err := removeOthers(root, rel, keep); err != nil {
				return err
			}
			_ = os.Remove(filepath.Join(root, rel)) // stays if it is not empty
		default:
			if err := os.Remove(filepath.Join(root, rel)); err != nil {
				return err
			}
		}
	}
	return nil
}

// missesRemoved says which output was removed and is wanted now, "" for none.
func (r *Runner) missesRemoved(rec *Record, k *look) string {
	gone := map[string]bool{}
	for _, m := range rec.Files {
		if m.Size == removedSize {
			gone[filepath.Join(k.dir, m.Path)] = true
		}
	}
	if len(gone) == 0 {
		return ""
	}
	ports := r.wanted.of(r.plan, k.node)
	for _, f := range rec.Outputs {
		missing := false
		value.Walk(f.Value, func(s string) { missing = missing || gone[s] })
		if missing && (ports == nil || ports[f.Name] || !removesUnnecessary(k.node)) {
			return fmt.Sprintf("its output %q was removed as unnecessary, and is wanted now", f.Name)
		}
	}
	return ""
}

// writeCrash writes a failure into the workflow's crashdump_dir, if it has one;
// one that can't be written is still reported and recorded.
func (r *Runner) writeCrash(name, node string, began time.Time, f *event.Failure) {
	dir := r.plan.Top.Options().Config.CrashDumpDir
	if dir == "" || os.MkdirAll(dir, 0o777) != nil {
		return
	}
	var b strings.Builder
	for _, line := range [][2]string{
		{"node", node}, {"instance", name}, {"cause", f.Cause}, {"detail", f.Detail}, {"command", f.Command},
		{"stderr", f.Stderr}, {"stdout", f.Stdout}, {"mend", f.Mend}, {"rerun", f.Rerun},
	} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", line[0], strings.ReplaceAll(line[1], "\n", "\n    "))
		}
	}
	file := "crash-" + began.Format("20060102-150405") + "-" + strings.ReplaceAll(name, "/", ".") + ".txt"
	_ = os.WriteFile(filepath.Join(dir, file), []byte(b.String()), 0o666)
}
