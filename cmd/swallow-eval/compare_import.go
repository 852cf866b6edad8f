package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/interop"
	"github.com/swallow-eval/swallow-eval/interop/runs"
)

// runsLoader reads runs of ours and other programs'.
func (f *scoreFlags) runsLoader(ctx context.Context, c console) runs.Loader {
	return runs.Loader{Profiles: c.runProfiles(), Scorer: func() (*interop.Scorer, error) { return f.scorer(ctx, c) }}
}

// runProfiles are the profiles that runs may have recorded.
func (c console) runProfiles() runs.Profiles { return c.known() }

// warnOf prints what of an imported run is not as its files say, one line each.
func warnOf(c console, warnings []string) {
	for _, w := range warnings {
		fmt.Fprintln(c.err, "swallow-eval: warning: "+terminal.OneLine(errors.New(strings.TrimSpace(w))))
	}
}
