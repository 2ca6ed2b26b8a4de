package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A procfs reads a /proc: the machine's, or a made-up one in tests. Every peer
// is measured by it in the same way.
type procfs struct {
	root string
}

// A process is one line of the process table.
type process struct {
	PID, Parent int
	Comm        string // first 15 bytes of the program's name
	Zombie      bool
}

// Memory is what one process, or several together, hold; in bytes.
type Memory struct {
	RSS  int64 // resident; shared pages count in every process that has them
	PSS  int64 // resident; shared pages count in parts. 0: not read
	Size int64 // address space
	Data int64 // private writable mappings and stack: what the kernel commits to
	Peak int64 // of one process: the highest RSS so far
}

func (m Memory) plus(o Memory) Memory {
	return Memory{m.RSS + o.RSS, m.PSS + o.PSS, m.Size + o.Size, m.Data + o.Data, max(m.Peak, o.Peak)}
}

// processes lists the machine's processes. Threads of the kernel, which are
// most of a quiet machine's, are asked for once.
func (p procfs) processes(kernel map[int]bool) []process {
	entries, err := os.ReadDir(p.root)
	if err != nil {
		return nil
	}
	var out []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || kernel[pid] {
			continue
		}
		one, err := p.process(pid)
		if err != nil {
			continue // it ended meanwhile
		}
		if one.Parent == 2 && kernel != nil {
			kernel[pid] = true
			continue
		}
		out = append(out, one)
	}
	return out
}

// process reads one line of the process table. The name is in parentheses and
// may hold any byte, so it is what lies between the first and the last of them.
func (p procfs) process(pid int) (process, error) {
	text, err := os.ReadFile(filepath.Join(p.root, strconv.Itoa(pid), "stat"))
	if err != nil {
		return process{}, err
	}
	open, shut := strings.IndexByte(string(text), '('), strings.LastIndexByte(string(text), ')')
	if open < 0 || shut < open {
		return process{}, fmt.Errorf("stat of process %d: no name", pid)
	}
	fields := strings.Fields(string(text[shut+1:]))
	if len(fields) < 2 {
		return process{}, fmt.Errorf("stat of process %d: %d fields", pid, len(fields))
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return process{}, fmt.Errorf("stat of process %d: %w", pid, err)
	}
	return process{pid, parent, string(text[open+1 : shut]), fields[0] == "Z" || fields[0] == "X"}, nil
}

// tree gives the processes below root, and root itself first. A process whose
// parent has ended belongs to it no longer, unless a member has adopted it.
func tree(all []process, root int) []process {
	children := map[int][]process{}
	var out []process
	for _, p := range all {
		children[p.Parent] = append(children[p.Parent], p)
		if p.PID == root {
			out = append(out, p)
		}
	}
	for i := 0; i < len(out); i++ {
		out = append(out, children[out[i].PID]...)
	}
	return out
}

// memory reads the name of a process and what it holds; the PSS, which costs
// the kernel a walk over all its pages, only if it is asked for.
//
// The name is read with the sizes, since a process may become another program
// between the process table and here.
func (p procfs) memory(pid int, pss bool) (name string, m Memory, err error) {
	text, err := os.ReadFile(filepath.Join(p.root, strconv.Itoa(pid), "status"))
	if err != nil {
		return "", m, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	name = strings.TrimPrefix(first, "Name:\t")
	fields := sizesIn(string(text))
	m.RSS, m.Size, m.Peak = fields["VmRSS"], fields["VmSize"], fields["VmHWM"]
	m.Data = fields["VmData"] + fields["VmStk"]
	if pss {
		roll, err := readSizes(filepath.Join(p.root, strconv.Itoa(pid), "smaps_rollup"))
		if err != nil {
			return name, m, err
		}
		m.PSS = roll["Pss"]
	}
	return name, m, nil
}

// committed gives the machine's commit charge and its limit.
func (p procfs) committed() (charge, limit int64) {
	fields, err := readSizes(filepath.Join(p.root, "meminfo"))
	if err != nil {
		return 0, 0
	}
	return fields["Committed_AS"], fields["CommitLimit"]
}

// readSizes reads the sizes in a file.
func readSizes(path string) (map[string]int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return sizesIn(string(text)), nil
}

// sizesIn reads the lines "Name:  123 kB" of a text; other lines are passed over.
func sizesIn(text string) map[string]int64 {
	out := map[string]int64{}
	for line := range strings.Lines(text) {
		name, rest, ok := strings.Cut(line, ":")
		number, isSize := strings.CutSuffix(strings.TrimSpace(rest), " kB")
		if !ok || !isSize {
			continue
		}
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			out[name] = n << 10
		}
	}
	return out
}
