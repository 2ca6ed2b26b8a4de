package task

import (
	"strconv"

	"github.com/raphe-org/raphe/internal/value"
)

// threadVars are the variables by which tools and their libraries are told how
// many threads to start.
//
// Sources: OpenMP 5.2 section 21.2, ITK's itkMultiThreaderBase, the manuals of
// MKL, OpenBLAS, BLIS, NumExpr, Numba, MRtrix3 and Apple's Accelerate.
var threadVars = []string{
	"OMP_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS",
	"BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUMBA_NUM_THREADS", "MRTRIX_NTHREADS", "VECLIB_MAXIMUM_THREADS",
}

// threads gives the variables that hold an attempt to what it was granted. A
// number that was inherited stands where nobody asked this run for another one:
// no n_procs, no input, no --procs. A node whose thread input is 0 or less leaves
// it to the program, and so does Raphe.
func (a *attemptRun) threads() []string {
	asked := a.askedThreads()
	if asked < 0 {
		return nil
	}
	n := strconv.Itoa(max(1, a.claim.Procs))
	out := make([]string, 0, len(threadVars))
	for _, name := range threadVars {
		if _, inherited := a.inherited[name]; !inherited || asked > 0 || a.opts.ProcsGiven {
			out = append(out, name+"="+n)
		}
	}
	return out
}

// askedThreads gives what the node says of its processors: n_procs, or else an
// input that is a number of threads; 0: nothing, below 0: as many as the tool
// likes.
func (k *look) askedThreads() int {
	if k.options.NProcs > 0 {
		return k.options.NProcs
	}
	for i := range k.iface.Inputs {
		p := &k.iface.Inputs[i]
		if !p.Threads {
			continue
		}
		if n, ok := k.inputs.Get(p.Name).(value.Int); ok {
			if n <= 0 {
				return -1
			}
			return int(n)
		}
	}
	return 0
}

// grantedInputs gives the inputs with no more threads in them than were
// granted. They are not part of the key.
func (a *attemptRun) grantedInputs() value.Record {
	in := a.inputs
	for i := range a.iface.Inputs {
		p := &a.iface.Inputs[i]
		if n, ok := in.Get(p.Name).(value.Int); ok && p.Threads && int(n) > a.claim.Procs {
			in = in.With(p.Name, value.Int(a.claim.Procs))
		}
	}
	return in
}

// grantedProcs is what the interface is told of the processors that n_procs
// asked for; 0 leaves its thread counts as they are.
func (a *attemptRun) grantedProcs() int {
	if a.options.NProcs == 0 {
		return 0
	}
	return a.claim.Procs
}
