package learn

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var bet = Subject{"fsl.BET", "wf.bet"}

// A desk is a project and a user with files of their own.
type desk struct {
	t             *testing.T
	project, user string
	warned        []string
}

func newDesk(t *testing.T) *desk {
	return &desk{t: t, project: filepath.Join(t.TempDir(), FileName), user: filepath.Join(t.TempDir(), "new", "raphe", FileName)}
}

func (d *desk) open() *Learned {
	return Open(Options{Project: d.project, User: d.user, Warn: func(s string) { d.warned = append(d.warned, s) }})
}

func (d *desk) save(l *Learned) {
	d.t.Helper()
	if err := l.Save(); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) mem(l *Learned, s Subject, input int64) int64 {
	e, _ := l.Estimate(s, input)
	return e.Mem / mib
}

func TestRemembers(t *testing.T) {
	d := newDesk(t)
	l := d.open()
	if _, known := l.Estimate(bet, 0); known {
		t.Error("something is known of nothing")
	}
	l.Add(bet, Seen{Input: 10 * mib, Peak: 100 * mib, Wall: time.Second})
	if got := d.mem(l, bet, 10*mib); got != 120 {
		t.Errorf("at once: %d", got)
	}
	d.save(l)
	again := d.open()
	want := Estimate{Mem: 120 * mib, Wall: time.Second}
	if got, known := again.Estimate(bet, 10*mib); !known || got != want {
		t.Errorf("in the next run: %+v, %v", got, known)
	}
	if got := d.mem(again, Subject{"fsl.BET", "wf.other"}, 10*mib); got != 120 {
		t.Errorf("another node of the interface: %d", got)
	}
	if _, known := again.Estimate(Subject{"fsl.FLIRT", "wf.bet"}, 10*mib); known {
		t.Error("another interface in the same node is taken for the same")
	}
	again.Add(bet, Seen{Input: 1000 * mib, Peak: mib, Wall: 4 * time.Second})
	if got := again.Wall(bet); got != 5*time.Second/2 {
		t.Errorf("it took %v on the whole", got)
	}
	if got := again.Wall(Subject{"fsl.FLIRT", "wf.bet"}); got != 0 {
		t.Errorf("another interface took %v", got)
	}
	d.project = filepath.Join(t.TempDir(), FileName)
	if got := d.mem(d.open(), Subject{"fsl.BET", "else.where"}, 10*mib); got != 120 {
		t.Errorf("in another project: %d", got)
	}
	if text, _ := os.ReadFile(d.user); strings.Contains(string(text), "wf.bet") {
		t.Error("the user's file names nodes")
	}
}

// The node itself says most, but another size that was really seen says more
// than what is drawn out.
func TestWhatSaysMost(t *testing.T) {
	d := newDesk(t)
	l := d.open()
	l.Add(bet, Seen{Input: 10 * mib, Peak: 100 * mib})
	l.Add(Subject{"fsl.BET", "wf.large"}, Seen{Input: 1000 * mib, Peak: 900 * mib})
	l.Add(Subject{"fsl.BET", "wf.hungry"}, Seen{Input: 10 * mib, Peak: 500 * mib})
	for _, tt := range []struct {
		node  string
		input int64
		want  int64
	}{
		{"wf.bet", 10 * mib, 120}, {"wf.hungry", 10 * mib, 600}, {"wf.new", 10 * mib, 600}, {"wf.bet", 1000 * mib, 1080},
	} {
		if got := d.mem(l, Subject{"fsl.BET", tt.node}, tt.input); got != tt.want {
			t.Errorf("%s with %d: %d MiB, want %d", tt.node, tt.input, got, tt.want)
		}
	}
}

// Two runs at once each add what they learned.
func TestTwoAtOnce(t *testing.T) {
	d := newDesk(t)
	a, b := d.open(), d.open()
	a.Add(bet, Seen{Input: 10 * mib, Peak: 100 * mib, Wall: 2 * time.Second})
	b.Add(bet, Seen{Input: 10 * mib, Peak: 200 * mib, Wall: 4 * time.Second})
	b.Add(Subject{"ants.N4", "wf.n4"}, Seen{Input: 1, Peak: 50 * mib})
	d.save(a)
	d.save(b)
	a.Add(bet, Seen{Input: 1000 * mib, Peak: 300 * mib})
	d.save(a)
	d.save(a) // adds nothing again
	all := d.open()
	if got, _ := all.Estimate(bet, 10*mib); got != (Estimate{240 * mib, 3 * time.Second}) {
		t.Errorf("%+v", got)
	}
	if got := d.mem(all, Subject{"ants.N4", "x"}, 1); got != 60 {
		t.Errorf("the other's: %d", got)
	}
	if n := all.user.find(Subject{"fsl.BET", ""}).known[0].n; n != 2 {
		t.Errorf("%d attempts, want 2", n)
	}
	if left, _ := filepath.Glob(filepath.Dir(d.user) + "/*"); len(left) != 1 {
		t.Errorf("files are left: %v", left)
	}
}

