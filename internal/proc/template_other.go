//go:build !linux

package proc

import "errors"

// CanFork says whether this system knows templates: only Linux gives orphans to
// whom they come from.
const CanFork = false

func (p *Process) isKnown() {}

func (p *Process) inherit(int, int, uint64) error {
	return errors.New("only Linux can hand over a process that another one forked")
}
