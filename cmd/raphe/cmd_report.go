package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/report"
	"github.com/raphe-org/raphe/internal/store"
)

func newReportCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "Write an HTML page of a run: memory, timeline, graph, every instance",
		Long: `Write one self-contained HTML page of the last run of a base directory, also of
one that is still going on: how it went and what failed, memory over time, which
instance ran when, the workflow's graph, asked against used memory, and a table
of all instances. The page needs no network.
` + statusHelp,
		Args: wants("DIR"),
		RunE: func(_ *cobra.Command, args []string) error {
			base, err := realDir(args[0])
			if err != nil {
				return err
			}
			r, err := readReport(base, args[0])
			if err != nil {
				return err
			}
			if out == "-" {
				return r.WriteHTML(os.Stdout)
			}
			path := out
			if path == "" {
				path = filepath.Join(base, "report.html")
			}
			if err := writeWhole(path, r.WriteHTML); err != nil {
				return &diag.Diagnostic{Code: diag.Usage, What: err.Error(), Mend: "name a file in a folder that exists and has room: --output FILE", Err: err}
			}
			fmt.Println(relative(path))
			return nil
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "write to `FILE` (default: report.html in DIR; \"-\": standard output)")
	return cmd
}

// readReport reads what the store of a base directory knows of its last run.
func readReport(base, given string) (*report.Report, error) {
	s, err := store.View(base)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	r, err := report.Read(s, base)
	if errors.Is(err, history.ErrNone) {
		return nil, &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("nothing has run in %s", given),
			Why: "its store holds no run", Mend: "start one: raphe run FILE --base-dir " + given, Err: err}
	}
	if err != nil {
		return nil, err
	}
	r.Version = version
	return r, nil
}
