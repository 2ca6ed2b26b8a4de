package workflow

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// NodeKind tells nipype's three classes of nodes apart.
type NodeKind uint8

const (
	PlainNode NodeKind = iota // Node
	MapNode                   // MapNode: once for each element of the iterfields
	JoinNode                  // JoinNode: collects the branches of an iterable node
)

// String gives nipype's name of the kind.
func (k NodeKind) String() string { return [...]string{"Node", "MapNode", "JoinNode"}[k] }

// Options is what nipype's Node, MapNode and JoinNode take beside interface and
// name. The zero Options is a plain node with the defaults.
type Options struct {
	Kind NodeKind

	// Node
	Iterables            []Iterable
	IterSource           *IterSource // the iterables depend on the values of this node
	Synchronize          bool        // walk the iterables in lock step instead of all combinations
	MemGB                float64     // memory claimed, in GiB as nipype counts; 0: not given
	NProcs               int         // processors claimed; 0: not given
	Timeout              time.Duration
	Retries              int
	Environ              []EnvVar // set for the tool, sorted by name; part of the key
	Overwrite            Tristate // Yes: always run; No: never run again when there is a record; Unset: as the interface says
	RunWithoutSubmitting bool     // accepted for nipype's sake; cheap nodes run inside Raphe anyway
	KeepOutputs          []string // nipype's needed_outputs; empty: all

	// MapNode
	IterField []string
	Nested    bool
	Serial    bool

	// JoinNode
	JoinSource string
	JoinField  []string // empty: all inputs
	Unique     bool

	Config Config
}

// MemBytes is the memory claimed, in bytes; 0: not given.
func (o *Options) MemBytes() int64 { return int64(o.MemGB * (1 << 30)) }

// An Iterable is one input and the values it runs through. Exactly one of
// Values and ByKey is used; ByKey goes with an IterSource. Under Synchronize a
// value may be Undefined: that step leaves the field unset.
type Iterable struct {
	Field  string
	Values value.Seq
	ByKey  value.Dict // value of the source fields (one: itself, several: a tuple) -> list of values
}

// IterSource names the node, and its fields, whose values choose the iterables.
type IterSource struct {
	Node   string
	Fields []string
}

// An EnvVar is one environment variable.
type EnvVar struct{ Name, Value string }

// Tristate is a setting that may be left open.
type Tristate uint8

const (
	Unset Tristate = iota
	No
	Yes
)

// Config holds nipype's execution settings that mean something here; Unset
// leaves the setting to the enclosing workflow, and at last to the default.
type Config struct {
	StopOnFirstCrash         Tristate // default No
	RemoveUnnecessaryOutputs Tristate // default No
	KeepInputs               Tristate // default Yes
	ParameterizeDirs         Tristate // default Yes; No: parameter directories are hashes
	HashMethod               string   // "content" (default) or "timestamp"
	CrashDumpDir             string
}

// Func is a function on a connection: its argument is the upstream value,
// followed by Args.
type Func struct {
	iface.Func
	Args []value.Value
}

func (d *Definition) internOptions(o *Options) uint32 {
	d.scratch = appendOptions(d.scratch[:0], o)
	return d.options.intern(d.scratch, func() *Options {
		own := *o
		return &own
	})
}

// appendOptions writes what is equal for equal options only. It is made for
// every node, so it is written by hand; a test holds it to every field. Long
// lists of values are in it by their digest.
func appendOptions(b []byte, o *Options) []byte {
	b = append(b, byte(o.Kind), flag(o.Synchronize), byte(o.Overwrite), flag(o.RunWithoutSubmitting),
		flag(o.Nested), flag(o.Serial), flag(o.Unique))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(o.MemGB))
	b = binary.AppendVarint(b, int64(o.NProcs))
	b = binary.AppendVarint(b, int64(o.Timeout))
	b = binary.AppendVarint(b, int64(o.Retries))
	b = appendTexts(b, o.KeepOutputs...)
	b = appendTexts(b, o.IterField...)
	b = appendTexts(b, o.JoinField...)
	b = appendTexts(b, o.JoinSource, o.Config.HashMethod, o.Config.CrashDumpDir)
	b = append(b, byte(o.Config.StopOnFirstCrash), byte(o.Config.RemoveUnnecessaryOutputs),
		byte(o.Config.KeepInputs), byte(o.Config.ParameterizeDirs))
	b = binary.AppendUvarint(b, uint64(len(o.Environ)))
	for _, e := range o.Environ {
		b = appendTexts(b, e.Name, e.Value)
	}
	if o.IterSource != nil {
		b = appendTexts(appendTexts(append(b, 1), o.IterSource.Node), o.IterSource.Fields...)
	}
	b = append(b, 0)
	for _, it := range o.Iterables {
		digest := it.Values.Digest()
		b = appendDigest(append(appendTexts(b, it.Field), digest[:]...), it.ByKey)
	}
	return b
}

func appendDigest(b []byte, d value.Dict) []byte {
	h := sha256.New()
	before := len(b)
	for _, e := range d {
		b = value.Append(value.Append(b[:before], e.Key), e.Value)
		h.Write(b[before:])
	}
	return h.Sum(b[:before])
}

func flag(v bool) byte {
	if v {
		return 1
	}
	return 0
}

func appendTexts(b []byte, texts ...string) []byte {
	b = binary.AppendUvarint(b, uint64(len(texts)))
	for _, t := range texts {
		b = append(binary.AppendUvarint(b, uint64(len(t))), t...)
	}
	return b
}

// SortEnv sorts environment variables by name, the later of two of one name
// winning.
func SortEnv(env []EnvVar) []EnvVar {
	out := make([]EnvVar, 0, len(env))
	for i, e := range env {
		later := slices.ContainsFunc(env[i+1:], func(o EnvVar) bool { return o.Name == e.Name })
		if !later {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b EnvVar) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// WorkflowOptions is what nipype's Workflow takes beside its name.
type WorkflowOptions struct {
	BaseDir string // root of the working directories; counts at the top workflow only
	Config  Config
}
