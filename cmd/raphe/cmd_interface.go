package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/toolfile"
)

func newInterfaceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "interface",
		Short: "The catalogue of interfaces: list, show, eval",
		Long:  "The catalogue of interfaces.\n" + statusHelp,
		Args:  knownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newInterfaceListCommand(), newInterfaceShowCommand(), newInterfaceEvalCommand())
	return cmd
}

func newInterfaceListCommand() *cobra.Command {
	var tools bool
	cmd := &cobra.Command{
		Use:   "list [PACKAGE]",
		Short: "List all interfaces, or those of a package",
		Args:  wants("[PACKAGE]"),
		RunE: func(_ *cobra.Command, args []string) error {
			packages := toolfile.Catalogue{}.Packages()
			if len(args) == 1 {
				if (toolfile.Catalogue{}).Names(args[0]) == nil {
					return &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("no package %q in the catalogue", args[0]), Mend: diag.DidYouMean(args[0], packages)}
				}
				packages = args
			}
			for _, p := range packages {
				for _, n := range (toolfile.Catalogue{}).Names(p) {
					if name := p + "." + n; !tools || isTool(name) {
						fmt.Println(name)
					}
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&tools, "names", false, "only what runs a command-line tool of nipype's interfaces, for programs that hand workflows over")
	return cmd
}

// isTool reports whether an interface of the catalogue runs a command, as a
// class of nipype's does that is a CommandLine.
func isTool(name string) bool {
	f, err := toolfile.Resolve(iface.Ref{Name: name})
	return err == nil && f.Command != nil
}

func newInterfaceShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:               "show NAME",
		Short:             "Describe an interface: inputs, outputs, rules",
		Args:              wants("NAME"),
		ValidArgsFunction: completeInterfaces,
		RunE: func(_ *cobra.Command, args []string) error {
			f, err := toolfile.Resolve(iface.Ref{Name: args[0]})
			if err != nil {
				return asUsage(err)
			}
			fmt.Print(toolfile.Describe(f))
			return nil
		},
	}
}

// asUsage makes what a definition would have got wrong a mistake of the command
// line.
func asUsage(err error) error {
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		return err
	}
	usage := *d
	usage.Code = diag.Usage
	return &usage
}

func completeInterfaces(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, p := range (toolfile.Catalogue{}).Packages() {
		for _, n := range (toolfile.Catalogue{}).Names(p) {
			names = append(names, p+"."+n)
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

func newInterfaceEvalCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "eval",
		Short: "Work out command lines: JSON lines in, JSON lines out",
		Long: `Read JSON lines {"interface": NAME, "inputs": {...}, "cwd": DIR} from standard
input and answer each with {"argv": [...], "cmdline": TEXT, "outputs": {...}} or
{"error": TEXT}. Nothing is run.
` + statusHelp,
		Args: wants(),
		RunE: func(*cobra.Command, []string) error {
			in := bufio.NewScanner(os.Stdin)
			in.Buffer(make([]byte, 1<<16), 1<<26)
			out := bufio.NewWriter(os.Stdout)
			var eval toolfile.Evaluator
			for in.Scan() {
				if line := strings.TrimSpace(in.Text()); line != "" {
					fmt.Fprintf(out, "%s\n", eval.Eval([]byte(line)))
				}
			}
			if err := in.Err(); err != nil {
				return err
			}
			return out.Flush()
		},
	}
}
