package toolfile

import (
	"testing"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// BenchmarkLoad evaluates a tool file and what it loads, from nothing.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := newLoader(nil).global("fsl", "BET"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCommandLine makes one command line of a resolved interface.
func BenchmarkCommandLine(b *testing.B) {
	f, err := Resolve(iface.Ref{Name: "fsl.BET"})
	if err != nil {
		b.Fatal(err)
	}
	in := value.NewRecord(map[string]value.Value{
		"in_file": value.String("/data/sub-01_T1w.nii.gz"), "frac": value.Float(0.4), "mask": value.Bool(true),
	})
	for b.Loop() {
		line, err := f.CommandLine(in, iface.Context{Dir: "/work"})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := f.Promise(in, line, "/work"); err != nil {
			b.Fatal(err)
		}
	}
}
