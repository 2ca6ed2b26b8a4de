package nipype

import (
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/value"
)

// A Crash is what a crash file says of the failure of a node.
type Crash struct {
	Folder string                       // where the file is to be
	Text   bool                         // a text, not a pickle
	Config map[string]map[string]string // what of nipype's configuration all nodes share

	Command        string
	Stdout, Stderr []byte
	Cause          string // what happened, where nipype has a traceback
}

// WriteCrash writes nipype's crash file of a node that failed, and gives its
// path. Like nipype's own a pickle holds the node with its inputs as they were,
// so that `nipypecli crash` shows them and can run it again.
//
// Source: report_crash of nipype's pipeline/plugins/tools.py, crash2txt of
// utils/filemanip.py, _run_command of pipeline/engine/nodes.py.
func (n *Node) WriteCrash(c *Crash) (string, error) {
	if err := os.MkdirAll(c.Folder, 0o777); err != nil {
		return "", fmt.Errorf("write the crash file of node %q: %w", n.Name, err)
	}
	path := filepath.Join(c.Folder, n.crashName(time.Now()))
	var err error
	if c.Text {
		path += ".txt"
		err = writeFile(path, n.crashText(c))
	} else {
		path += ".pklz"
		err = n.pickleCrash(path, c)
	}
	if err != nil {
		return "", fmt.Errorf("write the crash file of node %q: %w", n.Name, err)
	}
	return path, nil
}

// crashName is the name of a crash file, but for its ending.
func (n *Node) crashName(now time.Time) string {
	var r [16]byte
	_, _ = rand.Read(r[:]) // never fails
	r[6], r[8] = r[6]&0x0f|0x40, r[8]&0x3f|0x80
	return fmt.Sprintf("crash-%s-%s-%s-%x-%x-%x-%x-%x", now.Format("20060102-150405"), login(), n.ExecID,
		r[:4], r[4:6], r[6:8], r[8:10], r[10:])
}

// login is Python's getpass.getuser().
func login() string {
	for _, name := range []string{"LOGNAME", "USER", "LNAME", "USERNAME"} {
		if v := os.Getenv(name); v != "" {
			return strings.ReplaceAll(v, "/", "_")
		}
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return "UID" + strconv.Itoa(os.Getuid())
}

// traceback words the failure as nipype's exception does.
func (n *Node) traceback(c *Crash) string {
	var b strings.Builder
	fmt.Fprintf(&b, "nipype.pipeline.engine.nodes.NodeExecutionError: Exception raised while executing Node %s.\n\n", n.Name)
	for _, part := range []struct{ title, text string }{
		{"Cmdline", c.Command}, {"Stdout", decoded(c.Stdout)}, {"Stderr", decoded(c.Stderr)}, {"Traceback", c.Cause},
	} {
		text := strings.ReplaceAll(strings.TrimRight(part.text, "\n"), "\n", "\n\t")
		fmt.Fprintf(&b, "%s:\n\t%s\n", part.title, text)
	}
	return b.String()
}

func (n *Node) crashText(c *Crash) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Node: %s\nWorking directory: %s\n\nNode inputs:\n\n", n.fullName(), n.Dir)
	for _, name := range n.inputNames(n.Inputs) {
		fmt.Fprintf(&b, "%s = %s\n", name, value.Text(n.Inputs.Get(name)))
	}
	b.WriteString("\n")
	b.WriteString(n.traceback(c))
	return []byte(b.String())
}

func (n *Node) pickleCrash(path string, c *Crash) error {
	unpickled, err := n.unpickled()
	if err != nil {
		return err
	}
	b := scratch.Get().(*buffers)
	defer b.release()
	return b.pickle(path, func(p *pickler) {
		p.op(opEmptyDict, opMark)
		p.text("node")
		if n.Element != nil {
			p.crashedElement(n, c, unpickled)
		} else {
			p.crashedNode(n, c, unpickled)
		}
		p.text("traceback")
		p.op(opEmptyList, opMark)
		for line := range strings.Lines(n.traceback(c)) {
			p.text(line)
		}
		p.op(opAppends, opSetItems)
	})
}

// crashedNode writes the node of a blob, with the inputs that came from other
// nodes set in it:
//
//	node = pickle.loads(blob)
//	node.__dict__.update(config=merge_dict(shared, node.config), _output_dir=...)
//	node.inputs.__dict__.update(inputs)
//
// They are set past their traits, which would refuse a file that is gone when
// somebody reads this.
func (p *pickler) crashedNode(n *Node, c *Crash, unpickled func(*pickler)) {
	node := func() {
		if !p.recall("node") {
			unpickled(p)
			p.keep("node")
		}
	}
	p.after(func() {
		p.update(node, func() {
			p.op(opEmptyDict, opMark)
			p.text("_output_dir")
			p.text(n.Dir)
			p.text("config")
			p.call("nipype.pipeline.engine.utils", "merge_dict", func() { p.sections(c.Config) }, p.attribute(node, "config"))
			p.op(opSetItems)
		})
	}, func() {
		p.update(p.attribute(node, "inputs"), func() { p.record(n.Inputs) })
	}, node)
}

// crashedElement writes the node of an element of a MapNode, which nipype makes
// of the interface of that.
func (p *pickler) crashedElement(n *Node, c *Crash, unpickled func(*pickler)) {
	mapNode := func() { unpickled(p) }
	node := func() {
		if !p.recall("node") {
			p.call("nipype.pipeline.engine.nodes", "Node", p.attribute(mapNode, "_interface"), func() { p.text(n.Name) })
			p.keep("node")
		}
	}
	p.after(func() {
		p.update(node, func() {
			p.op(opEmptyDict, opMark)
			p.text("base_dir")
			p.text(filepath.Dir(n.Dir))
			p.text("_output_dir")
			p.text(n.Dir)
			p.text("config")
			p.sections(c.Config)
			p.op(opSetItems)
		})
	}, func() {
		p.update(p.attribute(node, "inputs"), func() { p.record(n.Inputs) })
	}, node)
}

// after writes the last of some objects; the others are made before it, for
// what making them does.
func (p *pickler) after(objects ...func()) {
	p.call("operator", "getitem", func() {
		p.op(opMark)
		for _, o := range objects {
			o()
		}
		p.op(opTuple)
	}, func() { p.int(int64(len(objects) - 1)) })
}

// update sets attributes of an object.
func (p *pickler) update(object, values func()) {
	p.call("builtins", "dict.update", p.attribute(object, "__dict__"), values)
}

func (p *pickler) attribute(of func(), name string) func() {
	return func() { p.call("builtins", "getattr", of, func() { p.text(name) }) }
}

// sections writes a configuration.
func (p *pickler) sections(config map[string]map[string]string) {
	p.op(opEmptyDict, opMark)
	for _, section := range slices.Sorted(maps.Keys(config)) {
		p.text(section)
		p.op(opEmptyDict, opMark)
		for _, name := range slices.Sorted(maps.Keys(config[section])) {
			p.text(name)
			p.text(config[section][name])
		}
		p.op(opSetItems)
	}
	p.op(opSetItems)
}
