package native

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/value"
)

// TestNotAsNipype looks at what is done otherwise than in nipype on purpose,
// and at what is Raphe's own. Texts are JSON; $DIR is a folder that holds tree.
func TestNotAsNipype(t *testing.T) {
	tree := map[string]string{
		"s1/f1.nii": "1", "s2/f1.nii": "2", "{b}[1]%d/f2.nii": "3", "{b}[1]%d/f10.nii": "4", "q.csv": "\ufeffa,b\r\n\"x, y\",\"l1\nl2\"\n\n3, 4\n", "bad.csv": "a,b\n1\n",
		"two.csv": "a,a\n1,2\n", "empty.csv": "", "named.csv": "id,v\ns1,5\n", "nan.json": `{"a": NaN}`, "deep.json": `{"a": {"$x": [1, null]}, "b": -0.0}`, "fs/bert/x": "",
		"o/x.nii": "1", "o/dir/x": "",
	}
	for _, c := range []struct{ name, impl, params, inputs, want, files, err string }{
		{name: "no lists side by side", impl: "utility.Merge", params: `{"numinputs": 2}`, inputs: `{"axis": "hstack"}`, want: `{"out": []}`},
		{name: "single values side by side", impl: "utility.Merge", params: `{"numinputs": 2}`, inputs: `{"axis": "hstack", "in1": 1, "in2": [2]}`, want: `{"out": [[1, 2]]}`},
		{name: "unequal lists side by side", impl: "utility.Merge", params: `{"numinputs": 2}`, inputs: `{"axis": "hstack", "in1": [1], "in2": [2, 3]}`, err: "the first has 1 elements, number 2 has 2"},
		{name: "negative number of inputs", impl: "utility.Merge", params: `{"numinputs": -1}`, inputs: `{}`, err: "numinputs = -1"},
		{name: "tuples stay", impl: "utility.Select", inputs: `{"inlist": [{"$tuple": [1, 2]}, {"$tuple": [3, 4]}], "index": [1]}`, want: `{"out": {"$tuple": [3, 4]}}`},
		{name: "negative split", impl: "utility.Split", inputs: `{"inlist": [1], "splits": [2, -1]}`, err: "-1"},
		{name: "field twice", impl: "utility.IdentityInterface", params: `{"fields": ["a", "a"]}`, inputs: `{}`, err: `"a" twice`},
		{name: "no fields", impl: "utility.IdentityInterface", params: `{}`, inputs: `{}`, err: "fields is empty"},
		{name: "slash in the new name", impl: "utility.Rename", inputs: `{"in_file": "$DIR/s1/f1.nii", "format_string": "../x"}`, err: "without /"},
		{name: "bad format", impl: "utility.Rename", params: `{"format_string": "%(x)q"}`, inputs: `{}`, err: "%q is no format"},
		{name: "bad parse_string", impl: "utility.Rename", params: `{"format_string": "x"}`, inputs: `{"in_file": "$DIR/s1/f1.nii", "parse_string": "(?<=a)b"}`, err: "look-behind"},

		{name: "nothing matches", impl: "io.SelectFiles", params: `{"templates": {"f": "none*", "g": "s1/*"}}`, inputs: `{"base_directory": "$DIR", "raise_on_empty": false}`, want: `{"g": "$DIR/s1/f1.nii"}`},
		{name: "base as it stands", impl: "io.SelectFiles", params: `{"templates": {"f": "*.nii"}}`, inputs: `{"base_directory": "$DIR/{b}[1]%d"}`, want: `{"f": ["$DIR/{b}[1]%d/f2.nii", "$DIR/{b}[1]%d/f10.nii"]}`},
		{name: "out of base and back", impl: "io.SelectFiles", params: `{"templates": {"f": "../s?/f1.nii"}}`, inputs: `{"base_directory": "$DIR/{b}[1]%d"}`, want: `{"f": ["$DIR/s1/f1.nii", "$DIR/s2/f1.nii"]}`},
		{name: "list for a field", impl: "io.SelectFiles", params: `{"templates": {"f": "{s}/*"}}`, inputs: `{"base_directory": "$DIR", "s": ["s1"]}`, err: "by iterables or a MapNode"},
		{name: "field without value", impl: "io.SelectFiles", params: `{"templates": {"f": "{s}/*"}}`, inputs: `{"base_directory": "$DIR"}`, err: `"s" is missing`},
		{name: "field without name", impl: "io.SelectFiles", params: `{"templates": {"f": "{}/*"}}`, inputs: `{}`, err: "has no name"},
		{name: "no templates", impl: "io.SelectFiles", params: `{}`, inputs: `{}`, err: "templates is empty"},
		{name: "grab from base as it stands", impl: "io.DataGrabber", inputs: `{"base_directory": "$DIR/{b}[1]%d", "template": "*.nii"}`, want: `{"outfiles": ["$DIR/{b}[1]%d/f2.nii", "$DIR/{b}[1]%d/f10.nii"]}`},
		{name: "grab for no outfield", impl: "io.DataGrabber", inputs: `{"base_directory": "$DIR", "template": "*", "template_args": {"x": []}}`, err: `"x", which is none of the outfields`},
		{name: "grab with an empty list", impl: "io.DataGrabber", params: `{"infields": ["s"]}`, inputs: `{"base_directory": "$DIR", "template": "%s", "s": []}`, err: "length above 0"},
		{name: "grab with bad args", impl: "io.DataGrabber", inputs: `{"base_directory": "$DIR", "template": "%s", "template_args": {"outfiles": ["s"]}}`, err: "want a list of lists"},
		{name: "no such root", impl: "io.DataFinder", inputs: `{"root_paths": ["$DIR", "$DIR/none"]}`, err: "none"},
		{name: "no match", impl: "io.DataFinder", inputs: `{"root_paths": "$DIR", "match_regex": "none$"}`, err: `matches "none$"`},
		{name: "group of a reserved name", impl: "io.DataFinder", inputs: `{"root_paths": "$DIR", "match_regex": "(?P<out_paths>x)"}`, err: "out_paths"},

		{name: "quoted cells", impl: "utility.CSVReader", inputs: `{"in_file": "$DIR/q.csv", "header": true}`, want: `{"a": ["x, y", "3"], "b": ["l1\nl2", "4"]}`},
		{name: "short row", impl: "utility.CSVReader", inputs: `{"in_file": "$DIR/bad.csv"}`, err: "line 2 has 1 cells, the first line 2"},
		{name: "columns of one name", impl: "utility.CSVReader", inputs: `{"in_file": "$DIR/two.csv", "header": true}`, err: `two columns are called "a"`},
		{name: "empty table", impl: "utility.CSVReader", inputs: `{"in_file": "$DIR/empty.csv"}`, err: "empty"},
		{name: "bad delimiter", impl: "utility.CSVReader", inputs: `{"in_file": "$DIR/q.csv", "delimiter": ";;"}`, err: "one character"},
		{name: "NaN in JSON", impl: "io.JSONFileGrabber", inputs: `{"in_file": "$DIR/nan.json"}`, err: "nan.json"},
		{name: "deep JSON", impl: "io.JSONFileGrabber", inputs: `{"in_file": "$DIR/deep.json"}`, want: `{"a": {"$dict": [["$x", [1, null]]]}, "b": -0.0}`},
		{
			name: "nested keys stay", impl: "io.JSONFileSink", inputs: `{"a.b": 1, "a.c.d": {"$none": true}, "a.c.e": {"$tuple": [1, 2.0]}, "in_dict": {"a": {"z": 0}}}`,
			want: `{"out_file": "$DIR/work/datasink.json"}`, files: `{"work/datasink.json": "{\"a\": {\"z\": 0, \"b\": 1, \"c\": {\"d\": null, \"e\": [1, 2.0]}}}"}`,
		},
		{name: "key within a value", impl: "io.JSONFileSink", inputs: `{"a": 1, "a.b": 2}`, err: `input "a.b": "a" holds 1 already`},
		{name: "key without a name", impl: "io.JSONFileSink", inputs: `{"a..b": 2}`, err: "empty"},
		{name: "out of the directory", impl: "io.JSONFileSink", inputs: `{"out_file": "../x.json"}`, err: "not below the working directory"},

		{name: "equal file there", impl: "io.ExportFile", inputs: `{"in_file": "$DIR/s1/f1.nii", "out_file": "$DIR/o/x.nii"}`, want: `{"out_file": "$DIR/o/x.nii"}`},
		{name: "other file there", impl: "io.ExportFile", inputs: `{"in_file": "$DIR/s2/f1.nii", "out_file": "$DIR/o/x.nii"}`, err: "clobber = True"},
		{name: "folder there", impl: "io.ExportFile", inputs: `{"in_file": "$DIR/s2/f1.nii", "out_file": "$DIR/o/dir", "check_extension": false, "clobber": true}`, err: "is a folder"},
		{name: "subject not there", impl: "io.FreeSurferSource", inputs: `{"subjects_dir": "$DIR/fs", "subject_id": "anna"}`, err: `subject "anna" has no folder $DIR/fs/anna`},
		{
			name: "first column has a name", impl: "algorithms.misc.AddCSVRow", inputs: `{"in_file": "$DIR/named.csv", "id": "s2", "w": 1}`, want: `{"csv_file": "$DIR/named.csv"}`,
			files: `{"named.csv": "id,v,w\ns1,5,\ns2,,1\n"}`,
		},
		{name: "row there", impl: "algorithms.misc.AddCSVRow", inputs: `{"in_file": "$DIR/named.csv", "id": "s1", "v": 5}`, want: `{"csv_file": "$DIR/named.csv"}`, files: `{}`},

		{
			name: "columns", impl: "io.CSVFile", params: `{"columns": ["s", "x", "task"]}`, inputs: `{"s": [["a", "b"], ["c,d"]], "x": {"$tuple": [1.5, 2, {"$none": true}]}, "task": "rest"}`,
			want: `{"out_file": "$DIR/work/table.csv"}`, files: `{"work/table.csv": "s,x,task\na,1.5,rest\nb,2,rest\n\"c,d\",,rest\n"}`,
		},
		{
			name: "rows", impl: "io.CSVFile", inputs: `{"rows": [{"a": 1}, {"b": "x", "a": 2}], "out_file": "g/t.tsv"}`, want: `{"out_file": "$DIR/work/g/t.tsv"}`,
			files: `{"work/g/t.tsv": "a\tb\n1\tn/a\n2\tx\n"}`,
		},
		{
			name: "rows that are lists", impl: "io.CSVFile", inputs: `{"rows": [[1, 2], [3, 4]], "header": ["p", "q"], "delimiter": ";"}`, want: `{"out_file": "$DIR/work/table.csv"}`,
			files: `{"work/table.csv": "p;q\n1;2\n3;4\n"}`,
		},
		{name: "rows without a header", impl: "io.CSVFile", inputs: `{"rows": [[1, 2], [3]]}`, want: `{"out_file": "$DIR/work/table.csv"}`, files: `{"work/table.csv": "1,2\n3\n"}`},
		{name: "table of one row", impl: "io.CSVFile", inputs: `{"data": {"n": 1, "m": true}, "out_file": "$DIR/here.csv"}`, want: `{"out_file": "$DIR/here.csv"}`, files: `{"here.csv": "n,m\n1,True\n"}`},
		{name: "table of no rows", impl: "io.CSVFile", params: `{"columns": ["s"]}`, inputs: `{"s": []}`, want: `{"out_file": "$DIR/work/table.csv"}`, files: `{"work/table.csv": "s\n"}`},
		{name: "columns of two lengths", impl: "io.CSVFile", params: `{"columns": ["s", "x"]}`, inputs: `{"s": [1], "x": [1, 2]}`, err: `column "s" has 1 values, column "x" has 2`},
		{name: "wide row", impl: "io.CSVFile", inputs: `{"rows": [[1, 2]], "header": ["p"]}`, err: "row 1 has 2 values for 1 columns"},
		{name: "rows and columns", impl: "io.CSVFile", inputs: `{"rows": [[1]], "data": {"a": 1}}`, err: "both rows and columns"},
		{name: "no table", impl: "io.CSVFile", inputs: `{}`, err: "nothing to write"},
		{name: "reserved column", impl: "io.CSVFile", params: `{"columns": ["rows"]}`, inputs: `{}`, err: "the name is taken"},
		{name: "lines", impl: "io.TextFile", inputs: `{"lines": [[1, 0.5], "x"]}`, want: `{"out_file": "$DIR/work/text.txt"}`, files: `{"work/text.txt": "1 0.5\nx\n"}`},
		{name: "text", impl: "io.TextFile", inputs: `{"text": "a b", "out_file": "d.fsf"}`, want: `{"out_file": "$DIR/work/d.fsf"}`, files: `{"work/d.fsf": "a b"}`},
		{name: "no text", impl: "io.TextFile", inputs: `{}`, err: "text or lines"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			makeTree(t, dir, tree)
			got, err := run(t, c.impl, record(t, []byte(orEmpty(c.params)), dir), record(t, []byte(c.inputs), dir), filepath.Join(dir, "work"), claims())
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(c.err, "$DIR", dir)) {
					t.Fatalf("got %v, want ...%s...", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(show(record(t, []byte(c.want), dir)), show(got)); diff != "" {
				t.Errorf("outputs (-want +got)\n%s", diff)
			}
			if c.files == "" {
				return
			}
			files := listing(t, dir)
			for name, text := range tree {
				if files[name] == text {
					delete(files, name)
				}
			}
			want := map[string]string{}
			for _, f := range record(t, []byte(c.files), "") {
				want[f.Name] = value.Text(f.Value)
			}
			if diff := cmp.Diff(want, files); diff != "" {
				t.Errorf("files (-want +got)\n%s", diff)
			}
		})
	}
}

