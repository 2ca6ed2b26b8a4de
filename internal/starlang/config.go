package starlang

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/workflow"
)

// A configField is one of nipype's execution settings that means something
// here.
type configField struct {
	flag func(*workflow.Config) *workflow.Tristate
	text func(*workflow.Config) *string
	of   []string // allowed texts; nil: any
}

var configFields = map[string]configField{
	"stop_on_first_crash":        {flag: func(c *workflow.Config) *workflow.Tristate { return &c.StopOnFirstCrash }},
	"remove_unnecessary_outputs": {flag: func(c *workflow.Config) *workflow.Tristate { return &c.RemoveUnnecessaryOutputs }},
	"keep_inputs":                {flag: func(c *workflow.Config) *workflow.Tristate { return &c.KeepInputs }},
	"parameterize_dirs":          {flag: func(c *workflow.Config) *workflow.Tristate { return &c.ParameterizeDirs }},
	"hash_method":                {text: func(c *workflow.Config) *string { return &c.HashMethod }, of: []string{"content", "timestamp"}},
	"crashdump_dir":              {text: func(c *workflow.Config) *string { return &c.CrashDumpDir }},
}

// foreignConfig are nipype's settings that mean nothing here, and why.
var foreignConfig = map[string]map[string]string{
	"execution": {
		"plugin":                  "the executor is chosen on the command line: --executor",
		"plugin_args":             "processors and memory are given on the command line: --procs, --memory",
		"create_report":           "every run can be reported on afterwards: raphe report",
		"crashfile_format":        "failures are always written as text",
		"job_finished_timeout":    "Raphe is told when a job ends, and waits for the file system itself",
		"local_hash_check":        "what is stored is always looked up first, without taking a slot",
		"matplotlib_backend":      "Raphe runs no Python",
		"remove_node_directories": "what a node made is recorded; set remove_unnecessary_outputs to save space",
		"try_hard_link_datasink":  "the DataSink links where that is safe and copies where it is not",
		"single_thread_matlab":    "the number of threads is what n_procs says",
		"stop_on_first_rerun":     "raphe plan and raphe why show what would run, without running it",
		"use_relative_paths":      "records are always kept relative to base_dir",
		"stop_on_unknown_version": "tools are asked for their version when a rule depends on it",
		"write_provenance":        "provenance comes from the record of the run",
		"poll_sleep_duration":     "nothing polls: Raphe is woken by what happens",
		"xvfb_max_wait":           "Raphe starts no X server",
		"check_version":           "Raphe calls no one",
		"display_variable":        "set DISPLAY in the node's environ",
		"get_linked_libs":         "commands are not searched for their libraries",
		"profile_runtime":         "memory and processor time are always measured",

		"resource_monitor_frequency": "memory and processor time are always measured",
	},
	"logging": {"": "what is logged is chosen on the command line"}, "monitoring": {"": "memory and processor time are always measured"},
	"check": {"": "Raphe calls no one"},
}

const (
	configWhy  = "settings stand in sections, as in nipype"
	configMend = `write {"execution": {"stop_on_first_crash": True}}`
)

// readConfig reads {"execution": {"stop_on_first_crash": True}} into c.
func (ld *loader) readConfig(c *workflow.Config, v starlark.Value, at func(path ...int) diag.Pos) {
	if cv, ok := v.(*configValue); ok {
		*c = *cv.config()
		return
	}
	sections, ok := v.(*starlark.Dict)
	if !ok {
		ld.problem(at(), fmt.Sprintf("config must be a dictionary of sections, not %s", describe(v)), configWhy, configMend)
		return
	}
	for i, kv := range sections.Items() {
		section, _ := starlark.AsString(kv[0])
		settings, ok := kv[1].(*starlark.Dict)
		if !ok {
			ld.problem(at(2*i+1), fmt.Sprintf("section %s of config must be a dictionary, not %s", kv[0], describe(kv[1])), configWhy, configMend)
			continue
		}
		if !ld.section(section, at(2*i)) {
			continue
		}
		for j, kv := range settings.Items() {
			option, _ := starlark.AsString(kv[0])
			ld.configure(c, section, option, kv[1], at(2*i+1, 2*j), at(2*i+1, 2*j+1))
		}
	}
}

// section reports whether nipype has a section of that name.
func (ld *loader) section(name string, at diag.Pos) bool {
	if _, ok := foreignConfig[name]; ok {
		return true
	}
	ld.problem(at, fmt.Sprintf("config has no section %q", name), "the settings have the sections of nipype", diag.DidYouMean(name, []string{"execution", "logging", "monitoring"}))
	return false
}

