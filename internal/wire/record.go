package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A record is the fields of one line that have not been read yet. Reading one
// takes it out, so that what is left over at the end is unknown.
type record struct {
	r      *reader
	fields map[string]json.RawMessage
	asked  []string
}

// take gives a field as raw JSON; null counts as not there.
func (rec *record) take(name string) (json.RawMessage, bool) {
	rec.asked = append(rec.asked, name)
	raw, ok := rec.fields[name]
	delete(rec.fields, name)
	return raw, ok && !bytes.Equal(raw, []byte("null"))
}

func (rec *record) wrong(name, want string, raw json.RawMessage) {
	text := string(raw)
	if len(text) > 40 {
		text = text[:37] + "..."
	}
	rec.r.problem(fmt.Sprintf("field %q must be %s, not %s", name, want, text), "", "see doc/formats.md, section \"Definition as JSON lines\"")
}

// finish reports the fields that no one asked for.
func (rec *record) finish(kind string) {
	for _, name := range slices.Sorted(maps.Keys(rec.fields)) {
		rec.r.problem(fmt.Sprintf("a record of kind %s has no field %q", kind, name), "", diag.DidYouMean(name, rec.asked))
	}
}

// read decodes a field into v, and reports whether it was there and right.
func (rec *record) read(name, want string, v any) bool {
	raw, ok := rec.take(name)
	if !ok {
		return false
	}
	if err := json.Unmarshal(raw, v); err != nil {
		rec.wrong(name, want, raw)
		return false
	}
	return true
}

func (rec *record) text(name string) (s string) {
	rec.read(name, "text", &s)
	return s
}

func (rec *record) texts(name string) (s []string) {
	rec.read(name, "a list of texts", &s)
	return s
}

func (rec *record) flag(name string) (b bool) {
	rec.read(name, "true or false", &b)
	return b
}

func (rec *record) number(name string) (f float64) {
	rec.read(name, "a number", &f)
	return f
}

// count reads an integer that is not negative.
func (rec *record) count(name string) int {
	f := rec.number(name)
	if f != math.Trunc(f) || f < 0 || f > 1<<20 {
		rec.r.problem(fmt.Sprintf("field %q must be an integer, 0 or more, not %v", name, f), "", "")
		return 0
	}
	return int(f)
}

func (rec *record) tristate(name string) workflow.Tristate {
	var b bool
	switch ok := rec.read(name, "true or false", &b); {
	case !ok:
		return workflow.Unset
	case b:
		return workflow.Yes
	}
	return workflow.No
}

// values reads an object of values.
func (rec *record) values(name string) value.Record {
	raw, ok := rec.take(name)
	if !ok {
		return nil
	}
	v, err := value.ParseRecordJSON(raw)
	if err != nil {
		rec.r.problem(fmt.Sprintf("field %q can't be read", name), err.Error(), "")
	}
	return v
}

// list reads a list of values, in which null is Undefined.
func (rec *record) list(name string, raw json.RawMessage) ([]value.Value, bool) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		rec.wrong(name, "a list", raw)
		return nil, false
	}
	out := make([]value.Value, len(items))
	for i, item := range items {
		v, err := value.ParseJSON(item)
		if err != nil {
			rec.r.problem(fmt.Sprintf("field %q: value %d can't be read", name, i), err.Error(), "")
			return nil, false
		}
		out[i] = v
	}
	return out, true
}

// object reads a field that is an object with fields of its own.
func (rec *record) object(name string) (*record, bool) {
	inner := &record{r: rec.r}
	return inner, rec.read(name, "an object", &inner.fields)
}

func (rec *record) config() workflow.Config {
	var c workflow.Config
	inner, ok := rec.object("config")
	if !ok {
		return c
	}
	for _, f := range configFlags {
		*f.at(&c) = inner.tristate(f.name)
	}
	for _, f := range configTexts {
		*f.at(&c) = inner.text(f.name)
	}
	inner.finish("config")
	return c
}
