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
//	Memo         spares a large value that many instances are given
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
// what counts, and is not changed afterwards; text gives it for a person and is
// called only if needed.
type Manifest interface {
	Item(name string, canonical []byte, text func() string)
}

// longestText is how much of an item's text an explanation keeps.
const longestText = 120

// Files gives the identity of a file or folder: a short text that is equal for
// equal content, "" for a path that names neither; and how many bytes it has.
type Files interface {
	Identity(path string) (id string, bytes int64, err error)
}

// A Subject is what one instance runs, and with what.
type Subject struct {
	Interface *iface.Interface
	Tool      string   // version of the tool, or the identity of its program
	Env       []string // "NAME=value" that the definition sets, sorted
	Inputs    value.Record
	Facts     []Fact // what counts beside the inputs
	BaseDir   string // paths below it count by what is behind it, so that it may move
	Memo      *Memo  // of this base directory; nil: nothing is remembered
}

// A Fact is something that a result depends on and that is no input. Its name
// holds a space, so that no input has it.
type Fact struct{ Name, Text string }

// Write sends the list of what the subject's result depends on to m. It gives
// the number of bytes of the files that the inputs name.
func Write(m Manifest, s Subject, files Files) (given int64, err error) {
	digest := s.Interface.Digest()
	m.Item("interface", append([]byte(s.Interface.Name+"\x00"), digest[:]...), func() string { return s.Interface.Name })
	if s.Tool != "" {
		m.Item("tool", []byte(s.Tool), func() string { return s.Tool })
	}
	for _, e := range s.Env {
		name, val, _ := strings.Cut(e, "=")
		m.Item("environ."+name, []byte(val), func() string { return val })
	}
	for _, f := range s.Facts {
		m.Item(f.Name, []byte(f.Text), func() string { return f.Text })
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
		form, bytes, err := s.Memo.form(&w, f.Value)
		if err != nil {
			return 0, fmt.Errorf("identify input %q: %w", f.Name, err)
		}
		given += bytes
		m.Item(itemName(f.Name), form, func() string { return value.Brief(f.Value, longestText) })
	}
	return given, nil
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

// Explanation is the Manifest that keeps what a person can compare. That is
// worked out when it is asked for: an instance that is up to date needs none.
type Explanation struct{ items []unexplained }

type unexplained struct {
	name      string
	canonical []byte
	text      func() string
}

// cutMark ends a text that was cut.
const cutMark = "..."

// Item keeps one item.
func (e *Explanation) Item(name string, canonical []byte, text func() string) {
	e.items = append(e.items, unexplained{name, canonical, text})
}

// Items gives what was kept.
func (e *Explanation) Items() []Item {
	out := make([]Item, len(e.items))
	for k, it := range e.items {
		t := it.text()
		if len(t) > longestText {
			t = strings.ToValidUTF8(t[:longestText], "") + cutMark
		}
		sum := sha256.Sum256(it.canonical)
		out[k] = Item{it.name, binary.LittleEndian.Uint64(sum[:]), t}
	}
	return out
}

// Both sends one list to two manifests.
type Both [2]Manifest

// Item hands the item to both.
func (b Both) Item(name string, canonical []byte, text func() string) {
	b[0].Item(name, canonical, text)
	b[1].Item(name, canonical, text)
}
