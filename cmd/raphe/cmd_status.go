package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/ui"
)

func newStatusCommand() *cobra.Command {
	var asJSON, watch bool
	cmd := &cobra.Command{
		Use:   "status DIR",
		Short: "Show the progress of a run: counts, what runs now, memory, time left",
		Long: `Show the last run of a base directory, or the one that is running now.
With --watch it is shown until it ends, from any shell; the run itself is not
touched, and Ctrl-C ends the watching alone. The exit status is then the run's:
0 when all is done, 1 when not, or when its process died.
` + statusHelp,
		Args: wants("DIR"),
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
			if watch {
				return watchRun(s, base, asJSON)
			}
			h, err := history.Read(s, base)
			if err != nil {
				return err
			}
			return showStatus(h, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object; with --watch one whenever something changes")
	cmd.Flags().BoolVar(&watch, "watch", false, "go on until the run ends")
	return cmd
}

func showStatus(h *history.History, asJSON bool) error {
	if asJSON {
		return ui.StatusJSON(os.Stdout, h)
	}
	return ui.Status(os.Stdout, h, colourOf(os.Stdout))
}
