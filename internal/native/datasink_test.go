package native

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/value"
)

// sink runs a DataSink into dir/out with these inputs; $DIR in texts is dir.
func sink(t *testing.T, dir string, inputs map[string]value.Value, claim func(path, source string) error) (value.Record, error) {
	t.Helper()
	all := map[string]value.Value{"base_directory": value.String(dir + "/out")}
	for name, v := range inputs {
		all[name] = value.Map(v, func(s string) string { return strings.ReplaceAll(s, "$DIR", dir) })
	}
	return run(t, "io.DataSink", nil, value.NewRecord(all), filepath.Join(dir, "work"), claim)
}

func TestDataSinkRefuses(t *testing.T) {
	pair := func(old, new string) value.Value {
		return value.List{value.Tuple{value.String(old), value.String(new)}}
	}
	s := func(text string) value.Value { return value.String(text) }
	for name, c := range map[string]struct {
		inputs map[string]value.Value
		want   string
	}{
		"equal names":       {map[string]value.Value{"f": value.Strings("$DIR/a/x.nii", "$DIR/b/x.nii")}, "a/x.nii and $DIR/b/x.nii would both be stored as $DIR/out/f/x.nii; keep them apart with parameterization"},
		"fields and names":  {map[string]value.Value{"f": s("$DIR/a/x.nii"), "f.@g": s("$DIR/b/x.nii")}, "would both be stored as $DIR/out/f/x.nii"},
		"substituted alike": {map[string]value.Value{"f": value.Strings("$DIR/a/x.nii", "$DIR/a/y.nii"), "substitutions": pair("y", "x")}, "would both be stored"},
		"missing":           {map[string]value.Value{"f": s("$DIR/none.nii")}, `field "f": there is no file or folder $DIR/none.nii`},
		"None":              {map[string]value.Value{"f": value.None{}}, "None is no path"},
		"None in a list":    {map[string]value.Value{"f": value.List{s("$DIR/a/x.nii"), value.None{}}}, "None is no path"},
		"number":            {map[string]value.Value{"f": value.Int(3)}, "3 is no path"},
		"dictionary":        {map[string]value.Value{"f": value.Dict{{Key: s("$DIR/a/x.nii"), Value: s("y")}}}, "is no path"},
		"empty text":        {map[string]value.Value{"f": s("")}, "'' is no path"},
		"empty part":        {map[string]value.Value{"a..b": s("$DIR/a/x.nii")}, "empty part"},
		"out by pair":       {map[string]value.Value{"f": s("$DIR/a/x.nii"), "substitutions": pair("/f/", "/../../")}, "outside base_directory $DIR/out"},
		"out by pattern":    {map[string]value.Value{"f": s("$DIR/a/x.nii"), "regexp_substitutions": pair(`^`, "/../..")}, "outside base_directory"},
		"out by container":  {map[string]value.Value{"f": s("$DIR/a/x.nii"), "container": s("../else")}, "not a folder within base_directory"},
		"whole path":        {map[string]value.Value{"f": s("$DIR/a/x.nii"), "container": s("/else")}, "not a folder within base_directory"},
		"nothing left":      {map[string]value.Value{"f": s("$DIR/a/x.nii"), "regexp_substitutions": pair(`.+`, "")}, "leave nothing of the name"},
		"look-ahead":        {map[string]value.Value{"f": s("$DIR/a/x.nii"), "regexp_substitutions": pair(`x(?=n)`, "")}, "look-ahead (?=...) is not supported"},
		"no such group":     {map[string]value.Value{"f": s("$DIR/a/x.nii"), "regexp_substitutions": pair(`x`, `\1`)}, "the pattern has 0 groups"},
		"S3":                {map[string]value.Value{"f": s("$DIR/a/x.nii"), "base_directory": s("s3://bucket/x")}, "S3 is not supported"},
		"S3 credentials":    {map[string]value.Value{"creds_path": s("x")}, "S3"},
		"into itself":       {map[string]value.Value{"f": s("$DIR")}, "one holds the other"},
		"link to nothing":   {map[string]value.Value{"f": s("$DIR/dangling")}, "is a link to nothing"},
		"link to above":     {map[string]value.Value{"f": s("$DIR/loop")}, "a link to a folder above itself"},
		"removes its own":   {map[string]value.Value{"@f": s("$DIR/out/in/in"), "remove_dest_dir": value.Bool(true)}, "one holds the other"},
		"two folders":       {map[string]value.Value{"f": value.Strings("$DIR/a", "$DIR/c/a"), "remove_dest_dir": value.Bool(true)}, "remove_dest_dir keeps only one"},
		"folder in the way": {map[string]value.Value{"f": s("$DIR/a/full")}, "is a folder"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			makeTree(t, dir, map[string]string{"a/x.nii": "1", "b/x.nii": "2", "a/y.nii": "3", "dangling/ok": "", "loop/ok": "", "out/in/in/f": "", "c/a/z": "", "a/full": "", "out/f/full/x": ""})
			for link, to := range map[string]string{"dangling/bad": "none", "loop/up": "."} {
				if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			_, err := sink(t, dir, c.inputs, nil)
			want := strings.ReplaceAll(c.want, "$DIR", dir)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want ...%s...", err, want)
			}
			if _, err := os.Stat(filepath.Join(dir, "out/f/x.nii")); err == nil && name != "folder in the way" {
				t.Error("something was stored all the same")
			}
		})
	}
}

