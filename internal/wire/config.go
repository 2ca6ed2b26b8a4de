package wire

import "github.com/raphe-org/raphe/workflow"

// The settings that a record's config may hold, in the order in which they are
// written.

type configFlag struct {
	name string
	at   func(*workflow.Config) *workflow.Tristate
}

type configText struct {
	name string
	at   func(*workflow.Config) *string
}

var configFlags = []configFlag{
	{"keep_inputs", func(c *workflow.Config) *workflow.Tristate { return &c.KeepInputs }},
	{"parameterize_dirs", func(c *workflow.Config) *workflow.Tristate { return &c.ParameterizeDirs }},
	{"remove_unnecessary_outputs", func(c *workflow.Config) *workflow.Tristate { return &c.RemoveUnnecessaryOutputs }},
	{"stop_on_first_crash", func(c *workflow.Config) *workflow.Tristate { return &c.StopOnFirstCrash }},
}

var configTexts = []configText{
	{"crashdump_dir", func(c *workflow.Config) *string { return &c.CrashDumpDir }},
	{"hash_method", func(c *workflow.Config) *string { return &c.HashMethod }},
}
