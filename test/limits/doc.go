// Package limitstest runs the real program on tools that take more memory than
// they may, in every way that comes to mind, and on workflows of many shapes
// where memory is scarce, and looks at the world from outside: what all
// processes hold at any moment, what is left of them, what the records say.
//
//	lab_test.go       a scratch folder in which raphe runs, as oneself or as nobody
//	world_test.go     the processes of the tools: what they hold, whether any is left
//	leak_test.go      tools that grow, alone and together, under each --limit
//	family_test.go    many children, daemons, orphans, tools that ignore signals
//	birth_test.go     tools in their first moments
//	killed_test.go    tools that somebody else ended, the kernel among them
//	scarce_test.go    raphe itself in little memory and little address space
//	shapes_test.go    workflows of many shapes, run and resumed
//	hog/              the tool that misbehaves
//
// Where raphe is started by root it is tried twice: as root it keeps limits by
// memory cgroups, as nobody by samples. No test measures time.
package limitstest
