package task

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/key"
)

// A room is files of a store's base directory, and a folder outside of it.
type room struct {
	*files
	t   *testing.T
	out string
}

func newRoom(t *testing.T) *room {
	r := openResults(t)
	out, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &room{&files{results: r}, t, out}
}

// must ends the test at the first error.
func (r *room) must(errs ...error) {
	r.t.Helper()
	for _, err := range errs {
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// write writes a file and makes it old enough to be remembered by its stamp.
func (r *room) write(path, text string) string {
	r.t.Helper()
	r.must(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666), os.Chtimes(path, long, long))
	return path
}

// long is long ago.
var long = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

func (r *room) id(path string) string {
	r.t.Helper()
	id, _, err := (&glance{files: r.files}).Identity(path)
	r.must(err)
	return id
}

// made settles a record of an instance that promised these files of its
// directory.
func (r *room) made(dir string, marks ...string) *Record {
	r.t.Helper()
	rec := &Record{Name: dir, Key: key.Key{1}}
	full := filepath.Join(r.results.base, dir)
	for k := range marks {
		marks[k] = filepath.Join(full, marks[k])
	}
	var err error
	rec.Files, err = mark(marks, full, false)
	r.must(err)
	ref, err := r.results.append(KindResult, rec)
	r.must(err)
	r.results.settle(0, true, rec, ref, full)
	return rec
}

func TestIdentityOfFiles(t *testing.T) {
	r := newRoom(t)
	a, b := r.write(r.out+"/a", "one"), r.write(r.out+"/b", "one")
	first := r.id(a)
	if first != r.id(b) || !strings.HasPrefix(first, "sha256:") {
		t.Errorf("equal content: %s, %s", first, r.id(b))
	}
	r.must(os.Chtimes(a, long.Add(time.Hour), long.Add(time.Hour)))
	if r.id(a) != first {
		t.Error("a touched file is another")
	}
	r.write(a, "two")
	if r.id(a) == first {
		t.Error("same size and time, other content: not noticed, though its inode changed")
	}
	r.must(os.Remove(b), os.Link(a, b))
	if r.id(b) != r.id(a) {
		t.Error("a hard link is another file")
	}
	r.must(os.Remove(b), os.Symlink(a, b))
	if r.id(b) != r.id(a) {
		t.Error("a link is another file")
	}
}

func TestIdentityReadsOnce(t *testing.T) {
	r := newRoom(t)
	a := r.write(r.out+"/a", "one")
	info, err := os.Stat(a)
	r.must(err)
	stamp := stampOf(a, info)
	stamp.MtimeNS = long.UnixNano() // as if the inode were as old as the content
	r.must(r.results.store.Memo().Put(stamp, [32]byte{7}, time.Now()))
	if _, known := r.results.store.Memo().Get(stampOf(a, info)); known {
		t.Error("a change of the inode alone is not noticed")
	}
	if d, known := r.results.store.Memo().Get(stamp); !known || d[0] != 7 {
		t.Error("what was read is read again")
	}
}

func TestIdentityOfWhatIsNoFile(t *testing.T) {
	r := newRoom(t)
	loop, pipe := r.out+"/loop", r.out+"/pipe"
	r.must(os.Symlink(loop, loop), syscall.Mkfifo(pipe, 0o666))
	file := r.write(r.out+"/file", "x")
	for _, path := range []string{r.out + "/absent", file + "/below", loop, "/a\x00b", "/" + strings.Repeat("long", 100)} {
		if id := r.id(path); id != "" {
			t.Errorf("%q names nothing and is %q", path, id)
		}
	}
	if id := r.id(pipe); id != "special:p---------" { // and it did not wait for a writer
		t.Errorf("a pipe is %q", id)
	}
}

// Each change of what is in a folder makes it another; what does not count
// leaves it as it is.
func TestIdentityOfFolders(t *testing.T) {
	same := map[string]func(r *room, d string){
		"touched":        func(r *room, d string) { r.must(os.Chtimes(d+"/a", long.Add(1), long.Add(time.Hour))) },
		"moved":          func(r *room, d string) { r.must(os.Rename(d, d+"2"), os.Symlink(d+"2", d)) },
		"written anew":   func(r *room, d string) { r.must(os.Remove(d + "/a")); r.write(d+"/a", "a") },
		"a file as link": func(r *room, d string) { r.must(os.Rename(d+"/a", r.out+"/a"), os.Symlink(r.out+"/a", d+"/a")) },
	}
	other := map[string]func(r *room, d string){
		"content":                      func(r *room, d string) { r.write(d+"/sub/b", "B") },
		"added":                        func(r *room, d string) { r.write(d+"/c", "") },
		"an empty folder added":        func(r *room, d string) { r.must(os.Mkdir(d+"/empty", 0o777)) },
		"removed":                      func(r *room, d string) { r.must(os.Remove(d + "/a")) },
		"renamed":                      func(r *room, d string) { r.must(os.Rename(d+"/a", d+"/A")) },
		"moved within":                 func(r *room, d string) { r.must(os.Rename(d+"/a", d+"/sub/a")) },
		"a broken link added":          func(r *room, d string) { r.must(os.Symlink("nowhere", d+"/l")) },
		"the end of a link":            func(r *room, d string) { r.must(os.Remove(r.out + "/linked/x")) },
		"content behind a link":        func(r *room, d string) { r.write(r.out+"/linked/x", "changed") },
		"a link to the folder above":   func(r *room, d string) { r.must(os.Symlink("..", d+"/sub/up")) },
		"a pipe added":                 func(r *room, d string) { r.must(syscall.Mkfifo(d+"/p", 0o666)) },
		"a name that looks like a row": func(r *room, d string) { r.must(os.Rename(d+"/a", d+"/a\" x\n\"b")) },
	}
	run := func(change func(*room, string), want bool) func(*testing.T) {
		return func(t *testing.T) {
			r := newRoom(t)
			dir := r.out + "/dir"
			r.write(dir+"/a", "a")
			r.write(dir+"/sub/b", "b")
			r.write(r.out+"/linked/x", "x")
			r.must(os.Symlink(r.out+"/linked", dir+"/link"), os.Symlink(dir, r.out+"/root"))
			before, behind := r.id(dir), r.id(r.out+"/root")
			if before != behind {
				t.Error("a link to a folder is not the folder")
			}
			change(r, dir)
			if (r.id(dir) == before) != want || (r.id(r.out+"/root") == behind) != want {
				t.Errorf("it is the same folder: %v, want %v", !want, want)
			}
		}
	}
	for name, change := range same {
		t.Run("same/"+name, run(change, true))
	}
	for name, change := range other {
		t.Run("other/"+name, run(change, false))
	}
}

// What an instance of this run promised is known by its maker's key while it is
// as it was left, and by content otherwise.
func TestIdentityOfWhatWasMade(t *testing.T) {
	const byMaker, byContent, byTree = "made:", "sha256:", "tree:"
	for _, tt := range []struct {
		name   string
		path   string
		change func(r *room, dir string)
		want   string
	}{
		{"as it was left", "out", nil, byMaker},
		{"in a folder", "tree/x", nil, byMaker},
		{"a folder", "tree", nil, byMaker},
		{"written with other words", "./tree/../out", nil, byContent},
		{"not promised", "log", nil, byContent},
		{"edited", "out", func(r *room, d string) { r.write(d+"/out", "other") }, byContent},
		{"a folder with a file edited", "tree", func(r *room, d string) { r.write(d+"/tree/x", "other") }, byTree},
		{"a folder with a file removed", "tree", func(r *room, d string) { r.must(os.Remove(d + "/tree/x")) }, byTree},
		{"a folder with a file of another tool", "tree", func(r *room, d string) { r.write(d+"/tree/new", "") }, byMaker},
		{"a file where a folder was", "tree", func(r *room, d string) { r.must(os.RemoveAll(d + "/tree")); r.write(d+"/tree", "") }, byContent},
		{"a folder where a file was", "out", func(r *room, d string) { r.must(os.Remove(d + "/out")); r.write(d+"/out/x", "") }, byTree},
		{"a link from outside", "../../../link", func(r *room, d string) { r.must(os.Symlink(d+"/out", filepath.Dir(r.results.base)+"/link")) }, byContent},
		{"a hard link from outside", "../../../hard", func(r *room, d string) { r.must(os.Link(d+"/out", filepath.Dir(r.results.base)+"/hard")) }, byContent},
		{"of a folder that no instance has", "../b/out", func(r *room, d string) { r.write(d+"/../b/out", "out") }, byContent},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t)
			dir := r.results.base + "/wf/a"
			for _, name := range []string{"out", "log", "tree/x", "tree/sub/y"} {
				r.write(dir+"/"+name, name)
			}
			r.made("wf/a", "out", "tree")
			if tt.change != nil {
				tt.change(r, dir)
			}
			path := dir + "/" + tt.path
			if strings.HasPrefix(tt.path, "..") {
				path = filepath.Join(dir, tt.path)
			}
			if id := r.id(path); !strings.HasPrefix(id, tt.want) {
				t.Errorf("%s is known as %s, want %s...", tt.path, id, tt.want)
			}
		})
	}
}

