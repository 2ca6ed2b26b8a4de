// Package key says what an instance's result depends on. [Write] walks the one
// list of what is hashed and sends it through a [Manifest], of which there are
// two: [Digest] makes the key, [Explanation] keeps what a person can compare.
// So the explanation can never disagree with the key.
//
//	Subject      the interface, its tool, environment and inputs of one instance
//	Manifest     receives the list
//	Digest       SHA-256 over the list: the key
//	Explanation  a name, a short text and a short hash for each item
//	Files        gives the identity of files; package task has it
//
// What is not part of a key: names of nodes and directories, thread counts,
// verbosity and whatever else an interface marks so, memory, retries, the
// paths (but not the base names) of input files.
package key

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// salt stands at the head of every key. A change of what is hashed, or how,
// changes it, and so makes every instance run again.
const salt = "raphe key 1"

// A Key identifies the result of an instance.
type Key [sha256.Size]byte

// String gives the key in hexadecimal.
func (k Key) String() string { return fmt.Sprintf("%x", k[:]) }

// A Manifest receives the items of a key's list in their order. canonical is
// what counts; text gives it for a person and is called only if needed.
type Manifest interface {
	Item(name string, canonical []byte, text func() string)
}

// longestText is how much of an item's text an explanation keeps.
const longestText = 120

// Files gives the identity of a file or folder: a short text that is equal for
// equal content, "" for a path that names neither.
type Files interface {
	Identity(path string) (string, error)
}

// A Subject is what one instance runs, and with what.
type Subject struct {
	Interface *iface.Interface
	Tool      string   // version of the tool, or the identity of its program
	Env       []string // "NAME=value" that the definition sets, sorted
	Inputs    value.Record
	BaseDir   string // paths below it count by what is behind it, so that it may move
}

// Write sends the list of what the subject's result depends on to m.
func Write(m Manifest, s Subject, files Files) error {
	digest := s.Interface.Digest()
	m.Item("interface", append([]byte(s.Interface.Name+"\x00"), digest[:]...), func() string { return s.Interface.Name })
	if s.Tool != "" {
		m.Item("tool", []byte(s.Tool), func() string { return s.Tool })
	}
	for _, e := range s.Env {
		name, val, _ := strings.Cut(e, "=")
		m.Item("environ."+name, []byte(val), func() string { return val })
	}
	for _, f := range s.Inputs {
		in := s.Interface.Input(f.Name)
		if in != nil && (in.NoHash || in.Threads) {
			continue
		}
		w := canonical{files: files, base: s.BaseDir}
		if in != nil {
			w.hashText = in.HashText || isWritten(s.Interface, in)
			w.named = in.Type.IsPath()
		}
		b, err := w.append(nil, f.Value)
		if err != nil {
			return fmt.Errorf("identify input %q: %w", f.Name, err)
		}
		m.Item(itemName(f.Name), b, func() string { return value.Brief(f.Value, longestText) })
	}
	return nil
}

// isWritten tells paths that the tool writes: what lies there now is of no
// account. A path that need not exist may still be read (flirt's in_matrix_file),
// so that only a name that the interface would work out by itself, or gives as
// an output, is taken for one; the others say so with HashText.
func isWritten(f *iface.Interface, in *iface.Input) bool {
	if !in.Type.IsPath() || in.Type.MustExist() {
		return false
	}
	if in.Compute != nil || in.Auto != nil || f.Output(in.Name) != nil {
		return true
	}
	for i := range f.Outputs {
		if at, ok := f.Outputs[i].Value.(*iface.At); ok && at.Input == in.Name {
			return true
		}
	}
	return false
}

// itemName keeps inputs apart from the items that stand before them.
func itemName(input string) string {
	if input == "interface" || input == "tool" {
		return "input." + input
	}
	return input
}

// A canonical writes values so that what makes no difference leaves no trace:
// a tuple is a list, a file is its base name and content.
type canonical struct {
	files    Files
	base     string
	named    bool // the input takes paths: a file's folder does not count
	hashText bool // the path is a text, whatever lies there
}

