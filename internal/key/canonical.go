package key

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// A canonical writes a value so that what makes no difference leaves no trace:
// a tuple is a list, a file is its base name and content. The form of a large
// value is its SHA-256, which is made piece by piece.
type canonical struct {
	files    Files
	base     string
	named    bool // the input takes paths: a file's folder does not count
	hashText bool // the path is a text, whatever lies there

	large  hash.Hash // of what was written, once that is large
	looked bool      // at files
	given  int64     // bytes of these
}

// begin makes c ready for the value of an input; nil is one that the interface
// does not know.
func (c *canonical) begin(f *iface.Interface, in *iface.Input) {
	*c = canonical{files: c.files, base: c.base}
	if in != nil {
		c.hashText = in.HashText || isWritten(f, in)
		c.named = in.Type.IsPath()
	}
}

// largeForm is the length from which the SHA-256 of a form stands for it.
const largeForm = 16 << 10

// usualForm is what most forms have room in: a name and the digest of a file.
const usualForm = 96

// form gives the canonical form of a value.
func (c *canonical) form(v value.Value) ([]byte, error) {
	b, err := c.append(make([]byte, 0, usualForm), v)
	if err != nil {
		return nil, err
	}
	if c.large == nil && len(b) <= largeForm {
		return b, nil
	}
	c.hash(b)
	return c.large.Sum([]byte{'L'}), nil
}

// spill empties what was written where it has become long.
func (c *canonical) spill(b []byte) []byte {
	if len(b) <= largeForm {
		return b
	}
	c.hash(b)
	return b[:0]
}

func (c *canonical) hash(b []byte) {
	if c.large == nil {
		c.large = sha256.New()
	}
	c.large.Write(b)
}

func (c *canonical) append(dst []byte, v value.Value) ([]byte, error) {
	items, isList := value.Items(v)
	switch {
	case isList:
		dst = binary.AppendUvarint(append(dst, 'l'), uint64(len(items)))
		for _, e := range items {
			var err error
			if dst, err = c.append(c.spill(dst), e); err != nil {
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
		if dst, err = c.append(c.spill(dst), e.Key); err != nil {
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
	c.looked = true
	id, bytes, err := c.files.Identity(s)
	if err != nil {
		return nil, err
	}
	c.given += bytes
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
