package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/raphe-org/raphe/internal/draw"
	"github.com/raphe-org/raphe/internal/wire"
)

func newPlanCommand() *cobra.Command {
	var f runFlags
	var dot, mermaid, asJSON, jsonl bool
	flags := pflag.NewFlagSet("plan", pflag.ContinueOnError)
	flags.StringVar(&f.workflow, "workflow", "", "take the workflow `NAME`, where the definition makes several")
	flags.BoolVar(&dot, "dot", false, "the graph for graphviz")
	flags.BoolVar(&mermaid, "mermaid", false, "the graph for Mermaid")
	flags.BoolVar(&asJSON, "json", false, "nodes and connections as JSON")
	flags.BoolVar(&jsonl, "jsonl", false, "the definition as JSON lines, which raphe run takes")
	flags.BoolP("help", "h", false, "print this help")
	cmd := &cobra.Command{
		Use:   "plan FILE [options] [--NAME VALUE of the definition ...]",
		Short: "Say what would run: nodes, instances, the graph",
		Long: `Check a definition and print its plan: every node with its interface, how many
instances it has and what they claim. Nothing is run.
` + statusHelp,
		DisableFlagParsing: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			file, own, theirs, err := splitArgs(flags, args)
			if err != nil {
				return err
			}
			if containsHelp(own) {
				return runHelp(cmd, flags, file, theirs)
			}
			if err := flags.Parse(own); err != nil {
				return usageError(cmd, err)
			}
			p, _, err := planned(file, f.workflow, theirs)
			if err != nil {
				return err
			}
			switch {
			case jsonl:
				return wire.Write(os.Stdout, p.Top)
			case dot:
				return draw.New(p).DOT(os.Stdout)
			case mermaid:
				return draw.New(p).Mermaid(os.Stdout)
			case asJSON:
				return draw.New(p).JSON(os.Stdout)
			}
			return draw.Summary(os.Stdout, p)
		},
	}
	cmd.Flags().AddFlagSet(flags)
	return cmd
}
