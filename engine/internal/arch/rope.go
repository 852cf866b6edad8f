package arch

import (
	"errors"
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

const defaultRopeTheta = 10000

// rope reads the base and the scaling of rotary positions from rope_theta and rope_scaling, or from rope_parameters,
// which holds both in files written by transformers 5. A file with both must say the same twice.
func (f *fields) rope(c Config) (theta float64, scaling RopeScaling) {
	theta = f.positive("rope_theta", defaultRopeTheta)
	old, err := f.scaling("rope_scaling", false, c)
	f.fail("rope_scaling", err)
	if _, ok := f.values["rope_parameters"]; !ok {
		return theta, old.RopeScaling
	}
	both, err := f.scaling("rope_parameters", true, c)
	f.fail("rope_parameters", err)
	if _, ok := f.values["rope_theta"]; ok && both.theta != 0 && both.theta != theta {
		f.fail("rope_parameters", fmt.Errorf("rope_theta %v, but %v beside it", both.theta, theta))
	}
	if _, ok := f.values["rope_scaling"]; ok && both.RopeScaling != old.RopeScaling {
		f.fail("rope_parameters", errors.New("not the same as rope_scaling"))
	}
	if both.theta != 0 {
		theta = both.theta
	}
	return theta, both.RopeScaling
}

// ropeObject is what rope_scaling or rope_parameters says; theta is 0 when it does not say.
type ropeObject struct {
	RopeScaling
	theta float64
}

func (f *fields) scaling(key string, withTheta bool, c Config) (s ropeObject, err error) {
	v, ok := f.values[key]
	if !ok {
		return s, nil
	}
	in, err := newFields(v)
	if err != nil {
		return s, err
	}
	// "rope_type" is the name since transformers 4.43, "type" the older one; files carry either or both.
	kind, older := in.text("rope_type"), in.text("type")
	if kind == "" {
		kind = older
	} else if older != "" && older != kind {
		return s, fmt.Errorf("type %s, but rope_type %s", strictjson.Quote(older), strictjson.Quote(kind))
	}
	known := []string{"rope_type", "type"}
	if withTheta {
		known = append(known, "rope_theta")
		if _, ok := in.values["rope_theta"]; ok {
			s.theta = in.positive("rope_theta", 0)
		}
	}
	switch kind {
	case "default":
	case "linear":
		known = append(known, "factor")
		s.RopeScaling = RopeScaling{Type: kind, Factor: in.positive("factor", 0)}
	case "llama3":
		known = append(known, "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings")
		s.RopeScaling = in.llama3()
	case "yarn":
		known = append(known, "factor", "original_max_position_embeddings", "beta_fast", "beta_slow", "attention_factor")
		s.RopeScaling = in.yarn(c)
	case "dynamic":
		return s, errors.New("type \"dynamic\" is not supported: it turns positions by the length of the whole text, so that a score would depend on how a request is cut")
	case "":
		if in.err == nil {
			return s, errors.New("no rope_type")
		}
	default:
		return s, fmt.Errorf("type %s is not supported, only linear, llama3 and yarn", strictjson.Quote(kind))
	}
	for _, k := range in.keys {
		if !slices.Contains(known, k) {
			return s, fmt.Errorf("unknown key %s", strictjson.Quote(k))
		}
	}
	return s, in.err
}

// llama3 reads the numbers of Llama 3.1's scaling.
func (f *fields) llama3() RopeScaling {
	s := RopeScaling{
		Type:                 "llama3",
		Factor:               f.positive("factor", 0),
		LowFreqFactor:        f.positive("low_freq_factor", 0),
		HighFreqFactor:       f.positive("high_freq_factor", 0),
		OriginalMaxPositions: f.size("original_max_position_embeddings", 0),
	}
	if f.err == nil && s.HighFreqFactor <= s.LowFreqFactor {
		f.err = fmt.Errorf("high_freq_factor %v is not above low_freq_factor %v", s.HighFreqFactor, s.LowFreqFactor)
	}
	return s
}

// yarn reads the numbers of YaRN (Peng et al., "YaRN: Efficient Context Window Extension of Large Language Models", 2023) with
// the defaults of _compute_yarn_parameters in transformers' modeling_rope_utils.py.
func (f *fields) yarn(c Config) RopeScaling {
	s := RopeScaling{
		Type:                 "yarn",
		Factor:               f.positive("factor", 0),
		OriginalMaxPositions: f.size("original_max_position_embeddings", c.MaxPositions),
		BetaFast:             f.positive("beta_fast", 32),
		BetaSlow:             f.positive("beta_slow", 1),
	}
	s.AttentionFactor = f.positive("attention_factor", yarnAttention(s.Factor))
	if f.err == nil && s.BetaFast <= s.BetaSlow {
		f.err = fmt.Errorf("beta_fast %v is not above beta_slow %v", s.BetaFast, s.BetaSlow)
	}
	return s
}

// yarnAttention is the factor of cosines and sines that YaRN's authors found for a stretch of positions.
func yarnAttention(factor float64) float64 {
	if factor <= 1 {
		return 1
	}
	return 1 + float64(0.1*num.Log64(factor))
}
