package report

import (
	"html"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestWriterEscapes sees that a text stays what it is, in text and in an
// attribute, and that markup is left alone.
func TestWriterEscapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-z<>&"' %\\{}/=]{0,20}`).Draw(t, "text")
		var w writer
		w.add(`<b title="%s">%s</b>%s%d`, text, text, markup("<i>"), 7)
		inside, ok := strings.CutPrefix(string(w.markup()), `<b title="`)
		inside, ok2 := strings.CutSuffix(inside, `</b><i>7`)
		attribute, body, ok3 := strings.Cut(inside, `">`)
		if !ok || !ok2 || !ok3 || strings.ContainsAny(attribute+body, `<>"'`) || html.UnescapeString(attribute) != text || html.UnescapeString(body) != text {
			t.Fatalf("%q became %s", text, w.markup())
		}
	})
}

func TestWriterRefuses(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a value of unknown kind got into a page")
		}
	}()
	var w writer
	w.add("%s", []byte("<b>"))
}
