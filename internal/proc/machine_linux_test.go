package proc

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMachine(t *testing.T) {
	const total = 64 << 30
	for _, c := range []struct {
		name  string
		files map[string]string
		want  Machine // with the CPUs that the test sees where it is 0
	}{
		{"bare", nil, Machine{Memory: total, MemoryFrom: "the machine", CPUsFrom: "affinity"}},
		{"version 2, limits above", map[string]string{
			"proc/self/cgroup":                         "0::/job/step\n",
			"sys/fs/cgroup/job/memory.max":             "8589934592\n",
			"sys/fs/cgroup/job/step/memory.max":        "max\n",
			"sys/fs/cgroup/job/cpu.max":                "150000 100000\n",
			"sys/fs/cgroup/job/step/cpu.max":           "max 100000\n",
			"sys/fs/cgroup/job/step/other/memory.max":  "1\n",
			"sys/fs/cgroup/job/step/other2/memory.max": "1\n",
		}, Machine{Memory: 8 << 30, MemoryFrom: "cgroup", CPUs: 1, CPUsFrom: "cgroup"}},
		{"version 2, memory.high", map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.high": "1073741824\n", "sys/fs/cgroup/memory.max": "2147483648\n",
		}, Machine{Memory: 1 << 30, MemoryFrom: "cgroup", CPUsFrom: "affinity"}},
		{"version 1", map[string]string{
			"proc/self/cgroup": "5:cpu,cpuacct:/slurm/job\n4:memory:/slurm/job\n1:name=systemd:/x\n",
			"sys/fs/cgroup/memory/slurm/memory.limit_in_bytes":     "4294967296\n",
			"sys/fs/cgroup/memory/slurm/job/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/cpu/slurm/job/cpu.cfs_quota_us":         "100000\n",
			"sys/fs/cgroup/cpu/slurm/job/cpu.cfs_period_us":        "100000\n",
		}, Machine{Memory: 4 << 30, MemoryFrom: "cgroup", CPUs: 1, CPUsFrom: "cgroup"}},
		{"hybrid", map[string]string{
			"proc/self/cgroup":                       "0::/a\n2:memory:/a\n",
			"sys/fs/cgroup/unified/a/memory.max":     "3221225472\n",
			"sys/fs/cgroup/memory/a/cgroup.procs":    "",
			"sys/fs/cgroup/unified/a/cgroup.procs":   "",
			"sys/fs/cgroup/unified/a/b/cgroup.procs": "",
		}, Machine{Memory: 3 << 30, MemoryFrom: "cgroup", CPUsFrom: "affinity"}},
		{"container that sees the host's names", map[string]string{
			"proc/self/cgroup":                             "4:memory:/docker/0123\n",
			"sys/fs/cgroup/memory/memory.limit_in_bytes":   "536870912\n",
			"sys/fs/cgroup/memory/memory.usage_in_bytes":   "1\n",
			"sys/fs/cgroup/memory/x/memory.usage_in_bytes": "1\n",
		}, Machine{Memory: 512 << 20, MemoryFrom: "cgroup", CPUsFrom: "affinity"}},
		{"limits above that are not seen", map[string]string{
			"proc/self/cgroup": "4:memory:/a\n",
			"sys/fs/cgroup/memory/a/memory.limit_in_bytes": "9223372036854771712\n",
			"sys/fs/cgroup/memory/a/memory.stat":           "cache 1\nhierarchical_memory_limit 1073741824\nhierarchical_memsw_limit 1\n",
		}, Machine{Memory: 1 << 30, MemoryFrom: "cgroup", CPUsFrom: "affinity"}},
		{"more than there is", map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1099511627776\n", "sys/fs/cgroup/cpu.max": "100000000 100000\n",
		}, Machine{Memory: total, MemoryFrom: "the machine", CPUsFrom: "affinity"}},
	} {
		root := t.TempDir()
		write(t, filepath.Join(root, "proc/meminfo"), "MemTotal:       67108864 kB\nMemFree: 1 kB\n", 0o600)
		for name, text := range c.files {
			write(t, filepath.Join(root, name), text, 0o600)
		}
		want := c.want
		if want.CPUs == 0 {
			want.CPUs = runtime.NumCPU()
		}
		got := machine(root)
		if got.CPUs == 1 && want.CPUs == 1 { // a test machine with one CPU needs no cgroup for that
			got.CPUsFrom = want.CPUsFrom
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestLimitToJob(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want Machine
	}{
		{"none", map[string]string{"SLURM_MEM_PER_NODE": "1"}, Machine{CPUs: 16, Memory: 64 << 30}},
		{"node", map[string]string{"SLURM_JOB_ID": "7", "SLURM_CPUS_ON_NODE": "4", "SLURM_MEM_PER_NODE": "8192"},
			Machine{CPUs: 4, Memory: 8 << 30, CPUsFrom: "SLURM_CPUS_ON_NODE", MemoryFrom: "SLURM_MEM_PER_NODE"}},
		{"per CPU", map[string]string{"SLURM_JOB_ID": "7", "SLURM_CPUS_ON_NODE": "4", "SLURM_MEM_PER_CPU": "1024"},
			Machine{CPUs: 4, Memory: 4 << 30, CPUsFrom: "SLURM_CPUS_ON_NODE", MemoryFrom: "SLURM_MEM_PER_CPU"}},
		{"all memory", map[string]string{"SLURM_JOB_ID": "7", "SLURM_MEM_PER_NODE": "0"}, Machine{CPUs: 16, Memory: 64 << 30}},
		{"more than there is", map[string]string{"SLURM_JOB_ID": "7", "SLURM_CPUS_ON_NODE": "99", "SLURM_MEM_PER_NODE": "999999"},
			Machine{CPUs: 16, Memory: 64 << 30}},
		{"rubbish", map[string]string{"SLURM_JOB_ID": "7", "SLURM_CPUS_ON_NODE": "x", "SLURM_MEM_PER_NODE": "-3"}, Machine{CPUs: 16, Memory: 64 << 30}},
		{"PBS", map[string]string{"PBS_JOBID": "7", "NCPUS": "2"}, Machine{CPUs: 2, Memory: 64 << 30, CPUsFrom: "NCPUS"}},
		{"Torque", map[string]string{"PBS_JOBID": "7", "PBS_NUM_PPN": "3"}, Machine{CPUs: 3, Memory: 64 << 30, CPUsFrom: "PBS_NUM_PPN"}},
		{"LSF", map[string]string{"LSB_JOBID": "7", "LSB_DJOB_NUMPROC": "3"}, Machine{CPUs: 3, Memory: 64 << 30, CPUsFrom: "LSB_DJOB_NUMPROC"}},
		{"Grid Engine", map[string]string{"JOB_ID": "7", "SGE_ROOT": "/sge", "NSLOTS": "5"}, Machine{CPUs: 5, Memory: 64 << 30, CPUsFrom: "NSLOTS"}},
	} {
		got := Machine{CPUs: 16, Memory: 64 << 30}
		got.limitToJob(func(name string) string { return c.env[name] })
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestAvailable(t *testing.T) {
	if m := Available(); m.CPUs < 1 || m.Memory < 1<<20 || m.CPUsFrom == "" || m.MemoryFrom == "" {
		t.Errorf("%+v", m)
	}
}
