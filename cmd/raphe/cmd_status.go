package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/ui"
)

func newStatusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status DIR",
		Short: "Show the progress of a run: counts, what runs now, time left",
		Long:  "Show the last run of a base directory, or the one that is running now.\n" + statusHelp,
		Args:  wants("DIR"),
		RunE: func(_ *cobra.Command, args []string) error {
			base, err := realDir(args[0])
			if err != nil {
				return err
			}
			s, err := store.View(base)
			if err != nil {
				return err
			}
			defer s.Close()
			h, err := history.Read(s, base)
			if err != nil {
				return err
			}
			if asJSON {
				return ui.StatusJSON(os.Stdout, h)
			}
			return ui.Status(os.Stdout, h, colourOf(os.Stdout))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object")
	return cmd
}
