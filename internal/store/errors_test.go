package store

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestErrorsSayHowToMend: every error that a person can meet names the thing
// and the mend.
func TestErrorsSayHowToMend(t *testing.T) {
	t.Parallel()
	host := Owner{Host: "node17", PID: 77, Since: time.Unix(1e9, 0).UTC()}
	holes := []Hole{
		{File: "a.seg", Offset: 10, Length: 5, Lost: "records"}, {File: "b.seg", Lost: "a whole segment"},
		{File: "c.seg", Offset: 1, Length: 1, Lost: "records"}, {File: "d.seg", Offset: 1, Length: 100, Lost: "records"},
	}
	tests := []struct {
		err        error
		says, mend string
	}{
		{&WriteError{"x.seg", "write", syscall.ENOSPC}, "write x.seg: no space left", "free some space"},
		{&WriteError{"x.seg", "write", syscall.EDQUOT}, "quota", "raise the quota"},
		{&WriteError{"x.seg", "create", fs.ErrPermission}, "create x.seg: permission", "check the disk"},
		{&WriteError{"x.seg", "create", syscall.EACCES}, "create x.seg: permission", "make the base directory writable"},
		{&WriteError{"x.seg", "sync", syscall.EIO}, "sync x.seg: input/output", "check the disk"},
		{&OwnedError{Base: "work", Owner: host, StaleAfter: time.Minute}, "work is in use by another run: process 77 on node17, since 2001-09-09T01:46:40Z", "kill 77"},
		{&OwnedError{Base: "work"}, "work is in use by another run", "wait until it ends"},
		{&LostError{Base: "work", By: host}, "process 77 on node17 took over", "let the other run finish"},
		{&LostError{Base: "work"}, "its claim was deleted", "let the other run finish"},
		{&VersionError{"FORMAT", 2, 1}, "FORMAT says version 2", "newer Raphe"},
		{&DamagedError{holes[:1]}, "a.seg is damaged at byte 10: records lost (5 bytes)", "check the disk"},
		{&DamagedError{holes}, "c.seg is damaged at byte 1: records lost (1 bytes); and 1 more places, 106 bytes in all", "redoes only"},
	}
	for _, tt := range tests {
		if !strings.Contains(tt.err.Error(), tt.says) {
			t.Errorf("%q does not say %q", tt.err, tt.says)
		}
		mender, ok := errors.AsType[interface {
			error
			Mend() string
		}](tt.err)
		if !ok || !strings.Contains(mender.Mend(), tt.mend) {
			t.Errorf("%v: mend does not say %q", tt.err, tt.mend)
		}
	}
}

func TestRefString(t *testing.T) {
	t.Parallel()
	if got := Ref(0).String() + " " + makeRef(3, 4096).String(); got != "none 000003.seg+4096" {
		t.Error(got)
	}
	if r := makeRef(maxSegment, 1<<offsetBits-1); r != ^Ref(0) || r.segment() != maxSegment || r.offset() != 1<<offsetBits-1 {
		t.Errorf("largest ref is %d", r)
	}
}