// A promised file that is replaced by a pipe of that size and time would hang
// whoever opens it: intermediates are not read.
func TestIntermediatesAreNotRead(t *testing.T) {
	r := newRoom(t)
	dir := r.results.base + "/wf/a"
	r.must(os.MkdirAll(dir, 0o777), syscall.Mkfifo(dir+"/out", 0o666), os.Chtimes(dir+"/out", long, long))
	r.made("wf/a", "out")
	if id := r.id(dir + "/out"); !strings.HasPrefix(id, "made:") {
		t.Errorf("it is known as %s", id)
	}
}

func TestIdentityByTime(t *testing.T) {
	r := newRoom(t)
	r.byTime = true
	a := r.write(r.out+"/dir/a", "one")
	file, folder := r.id(a), r.id(r.out+"/dir")
	r.write(a, "two") // of the same size, and of the same time
	if r.id(a) != file || r.id(r.out+"/dir") != folder || !strings.HasPrefix(file, "stamp:3:") {
		t.Errorf("the content counts: %s", r.id(a))
	}
	r.must(os.Chtimes(a, long, long.Add(time.Second)))
	if r.id(a) == file || r.id(r.out+"/dir") == folder {
		t.Error("the time does not count")
	}
}

func TestMarks(t *testing.T) {
	r := newRoom(t)
	dir := r.out + "/d"
	r.write(dir+"/z", "zz")
	r.write(dir+"/tree/x", "x")
	r.write(r.out+"/elsewhere/big", "big")
	r.must(os.Symlink(r.out+"/elsewhere", dir+"/tree/far"), os.Symlink("nowhere", dir+"/tree/broken"), os.Symlink(r.out+"/elsewhere", dir+"/near"))
	marks, err := mark([]string{dir + "/z", "a text", dir + "/tree/x", dir + "/tree", dir + "/near", dir + "/absent", r.out + "/elsewhere/big", dir + "/z"}, dir, false)
	r.must(err)
	var got []string
	for _, m := range marks {
		got = append(got, m.Path)
	}
	if want := "near near/big tree tree/far tree/x z"; strings.Join(got, " ") != want {
		t.Errorf("marked %v, want %s", got, want)
	}
	marks, err = mark([]string{r.out + "/elsewhere/big"}, dir, true)
	if err != nil || len(marks) != 1 || marks[0] != (FileMark{r.out + "/elsewhere/big", 3, long.UnixNano()}) {
		t.Errorf("outside: %v, %v", marks, err)
	}
}

func TestCopyTree(t *testing.T) {
	r := newRoom(t)
	from, to := r.out+"/from", r.out+"/to"
	r.write(from+"/a", "a")
	r.write(r.out+"/far/b", "b")
	r.must(os.Symlink("../far", from+"/far"), os.Symlink("nowhere", from+"/broken"), os.Symlink(from, r.out+"/root"), os.Chmod(from+"/a", 0o555))
	r.must(copyTree(r.t.Context(), r.out+"/root", to))
	a, err := os.Stat(to + "/a")
	r.must(err)
	if a.Mode().Perm() != 0o755 {
		t.Errorf("the copy of a program that is read-only is %v: it must be one that can be written to", a.Mode())
	}
	b, err := os.Lstat(to + "/far/b")
	r.must(err)
	link, err := os.Readlink(to + "/broken")
	if !b.Mode().IsRegular() || err != nil || link != "nowhere" {
		t.Errorf("behind a link: %v; a broken link: %q, %v", b.Mode(), link, err)
	}
	r.must(syscall.Mkfifo(from+"/pipe", 0o666))
	if err := copyTree(r.t.Context(), from, to+"2"); err == nil || !strings.Contains(err.Error(), "is no regular file") {
		t.Errorf("a pipe: %v", err)
	}
}
