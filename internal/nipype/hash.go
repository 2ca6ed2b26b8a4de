package nipype

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// A Hashed is nipype's hash of a node's inputs: the name of the hash file and
// what is in it.
type Hashed struct {
	Sum    string // 32 digits, as in _0x<Sum>.json
	Inputs value.List
}

// File gives the name of the hash file.
func (h Hashed) File() string { return "_0x" + h.Sum + ".json" }

// Hash works out nipype's hash. Files among the inputs count by their content
// or their stamp, whatever their names, so it is to be taken before the command
// runs, which may change them.
//
// Source: BaseTraitedSpec.get_hashval, Node._get_hashval and MapNode._get_hashval.
func (n *Node) Hash() (Hashed, error) {
	stamp, err := stampOf(n.Settings)
	if err != nil {
		return Hashed{}, fmt.Errorf("hash of node %q: %w", n.Name, err)
	}
	var text, shown value.List
	for _, f := range n.Inputs {
		if slices.Contains(n.Class.NoHash, f.Name) {
			continue
		}
		h := hasher{stamp: stamp}
		if !n.hashesFiles(f.Name) {
			h.stamp = nil
		}
		v, with := h.sorted(n.hashed(f))
		if h.err != nil {
			return Hashed{}, fmt.Errorf("hash of input %q of node %q: %w", f.Name, n.Name, h.err)
		}
		text = append(text, value.Tuple{value.String(f.Name), v})
		shown = append(shown, value.Tuple{value.String(f.Name), with})
	}
	sum := md5Text(value.Repr(text))
	if n.Settings.RemoveUnnecessary && len(n.NeededOutputs) > 0 {
		needed := value.Strings(n.NeededOutputs...)
		sum = md5Text(sum + value.Repr(needed))
		shown = append(shown, value.Tuple{value.String("needed_outputs"), needed})
	}
	return Hashed{Sum: sum, Inputs: shown}, nil
}

// hashed gives the value of an input that is hashed. That of an iterfield of a
// nested MapNode is the list of what its elements get.
func (n *Node) hashed(f value.Field) value.Value {
	if n.Map == nil || !n.Map.Nested || !slices.Contains(n.Map.IterFields, f.Name) {
		return f.Value
	}
	flat := flatten(nil, f.Value)
	if in := n.Class.Interface.Input(f.Name); in != nil {
		t := iface.Type{Kind: iface.Multi, Of: []iface.Type{in.Type}}
		if v, err := t.Accept(flat); err == nil && v != nil {
			return cleanPaths(t, v)
		}
	}
	return flat
}

func flatten(out value.List, v value.Value) value.List {
	list, ok := v.(value.List)
	if !ok {
		return append(out, v)
	}
	for _, e := range list {
		out = flatten(out, e)
	}
	return out
}

// hashesFiles reports whether a text of the input that names a file stands for
// the file. A MapNode makes new traits for the inputs that it iterates over,
// which have lost what said otherwise.
func (n *Node) hashesFiles(input string) bool {
	if n.Map != nil && slices.Contains(n.Map.IterFields, input) {
		return true
	}
	return !slices.Contains(n.Class.NoFileHash, input)
}

func md5Text(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}
