package task

import (
	"bytes"
	"encoding/hex"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/key"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/value"
)

const testBase = "/data/work"

// oddText draws texts that could be taken for something else in a record.
func oddText() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
		rapid.SampledFrom([]string{"", below, verbatim, below + "x", verbatim + below, testBase, testBase + "/", testBase + "/wf/a/out.nii",
			testBase + "//x", testBase + "2/x", "/data", "a\x00b", "\xff\xfe"}))
}

func anyValue() *rapid.Generator[value.Value] {
	text := rapid.Map(oddText(), func(s string) value.Value { return value.String(s) })
	flat := rapid.OneOf(text, rapid.Map(rapid.Int64(), func(n int64) value.Value { return value.Int(n) }), rapid.Just[value.Value](value.None{}))
	return rapid.OneOf(flat,
		rapid.Map(rapid.SliceOf(flat), func(v []value.Value) value.Value { return value.List(v) }),
		rapid.Map(rapid.SliceOf(text), func(v []value.Value) value.Value { return value.Tuple(v) }),
		rapid.Map(flat, func(v value.Value) value.Value { return value.Dict{{Key: value.String("k"), Value: v}} }))
}

func drawKey(t *rapid.T) (k key.Key) {
	copy(k[:], rapid.SliceOfN(rapid.Byte(), len(k), len(k)).Draw(t, "key"))
	return k
}

