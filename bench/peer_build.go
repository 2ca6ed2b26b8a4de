package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// ninja starts each command through /bin/sh.
type ninja struct{}

func (ninja) Name() string             { return "ninja" }
func (ninja) Debian() string           { return "ninja-build" }
func (ninja) Version() (string, error) { return probe("ninja", "--version") }
func (ninja) Most() int                { return 0 }
func (ninja) Outputs() string          { return "out/*" }

func (ninja) Write(w *Work, dir string) error {
	return writeText(dir, "build.ninja", func(b *strings.Builder) {
		b.WriteString("rule cp\n  command = cp $in $out\n")
		for _, j := range w.Jobs {
			fmt.Fprintf(b, "build %s: cp %s\n", w.Output(j), w.Input(j))
		}
	})
}

func (ninja) Argv(_ *Work, _ string, slots int) []string {
	return []string{"ninja", "--quiet", "-j", fmt.Sprint(slots)}
}

// gnuMake starts simple commands without a shell.
type gnuMake struct{}

func (gnuMake) Name() string             { return "GNU make" }
func (gnuMake) Debian() string           { return "make" }
func (gnuMake) Version() (string, error) { return probe("make", "--version") }
func (gnuMake) Most() int                { return 0 }
func (gnuMake) Outputs() string          { return "out/*" }

func (gnuMake) Write(w *Work, dir string) error {
	return writeText(dir, "Makefile", func(b *strings.Builder) {
		b.WriteString("all:")
		for _, j := range w.Jobs {
			b.WriteString(" " + w.Output(j))
		}
		b.WriteString("\n")
		for _, j := range w.Jobs {
			fmt.Fprintf(b, "%[1]s: %[2]s\n\t@cp %[2]s %[1]s\n", w.Output(j), w.Input(j))
		}
	})
}

// Argv leaves out the implicit rules, which nobody here needs.
func (gnuMake) Argv(_ *Work, _ string, slots int) []string {
	return []string{"make", "-r", "-R", "-s", "-j", fmt.Sprint(slots)}
}

// xargs knows no dependencies: a chained work is given to it one level after
// the other. It keeps nothing, so it has no part in resuming.
type xargs struct{}

func (xargs) Name() string             { return "xargs -P" }
func (xargs) Debian() string           { return "findutils" }
func (xargs) Version() (string, error) { return probe("xargs", "--version") }
func (xargs) Most() int                { return 0 }
func (xargs) Outputs() string          { return "out/*" }

func (xargs) Write(w *Work, dir string) error {
	for n, level := range w.Levels {
		err := writeText(dir, fmt.Sprintf("level%03d", n), func(b *strings.Builder) {
			for _, i := range level {
				fmt.Fprintf(b, "%s %s\n", w.Input(w.Jobs[i]), w.Output(w.Jobs[i]))
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (xargs) Argv(w *Work, _ string, slots int) []string {
	one := fmt.Sprintf("xargs -P %d -n 2 cp <$l || exit", slots)
	return []string{"sh", "-c", "for l in level*; do " + one + "; done"}
}

// snakemake knows a job by a wildcard; which file each one copies is looked up
// in a table, the shortest way to say any graph.
type snakemake struct{ most int }

func (snakemake) Name() string             { return "Snakemake" }
func (snakemake) Debian() string           { return "snakemake" }
func (snakemake) Version() (string, error) { return probe("snakemake", "--version") }
func (s snakemake) Most() int              { return s.most }
func (snakemake) Outputs() string          { return "out/*" }

func (snakemake) Write(w *Work, dir string) error {
	inputs := map[string]string{}
	for _, j := range w.Jobs {
		inputs[j.Name] = w.Input(j)
	}
	table, err := json.Marshal(inputs)
	if err != nil {
		return err
	}
	err = writeText(dir, "inputs.json", func(b *strings.Builder) { b.Write(table) })
	if err != nil {
		return err
	}
	return writeText(dir, "Snakefile", func(b *strings.Builder) {
		b.WriteString(`import json
INPUTS = json.load(open("inputs.json"))

rule all:
    input: expand("out/{name}", name=INPUTS)

rule copy:
    input: lambda w: INPUTS[w.name]
    output: "out/{name}"
    shell: "cp {input} {output}"
`)
	})
}

func (snakemake) Argv(_ *Work, _ string, slots int) []string {
	return []string{"snakemake", "--quiet", "all", "--cores", fmt.Sprint(slots)}
}
