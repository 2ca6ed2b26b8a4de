package proc

import (
	"strconv"
	"time"
)

// shared returns what a process holds with each shared page divided among those
// that share it: all of it, and without the pages of files, which the kernel
// can take back without ending anything. Both are 0 if the kernel does not tell.
func shared(pid int) (pss, held int64) {
	s := sharesOf(pid)
	return s.pss, s.pss - s.files
}

// shares are what a process holds, by who else has it.
type shares struct {
	pss   int64 // all, each shared page divided
	files int64 // pages of files of it, divided likewise (since Linux 5.4)
	alone int64 // what no other process has
	dirty int64 // of that, without pages of files
}

func sharesOf(pid int) (s shares) {
	buf := procBuffers.Get().(*[]byte)
	defer procBuffers.Put(buf)
	n, err := readSmall("/proc/"+strconv.Itoa(pid)+"/smaps_rollup", *buf) // since Linux 4.14
	if err != nil {
		return s
	}
	text := (*buf)[:n]
	s.pss, s.files = kibibytes(text, "Pss:"), kibibytes(text, "Pss_File:")
	s.dirty = kibibytes(text, "Private_Dirty:")
	s.alone = s.dirty + kibibytes(text, "Private_Clean:")
	return s
}

// unshared returns what the processes of a tree hold if they share nothing but
// pages of files, 0 if the kernel does not tell (before Linux 4.5).
func (t *tree) unshared() (held int64) {
	buf := procBuffers.Get().(*[]byte)
	defer procBuffers.Put(buf)
	for pid := range t.seen {
		if n, err := readSmall("/proc/"+strconv.Itoa(pid)+"/status", *buf); err == nil {
			held += kibibytes((*buf)[:n], "RssAnon:") + kibibytes((*buf)[:n], "RssShmem:")
		}
	}
	return held
}

// A division says when the shared pages of a tree were divided, and with what
// result. The kernel looks at every page for that, which takes it some ten
// milliseconds for each GiB.
type division struct {
	rss   int64     // of the tree at the latest look; of what is forked, without what it began with
	pss   int64     // what the look found
	held  int64     // likewise, without the pages of files
	until time.Time // no other look before, for the record
	next  time.Time // nor before this to decide whether something is ended
	spent time.Duration
	own   bool // without what is a template's, which the tree may have written to since it began
}

const (
	// pssAfter is the age at which a tree is divided first.
	pssAfter = 2 * time.Second
	// pssShare is which part of one CPU all divisions for the record may take,
	// pssHaste those on which a decision depends.
	pssShare = 300
	pssHaste = 4
)

// wanted says whether it is time to divide a tree for the record: not before
// it is some seconds old, and only if its size has changed by an eighth since.
func (d *division) wanted(now time.Time, rss int64, age time.Duration) bool {
	if age < pssAfter || now.Before(d.until) {
		return false
	}
	change := rss - d.rss
	return max(change, -change) >= max(rss/8, 1)
}

// estimate gives the shared memory of a tree between looks: what the latest
// found and as much more or less as RSS has changed since; RSS, which is never
// less, before the first.
func (d *division) estimate(rss int64) int64 {
	if d.pss == 0 {
		return rss
	}
	estimate := max(d.pss+rss-d.rss, 0)
	if d.own {
		return estimate
	}
	return min(estimate, rss)
}

// due says whether it is time to divide a tree if a decision depends on it.
func (d *division) due(now time.Time) bool { return !now.Before(d.next) }

// divide looks at all processes of the tree now. What is shared with a template
// is not the tree's own.
func (d *division) divide(t *tree, own bool) {
	began := threadTime()
	d.own = own
	if own {
		d.pss, d.held = t.own()
	} else {
		d.pss, d.held = t.divided()
	}
	if d.pss == 0 { // a kernel that does not tell, or a tree that has just gone
		d.held = t.rss
	}
	d.rss = t.rss
	now, cost := time.Now(), threadTime()-began
	d.spent += cost
	each := cost * time.Duration(max(1, crowd()))
	d.until, d.next = now.Add(max(pssEvery, each*pssShare)), now.Add(min(each*pssHaste, slow))
}

// divided gives what a tree holds with shared pages divided, and that without
// the pages of files.
func (t *tree) divided() (pss, held int64) {
	for pid := range t.seen {
		one, without := shared(pid)
		pss, held = pss+one, held+without
	}
	return pss, held
}
