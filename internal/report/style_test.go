package report

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
)

var token = regexp.MustCompile(`--([a-z]+): #([0-9a-f]{6});`)

// themes reads the colours of the light and of the dark theme; the dark one
// stands twice, once for the system's choice and once for the reader's.
func themes(t *testing.T) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	for name, head := range map[string]string{"light": ":root {", "dark": `:root:not([data-theme="light"]) {`, "chosen dark": `:root[data-theme="dark"] {`} {
		_, body, found := strings.Cut(pageCSS, head)
		if !found {
			t.Fatalf("no %s theme", name)
		}
		body, _, _ = strings.Cut(body, "}")
		out[name] = map[string]string{}
		for _, m := range token.FindAllStringSubmatch(body, -1) {
			out[name][m[1]] = m[2]
		}
	}
	return out
}

// luminance and contrast are those of WCAG 2.2
// (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance).
func luminance(hex string) float64 {
	var rgb [3]int
	fmt.Sscanf(hex, "%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2])
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(rgb[i]) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// TestContrast holds the colours to level AA: 4.5 for text, 3 for lines and
// edges that mean something.
func TestContrast(t *testing.T) {
	for theme, c := range themes(t) {
		for _, p := range []struct {
			on    string
			least float64
			what  string
		}{
			{"bg", 4.5, "fg soft link limit bad good busy warn"}, {"panel", 4.5, "fg soft link"},
			{"badbg", 4.5, "bad"}, {"goodbg", 4.5, "good"}, {"busybg", 4.5, "busy fg soft"}, {"warnbg", 4.5, "warn"},
			{"bg", 3, "focus edge tools raphe commit"}, {"panel", 3, "focus edge"},
		} {
			for _, what := range strings.Fields(p.what) {
				if c[what] == "" || c[p.on] == "" {
					t.Errorf("%s: no colour %s or %s", theme, what, p.on)
				} else if got := contrast(c[what], c[p.on]); got < p.least {
					t.Errorf("%s: %s on %s has a contrast of %.2f, want %.1f", theme, what, p.on, got, p.least)
				}
			}
		}
	}
}

func TestDarkThemesAgree(t *testing.T) {
	all := themes(t)
	for name, hex := range all["dark"] {
		if all["chosen dark"][name] != hex {
			t.Errorf("--%s differs", name)
		}
	}
}

// TestClassesHaveStyles sees that no class that a picture uses is unknown to
// the style sheet.
func TestClassesHaveStyles(t *testing.T) {
	r := synthetic(400)
	text := write(t, r)
	for _, m := range regexp.MustCompile(`(?:^|[ <])class="([a-z0-9 -]+)"`).FindAllStringSubmatch(text, -1) {
		for _, class := range strings.Fields(m[1]) {
			if !regexp.MustCompile(`\.` + class + `\b`).MatchString(pageCSS) {
				t.Errorf("class %q has no style", class)
			}
		}
	}
}
