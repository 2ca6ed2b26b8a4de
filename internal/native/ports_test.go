package native

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// portDifferences are ports that nipype has or has not, on purpose.
var portDifferences = struct{ inputsWithout, inputsWith, outputsWithout map[string][]string }{
	inputsWithout: map[string][]string{"io.DataSink": {"bucket", "creds_path", "encrypt_bucket_keys", "local_copy"}},
	inputsWith:    map[string][]string{"io.DataSink": {"link"}, "utility.CSVReader": {"delimiter"}}, // delimiter: nipype 1.9
	outputsWithout: map[string][]string{
		"algorithms.confounds.ComputeDVARS":          {"fig_nstd", "fig_std", "fig_vxstd"},
		"algorithms.confounds.FramewiseDisplacement": {"out_figure"},
	},
}

// TestPortsOfNipype compares names, defaults and what is mandatory with
// testdata/ports.json, made by ports.py.
func TestPortsOfNipype(t *testing.T) {
	content, err := os.ReadFile("testdata/ports.json")
	if err != nil {
		t.Fatal(err)
	}
	var classes map[string]struct {
		Params json.RawMessage
		Inputs map[string]struct {
			Mandatory bool
			Default   json.RawMessage
		}
		Outputs []string
	}
	if err := json.Unmarshal(content, &classes); err != nil {
		t.Fatal(err)
	}
	for name, class := range classes {
		t.Run(name, func(t *testing.T) {
			impl, ok := Lookup(name)
			if !ok {
				t.Fatal("no implementation has this name")
			}
			ins, outs, err := impl.Ports(record(t, class.Params, ""))
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]iface.Input{}
			for _, in := range ins {
				got[in.Name] = in
			}
			for in, want := range class.Inputs {
				if strings.HasPrefix(in, "_") || slices.Contains(portDifferences.inputsWithout[name], in) {
					continue
				}
				have, ok := got[in]
				delete(got, in)
				if !ok {
					t.Errorf("input %q is missing", in)
				}
				checkDefault(t, have, want.Default)
				if want.Mandatory && !have.Mandatory && have.Default == nil {
					t.Errorf("input %q is mandatory in nipype", in)
				}
			}
			for in := range got {
				if !slices.Contains(portDifferences.inputsWith[name], in) {
					t.Errorf("input %q is not nipype's", in)
				}
			}
			names := []string{}
			for _, out := range outs {
				names = append(names, out.Name)
			}
			slices.Sort(names)
			want := slices.DeleteFunc(class.Outputs, func(o string) bool { return slices.Contains(portDifferences.outputsWithout[name], o) })
			if diff := cmp.Diff(want, names); diff != "" && !impl.DynamicOutputs {
				t.Errorf("outputs (-nipype +raphe)\n%s", diff)
			}
		})
	}
}

func checkDefault(t *testing.T, in iface.Input, want json.RawMessage) {
	t.Helper()
	if want == nil || string(want) == "{}" {
		return
	}
	v, err := value.ParseJSON(want)
	if err == nil {
		v, err = in.Type.Accept(v)
	}
	if err != nil {
		t.Fatalf("default of %q: %v", in.Name, err)
	}
	have, err := in.Type.Accept(in.Default)
	if err != nil || !value.Equal(have, v) && value.Repr(value.List(asList(have))) != value.Repr(value.List(asList(v))) {
		t.Errorf("default of %q is %s, nipype's %s", in.Name, value.Repr(in.Default), want)
	}
}

// TestTable checks what every implementation must be.
func TestTable(t *testing.T) {
	some := map[string]value.Record{
		"utility.IdentityInterface": output("fields", value.Strings("a")),
		"io.SelectFiles":            output("templates", value.Dict{{Key: value.String("f"), Value: value.String("x")}}),
	}
	for _, name := range Names() {
		impl, _ := Lookup(name)
		if impl.Help == "" || impl.Ports == nil || impl.Run == nil {
			t.Errorf("%s is incomplete", name)
		}
		ins, outs, err := impl.Ports(some[name])
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		seen := map[string]bool{}
		for _, in := range ins {
			if seen[in.Name] {
				t.Errorf("%s has two inputs %q", name, in.Name)
			}
			seen[in.Name] = true
			if in.Default == nil {
				continue
			}
			if _, err := in.Type.Accept(in.Default); err != nil || in.Mandatory {
				t.Errorf("%s: default of %q: %v", name, in.Name, err)
			}
		}
		for _, p := range impl.Params {
			if p.Default == nil {
				continue
			}
			if _, err := p.Type.Accept(p.Default); err != nil {
				t.Errorf("%s: parameter %q: %v", name, p.Name, err)
			}
		}
		if len(outs) == 0 && !impl.DynamicOutputs && name != "utility.AssertEqual" {
			t.Errorf("%s has no outputs", name)
		}
	}
}
