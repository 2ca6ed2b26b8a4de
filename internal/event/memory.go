package event

import "time"

// Memory is what processes hold at one moment, or at most, in bytes.
type Memory struct {
	RSS   int64 `json:"rss"`             // pages in memory, shared ones counted for each process
	PSS   int64 `json:"pss,omitempty"`   // pages in memory, shared ones divided; 0: not known
	VSize int64 `json:"vsize,omitempty"` // address space
}

// Max gives the larger of each figure.
func (m Memory) Max(o Memory) Memory {
	return Memory{max(m.RSS, o.RSS), max(m.PSS, o.PSS), max(m.VSize, o.VSize)}
}

// A Sample is the memory of a run at one moment.
type Sample struct {
	Raphe     Memory `json:"raphe"` // the coordinator alone
	Tools     Memory `json:"tools"` // all trees of processes together
	Processes int    `json:"processes,omitempty"`
	Commit    int64  `json:"commit,omitempty"` // what the whole machine has promised (Committed_AS); 0: not known
	Limit     int64  `json:"limit,omitempty"`  // what all tools together may hold: --memory

	// Nodes is the RSS of what runs, by the full name of its node.
	Nodes map[string]int64 `json:"nodes,omitempty"`
}

// Asked is what was set aside for an attempt, and what was enforced.
type Asked struct {
	Procs int   `json:"procs,omitempty"`
	Mem   int64 `json:"mem,omitempty"`   // bytes claimed in the ledger
	Limit int64 `json:"limit,omitempty"` // bytes above which it is ended; 0: none of its own
	From  From  `json:"from,omitempty"`  // where Mem comes from
}

// From says where the memory set aside for an attempt comes from.
type From string

// The sources of a claim.
const (
	FromUser    From = "mem_gb"  // the definition says it
	FromLearned From = "learned" // from what the interface used before
	FromDefault From = "default" // nothing is known
	FromRetry   From = "retry"   // an attempt before needed more than it had
)

// Usage is what one attempt used.
type Usage struct {
	Wall    time.Duration `json:"wall_ns"`
	CPU     time.Duration `json:"cpu_ns"`
	PeakRSS int64         `json:"peak_rss"` // bytes, of the tree

	PeakPSS    int64 `json:"peak_pss,omitempty"`   // bytes, of the tree, as far as sampled; 0: not known
	PeakVSize  int64 `json:"peak_vsize,omitempty"` // bytes of address space, likewise
	ReadBytes  int64 `json:"read_bytes,omitempty"` // from disks
	WriteBytes int64 `json:"write_bytes,omitempty"`
	Processes  int   `json:"processes,omitempty"` // most at one time, as far as sampled

	InputBytes int64 `json:"input_bytes,omitempty"` // size of the files that it was given
	Asked      Asked `json:"asked,omitzero"`
}
