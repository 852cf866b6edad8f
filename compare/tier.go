package compare

import "github.com/swallow-eval/swallow-eval/results"

// Tier is the question that may be asked of two runs.
type Tier string

// The tiers. Runs that cannot be asked any of the three are refused by Pair.
const (
	// TierIdentical: the same model in the same arithmetic under the same profile. Did anything change?
	TierIdentical Tier = "identical"
	// TierEquivalent: the same model in other arithmetic. Did the change stay within tolerance?
	TierEquivalent Tier = "equivalent"
	// TierDifferent: another model, or one that the run does not identify. Is B worse than A?
	TierDifferent Tier = "different"
)

// String is the tier with its number, as reports print it.
func (t Tier) String() string {
	switch t {
	case TierIdentical:
		return "tier 0: same model, same arithmetic"
	case TierEquivalent:
		return "tier 1: same model, other arithmetic"
	}
	return "tier 2: different models"
}

// tier compares what the runs say of their models. A run that does not identify its model may be of any.
func tier(a, b results.Model) Tier {
	switch {
	case a.Digest == "" || a.Digest != b.Digest || a.TokenizerDigest != b.TokenizerDigest:
		return TierDifferent
	case a.DType != b.DType || a.StoredDType != b.StoredDType || a.Numerics != b.Numerics:
		return TierEquivalent
	}
	return TierIdentical
}
