package report

import (
	"bytes"
	"encoding/json"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
)

func write(t testing.TB, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSizes bounds the page: its parts without the table do not grow with the
// instances, and the table by little.
func TestSizes(t *testing.T) {
	for _, c := range []struct{ instances, most int }{{10, 200 << 10}, {1000, 800 << 10}, {10_000, 5 << 20}, {100_000, 36 << 20}} {
		text := write(t, synthetic(c.instances))
		data := dataOf(t, text)
		if len(text) > c.most {
			t.Errorf("%d instances: %d bytes, at most %d wanted", c.instances, len(text), c.most)
		}
		if rest := len(text) - len(data); rest > 3<<20 {
			t.Errorf("%d instances: %d bytes beside the table", c.instances, rest)
		}
		t.Logf("%d instances: %d bytes, %d of them the table", c.instances, len(text), len(data))
	}
}

var dataElement = regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`)

// dataOf gives the table's JSON as it stands in a page.
func dataOf(t testing.TB, page string) string {
	t.Helper()
	m := dataElement.FindStringSubmatch(page)
	if m == nil || !json.Valid([]byte(m[1])) {
		t.Fatal("the page has no table, or one that is no JSON")
	}
	return m[1]
}

// TestHostileText puts hostile text everywhere where text comes from a run.
func TestHostileText(t *testing.T) {
	long := strings.Repeat(hostile, 2000)
	r := synthetic(30)
	h := r.History
	h.Command, h.Host, h.Base, h.Draining, h.Damage, h.Limit, h.Version = long, hostile, hostile, hostile, hostile, hostile, hostile
	failure := &event.Failure{
		Cause: long, Kind: hostile, Detail: long, Mend: hostile, Command: long, Stderr: long, Stdout: long, Rerun: hostile,
		Parameters: map[string]string{hostile: long},
	}
	h.Failed = []history.Failed{{Name: hostile, Node: hostile, Cause: hostile, Failure: failure}, {Name: long, Node: hostile, Cause: hostile}}
	for i := range r.Nodes {
		r.Nodes[i].Name, r.Nodes[i].Interface = clean(hostile, longNode), clean(hostile, 100)
		r.Graph.Nodes[i].Name, r.Graph.Nodes[i].Interface = hostile+"."+hostile, hostile
	}
	r.Graph.Workflow = hostile
	for i := range r.Memory {
		r.Memory[i].Nodes = map[string]int64{hostile: 1 << 20}
	}
	f := cleanFailure(failure)
	for i := range r.Rows {
		r.Rows[i].Name = clean(hostile, longName)
		r.Rows[i].Detail = marshal(details{Command: clean(long, longCommand), Failure: &f, Outputs: [][2]string{{clean(hostile, 100), clean(long, longItem)}}})
	}
	for i := range r.Reasons {
		r.Reasons[i] = clean(hostile, 400)
	}
	for _, phase := range []history.Phase{history.Goes, history.Died, history.Away, history.Ended} {
		h.Phase = phase
		text := write(t, r)
		checkPage(t, text)
	}
}

// checkPage demands that a page is text and has no elements but its own.
func checkPage(t testing.TB, text string) {
	t.Helper()
	if !utf8.ValidString(text) || strings.ContainsAny(text, "\x00\x1b") {
		t.Error("bytes in the page that are no text")
	}
	for what, want := range map[string]int{"<script": 2, "</script": 2, "<img": 0, "<style": 1, "</style": 1, "<!--": 0, "ZgotmplZ": 0, " style=": 0, "http:": 0, "https:": 0} {
		if got := strings.Count(strings.ToLower(text), what); got != want {
			t.Errorf("%d times %q in the page, want %d", got, what, want)
		}
	}
	if strings.Contains(html.UnescapeString(dataOf(t, text)), "<") {
		t.Error("a < in the table's data")
	}
}

// TestEmptyReports draws what has next to nothing to draw.
func TestEmptyReports(t *testing.T) {
	empty := &Report{History: &history.History{Run: history.Run{Began: began}, Phase: history.Ended, Seen: began}}
	one := synthetic(1)
	one.Memory, one.Graph = one.Memory[:1], nil
	old := synthetic(20)
	old.Memory, old.Graph = nil, nil // of a Raphe that recorded neither
	for i := range old.Rows {
		old.Rows[i].State, old.Rows[i].Usage, old.Rows[i].Detail = Earlier, event.Usage{Wall: time.Second}, nil
	}
	for _, r := range []*Report{empty, one, old} {
		checkPage(t, write(t, r))
	}
}

// TestNamesComeBack reads names as page.js does.
func TestNamesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &Report{History: &history.History{Run: history.Run{Began: began}}}
		for range rapid.IntRange(1, 10).Draw(t, "rows") {
			r.Rows = append(r.Rows, Row{Name: clean(rapid.StringMatching(`[ab/é🧠�]{0,6}`).Draw(t, "name"), 100), Began: began})
		}
		var data struct {
			Name []any `json:"name"`
		}
		if err := json.Unmarshal(r.rowsJSON(nil), &data); err != nil {
			t.Fatal(err)
		}
		var before []uint16
		for i, row := range r.Rows {
			units := int(data.Name[2*i].(float64))
			before = append(before[:units:units], utf16.Encode([]rune(data.Name[2*i+1].(string)))...)
			if got := string(utf16.Decode(before)); got != row.Name {
				t.Fatalf("name %d: %q, want %q", i, got, row.Name)
			}
		}
	})
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		h    history.History
		word string
	}{
		{history.History{Phase: history.Goes}, "running"},
		{history.History{Phase: history.Died}, "died"},
		{history.History{Phase: history.Away}, "not ended"},
		{history.History{Phase: history.Ended}, "done"},
		{history.History{Phase: history.Ended, Draining: "interrupted"}, "stopped"},
		{history.History{Phase: history.Ended, Counts: event.Counts{Total: 1, Failed: 1}}, "failed"},
		{history.History{Phase: history.Ended, Counts: event.Counts{Total: 1}}, "not complete"},
	} {
		r := Report{History: &c.h}
		if got := r.outcome(); got.Word != c.word || got.Text == "" {
			t.Errorf("%+v: %+v", c.h, got)
		}
	}
}

func TestFailureGroups(t *testing.T) {
	r := &Report{History: &history.History{}}
	for i := range 60 {
		r.History.Failed = append(r.History.Failed, history.Failed{Name: "wf/a" + count(i), Node: "wf.a", Cause: "exit status 1", Blocked: 1})
	}
	for i := range 30 {
		r.History.Failed = append(r.History.Failed, history.Failed{Name: "wf/b", Node: "wf.b" + count(i), Cause: "exit status 2"})
	}
	groups, more := r.failureGroups()
	if len(groups) != mostGroups || more != 11 {
		t.Errorf("%d groups and %d more", len(groups), more)
	}
	if g := groups[0]; g.Count != 60 || g.Blocked != 60 || len(g.Others) != mostGroupList || g.More != 60-1-mostGroupList {
		t.Errorf("first group: %+v", g)
	}
}
