package main

import "fmt"

// memoryNote says what the columns of the memory table are.
const memoryNote = "Commit charge is the sum of private writable mappings and stacks (VmData + VmStk) over the processes of the tree, not the machine's Committed_AS: " +
	"the kernel charges these mappings, and other programs don't disturb the sum. Growth is that of the engine and everything it started but the tools, " +
	"beyond what the engine alone had before the first tool, so worker processes count; a child that is still its parent's address space (between fork and exec, as kcmp(2) says) is counted once. " +
	"The growth of a peer that starts a shell for each tool has these shells in it."

// memoryTable is scenario f.
func memoryTable(runs []shapeRun) Table {
	t := Table{Caption: "**f. Memory during these runs**, at most", Head: []string{"", "engine RSS", "engine PSS", "engine address space", "tree PSS", "tree commit charge", "of it not the tools'", "its growth while tools run", "tools seen at once", "samples"}}
	for _, r := range runs {
		if r.error != "" {
			continue
		}
		f := r.out.Footprint()
		t.add(r.name, showMB(f.RSS), showMB(f.PSS), showMB(f.Size), showMB(f.TreePSS), showMB(f.Commit), showMB(f.Overhead), showMB(f.Growth), fmt.Sprint(f.Running), fmt.Sprint(f.Samples))
	}
	return t
}

// memoryTargets are the design's for 8 tools that run.
func memoryTargets(runs []shapeRun) []Target {
	for _, r := range runs {
		if r.name != (rapheJSON{}).Name() || r.error != "" {
			continue
		}
		f := r.out.Footprint()
		return []Target{
			{What: fmt.Sprintf("growth of commit charge while %d tools run, beyond the tools", f.Running), Want: "< 10 MB", Got: showMB(f.Growth), Met: f.Samples > 0 && f.Growth < 10e6},
			atMost(fmt.Sprintf("peak RSS of the coordinator, %s instances run", showCount(r.instances)), float64(f.RSS), 20e6, showMBFloat),
		}
	}
	return nil
}