func orEmpty(text string) string {
	if text == "" {
		return "{}"
	}
	return text
}

func TestOneFileOneWriter(t *testing.T) {
	dir := t.TempDir()
	makeTree(t, dir, map[string]string{"a": "1", "b": "2"})
	claim := claims()
	for _, c := range []struct{ impl, inputs, work string }{
		{"io.ExportFile", `{"in_file": "$DIR/a", "out_file": "$DIR/x"}`, "w1"},
		{"io.JSONFileSink", `{"v": 1, "out_file": "$DIR/y"}`, "w1"},
		{"io.CSVFile", `{"data": {"v": 1}, "out_file": "$DIR/z"}`, "w1"},
	} {
		if _, err := run(t, c.impl, nil, record(t, []byte(c.inputs), dir), dir+"/w1", claim); err != nil {
			t.Fatal(err)
		}
		inputs := strings.ReplaceAll(c.inputs, "$DIR/a", "$DIR/b")
		if _, err := run(t, c.impl, nil, record(t, []byte(inputs), dir), dir+"/w2", claim); err == nil || !strings.Contains(err.Error(), "both published") {
			t.Errorf("%s: got %v", c.impl, err)
		}
	}
}

func TestRowsFromManyInstances(t *testing.T) {
	path := t.TempDir() + "/t.csv"
	var wg sync.WaitGroup
	for i := range 20 {
		for range 2 { // each twice, as after a resume
			wg.Go(func() {
				_, err := addCSVRow.Run(t.Context(), &Call{Inputs: value.NewRecord(map[string]value.Value{"in_file": value.String(path), "n": value.Int(i)})})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	text, err := os.ReadFile(path)
	if err != nil || strings.Count(string(text), "\n") != 21 {
		t.Errorf("%v\n%s", err, text)
	}
}
