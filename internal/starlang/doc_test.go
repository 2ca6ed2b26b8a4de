package starlang_test

import (
	"os"
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/wire"
)

// block gives the fenced block of a page that begins with a text.
func block(t *testing.T, page, fence, begin string) string {
	t.Helper()
	text, err := os.ReadFile("../../doc/" + page)
	if err != nil {
		t.Fatal(err)
	}
	if _, rest, ok := strings.Cut(string(text), fence+begin); ok {
		body, _, _ := strings.Cut(rest, "\n```")
		return begin + body + "\n"
	}
	t.Fatalf("%s has no block that begins with %q", page, begin)
	return ""
}

// What the pages show is true.
func TestDocumentedExamples(t *testing.T) {
	res := load(t, block(t, "language.md", "```python\n", "# preproc.star"), map[string][]string{"template": {"/etc/hostname"}})
	for _, d := range append(res.Definition.Problems, check.Definition(res.Definition.Top()[0])...) {
		t.Errorf("language.md: %s | %s", d.Error(), d.Why)
	}
	def, err := wire.Read("formats.md", strings.NewReader(block(t, "formats.md", "```\n", `{"kind":"raphe-definition"`)), fakeTools{})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range append(def.Problems, check.Definition(def.Top()[0])...) {
		t.Errorf("formats.md: %s | %s", d.Error(), d.Why)
	}
}
