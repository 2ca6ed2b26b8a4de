package proc

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Machine is what this process and its children may use of the machine.
type Machine struct {
	CPUs   int
	Memory int64 // bytes; 0 if not known

	// AddressSpace is what one process may map (RLIMIT_AS), 0 if it may all.
	// It is for each process, so it says nothing of what fits side by side.
	AddressSpace int64

	// What set each limit, for people: "affinity", "cgroup", "SLURM_MEM_PER_NODE", ...
	CPUsFrom, MemoryFrom string
}

// Memory is what one process holds, in bytes; 0 is not known.
type Memory struct {
	RSS   int64 // pages in memory
	PSS   int64 // likewise, those shared with other processes divided among them
	VSize int64 // address space
}

// Available returns the CPUs and the memory that this process may use: the
// least of what the machine has, what affinity and cgroups allow, and what the
// scheduler of a batch job has granted on this node.
func Available() Machine {
	m := machine("")
	m.limitToJob(os.Getenv)
	m.AddressSpace = addressSpace()
	return m
}

func (m *Machine) limitCPUs(n int, from string) {
	if n > 0 && (n < m.CPUs || m.CPUs == 0) {
		m.CPUs, m.CPUsFrom = n, from
	}
}

func (m *Machine) limitMemory(n int64, from string) {
	if n > 0 && (n < m.Memory || m.Memory == 0) {
		m.Memory, m.MemoryFrom = n, from
	}
}

// limitToJob applies what a batch scheduler granted. Many clusters confine a
// job with cgroups too, and then nothing changes here; some only count.
//
// Sources: sbatch(1) (memory in MiB, 0 for all of the node), qsub of PBS
// Professional (NCPUS) and Torque (PBS_NUM_PPN), qsub of Grid Engine (NSLOTS),
// LSF (LSB_DJOB_NUMPROC).
func (m *Machine) limitToJob(getenv func(string) string) {
	number := func(name string) int64 {
		n, err := strconv.ParseInt(strings.TrimSpace(getenv(name)), 10, 64)
		if err != nil || n < 0 {
			return 0
		}
		return n
	}
	switch {
	case getenv("SLURM_JOB_ID") != "":
		m.limitCPUs(int(number("SLURM_CPUS_ON_NODE")), "SLURM_CPUS_ON_NODE")
		m.limitMemory(number("SLURM_MEM_PER_NODE")<<20, "SLURM_MEM_PER_NODE")
		m.limitMemory(number("SLURM_MEM_PER_CPU")*number("SLURM_CPUS_ON_NODE")<<20, "SLURM_MEM_PER_CPU")
	case getenv("PBS_JOBID") != "":
		m.limitCPUs(int(number("NCPUS")), "NCPUS")
		m.limitCPUs(int(number("PBS_NUM_PPN")), "PBS_NUM_PPN")
	case getenv("LSB_JOBID") != "":
		m.limitCPUs(int(number("LSB_DJOB_NUMPROC")), "LSB_DJOB_NUMPROC")
	case getenv("JOB_ID") != "" && getenv("SGE_ROOT") != "":
		m.limitCPUs(int(number("NSLOTS")), "NSLOTS")
	}
}

func addressSpace() int64 {
	var limit unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &limit) != nil || limit.Cur > 1<<62 { // infinity
		return 0
	}
	return int64(limit.Cur)
}
