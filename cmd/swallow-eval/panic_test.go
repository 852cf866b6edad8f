package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
)

// TestPanicOfACommand holds that a panic that nothing else caught is exit code 2 with its cause on the last line.
func TestPanicOfACommand(t *testing.T) {
	var errs bytes.Buffer
	root := &cobra.Command{Use: "x", SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error {
		panic("broken\x1b[31m")
	}}
	root.SetArgs(nil)
	ctx := context.Background()
	assert.Equal(t, exitFailure, exitCode(ctx, execute(ctx, root, &errs), &errs))
	lines := strings.Split(strings.TrimSpace(errs.String()), "\n")
	assert.Regexp(t, `^swallow-eval: panicked at panic_test.go:\d+: broken\\u001b\[31m$`, lines[len(lines)-1])
	assert.Contains(t, errs.String(), "TestPanicOfACommand", "the trace")
}
