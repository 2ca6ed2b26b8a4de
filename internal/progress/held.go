package progress

import (
	"slices"

	"github.com/raphe-org/raphe/internal/event"
)

// mostRecent is how many samples are kept for a picture of the last minutes.
const mostRecent = 60

// Held is the memory of a run: of late, and at most.
type Held struct {
	Raphe event.Memory `json:"raphe,omitzero"` // in the last sample
	Tools event.Memory `json:"tools,omitzero"` // likewise, all together

	PeakRaphe event.Memory `json:"peak_raphe"`
	PeakTools event.Memory `json:"peak_tools"`

	Limit  int64   `json:"limit,omitempty"`  // what all tools together may hold
	Recent []int64 `json:"recent,omitempty"` // the tools' RSS in the last samples, the latest last
}

// Add takes in a sample.
func (h *Held) Add(s *event.Sample) {
	h.Raphe, h.Tools, h.Limit = s.Raphe, s.Tools, s.Limit
	h.PeakRaphe, h.PeakTools = h.PeakRaphe.Max(s.Raphe), h.PeakTools.Max(s.Tools)
	if len(h.Recent) == mostRecent {
		h.Recent = slices.Delete(h.Recent, 0, 1)
	}
	h.Recent = append(h.Recent, s.Tools.RSS)
}

// Known reports whether anything was measured.
func (h *Held) Known() bool { return len(h.Recent) > 0 || h.PeakRaphe.RSS > 0 }
