package main

import (
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
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
	}
	cmd.SetHelpCommand(&cobra.Command{Use: "no-help", Hidden: true})
	cmd.AddCommand(newRunCommand(), newPlanCommand(), newWhyCommand(), newStatusCommand(), newShowCommand(),
		newInterfaceCommand(), newVersionCommand(), newNativeCommand())
	return cmd
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(os.Stdout)
			cmd.Println("raphe " + version)
			return nil
		},
	}
}

// colourOf reports whether text to f may be coloured.
func colourOf(f *os.File) bool {
	_, no := os.LookupEnv("NO_COLOR")
	return !no && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}
