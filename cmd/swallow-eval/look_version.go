package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/build"
	"github.com/swallow-eval/swallow-eval/internal/cireport"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// tool identifies this build.
func tool() results.Tool {
	return results.Tool{Name: program, Version: build.Version(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
}

// versionLine is what --version prints.
func versionLine(t results.Tool) string {
	return fmt.Sprintf("%s %s (%s, %s/%s)", program, t.Version, t.Go, t.OS, t.Arch)
}

func newVersionCommand(c console) *cobra.Command {
	var format formatFlag
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the build, the engine's numerics version and the profiles",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			v := struct {
				results.Tool
				Numerics string   `json:"numerics"`
				Profiles []string `json:"profiles"`
			}{tool(), engine.Numerics, suite.ProfileNames(c.known())}
			if format.json() {
				return writeJSON(c.out, v)
			}
			_, err := fmt.Fprintf(c.out, "%s\nnumerics %s\nprofile  %s\n", versionLine(v.Tool), v.Numerics, strings.Join(v.Profiles, ", "))
			return err
		},
	}
	format.register(cmd)
	return cmd
}

// formatFlag is --format of the commands that print a table.
type formatFlag struct{ value string }

func (f *formatFlag) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.value, "format", "table", "table or json")
	check := cmd.PreRunE
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error {
		if f.value != "table" && f.value != "json" {
			return fmt.Errorf("--format %q: choose table or json", f.value)
		}
		if check != nil {
			return check(cmd, args)
		}
		return nil
	}
}

func (f *formatFlag) json() bool { return f.value == "json" }

// writeJSON prints v without a raw control character.
func writeJSON(w io.Writer, v any) error { return cireport.WriteJSON(w, v) }
