package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/ui"
)

// version is set by the linker for releases.
var version = "0.1.0-dev"

const statusHelp = `
Exit status: 0 done; 1 some instances failed; 2 usage; 3 the definition is
invalid; 4 a tool or input is missing; 5 the store is damaged or owned by
another run; 6 an executor can't be reached; 70 a bug; 130 interrupted.`

func newRootCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "raphe",
		Short: "Run neuroimaging workflows",
		Long: `Raphe runs neuroimaging workflows: nodes, sweeps, joins and maps over
command-line tools and built-in interfaces, with nipype's words, cached and
resumable.
` + statusHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.Args = knownCommand
	cmd.SetFlagErrorFunc(usageError)
	cmd.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	cmd.AddCommand(newRunCommand(), newPlanCommand(), newWhyCommand(), newStatusCommand(), newShowCommand(),
		newReportCommand(), newInterfaceCommand(), newVersionCommand(), newNativeCommand())
	return cmd
}

// usageError makes a mistake in a command's options one that says where the
// options are described.
func usageError(cmd *cobra.Command, err error) error {
	return &diag.Diagnostic{Code: diag.Usage, What: err.Error(), Mend: "see: " + cmd.CommandPath() + " --help", Err: err}
}

// knownCommand refuses arguments that are no command.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	return &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("unknown command %q", args[0]), Mend: diag.DidYouMean(args[0], names)}
}

// wants checks the number of arguments; names says what they are, those in
// brackets may be left out.
func wants(names ...string) cobra.PositionalArgs {
	least := 0
	for _, n := range names {
		if !strings.HasPrefix(n, "[") {
			least++
		}
	}
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && len(args) <= len(names) {
			return nil
		}
		form := strings.Join(append([]string{cmd.CommandPath()}, names...), " ")
		d := &diag.Diagnostic{Code: diag.Usage, Mend: "write: " + form}
		if len(args) > len(names) {
			d.What = fmt.Sprintf("unexpected argument %q", args[len(names)])
		} else {
			d.What = fmt.Sprintf("%s is missing", names[len(args)])
		}
		return d
	}
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  wants(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(os.Stdout)
			cmd.Println("raphe " + version)
			return nil
		},
	}
}

// colourOf reports whether text to f may be coloured.
func colourOf(f *os.File) bool {
	_, colour := ui.Choose(f, os.Getenv)
	return colour
}
