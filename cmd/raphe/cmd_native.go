package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/raphe-org/raphe/internal/native"
)

// newNativeCommand is how raphe starts itself for a native interface that runs
// in a child process: the request comes on standard input, the answer goes to
// standard output.
func newNativeCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "native",
		Short:  "Run one native interface (used by raphe itself)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if err := native.RunChild(context.Background(), os.Stdin, os.Stdout); err != nil {
				fmt.Fprintln(os.Stderr, err)
				return exitStatus(exitFailed)
			}
			return nil
		},
	}
}
