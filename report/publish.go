package report

import (
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/results/published"
)

// Publish finds the published numbers of the runs' profile, and each run's row: that of its model, which a run need not have, or the one
// that as names, one a run in their order. Nothing is published of questions that were invented. Errors name the flag --as.
func (o *Options) Publish(shown []compare.RunData, reference func(profile string) (published.Table, error), as []string) error {
	for _, r := range shown {
		switch {
		case r.Run.InventedData == "":
		case len(as) > 0:
			return fmt.Errorf("--as: the questions of %s were invented (data set %s), those of the published table are the benchmarks'", r.Name, r.Run.InventedData)
		default:
			return nil
		}
	}
	profile := ProfileOf(shown)
	p, err := reference(profile)
	if err != nil || profile != "" && !p.Serves(profile) { // as compare --reference has it
		if len(as) > 0 {
			return fmt.Errorf("--as: no published numbers of profile %q are known", profile)
		}
		return nil
	}
	o.Published, o.Rows = &p, make([]*published.Row, len(shown))
	for i, r := range shown {
		if r.Run.Profile == "" && len(as) <= i {
			continue // it does not say that its numbers belong beside these
		}
		row := ""
		if i < len(as) {
			row = strings.TrimSpace(as[i])
		}
		m, err := p.RowOf(r.Run.Model.Name, row)
		switch {
		case err == nil:
			o.Rows[i] = &m
		case row != "":
			return err
		}
	}
	return nil
}
