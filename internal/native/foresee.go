package native

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// SinkTargets tells where a DataSink would store the files that its inputs
// name, before any of them exists: fn gets each destination and its source.
// What a sink refuses it refuses when it runs; here such a value is passed
// over.
func SinkTargets(c *Call, fn func(destination, source string)) {
	p, err := newSinkPlan(c)
	if err != nil {
		return
	}
	for _, f := range c.Inputs {
		if slices.Contains(sinkSettings, f.Name) {
			continue
		}
		folder := slices.DeleteFunc(strings.Split(f.Name, "."), func(part string) bool { return strings.HasPrefix(part, "@") })
		value.Walk(f.Value, func(src string) {
			if !filepath.IsAbs(src) {
				return
			}
			if dst, err := p.destination(strings.Join(folder, "/"), filepath.Clean(src)); err == nil {
				fn(dst, filepath.Clean(src))
			}
		})
	}
}
