package local

import "testing"

func TestLimitNames(t *testing.T) {
	for l, name := range map[Limit]string{Hard: "hard", Soft: "soft", None: "none"} {
		if got, err := ParseLimit(name); err != nil || got != l || l.String() != name {
			t.Errorf("%s is %v, %v, and back %s", name, got, err, l)
		}
	}
	if _, err := ParseLimit("tight"); err == nil || Limit(7).String() != "limit-7" {
		t.Error("what is no limit has a name")
	}
}
