//go:build linux

package reporttest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown gives a column of the table as it is shown.
func shown(b *browser, column string) []string {
	b.t.Helper()
	return eval[[]string](b, `(() => {
		const at = [...document.querySelectorAll("#table thead th")].findIndex((th) => th.dataset.by === arguments[0]);
		return [...document.querySelectorAll("#table tbody tr:not(.details)")].map((tr) => tr.children[at].textContent);
	})()`, column)
}

// checkQuiet demands that nothing was complained of and nothing fetched but the page.
func checkQuiet(t *testing.T, b *browser, page string) {
	t.Helper()
	if lines := b.log("browser"); len(lines) > 0 {
		t.Errorf("the console has:\n%s", strings.Join(lines, "\n"))
	}
	for _, url := range b.requests() {
		if url != "file://"+page {
			t.Errorf("the page asked for %s", url)
		}
	}
}

func TestPage(t *testing.T) {
	page := report(t, small, 1)
	b := open(t)
	b.visit("file://" + page)
	t.Run("hostile text stays text", func(t *testing.T) {
		if got := eval[string](b, "document.title"); !strings.HasPrefix(got, "study: failed") {
			t.Errorf("the title is %q", got)
		}
		if got := eval[string](b, `document.querySelector("#failures pre").textContent`); !strings.Contains(got, "<b>bold</b>") {
			t.Errorf("standard error is shown as %q", got)
		}
	})
	t.Run("the script says the same as the page", func(t *testing.T) { sameRows(t, b, page) })
	t.Run("sorting", func(t *testing.T) { sorting(t, b) })
	t.Run("filtering", func(t *testing.T) { filtering(t, b) })
	t.Run("the graph chooses a node", func(t *testing.T) { choosing(t, b) })
	t.Run("details", func(t *testing.T) { detailsRow(t, b) })
	t.Run("light and dark", func(t *testing.T) { themes(t, b) })
	t.Run("memory by node", func(t *testing.T) { memory(t, b) })
	t.Run("structure", func(t *testing.T) { structure(t, b) })
	checkQuiet(t, b, page)
}

// sameRows compares the rows that Go wrote with those that the script made of
// the same data.
func sameRows(t *testing.T, b *browser, page string) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), `<table id="table">`)
	_, table, _ = strings.Cut(table, "<tbody>")
	table, _, _ = strings.Cut(table, "</tbody>")
	fromGo := eval[[]string](b, `(() => {
		const t = document.createElement("table");
		t.innerHTML = "<tbody>" + arguments[0] + "</tbody>";
		return [...t.rows].map((r) => [...r.cells].map((c) => c.textContent).join(" | "));
	})()`, table)
	fromScript := eval[[]string](b, `[...document.querySelectorAll("#table tbody tr")].map((r) => [...r.cells].map((c) => c.textContent).join(" | "))`)
	if diff := cmp.Diff(fromGo, fromScript); diff != "" || len(fromGo) < 15 {
		t.Errorf("%d rows (-Go +script):\n%s", len(fromGo), diff)
	}
}

func sorting(t *testing.T, b *browser) {
	first := shown(b, "name")
	if state := shown(b, "state")[0]; state != "failed" {
		t.Errorf("the first row is %s, want what failed", state)
	}
	b.click(`th[data-by="name"] button`)
	up := shown(b, "name")
	b.click(`th[data-by="name"] button`)
	down := shown(b, "name")
	if slices.Equal(first, up) || !slices.IsSorted(up) {
		t.Errorf("sorted by name:\n%s", strings.Join(up, "\n"))
	}
	slices.Reverse(down)
	if diff := cmp.Diff(up, down); diff != "" {
		t.Errorf("the other way round:\n%s", diff)
	}
	if got := eval[string](b, `document.querySelector('th[data-by="name"]').getAttribute("aria-sort")`); got != "descending" {
		t.Errorf("aria-sort is %q", got)
	}
	b.click(`th[data-by="wall"] button`)
	walls := eval[[]int](b, `(() => {
		const data = JSON.parse(document.getElementById("data").textContent);
		return [...document.querySelectorAll("#table .expand")].map((b) => -data.wall[Number(b.dataset.row)]);
	})()`)
	if !slices.IsSorted(walls) {
		t.Errorf("the longest first: %v", walls)
	}
	if got := eval[string](b, `document.querySelector('th[data-by="name"]').getAttribute("aria-sort")`); got != "none" {
		t.Errorf("aria-sort of the column before is %q", got)
	}
}

