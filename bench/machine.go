package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// machine describes where the benchmark runs, as far as the machine says.
func machine(scratch string) []Fact {
	proc := procfs{"/proc"}
	sizes, _ := readSizes(filepath.Join(proc.root, "meminfo"))
	charge, limit := proc.committed()
	return []Fact{
		{"date", time.Now().Format("2006-01-02 15:04 MST")},
		{"processors", fmt.Sprintf("%d usable, %s", runtime.NumCPU(), processor())},
		{"memory", fmt.Sprintf("%s, of which %s available; swap %s", showMB(sizes["MemTotal"]), showMB(sizes["MemAvailable"]), showMB(sizes["SwapTotal"]))},
		{"system", output("uname", "-srm")},
		{"file system", fileSystem(scratch)},
		{"overcommit", fmt.Sprintf("vm.overcommit_memory=%s, commit charge %s of %s", orDash(firstLine("/proc/sys/vm/overcommit_memory")), showMB(charge), showMB(limit))},
		{"transparent huge pages", orDash(firstLine("/sys/kernel/mm/transparent_hugepage/enabled"))},
		{"cgroups", cgroups()},
		{"load before", orDash(firstLine("/proc/loadavg"))},
		{"Go", runtime.Version()},
	}
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// fileSystem gives the type of the file system that holds a folder.
func fileSystem(dir string) string {
	lines := strings.Split(output("df", "-PT", dir), "\n")
	fields := strings.Fields(lines[len(lines)-1])
	if len(fields) < 7 {
		return "-"
	}
	return fmt.Sprintf("%s, %s%% used", fields[1], strings.TrimSuffix(fields[5], "%"))
}

// cgroups says which version manages memory here.
func cgroups() string {
	if controllers := firstLine("/sys/fs/cgroup/cgroup.controllers"); controllers != "" {
		return "version 2: " + controllers
	}
	if _, err := os.Stat("/sys/fs/cgroup/memory/memory.limit_in_bytes"); err == nil {
		return "version 1, memory mounted"
	}
	return "none"
}

// firstLine gives the first line of a file, "" if there is none.
func firstLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line)
}

// output gives what a command prints, "-" if it can't be run.
func output(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "-"
	}
	return orDash(strings.TrimSpace(string(out)))
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
