package iface

import "github.com/raphe-org/raphe/internal/value"

// NewPython makes the interface of a class that nipype itself runs. It takes
// any input and gives any output; noHash and noFileHash are the inputs that
// nipype leaves out of its hash, or knows by their text alone.
func NewPython(class string, split, always bool, noHash, noFileHash []string) *Interface {
	f := Interface{
		// What tells two interfaces of one class apart stands in the reference.
		Ref: Ref{Name: class, Params: value.RecordOf([]value.Field{
			{Name: "split", Value: value.Bool(split)}, {Name: "always_run", Value: value.Bool(always)},
			{Name: "nohash", Value: value.Strings(noHash...)}, {Name: "nofilehash", Value: value.Strings(noFileHash...)},
		})},
		DynamicInputs: true, AlwaysRun: always,
		Python: &Python{Class: class, Split: split},
	}
	known := map[string]bool{}
	for _, name := range noHash {
		if !known[name] {
			f.Inputs = append(f.Inputs, Input{Name: name, Type: Type{Kind: Any}, NoHash: true})
		}
		known[name] = true
	}
	for _, name := range noFileHash {
		if !known[name] {
			f.Inputs = append(f.Inputs, Input{Name: name, Type: Type{Kind: Any}, HashText: true})
		}
		known[name] = true
	}
	return New(f)
}