func drawRecord(t *rapid.T) *Record {
	small := rapid.Int64Range(-3, 1<<40)
	r := &Record{
		Name: oddText().Draw(t, "name"), Node: oddText().Draw(t, "node"), Interface: oddText().Draw(t, "interface"),
		Key: drawKey(t), Began: time.Unix(0, rapid.Int64().Draw(t, "began")), Attempt: rapid.IntRange(0, 9).Draw(t, "attempt"),
		Usage: event.Usage{Wall: time.Duration(small.Draw(t, "wall")), CPU: time.Duration(small.Draw(t, "cpu")), PeakRSS: small.Draw(t, "rss"), PeakPSS: small.Draw(t, "pss"),
			InputBytes: small.Draw(t, "input"), Asked: event.Asked{Procs: 2, Mem: small.Draw(t, "mem"), From: event.FromLearned}},
		Reason: oddText().Draw(t, "reason"), Argv: rapid.SliceOfN(oddText(), 0, 4).Draw(t, "argv"),
		Outputs: value.NewRecord(rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}`), anyValue(), 0, 4).Draw(t, "outputs")),
	}
	for _, name := range rapid.SliceOfN(oddText(), 0, 3).Draw(t, "blobs") {
		if r.Blobs == nil {
			r.Blobs = map[string]store.Digest{}
		}
		r.Blobs[name] = store.Digest(drawKey(t))
	}
	for _, path := range rapid.SliceOfN(oddText(), 0, 3).Draw(t, "files") {
		r.Files = append(r.Files, FileMark{path, small.Draw(t, "size"), small.Draw(t, "mtime")})
	}
	for _, text := range rapid.SliceOfN(oddText(), 0, 3).Draw(t, "items") {
		r.Items = append(r.Items, key.Item{Name: text, Sum: uint64(small.Draw(t, "sum")), Text: text})
	}
	if rapid.Bool().Draw(t, "failed") {
		text := rapid.String() // what is no text in a failure is shown as JSON shows it
		r.Failure = &event.Failure{Cause: text.Draw(t, "cause"), Kind: "k", Stderr: text.Draw(t, "stderr"), Parameters: map[string]string{"s": text.Draw(t, "parameter")}}
	}
	return r
}

func TestRecordRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawRecord(t)
		got, err := DecodeRecord(want.encode(testBase), testBase)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("a record and what is read of it (-want +got):\n%s", d)
		}
	})
}

func TestRecordMovesWithItsBase(t *testing.T) {
	under := func(base string) *Record {
		return &Record{
			Name: "wf/a", Argv: []string{"bet", base + "/wf/a/in.nii", "/elsewhere/b"}, Began: time.Unix(1, 0),
			Outputs: value.NewRecord(map[string]value.Value{"out": value.List{value.String(base + "/wf/a/o"), value.Tuple{value.String("/elsewhere/o")}}}),
			Files:   []FileMark{{base + "/sink/o", 1, 2}, {"o", 3, 4}},
		}
	}
	got, err := DecodeRecord(under("/old").encode("/old"), "/new/place")
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(under("/new/place"), got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("moved (-want +got):\n%s", d)
	}
}

func TestRecordsThatAreRefused(t *testing.T) {
	whole := (&Record{Name: "n", Files: []FileMark{{"a", 1, 1}}}).encode(testBase)
	for _, tt := range []struct {
		name    string
		payload []byte
		want    string
	}{
		{"none", nil, "decode record: unexpected end"},
		{"of a newer raphe", append([]byte{recordVersion + 1}, whole[1:]...), "decode record: a newer raphe wrote it (format 3; this one knows up to 2)"},
		{"cut", whole[:len(whole)-3], "decode record: unexpected end"},
		{"with something after it", append(bytes.Clone(whole), "junk"...), "decode record: invalid character 'j' looking for beginning of value"},
		{"a count of all numbers", append([]byte{recordVersion}, bytes.Repeat([]byte{0xff}, 9)...), "decode record: unexpected end"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := DecodeRecord(tt.payload, testBase); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestLongCommandsAreCut(t *testing.T) {
	r := &Record{Argv: []string{"merge", strings.Repeat("a", mostArgv/2), strings.Repeat("b", mostArgv)}}
	got, err := DecodeRecord(r.encode(testBase), testBase)
	if err != nil || len(got.Argv) != 2 {
		t.Errorf("%d words are kept, %v", len(got.Argv), err)
	}
}

// What can be decoded can be encoded again, to the same.
func FuzzDecodeRecord(f *testing.F) {
	whole := &Record{
		Name: "wf/a", Node: "wf.a", Argv: []string{"x"}, Blobs: map[string]store.Digest{"b": {1}}, Files: []FileMark{{"o", 1, 2}},
		Items: []key.Item{{Name: "i", Sum: 1, Text: "t"}}, Outputs: value.NewRecord(map[string]value.Value{"o": value.Strings(testBase+"/o", "\x01")}),
	}
	for _, r := range []*Record{{}, whole, {Failure: &event.Failure{Cause: "c"}}} {
		b := r.encode(testBase)
		f.Add(b)
		for _, cut := range []int{1, len(b) / 3, len(b) - 1} {
			f.Add(b[:cut])
		}
		for at := 1; at < len(b); at += 7 {
			damaged := bytes.Clone(b)
			damaged[at] ^= 0xff
			f.Add(damaged)
		}
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		r, err := DecodeRecord(payload, testBase)
		if err != nil {
			return
		}
		b := r.encode(testBase)
		again, err := DecodeRecord(b, testBase)
		if err != nil {
			t.Fatalf("what was decoded can't be decoded again: %v", err)
		}
		if b2 := again.encode(testBase); !bytes.Equal(b, b2) {
			t.Errorf("encoded twice:\n%s\n%s", hex.Dump(b), hex.Dump(b2))
		}
	})
}

// The memory that a damaged payload takes is bounded by its length.
func TestDamagedRecordsAllocateLittle(t *testing.T) {
	payload := (&Record{}).encode(testBase)
	var counts []byte // every count claims all that follows
	for range 1 << 16 {
		counts = append(counts, 0xff, 0xff, 0x03)
	}
	for at := range payload[1:] {
		damaged := append(bytes.Clone(payload[:at+1]), counts...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = DecodeRecord(damaged, testBase)
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > uint64(100*len(damaged)) {
			t.Errorf("damaged from byte %d on: %d bytes for a payload of %d", at+1, n, len(damaged))
		}
	}
}
