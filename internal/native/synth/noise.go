package synth

import "math/rand/v2"

// What random numbers are drawn for; each file has a stream of its own, so that
// it does not depend on the others.
const (
	forAnatomy = iota
	forBold
	forMotion
)

// noise draws random numbers by PCG (O'Neill 2014, HMC-CS-2014-0905), which Go
// promises not to change.
type noise struct{ pcg *rand.PCG }

func newNoise(seed uint64, purpose, subject, run int) noise {
	return noise{rand.NewPCG(seed, uint64(purpose)<<40|uint64(subject)<<20|uint64(run))}
}

// below is a whole number from 0 to n-1. n is small, so that the bias of the
// remainder, n/2^64, does not matter.
func (z noise) below(n int) int { return int(z.pcg.Uint64() % uint64(n)) }

// normal has mean 0 and standard deviation 1: the sum of twelve uniform numbers
// less 6, which is normal but for the tails (none beyond 6, excess kurtosis
// -0.1). The usual methods need logarithms, whose last bit depends on the
// processor; this one adds whole numbers.
func (z noise) normal() float64 {
	var sum int64
	for range 6 {
		bits := z.pcg.Uint64()
		sum += int64(bits>>32) + int64(bits&(1<<32-1))
	}
	return float64(sum+6-6<<32) / (1 << 32) // each is short of its middle by half a step
}
