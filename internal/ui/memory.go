package ui

import (
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/unit"
)

// memoryLine gives "memory 5.2 GiB of 16 GiB · ▁▂▅▇ · at most 6 GiB · raphe 24
// MiB", or as much of it as fits; "" where no tool was measured, or nothing fits.
func (m *moment) memoryLine(p paint, cols int) string {
	h := m.held
	if h == nil || m.tools == 0 && h.PeakTools.RSS == 0 {
		return ""
	}
	plain := func(s string) string { return s }
	segs := []segment{{"memory " + ofLimit(m.tools, h.Limit), 9, plain}}
	if width(segs[0].text) > cols {
		return ""
	}
	if picture := sparkline(h.Recent); picture != "" {
		segs = append(segs, segment{picture, 4, plain})
	}
	if peak := h.PeakTools.RSS; peak > m.tools {
		segs = append(segs, segment{"at most " + unit.FormatBytes(peak), 5, plain})
	}
	if h.Raphe.RSS > 0 {
		segs = append(segs, segment{"raphe " + unit.FormatBytes(h.Raphe.RSS), 3, p.dim})
	}
	return fit(segs, cols)
}

func ofLimit(n, limit int64) string {
	if limit <= 0 {
		return unit.FormatBytes(n)
	}
	return unit.FormatBytes(n) + " of " + unit.FormatBytes(limit)
}

// sparks are the eighths of a cell.
var sparks = []rune("▁▂▃▄▅▆▇█")

const sparkCells = 30

// sparkline draws figures in at most sparkCells columns, the largest as a full
// cell; "" for fewer than two figures or where all are nothing.
func sparkline(figures []int64) string {
	per := max(1, (len(figures)+sparkCells-1)/sparkCells)
	var cells []int64
	for end := len(figures); end > 0; end -= per { // so that the last cell is of the latest
		most := int64(0)
		for _, n := range figures[max(0, end-per):end] {
			most = max(most, n)
		}
		cells = append(cells, most)
	}
	top := int64(0)
	for _, n := range cells {
		top = max(top, n)
	}
	if top == 0 || len(cells) < 2 {
		return ""
	}
	var b strings.Builder
	for i := len(cells) - 1; i >= 0; i-- {
		level := float64(cells[i]) / float64(top) * float64(len(sparks))
		b.WriteRune(sparks[min(int(level), len(sparks)-1)])
	}
	return b.String()
}

// statusMemory gives the line of `raphe status`, "" where nothing was measured.
func statusMemory(h *history.History) string {
	held := h.Held
	if held == nil || !held.Known() {
		return ""
	}
	limit := ""
	if h.Memory > 0 {
		limit = " of " + unit.FormatBytes(h.Memory)
	}
	if h.Phase != history.Goes && h.Phase != history.Away {
		return fmt.Sprintf("memory: raphe at most %s, tools at most %s%s",
			unit.FormatBytes(held.PeakRaphe.RSS), unit.FormatBytes(held.PeakTools.RSS), limit)
	}
	return fmt.Sprintf("memory: raphe %s (at most %s), %s %s (at most %s)%s",
		unit.FormatBytes(held.Raphe.RSS), unit.FormatBytes(held.PeakRaphe.RSS),
		plural(h.Tools, "tool"), unit.FormatBytes(h.ToolsRSS), unit.FormatBytes(peakTools(h, held)), limit)
}

// peakTools gives the most that tools have held: what is held now may be more
// than all samples so far.
func peakTools(h *history.History, held *progress.Held) int64 {
	return max(held.PeakTools.RSS, h.ToolsRSS)
}