func filtering(t *testing.T, b *browser) {
	all := len(shown(b, "name"))
	b.write("#words", "_SUBJECT_10 strip")
	b.wait(`document.querySelectorAll("#table tbody tr").length === 1`)
	if got := shown(b, "name"); !strings.Contains(got[0], "_subject_10/strip") {
		t.Errorf("found %v", got)
	}
	if got := eval[string](b, `document.querySelector("#said").textContent`); !strings.HasPrefix(got, "1 of ") {
		t.Errorf("it is said: %q", got)
	}
	b.click("#clear")
	b.wait(`document.querySelector("#words").value === ""`)
	if got := len(shown(b, "name")); got != all {
		t.Errorf("%d rows after clearing, want %d", got, all)
	}
	eval[any](b, `(() => { const s = document.querySelector("#state"); s.value = "0"; s.dispatchEvent(new Event("change")); })()`)
	if got := shown(b, "state"); len(got) != 4 || slices.ContainsFunc(got, func(s string) bool { return s != "failed" }) {
		t.Errorf("states of what failed: %v", got)
	}
	b.click("#clear")
}

func choosing(t *testing.T, b *browser) {
	b.click(`svg.graph a[data-name="study.prep.register"]`)
	nodes := shown(b, "node")
	if len(nodes) != 4 || slices.ContainsFunc(nodes, func(n string) bool { return n != "study.prep.register" }) {
		t.Errorf("nodes: %v", nodes)
	}
	if !eval[bool](b, `document.activeElement.id === "instances-h" && document.querySelector("svg.graph a[aria-current]").dataset.name === "study.prep.register"`) {
		t.Error("the focus is not at the table, or the box is not marked")
	}
	b.click("#node")
	if got := len(shown(b, "node")); got < 15 {
		t.Errorf("%d rows when all nodes are shown again", got)
	}
}

func detailsRow(t *testing.T, b *browser) {
	b.write("#words", "broken")
	b.wait(`document.querySelectorAll("#table tbody tr").length === 4`)
	// By keyboard alone.
	eval[any](b, `document.querySelector("#table tbody .expand").focus()`)
	b.press(enter)
	b.wait(`document.querySelectorAll("#table tr.details").length === 1`)
	text := eval[string](b, `document.querySelector("#table tr.details").textContent`)
	for _, want := range []string{"exit status 3", "<b>bold</b>", "sh -c", "Attempt 1failed: exit status 3", "/broken/stdout.txt", "script"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the details:\n%s", want, text)
		}
	}
	if !eval[bool](b, `(() => { const b = document.querySelector("#table .expand"); return b.getAttribute("aria-expanded") === "true" && !!document.getElementById(b.getAttribute("aria-controls")); })()`) {
		t.Error("the button does not say that it is open")
	}
	b.press(space)
	b.wait(`document.querySelectorAll("#table tr.details").length === 0`)
	b.click("#clear")
}

