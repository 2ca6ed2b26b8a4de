// Package killtest runs the real program on tools that misbehave, and kills
// both it and its tools at random, to see that every failure ends soon, with
// its name, that nothing complete is redone, and that nothing is left running.
//
//	lab_test.go    a scratch folder in which raphe runs; what is left running
//	bad_test.go    tools that misbehave in every way
//	sweep_test.go  a workflow of 500 instances whose tools say what they do
//	kill_test.go   random kill -9, then resume; RAPHE_KILLS says how many
//	signal_test.go Ctrl-C once, twice, SIGTERM; two runs of one base directory
package killtest
