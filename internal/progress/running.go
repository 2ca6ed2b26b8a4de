package progress

import (
	"iter"
	"slices"
	"strings"
	"time"
)

// A Running is one instance that runs.
type Running struct {
	Name    string    `json:"name"` // of the instance
	Node    string    `json:"node,omitempty"`
	Began   time.Time `json:"began"`
	Attempt int       `json:"attempt,omitempty"`
	RSS     int64     `json:"rss,omitempty"` // bytes that it holds, where that is known
	Reason  string    `json:"-"`             // why it runs
}

// Longest gives what runs, the longest first.
func Longest(running iter.Seq[Running]) []Running {
	return slices.SortedFunc(running, func(a, b Running) int {
		if c := a.Began.Compare(b.Began); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// A Sample is the memory of one instance that runs now.
type Sample struct {
	Name string // of the instance
	RSS  int64  // bytes
}

// Measured puts what was measured to what runs.
func Measured(running []Running, samples []Sample) {
	memory := make(map[string]int64, len(samples))
	for _, s := range samples {
		memory[s.Name] = s.RSS
	}
	for i := range running {
		running[i].RSS = memory[running[i].Name]
	}
}
