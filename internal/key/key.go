// Package key says what an instance's result depends on. [NewList] writes it
// down, and both are made from the one list: the key, and what a person can
// compare. So the explanation can never disagree with the key.
//
//	Subject  the interface, its tool, environment and inputs of one instance
//	List     what counts of it
//	Key      SHA-256 over the list
//	Item     a name, a short text and a short hash, of each that is on the list
//	Files    gives the identity of files; package task has it
//	Memo     spares a large value that many instances are given
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
	"sync"

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

// A List is what a result depends on, in order.
type List []entry

// An entry is one item of a list. What a person reads of it is its text, or is
// worked out from its value when it is asked for: an instance that is up to date
// needs none.
type entry struct {
	name      string
	canonical []byte // what counts; not changed afterwards
	text      string
	value     value.Value
}

// NewList writes the list of what the subject's result depends on, and gives the
// number of bytes of the files that the inputs name.
func NewList(s Subject, files Files) (l List, given int64, err error) {
	l = make(List, 0, 2+len(s.Env)+len(s.Facts)+len(s.Inputs))
	fact := func(name, canonical, text string) {
		l = append(l, entry{name: name, canonical: []byte(canonical), text: text})
	}
	digest := s.Interface.Digest()
	fact("interface", s.Interface.Name+"\x00"+string(digest[:]), s.Interface.Name)
	if s.Tool != "" {
		fact("tool", s.Tool, s.Tool)
	}
	for _, e := range s.Env {
		name, val, _ := strings.Cut(e, "=")
		fact("environ."+name, val, val)
	}
	for _, f := range s.Facts {
		fact(f.Name, f.Text, f.Text)
	}
	w := canonical{files: files, base: s.BaseDir}
	for _, f := range s.Inputs {
		in := s.Interface.Input(f.Name)
		if in != nil && (in.NoHash || in.Threads) {
			continue
		}
		w.begin(s.Interface, in)
		form, bytes, err := s.Memo.form(&w, f.Value)
		if err != nil {
			return nil, 0, fmt.Errorf("identify input %q: %w", f.Name, err)
		}
		given += bytes
		l = append(l, entry{name: itemName(f.Name), canonical: form, value: f.Value})
	}
	return l, given, nil
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

// digests spares the making of one for each list.
var digests = sync.Pool{New: func() any { return NewDigest() }}

// Key gives the key of the list.
func (l List) Key() Key {
	d := digests.Get().(*Digest)
	defer digests.Put(d)
	d.begin()
	for k := range l {
		d.Add(l[k].name, l[k].canonical)
	}
	return d.Key()
}

// A Digest makes a key of items that are not kept.
type Digest struct {
	h   hash.Hash
	buf []byte
}

// NewDigest starts a key.
func NewDigest() *Digest {
	d := &Digest{h: sha256.New(), buf: make([]byte, 0, 128)}
	d.begin()
	return d
}

func (d *Digest) begin() {
	d.h.Reset()
	d.h.Write(append(d.buf[:0], salt...))
}

// Add hashes one item, lengths first, so that no two lists run together.
func (d *Digest) Add(name string, canonical []byte) {
	d.buf = binary.AppendUvarint(d.buf[:0], uint64(len(name)))
	d.buf = binary.AppendUvarint(d.buf, uint64(len(canonical)))
	d.buf = append(d.buf, name...)
	d.h.Write(d.buf)
	d.h.Write(canonical)
}

// Key gives the key of all items so far.
func (d *Digest) Key() (k Key) {
	copy(k[:], d.h.Sum(d.buf[:0]))
	return k
}

// An Item is one line of an explanation.
type Item struct {
	Name string
	Sum  uint64 // of what was hashed
	Text string // for a person, shortened
}

// cutMark ends a text that was cut.
const cutMark = "..."

// Items gives what a person can compare.
func (l List) Items() []Item {
	out := make([]Item, len(l))
	for k, e := range l {
		t := e.text
		if e.value != nil {
			t = value.Brief(e.value, longestText)
		}
		if len(t) > longestText {
			t = strings.ToValidUTF8(t[:longestText], "") + cutMark
		}
		sum := sha256.Sum256(e.canonical)
		out[k] = Item{e.name, binary.LittleEndian.Uint64(sum[:]), t}
	}
	return out
}
