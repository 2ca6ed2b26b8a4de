package key

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/value"
)

// counting counts how often files are looked at.
type counting struct {
	disk
	looks int
}

func (c *counting) Identity(path string) (string, int64, error) {
	c.looks++
	return c.disk.Identity(path)
}

// opts gives a situation whose input without a type is set to v.
func opts(v value.Value) situation {
	s := start()
	s.set("opts", v)
	return s
}

func paths(n int) value.List {
	list := make(value.List, n)
	for k := range list {
		list[k] = value.String(fmt.Sprintf("/data/image%06d.nii", k))
	}
	return list
}

// With a memo the keys are those that are made without, whatever was keyed
// before.
func TestMemoChangesNoKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var memo Memo
		lists := make([]value.List, rapid.IntRange(1, 4).Draw(t, "lists"))
		for k := range lists {
			lists[k] = paths(rapid.SampledFrom([]int{0, 1, fewest - 1, fewest, 900}).Draw(t, "length"))
			if n := len(lists[k]); n > 0 {
				lists[k][rapid.IntRange(0, n-1).Draw(t, "at")] = value.Int(rapid.IntRange(0, 3).Draw(t, "odd"))
			}
		}
		for range 8 {
			list := rapid.SampledFrom(lists).Draw(t, "list")
			list = list[:rapid.SampledFrom([]int{len(list), len(list) * 4 / 5}).Draw(t, "cut")]
			var v value.Value = list
			if rapid.Bool().Draw(t, "nested") {
				v = value.Tuple{list, value.Int(1)}
			}
			s := opts(v)
			want, _ := s.identify(t)
			s.subject.Memo = &memo
			if got, _ := s.identify(t); got != want {
				t.Fatalf("with a memo the key is another one for %d elements", len(list))
			}
		}
	})
}

// A large list that goes to a thousand instances is looked at once, until what
// it names may have changed.
func TestMemoLooksOnce(t *testing.T) {
	now := time.Now()
	memo := Memo{now: func() time.Time { return now }}
	s := opts(paths(5000))
	s.disk["/data/image000007.nii"] = "A"
	files := &counting{disk: s.disk}
	s.subject.Memo = &memo
	identify := func() (Key, int64) {
		l, given, err := NewList(s.subject, files)
		if err != nil {
			t.Fatal(err)
		}
		return l.Key(), given
	}
	first, given := identify()
	looks := files.looks
	for range 1000 {
		if k, g := identify(); k != first || g != given {
			t.Fatal("the same list has another key")
		}
	}
	if most := looks + 1000*10; files.looks > most { // the other inputs name some files, too
		t.Errorf("files were looked at %d times, want at most %d", files.looks, most)
	}
	s.disk["/data/image000007.nii"] = "B, and larger"
	now = now.Add(filesStand)
	if k, g := identify(); k == first || g <= given {
		t.Error("a file of the list changed, and the key did not when its time was over")
	}
}

// The form of a large value is made piece by piece: what it takes in memory
// does not grow with it.
func TestLargeFormsTakeLittle(t *testing.T) {
	list := make(value.List, 300_000)
	for k := range list {
		list[k] = value.Tuple{value.Int(k), value.String("some text that is no path")}
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	form, err := new(canonical).form(value.List{list, list})
	runtime.ReadMemStats(&after)
	if err != nil || len(form) != 33 {
		t.Fatalf("the form has %d bytes, %v", len(form), err)
	}
	if n := after.TotalAlloc - before.TotalAlloc; n > 20*largeForm {
		t.Errorf("%d bytes were allocated", n)
	}
	list[7] = value.Int(8)
	if other, _ := new(canonical).form(value.List{list, list}); string(other) == string(form) {
		t.Error("two values have one form")
	}
}
