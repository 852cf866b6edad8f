package drift

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/compare"
)

// Limits are how far the distribution may move; nil is no limit, and a divergence of 0 allows none at all.
type Limits struct {
	// MaxKL is the most mean divergence in nats a position, MinAgreement the least agreement of the most probable token, as a share.
	MaxKL, MinAgreement *float64
}

// Check finds limits that are none.
func (l Limits) Check() error {
	if l.MaxKL != nil && *l.MaxKL < 0 || l.MinAgreement != nil && (*l.MinAgreement < 0 || *l.MinAgreement > 1) {
		return fmt.Errorf("--max-kl is at least 0 and --min-agreement from 0 to 1")
	}
	return nil
}

// Broken says which limits the drift is beyond, by their flags.
func (l Limits) Broken(d compare.LogitDrift) []string {
	var broken []string
	if l.MaxKL != nil && d.KL.Mean > *l.MaxKL {
		broken = append(broken, fmt.Sprintf("mean divergence %.3g is above --max-kl %g", d.KL.Mean, *l.MaxKL))
	}
	if l.MinAgreement != nil && d.Top1Agreement < *l.MinAgreement {
		broken = append(broken, fmt.Sprintf("top-1 agreement %.4f is below --min-agreement %g", d.Top1Agreement, *l.MinAgreement))
	}
	return broken
}
