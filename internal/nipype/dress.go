package nipype

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Forget removes the hash files of a working directory, so that nothing in it
// is believed from then on. A directory that is not there has none.
func Forget(dir string) error {
	found, err := hashFiles(dir)
	for _, name := range found {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !os.IsNotExist(err) {
			return fmt.Errorf("forget what nipype knows of %s: %w", dir, err)
		}
	}
	return err
}

// Done reports whether nipype has a result in the directory that it would look
// at: it has a hash file of a run that ended.
func Done(dir string) (bool, error) {
	found, err := hashFiles(dir)
	for _, name := range found {
		if !strings.HasSuffix(name, "_unfinished.json") {
			return true, nil
		}
	}
	return false, err
}

func hashFiles(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if os.IsNotExist(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	var out []string
	for _, name := range names {
		if strings.HasPrefix(name, "_0x") && strings.HasSuffix(name, ".json") {
			out = append(out, name)
		}
	}
	return out, nil
}

// Dress writes nipype's files into the directory of a node whose command has
// ended well. Until the last of them is there, nipype believes none.
func (n *Node) Dress(h Hashed) error {
	if err := n.dress(h); err != nil {
		return fmt.Errorf("write nipype's files of node %q: %w", n.Name, err)
	}
	return nil
}

func (n *Node) dress(h Hashed) error {
	if err := Forget(n.Dir); err != nil {
		return err
	}
	b := scratch.Get().(*buffers)
	defer b.release()
	if err := n.dressNode(b); err != nil {
		return err
	}
	if n.Settings.CreateReport {
		if err := n.writeReport(b); err != nil {
			return err
		}
	}
	err := b.pickle(n.resultFile(), func(p *pickler) { n.result(p) })
	if err != nil {
		return err
	}
	b.text = appendHashJSON(b.text[:0], h.Inputs, 0)
	return writeLast(n.file(h.File()), b.text)
}

// dressNode writes what nipype writes before the run.
func (n *Node) dressNode(b *buffers) error {
	if err := b.pickle(n.file("_inputs.pklz"), func(p *pickler) { p.record(n.Inputs) }); err != nil {
		return err
	}
	err := n.dressPickle(b)
	if err != nil || n.Map != nil || !n.Class.runsCommand() {
		return err
	}
	return writeFile(n.file("command.txt"), []byte(n.Runtime.CommandLine))
}

// dressPickle writes the node itself.
func (n *Node) dressPickle(b *buffers) error {
	if n.Element == nil {
		blob, err := os.ReadFile(n.Blob)
		if err != nil {
			return err
		}
		return b.zip(n.file("_node.pklz"), blob)
	}
	mapNode, err := n.unpickled()
	if err != nil {
		return err
	}
	return b.pickle(n.file("_node.pklz"), func(p *pickler) { p.elementNode(mapNode, n.Element.Index) })
}

func (n *Node) writeReport(b *buffers) error {
	if err := os.Mkdir(n.file("_report"), 0o777); err != nil && !os.IsExist(err) {
		return err
	}
	b.text = n.appendReport(b.text[:0])
	return writeFile(n.file("_report/report.rst"), b.text)
}

// Believed gives the paths of the files by which nipype believes what Dress
// wrote: the hash file and the result.
func (n *Node) Believed(h Hashed) []string {
	return []string{n.file(h.File()), n.resultFile()}
}

// ResultFile gives the name of the result file of a node or element.
func ResultFile(name string) string { return "result_" + name + ".pklz" }

func (n *Node) resultFile() string { return n.file(ResultFile(n.Name)) }

func (n *Node) file(name string) string { return n.Dir + "/" + name }
