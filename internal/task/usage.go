package task

import (
	"encoding/binary"
	"time"

	"github.com/raphe-org/raphe/internal/event"
)

// appendUsage writes what an attempt used: numbers, each a varint, and the
// source of its claim.
func appendUsage(b []byte, u *event.Usage) []byte {
	for _, n := range []int64{
		int64(u.Wall), int64(u.CPU), u.PeakRSS,
		u.PeakPSS, u.PeakVSize, u.ReadBytes, u.WriteBytes, int64(u.Processes), u.InputBytes,
		int64(u.Asked.Procs), u.Asked.Mem, u.Asked.Limit,
	} {
		b = binary.AppendVarint(b, n)
	}
	return appendText(b, string(u.Asked.From))
}

// usage reads what appendUsage wrote. Version 1 had the first three numbers
// only.
func (d *reader) usage(version byte) event.Usage {
	u := event.Usage{Wall: time.Duration(d.int()), CPU: time.Duration(d.int()), PeakRSS: d.int()}
	if version < 2 {
		return u
	}
	u.PeakPSS, u.PeakVSize, u.ReadBytes, u.WriteBytes = d.int(), d.int(), d.int(), d.int()
	u.Processes, u.InputBytes = int(d.int()), d.int()
	u.Asked = event.Asked{Procs: int(d.int()), Mem: d.int(), Limit: d.int(), From: event.From(d.text())}
	return u
}