// A file that makes no sense is set aside with a word, and things are learned
// anew.
func TestSetAside(t *testing.T) {
	const head = `{"raphe_learned":1}` + "\n"
	for name, text := range map[string]string{
		"empty": "", "binary": "\x00\xff\n", "foreign": `{"learned":1}` + "\n", "newer": `{"raphe_learned":2}` + "\n",
		"cut short": head + `{"interface":"a","sizes":[{"log2":3,`, "no size": head + `{"interface":"a","sizes":[{"log2":99,"n":1,"peak":5}]}`,
		"negative": head + `{"interface":"a","sizes":[{"log2":1,"n":1,"peak":-5}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			if err := os.WriteFile(d.project, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
			l := d.open()
			l.Add(bet, Seen{Peak: mib})
			d.save(l)
			if len(d.warned) != 1 || !strings.Contains(d.warned[0], "set aside as "+d.project+".bad") {
				t.Errorf("warned: %q", d.warned)
			}
			if kept, err := os.ReadFile(d.project + ".bad"); err != nil || string(kept) != text {
				t.Errorf("set aside: %q, %v", kept, err)
			}
			if got := d.mem(d.open(), bet, 0); got != 2 || len(d.warned) != 1 {
				t.Errorf("%d MiB after that; warned %q", got, d.warned)
			}
		})
	}
}

// Where nothing can be written or read, nothing is remembered, and that is all.
func TestNoPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	l := Open(Options{User: filepath.Join(file, "raphe", FileName), Warn: func(s string) { t.Error(s) }})
	l.Add(bet, Seen{Peak: mib})
	if got, known := l.Estimate(bet, 0); !known || got.Mem != 2*mib {
		t.Errorf("in this run: %+v, %v", got, known)
	}
	if l.Save() == nil {
		t.Error("it was saved below a file")
	}
	var none *Learned
	none.Add(bet, Seen{Peak: mib})
	if _, known := none.Estimate(bet, 0); known || none.Save() != nil {
		t.Error("who learns nothing knows something")
	}
	Open(Options{}).Add(bet, Seen{Peak: mib})
}

// However many interfaces and nodes there are, files and memory stay small.
func TestBounded(t *testing.T) {
	const n = 100_000
	d := newDesk(t)
	l := d.open()
	before := heap()
	for k := range n {
		l.Add(Subject{fmt.Sprintf("tool.Number%d", k), fmt.Sprintf("wf.node%d", k)}, Seen{Input: int64(k), Peak: mib})
	}
	if grown := heap() - before; grown > 2<<20 {
		t.Errorf("%d bytes are held", grown)
	}
	d.save(l)
	for _, path := range []string{d.project, d.user} {
		info, err := os.Stat(path)
		if err != nil || info.Size() > 300_000 {
			t.Errorf("%s: %v, %v", path, info.Size(), err)
		}
	}
	runtime.KeepAlive(l)
	// What comes later is learned by the next run, and drives out what is old.
	defer func() { now = time.Now }()
	now = func() time.Time { return time.Now().AddDate(0, 0, 2) }
	l = d.open()
	l.Add(Subject{"new.Tool", ""}, Seen{Peak: mib})
	d.save(l)
	fresh := d.open()
	if _, known := fresh.user.current()[Subject{"new.Tool", ""}]; !known || len(fresh.user.current()) != most {
		t.Errorf("new.Tool known: %v; %d are", known, len(fresh.user.current()))
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Names that JSON can't hold are not written; all others come back as they are.
func TestOddNames(t *testing.T) {
	d := newDesk(t)
	l := d.open()
	names := []string{"a b", "q\"\\\n\t", "\u2028é", "</script>", "\xff", strings.Repeat("x", 1000)}
	for _, n := range names {
		l.Add(Subject{n, ""}, Seen{Peak: mib})
	}
	d.save(l)
	var got []string
	for _, n := range names {
		if _, known := d.open().Estimate(Subject{n, ""}, 0); known {
			got = append(got, n)
		}
	}
	if diff := cmp.Diff(names[:4], got); diff != "" {
		t.Errorf("came back (-want +got):\n%s", diff)
	}
}

func TestManyAtOnce(t *testing.T) {
	d := newDesk(t)
	l := d.open()
	var wait sync.WaitGroup
	for k := range 8 {
		wait.Go(func() {
			for i := range 100 {
				l.Add(Subject{"t", fmt.Sprint(k)}, Seen{Input: int64(i), Peak: mib})
				l.Estimate(Subject{"t", fmt.Sprint(k)}, int64(i))
			}
			_ = l.Save()
		})
	}
	wait.Wait()
	n := int64(0)
	for _, b := range d.open().user.find(Subject{"t", ""}).known {
		n += b.n
	}
	if n != 800 {
		t.Errorf("%d attempts are remembered", n)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"raphe_learned":1}` + "\n" + `{"interface":"a","node":"b","day":20000,"sizes":[{"log2":3,"n":2,"peak":100,"high":90,"wall_s":1.5}]}` + "\n"))
	f.Add([]byte(`{"raphe_learned":1}` + "\n" + `{"interface":"a","sizes":[{"log2":0,"peak":1},{"log2":0,"peak":7,"high":7}]}`))
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := parse(text)
		if err != nil {
			return
		}
		for _, e := range entries {
			for _, input := range []int64{0, 1, 1 << 20, 1 << 62} {
				if got := e.known.estimate(input).Mem; got <= 0 || got > mostMem {
					t.Errorf("estimate %d for %d", got, input)
				}
			}
		}
		path := filepath.Join(t.TempDir(), FileName)
		if err := write(path, entries); err != nil {
			t.Fatal(err)
		}
		if _, err := read(path); err != nil {
			t.Errorf("what was written can't be read: %v", err)
		}
	})
}

// What an attempt costs.
func BenchmarkAddAndEstimate(b *testing.B) {
	l := Open(Options{Project: filepath.Join(b.TempDir(), FileName), User: filepath.Join(b.TempDir(), FileName)})
	for b.Loop() {
		l.Add(bet, Seen{Input: 1000, Peak: 3 * mib, Wall: time.Second})
		l.Estimate(bet, 1000)
	}
}