func (c *canonical) append(dst []byte, v value.Value) ([]byte, error) {
	items, isList := value.Items(v)
	switch {
	case isList:
		dst = binary.AppendUvarint(append(dst, 'l'), uint64(len(items)))
		for _, e := range items {
			var err error
			if dst, err = c.append(dst, e); err != nil {
				return nil, err
			}
		}
		return dst, nil
	case value.KindOf(v) == value.StringKind:
		return c.appendText(dst, string(v.(value.String)))
	case value.KindOf(v) == value.DictKind:
		return c.appendDict(dst, v.(value.Dict))
	}
	return value.Append(append(dst, 'v'), v), nil
}

func (c *canonical) appendDict(dst []byte, d value.Dict) ([]byte, error) {
	dst = binary.AppendUvarint(append(dst, 'd'), uint64(len(d)))
	var err error
	for _, e := range d {
		if dst, err = c.append(dst, e.Key); err != nil {
			return nil, err
		}
		if dst, err = c.append(dst, e.Value); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// appendText writes a string. Where it names a file that is there, the file's
// identity counts: with the base name for an input that takes paths (tools
// derive names from it), with the whole path below or beside base_dir for any
// other input (a function may look at all of it).
func (c *canonical) appendText(dst []byte, s string) ([]byte, error) {
	if c.hashText || !c.mayBeFile(s) {
		return appendString(append(dst, 's'), s), nil
	}
	id, err := c.files.Identity(s)
	if err != nil {
		return nil, err
	}
	shown, tag := s, byte('s')
	if rel, below := strings.CutPrefix(s, c.base+"/"); below && c.base != "" {
		shown, tag = rel, 'b'
	}
	if id == "" {
		return appendString(append(dst, tag), shown), nil
	}
	if c.named {
		shown = filepath.Base(s)
	}
	return appendString(appendString(append(dst, 'f'), shown), id), nil
}

// mayBeFile spares the file system every text that is no absolute path. Texts
// of several lines are looked at only where a path is expected.
func (c *canonical) mayBeFile(s string) bool {
	return strings.HasPrefix(s, "/") && (c.named || !strings.Contains(s, "\n"))
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// Digest is the Manifest that makes the key.
type Digest struct{ h hash.Hash }

// NewDigest starts a key.
func NewDigest() *Digest {
	d := &Digest{h: sha256.New()}
	d.h.Write([]byte(salt))
	return d
}

// Item hashes one item, lengths first, so that no two lists run together.
func (d *Digest) Item(name string, canonical []byte, _ func() string) {
	var buf [2 * binary.MaxVarintLen64]byte
	n := binary.PutUvarint(buf[:], uint64(len(name)))
	n += binary.PutUvarint(buf[n:], uint64(len(canonical)))
	d.h.Write(buf[:n])
	d.h.Write([]byte(name))
	d.h.Write(canonical)
}

// Key gives the key of all items so far.
func (d *Digest) Key() (k Key) {
	d.h.Sum(k[:0])
	return k
}

// An Item is one line of an explanation.
type Item struct {
	Name string
	Sum  uint64 // of what was hashed
	Text string // for a person, shortened
}

// Explanation is the Manifest that keeps what a person can compare.
type Explanation struct{ Items []Item }

// cutMark ends a text that was cut.
const cutMark = "..."

// Item keeps one item.
func (e *Explanation) Item(name string, canonical []byte, text func() string) {
	t := text()
	if len(t) > longestText {
		t = strings.ToValidUTF8(t[:longestText], "") + cutMark
	}
	sum := sha256.Sum256(canonical)
	e.Items = append(e.Items, Item{name, binary.LittleEndian.Uint64(sum[:]), t})
}

// Both sends one list to two manifests.
type Both [2]Manifest

// Item hands the item to both.
func (b Both) Item(name string, canonical []byte, text func() string) {
	b[0].Item(name, canonical, text)
	b[1].Item(name, canonical, text)
}
