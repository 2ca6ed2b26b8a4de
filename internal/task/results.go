package task

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/value"
)

// results finds the records of this run and of earlier ones. Records stay on
// disk; a few megabytes of those read last are kept. An instance costs eight
// bytes, some 18 more where an earlier run left a record of it, and as many
// where files of it lie in its directory.
type results struct {
	store *store.Store
	base  string

	mu      sync.Mutex
	refs    []store.Ref // by instance: its record in this run
	earlier store.Index // by name: the last record of earlier runs, or a failure in this one
	dirs    store.Index // by directory: the record whose files lie there, in this run
	cache   cache[store.Ref, *Record]
	blobs   cache[store.Digest, value.Value]
}

// How much is kept of what was read last: records for what follows soon after,
// values for all that they are handed to. Two lists of 100,000 paths, which
// weigh some 10 MB each, stay at hand for a thousand readers of both.
const (
	recordCache = 2 << 20
	valueCache  = 24 << 20
)

// init makes the zero results ready for a plan of so many instances.
func (r *results) init(base string, instances int) {
	r.base, r.refs = base, make([]store.Ref, instances)
	r.cache.half, r.blobs.half = recordCache/2, valueCache/2
}

// Visit is shown every record when the store is opened.
func (r *results) visit(rec store.Record) error {
	if rec.Kind == KindResult || rec.Kind == KindFailure {
		r.earlier.Put(uint64(rec.ID), rec.Ref)
	}
	return nil
}

// last gives the last record of that name, nil if there is none. A success of
// this run is not looked for by name: nobody asks again.
func (r *results) last(name string) (*Record, store.Ref, error) {
	r.mu.Lock()
	ref := r.earlier.Get(uint64(ID(name)))
	r.mu.Unlock()
	if ref == 0 {
		return nil, 0, nil
	}
	rec, err := r.read(ref)
	if err != nil || rec.Name != name {
		return nil, 0, err
	}
	return rec, ref, nil
}

// knows reports whether an earlier run may have left a record of a unit.
func (r *results) knows(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.earlier.Get(uint64(ID(name))) != 0
}

// read gives a record by its place.
func (r *results) read(ref store.Ref) (*Record, error) {
	r.mu.Lock()
	rec, ok := r.cache.get(ref)
	r.mu.Unlock()
	if ok {
		return rec, nil
	}
	buf := recordBuffers.Get().(*[recordBuffer]byte)
	defer recordBuffers.Put(buf)
	raw, err := r.store.Read(ref, buf[:])
	if err != nil {
		return nil, err
	}
	rec, err = DecodeRecord(raw.Payload, r.base)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.cache.put(ref, rec, weighRecord(rec, len(raw.Payload)))
	r.mu.Unlock()
	return rec, nil
}

// recordBuffers holds what records are read into. Nearly all are smaller; a
// decoded record keeps nothing of it.
var recordBuffers = sync.Pool{New: func() any { return new([recordBuffer]byte) }}

const recordBuffer = 2 << 10

// settle notes that a record is the one of its instance in this run. element
// tells records of map elements, which are no instance's own.
func (r *results) settle(u plan.Instance, element bool, rec *Record, ref store.Ref, dir string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !element {
		r.refs[u] = ref
	}
	if len(rec.Files) > 0 {
		r.dirs.Put(uint64(ID(dir)), ref)
	}
}

// append writes a record.
func (r *results) append(kind store.Kind, rec *Record) (store.Ref, error) {
	payload := rec.encode(r.base)
	ref, err := r.store.Append(kind, ID(rec.Name), payload)
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if kind == KindResult {
		r.cache.put(ref, rec, weighRecord(rec, len(payload)))
	} else {
		r.earlier.Put(uint64(ID(rec.Name)), ref)
	}
	return ref, nil
}

// largeValue is the size from which an output is kept as a blob, once,
// whatever the number of records that hold it.
const largeValue = 16 << 10

// moveLarge takes large outputs out of a record into blobs. The outputs may be
// another's inputs, so that they are left as they are.
func (r *results) moveLarge(rec *Record) error {
	for _, f := range rec.Outputs {
		b := value.Append(nil, value.Map(f.Value, func(s string) string { return shorten(s, r.base) }))
		if len(b) < largeValue {
			continue
		}
		digest, _, err := r.store.PutBlob(b)
		if err != nil {
			return err
		}
		if rec.Blobs == nil {
			rec.Blobs = map[string]store.Digest{}
		}
		rec.Blobs[f.Name] = digest
		rec.Outputs = rec.Outputs.With(f.Name, nil)
		r.mu.Lock()
		r.blobs.put(digest, f.Value, weigh(f.Value))
		r.mu.Unlock()
	}
	return nil
}

// output gives one output of a record, nil if it has none of that name.
func (r *results) output(rec *Record, port string) (value.Value, error) {
	digest, large := rec.Blobs[port]
	if !large {
		return rec.Outputs.Get(port), nil
	}
	r.mu.Lock()
	v, ok := r.blobs.get(digest)
	r.mu.Unlock()
	if ok {
		return v, nil
	}
	b, err := r.store.Blob(digest)
	if err != nil {
		return nil, err
	}
	v, _, err = value.Decode(b)
	if err != nil {
		return nil, err
	}
	v = value.Map(v, func(s string) string { return lengthen(s, r.base) })
	r.mu.Lock()
	r.blobs.put(digest, v, weigh(v))
	r.mu.Unlock()
	return v, nil
}

// outputs gives all outputs of a record.
func (r *results) outputs(rec *Record) (value.Record, error) {
	out := slices.Clone(rec.Outputs)
	for name := range rec.Blobs {
		v, err := r.output(rec, name)
		if err != nil {
			return nil, err
		}
		out.Set(name, v)
	}
	return out, nil
}

// Output gives an output of an instance that is done (plan.Resolver).
func (r *results) Output(i plan.Instance, port string) (value.Value, error) {
	r.mu.Lock()
	ref := r.refs[i]
	r.mu.Unlock()
	if ref == 0 {
		return nil, fmt.Errorf("BUG: instance %d has no record", i)
	}
	rec, err := r.read(ref)
	if err != nil {
		return nil, err
	}
	return r.output(rec, port)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
