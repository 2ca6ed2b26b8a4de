package local

import "fmt"

// Limit says for which memory a task is ended.
type Limit int

// The limits. Their names (see String) are those of --limit.
const (
	Hard Limit = iota // a task above its own MemBytes is ended, and what all hold together stays below Options.Memory
	Soft              // a task may exceed its own as long as all together stay below Options.Memory
	None              // nothing is ended for memory, only measured
)

var limitNames = [...]string{Hard: "hard", Soft: "soft", None: "none"}

// String returns the name of the limit, such as "soft".
func (l Limit) String() string {
	if l < 0 || int(l) >= len(limitNames) {
		return fmt.Sprintf("limit-%d", int(l))
	}
	return limitNames[l]
}

// ParseLimit returns the limit of that name, as String gives it.
func ParseLimit(name string) (Limit, error) {
	for l, n := range limitNames {
		if n == name {
			return Limit(l), nil
		}
	}
	return 0, fmt.Errorf("limit %q: not one of none, soft, hard", name)
}