func TestDataSinkStores(t *testing.T) {
	dir := t.TempDir()
	makeTree(t, dir, map[string]string{
		"run/_s_1/n/a.nii": "a", "run/_s_1/n/a.mat": "mat of a", "run/_s_1/n/a.txt": "", "_user/raw.nii": "raw", "d/deep/f": "f",
	})
	got, err := sink(t, dir, map[string]value.Value{
		"x": value.List{value.Strings("$DIR/run/_s_1/n/a.nii"), value.List{value.List{value.String("$DIR/run/_s_1/n/a.txt")}}},
		"y": value.Strings("$DIR/_user/raw.nii", "$DIR/_user/raw.nii"), "z": value.List{}, "w": value.Strings("$DIR/d/"),
		"m": value.String("$DIR/run/_s_1/n/a.nii"), "substitutions": value.List{value.Tuple{value.String("m/_s_1/a.nii"), value.String("m/a.img")}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"x/_s_1/a.nii": "a", "x/_s_1/a.mat": "mat of a", "x/_s_1/a.txt": "", "y/_user/raw.nii": "raw", "w/d/deep/f": "f",
		"m/a.img": "a", // no companion: the extension changed
	}
	if diff := cmp.Diff(want, listing(t, filepath.Join(dir, "out"))); diff != "" {
		t.Errorf("files (-want +got)\n%s", diff)
	}
	if n := len(strs(got.Get("out_file"))); n != 6 {
		t.Errorf("out_file has %d paths: %v", n, got)
	}
}

// TestDataSinkParameters: folders above the run's directory are the user's own.
func TestDataSinkParameters(t *testing.T) {
	for _, c := range []struct{ runDir, strip, dir, want string }{
		{"/home/_me/work", "", "/home/_me/work/wf/_s_1/node/_x", "_s_1/_x"},
		{"/home/_me/work", "", "/data/_raw/sub", "_raw"},
		{"/home/_me/work", "", "/home/_me/workshop/_s", "_me/_s"},
		{"/home/_me/work", "/home", "/home/_me/work/_s_1", "_s_1"},
		{"/home/_me/work", "_s_1", "/home/_me/work/_s_1/_t", "_t"},
		{"/home/_me/work", "/home/_me/work/wf", "/home/_me/work/wf/_s_1", "_s_1"},
		{"", "", "/home/_me/_s_1", "_me/_s_1"},
		{"/work", "", "/work/wf/da39a3ee5e6b4b0d3255bfef95601890afd80709/n", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
		{"/work", "", "/data/da39a3ee5e6b4b0d3255bfef95601890afd80709/n", ""},
	} {
		p := &sinkPlan{params: true, runDir: c.runDir, stripDir: c.strip}
		if got := p.parameters(c.dir); got != c.want {
			t.Errorf("%+v: got %q", c, got)
		}
	}
}

// claims is what the engine does: one source for each path, in a whole run.
func claims() func(path, source string) error {
	var mu sync.Mutex
	by := map[string]string{}
	return func(path, source string) error {
		mu.Lock()
		defer mu.Unlock()
		if other, ok := by[path]; ok && other != source {
			return fmt.Errorf("%s and %s are both published as %s", other, source, path)
		}
		by[path] = source
		return nil
	}
}

func TestDataSinkClaims(t *testing.T) {
	dir := t.TempDir()
	makeTree(t, dir, map[string]string{"a/x.nii": "1", "b/x.nii": "2", "a/x.mat": "1"})
	claim := claims()
	for range 2 { // the same again is no collision
		if _, err := sink(t, dir, map[string]value.Value{"f": value.String("$DIR/a/x.nii")}, claim); err != nil {
			t.Fatal(err)
		}
	}
	_, err := sink(t, dir, map[string]value.Value{"f": value.String("$DIR/b/x.nii")}, claim)
	if err == nil || !strings.Contains(err.Error(), "parameterization = True") || !strings.Contains(err.Error(), "/a/x.nii") {
		t.Errorf("got %v", err)
	}
	if text, _ := os.ReadFile(dir + "/out/f/x.nii"); string(text) != "1" {
		t.Errorf("the first result became %q", text)
	}
}

func TestLinkPolicies(t *testing.T) {
	for _, how := range []string{byReflink, byHard, bySymlink, byCopy} {
		t.Run(how, func(t *testing.T) {
			dir := t.TempDir()
			makeTree(t, dir, map[string]string{"a/x": "content"})
			from, to := dir+"/a/x", dir+"/out/f/x"
			if err := os.Symlink("x", dir+"/a/link"); err != nil {
				t.Fatal(err)
			}
			inputs := map[string]value.Value{"f": value.String("$DIR/a/link"), "link": value.String(how), "substitutions": value.List{value.Tuple{value.String("link"), value.String("x")}}}
			for range 2 {
				if _, err := sink(t, dir, inputs, nil); err != nil {
					t.Fatal(err)
				}
			}
			src, _ := os.Stat(from)
			dst, err := os.Lstat(to)
			if err != nil {
				t.Fatal(err)
			}
			if linked := os.SameFile(src, dst); linked != (how == byHard) {
				t.Errorf("one file: %v", linked)
			}
			if isLink := dst.Mode()&os.ModeSymlink != 0; isLink != (how == bySymlink) {
				t.Errorf("symbolic link: %v", isLink)
			}
			if text, err := os.ReadFile(to); err != nil || string(text) != "content" {
				t.Errorf("it holds %q, %v", text, err)
			}
		})
	}
}

func TestPublishReplaces(t *testing.T) {
	old := time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC)
	for name, c := range map[string]struct {
		there   func(t *testing.T, to, from string)
		touched bool
	}{
		"nothing":      {func(*testing.T, string, string) {}, true},
		"equal":        {func(t *testing.T, to, _ string) { put(t, to, "content") }, false},
		"other":        {func(t *testing.T, to, _ string) { put(t, to, "contend") }, true},
		"shorter":      {func(t *testing.T, to, _ string) { put(t, to, "") }, true},
		"link to from": {func(t *testing.T, to, from string) { must(t, os.Symlink(from, to)) }, true},
		"hard link":    {func(t *testing.T, to, from string) { must(t, os.Link(from, to)) }, true},
		"link to user": {func(t *testing.T, to, _ string) { must(t, os.Symlink(filepath.Join(filepath.Dir(to), "mine"), to)) }, true},
		"left behind":  {func(t *testing.T, to, _ string) { put(t, partial(to), "half") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			from, to, mine := dir+"/from", dir+"/to", dir+"/mine"
			put(t, from, "content")
			put(t, mine, "mine")
			c.there(t, to, from)
			if info, err := os.Lstat(to); err == nil && info.Mode().IsRegular() && name != "hard link" {
				must(t, os.Chtimes(to, old, old))
			}
			must(t, publish(t.Context(), from, to, byReflink))
			text, err := os.ReadFile(to)
			if err != nil || string(text) != "content" {
				t.Errorf("it holds %q, %v", text, err)
			}
			src, _ := os.Stat(from)
			dst, _ := os.Lstat(to)
			if !dst.Mode().IsRegular() || os.SameFile(src, dst) {
				t.Error("it is no file of its own")
			}
			if dst.ModTime().Equal(old) == c.touched {
				t.Errorf("replaced: %v, want %v", !c.touched, c.touched)
			}
			if text, _ := os.ReadFile(mine); string(text) != "mine" {
				t.Errorf("a file that a link led to became %q", text)
			}
			if left, _ := filepath.Glob(dir + "/.*partial"); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestPublishStops(t *testing.T) {
	dir := t.TempDir()
	put(t, dir+"/from", "content")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := publish(ctx, dir+"/from", dir+"/to", byCopy); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	must(t, os.WriteFile(path, []byte(text), 0o666))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestDataSinkChecksBeforeTheRun(t *testing.T) {
	bad := value.NewRecord(map[string]value.Value{"regexp_substitutions": value.List{value.Tuple{value.String("("), value.String("")}}})
	if dataSink.Check(nil, bad) == nil {
		t.Error("a bad pattern passed")
	}
	ok := value.NewRecord(map[string]value.Value{"a.@b": value.String("not there yet")})
	if err := dataSink.Check(nil, ok); err != nil {
		t.Error(err)
	}
	if !slices.Contains(Names(), "io.DataSink") {
		t.Error("it is not in the table")
	}
}
