// Package early does what has to be done before packages of other projects
// initialise themselves. Go initialises packages in the order of their import
// paths, as far as their imports allow (Go specification, "Program
// initialization", since Go 1.21), so a package that imports next to nothing
// comes before go.starlark.net.
package early

import (
	"io"
	"log"
)

// Where the address space is limited (`ulimit -v`), Starlark can't reserve its
// 4 GiB for small integers, and says so in the standard log, in the middle of
// what a person reads. It works without, and nothing else here uses that log.
func init() { log.SetOutput(io.Discard) }
