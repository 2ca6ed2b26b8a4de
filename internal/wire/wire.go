// Package wire is the form in which other programs hand definitions over: JSON
// lines, one record a line, that can be written and read as a stream. Version 1
// is described in doc/formats.md, section "Definition as JSON lines".
//
//	Write  writes a workflow and all that lies within it
//	Read   reads a definition; places are the lines of the records
//
// Neither holds more than one record in memory beside the definition itself.
// What is wrong with a record is a problem of the definition, and reading goes
// on. The package knows no Starlark and no plan.
package wire

import "github.com/raphe-org/raphe/internal/iface"

// Version is the version of the format that is written, and the newest that is
// read.
const Version = 1

// headerKind is the kind of the first record.
const headerKind = "raphe-definition"

// Resolver gives the interface that a reference means.
type Resolver interface {
	Resolve(iface.Ref) (*iface.Interface, error)
}
