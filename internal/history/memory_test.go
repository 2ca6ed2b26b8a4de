package history

import (
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/store"
)

func sampled(s event.Sample) event.Event { return event.Event{Kind: event.Sampled, Sample: &s} }

// TestMemory writes samples and reads them back from another process's view.
func TestMemory(t *testing.T) {
	base := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, base, nil)
		before := NewWriter(s, Run{})
		say(before, sampled(event.Sample{Raphe: event.Memory{RSS: 1 << 20}}))
		before.Close()
		time.Sleep(time.Second)

		w := NewWriter(s, Run{Memory: 16 << 30, Procs: 4, Limit: "soft"})
		began := time.Now().UTC()
		want := []Point{
			{began.Add(time.Second), time.Second, event.Sample{
				Raphe: event.Memory{RSS: 20 << 20, PSS: 18 << 20, VSize: 1 << 30}, Commit: 7 << 30, Limit: 16 << 30,
			}},
			{began.Add(3 * time.Second), 2 * time.Second, event.Sample{
				Tools: event.Memory{RSS: 5 << 30, VSize: 9 << 30}, Processes: 8, Limit: 16 << 30,
				Nodes: map[string]int64{"wf.bet": 2 << 30, "wf.flirt": 3 << 30},
			}},
			{began.Add(3 * time.Second), 0, event.Sample{
				Processes: 1, Limit: 16 << 30, Nodes: map[string]int64{"wf.flirt": 1 << 20, "wf.new": 4096},
			}},
		}
		for _, p := range want {
			time.Sleep(time.Until(p.Time))
			say(w, sampled(p.Sample))
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		v, err := store.View(base)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		h, err := Read(v, base)
		if err != nil {
			t.Fatal(err)
		}
		if h.Procs != 4 || h.Run.Memory != 16<<30 || h.Limit != "soft" {
			t.Errorf("settings of the run: %+v", h.Run)
		}
		got, err := Memory(v, h.Run)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestMemoryPacked packs any samples: what comes back is the same to the KiB.
func TestMemoryPacked(t *testing.T) {
	bytes := rapid.Map(rapid.Int64Range(0, 1<<40), func(n int64) int64 { return n * kib })
	memory := rapid.Custom(func(t *rapid.T) event.Memory {
		return event.Memory{RSS: bytes.Draw(t, "rss"), PSS: bytes.Draw(t, "pss"), VSize: bytes.Draw(t, "vsize")}
	})
	rapid.Check(t, func(t *rapid.T) {
		began := stamp(time.Now())
		run := Run{Began: began, Memory: 1 << 30}
		var got []Point
		w, r := memoryWriter{began: began}, memoryReader{run: run, each: func(p *Point) { got = append(got, *p) }}
		now := began
		var want []Point
		for range rapid.IntRange(0, 6).Draw(t, "points") {
			span := time.Duration(rapid.IntRange(0, 1e6).Draw(t, "ms")) * time.Millisecond
			now = now.Add(span)
			s := event.Sample{
				Raphe: memory.Draw(t, "raphe"), Tools: memory.Draw(t, "tools"), Commit: bytes.Draw(t, "commit"),
				Processes: rapid.IntRange(0, 1e6).Draw(t, "processes"), Limit: 1 << 30,
			}
			if nodes := rapid.MapOfN(rapid.StringN(1, 8, -1), bytes, 0, 4).Draw(t, "nodes"); len(nodes) > 0 {
				s.Nodes = nodes
			}
			w.add(now, &s)
			want = append(want, Point{now, span, s})
			if rapid.Bool().Draw(t, "write") {
				deliver(t, &w, &r)
			}
		}
		deliver(t, &w, &r)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

// deliver passes what a writer has to a reader.
func deliver(t *rapid.T, w *memoryWriter, r *memoryReader) {
	rec, any := w.take()
	if !any {
		return
	}
	b, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.visit(store.Record{Kind: KindMemory, ID: r.run.id(), Payload: b}); err != nil {
		t.Fatal(err)
	}
}

// TestMemoryStaysSmall packs as many points as a day has, of ever new nodes.
func TestMemoryStaysSmall(t *testing.T) {
	w := memoryWriter{began: stamp(time.Now())}
	now, size, node := w.began, 0, 0
	for range 3600 {
		now = now.Add(24 * time.Second)
		s := event.Sample{
			Raphe: event.Memory{RSS: 31 << 20, PSS: 29 << 20, VSize: 1300 << 20},
			Tools: event.Memory{RSS: 13<<30 + int64(node)<<12, PSS: 12 << 30, VSize: 19 << 30}, Processes: 31, Commit: 22 << 30,
			Nodes: map[string]int64{},
		}
		for range 8 {
			node++
			s.Nodes[fmt.Sprintf("fmriprep_wf.single_subject_wf.node%d", node)] = 1 << 30
		}
		w.add(now, &s)
		rec, _ := w.take()
		b, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		size += 24 + len(b) // a record's frame
	}
	if size > 1<<20 {
		t.Errorf("%d bytes for a day", size)
	}
}

// TestMemoryOfStrangers sees that what can't be read is passed over.
func TestMemoryOfStrangers(t *testing.T) {
	var got []Point
	r := memoryReader{run: Run{Began: time.Unix(7, 0)}, each: func(p *Point) { got = append(got, *p) }}
	for _, payload := range []string{
		`no JSON`, `{"points": "none"}`, `{"points": [[1,2,3]]}`, `{"points": [[0,0,0,0,0,0,0,0,0,0,5,1,-1,1,9]]}`,
	} {
		r.visit(store.Record{Kind: KindMemory, ID: r.run.id(), Payload: []byte(payload)})
	}
	r.visit(store.Record{Kind: KindMemory, ID: 8, Payload: []byte(`{"points": [[1,1,1,1,1,1,1,1,1,1]]}`)})
	if want := []Point{{Time: time.Unix(7, 0)}}; !cmp.Equal(want, got) {
		t.Errorf("%+v", got)
	}
}