// configure sets one setting. One that means nothing here is a warning.
func (ld *loader) configure(c *workflow.Config, section, option string, v starlark.Value, nameAt, valAt diag.Pos) {
	field, ok := configFields[option]
	if section != "execution" || !ok {
		why := foreignConfig[section][option]
		if why == "" {
			why = foreignConfig[section][""]
		}
		if why != "" {
			ld.warn(nameAt, fmt.Sprintf("config setting %q means nothing here", option), why, "take the setting away")
			return
		}
		names := []string{}
		for n := range configFields {
			names = append(names, n)
		}
		ld.problem(nameAt, fmt.Sprintf("config section %q has no setting %q", section, option), "the settings are those of nipype that mean something here", diag.DidYouMean(option, names))
		return
	}
	if field.flag != nil {
		on, ok := truth(v)
		if !ok {
			ld.problem(valAt, fmt.Sprintf("config setting %q must be True or False, not %s", option, describe(v)), "the setting is a switch", fmt.Sprintf("write %q: True, or False", option))
			return
		}
		*field.flag(c) = on
		return
	}
	text, ok := starlark.AsString(v)
	if !ok || field.of != nil && !slices.Contains(field.of, text) {
		want, example := "text", `"/scratch/crash"`
		if field.of != nil {
			want, example = `"`+strings.Join(field.of, `" or "`)+`"`, fmt.Sprintf("%q", field.of[0])
		}
		ld.problem(valAt, fmt.Sprintf("config setting %q must be %s, not %s", option, want, describe(v)), "the setting is a text", fmt.Sprintf("write %q: %s", option, example))
		return
	}
	*field.text(c) = text
}

// truth reads a setting as nipype does, which keeps all of them as text.
func truth(v starlark.Value) (workflow.Tristate, bool) {
	text := strings.ToLower(strings.Trim(v.String(), `"`))
	switch text {
	case "true", "yes", "y", "t", "1", "on":
		return workflow.Yes, true
	case "false", "no", "n", "f", "0", "off":
		return workflow.No, true
	}
	return workflow.Unset, false
}

// configValue is wf.config or node.config, and with a section
// wf.config["execution"].
type configValue struct {
	ld      *loader
	of      starlark.Value // workflowValue or nodeValue
	section string
}

func newConfig(ld *loader, of starlark.Value) *configValue { return &configValue{ld: ld, of: of} }

func (c *configValue) String() string        { return "<config of " + c.of.String() + ">" }
func (c *configValue) Type() string          { return "config" }
func (c *configValue) Freeze()               {}
func (c *configValue) Truth() starlark.Bool  { return true }
func (c *configValue) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: config") }

func (c *configValue) config() *workflow.Config {
	switch of := c.of.(type) {
	case workflowValue:
		return &of.wf().Options().Config
	case nodeValue:
		copied := of.node().Options().Config
		return &copied
	}
	panic("BUG: config of " + c.of.Type())
}

// Get reads config["execution"], or a setting of it.
func (c *configValue) Get(key starlark.Value) (starlark.Value, bool, error) {
	name, _ := starlark.AsString(key)
	if c.section == "" {
		_, ok := foreignConfig[name]
		return &configValue{c.ld, c.of, name}, ok, nil
	}
	field, ok := configFields[name]
	if !ok || c.section != "execution" {
		return starlark.None, ok, nil
	}
	if field.text != nil {
		return starlark.String(*field.text(c.config())), true, nil
	}
	switch *field.flag(c.config()) {
	case workflow.Yes:
		return starlark.True, true, nil
	case workflow.No:
		return starlark.False, true, nil
	}
	return starlark.None, true, nil
}

// SetKey sets config["execution"]["stop_on_first_crash"], or a whole section.
func (c *configValue) SetKey(key, v starlark.Value) error {
	name, _ := starlark.AsString(key)
	cfg := c.config()
	if c.section == "" {
		d := starlark.NewDict(1)
		_ = d.SetKey(starlark.String(name), v)
		c.ld.readConfig(cfg, d, func(path ...int) diag.Pos {
			if len(path) > 1 {
				return c.ld.assigned(path[1:]...)
			}
			return c.ld.assigned()
		})
	} else {
		c.ld.configure(cfg, c.section, name, v, c.ld.assigned(), c.ld.assigned())
	}
	if n, ok := c.of.(nodeValue); ok {
		o := *n.node().Options()
		o.Config = *cfg
		n.node().SetOptions(o)
	}
	return nil
}

var _ starlark.HasSetKey = (*configValue)(nil)