func themes(t *testing.T, b *browser) {
	background := func() string { return eval[string](b, `getComputedStyle(document.body).backgroundColor`) }
	light := background()
	b.click("#theme")
	chosen := background()
	if light == chosen || eval[string](b, `document.querySelector("#theme").getAttribute("aria-pressed")`) != "true" {
		t.Errorf("backgrounds: %s, then %s", light, chosen)
	}
	b.click("#theme")
	eval[any](b, `document.documentElement.removeAttribute("data-theme")`)
	b.devtools("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]string{"name": "prefers-color-scheme", "value": "dark"}}})
	b.wait(`matchMedia("(prefers-color-scheme: dark)").matches`)
	if got := background(); got != chosen {
		t.Errorf("the system's dark background is %s, the chosen one %s", got, chosen)
	}
	b.devtools("Emulation.setEmulatedMedia", map[string]any{"features": []any{}})
}

func memory(t *testing.T, b *browser) {
	visible := func(id string) bool {
		return eval[bool](b, `document.getElementById(arguments[0]).getBoundingClientRect().height > 0`, id)
	}
	if !visible("chart-resident") || visible("chart-stack") {
		t.Error("at first all tools are shown together")
	}
	b.click("#stacked")
	if visible("chart-resident") || !visible("chart-stack") {
		t.Error("then by node")
	}
	b.click("#together")
}

// structure looks at what a screen reader goes by.
func structure(t *testing.T, b *browser) {
	levels := eval[[]int](b, `[...document.querySelectorAll("h1, h2, h3, h4")].map((h) => Number(h.tagName[1]))`)
	for i, level := range levels {
		if i == 0 && level != 1 || i > 0 && level > levels[i-1]+1 {
			t.Errorf("heading %d has level %d: %v", i, level, levels)
		}
	}
	if got := eval[[]string](b, `["header", "nav", "main", "footer"].filter((l) => !document.querySelector("body > " + l + ", body > header > " + l))`); len(got) > 0 {
		t.Errorf("no landmarks: %v", got)
	}
	if got := eval[[]string](b, `[...document.querySelectorAll("svg[role=img]:not([aria-label]), input:not([type=radio]):not(label input), select:not(label select), th:not([scope]), a[href^='#']")]
		.filter((e) => e.tagName.toLowerCase() !== "a" || !document.getElementById((e.getAttribute("href") || "").slice(1))).map((e) => e.outerHTML.slice(0, 100))`); len(got) > 0 {
		t.Errorf("without a label, a scope or an end:\n%s", strings.Join(got, "\n"))
	}
	if got := eval[[]string](b, `(() => { const seen = new Set(), twice = []; for (const e of document.querySelectorAll("[id]")) { if (seen.has(e.id)) twice.push(e.id); seen.add(e.id); } return twice; })()`); len(got) > 0 {
		t.Errorf("ids that stand twice: %v", got)
	}
	b.call("POST", "/window/rect", map[string]int{"width": 500, "height": 800}, nil)
	if got := eval[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); got > 0 {
		t.Errorf("the page is %d pixels wider than a narrow window", got)
	}
	b.call("POST", "/window/rect", map[string]int{"width": 1280, "height": 1000}, nil)
}

// TestKeyboard goes through the page with the tabulator: everything that can be
// used is reached, and can be seen to be.
func TestKeyboard(t *testing.T) {
	page := report(t, small, 1)
	b := open(t)
	b.visit("file://" + page)
	var seen []string
	for range 90 {
		b.press(tab)
		if eval[bool](b, "document.activeElement === document.body") {
			break // through the whole page
		}
		seen = append(seen, eval[string](b, `(() => {
			const e = document.activeElement, s = getComputedStyle(e), box = e.querySelector(".box");
			const ring = parseFloat(s.outlineWidth) >= 2 && s.outlineStyle !== "none" || box && parseFloat(getComputedStyle(box).strokeWidth) >= 3;
			const name = e.id || e.dataset.name || e.dataset.zoom || e.className.baseVal || e.className || e.textContent.trim().slice(0, 30);
			return (ring ? "" : "NO RING ") + e.tagName.toLowerCase() + " " + name;
		})()`))
	}
	all := strings.Join(seen, "\n")
	for _, want := range []string{"a skip", "button theme", "input together", "a study.prep.strip", "input words", "select state", "button clear", "button expand"} {
		if !slices.Contains(seen, want) {
			t.Errorf("never at %q", want)
		}
	}
	if strings.Contains(all, "NO RING") || t.Failed() {
		t.Errorf("the way of the focus:\n%s", all)
	}
	checkQuiet(t, b, page)
}

func TestWithoutScript(t *testing.T) {
	page := report(t, small, 1)
	b := open(t)
	b.devtools("Emulation.setScriptExecutionDisabled", map[string]any{"value": true})
	b.visit("file://" + page)
	var text string
	b.call("GET", "/element/"+b.element("body")+"/text", nil, &text)
	for _, want := range []string{"3", "failed", "exit status 3", "Memory over time", "Timeline", "study/_subject_01/broken", "Made by raphe"} {
		if !strings.Contains(text, want) {
			t.Errorf("without its script the page has no %q", want)
		}
	}
	for _, gone := range []string{"Clear", "Full size", "Rows 50"} {
		if regexp.MustCompile(`\b` + gone + `\b`).MatchString(text) {
			t.Errorf("without its script the page shows %q, which does nothing", gone)
		}
	}
}

// TestTenThousand is a page that a person has to find something in.
func TestTenThousand(t *testing.T) {
	page := report(t, many, 0)
	b := open(t)
	b.visit("file://" + page)
	b.wait(`document.querySelectorAll("#table tbody tr").length === 100`)
	if got := eval[string](b, `document.querySelector("#said").textContent`); !strings.HasPrefix(got, "10\u202f000 instances") {
		t.Errorf("it is said: %q", got)
	}
	b.click(`[data-go="last"]`)
	if got := eval[string](b, `document.querySelector("#page").textContent`); got != "9\u202f901 to 10\u202f000 of 10\u202f000" {
		t.Errorf("the last page: %q", got)
	}
	b.write("#words", "_x_1234/step_2")
	b.wait(`document.querySelectorAll("#table tbody tr").length === 1`)
	b.click("#clear")
	for _, by := range []string{"name", "wall", "node", "reason"} {
		b.click(`th[data-by="` + by + `"] button`)
	}
	if n := eval[int](b, `document.querySelectorAll("*").length`); n > 20_000 {
		t.Errorf("%d elements in the page", n)
	}
	checkQuiet(t, b, page)
}
