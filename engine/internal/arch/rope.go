package arch

import (
	"errors"
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

const defaultRopeTheta = 10000

// rope reads the base and the scaling of rotary positions from rope_theta and rope_scaling, or from rope_parameters,
// which holds both in files written by transformers 5. A file with both must say the same twice.
func (f *fields) rope() (theta float64, scaling RopeScaling) {
	theta = f.positive("rope_theta", defaultRopeTheta)
	old, err := f.scaling("rope_scaling", false)
	f.fail("rope_scaling", err)
	if _, ok := f.values["rope_parameters"]; !ok {
		return theta, old.RopeScaling
	}
	both, err := f.scaling("rope_parameters", true)
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

func (f *fields) scaling(key string, withTheta bool) (s ropeObject, err error) {
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
		s.RopeScaling = RopeScaling{
			Type:                 kind,
			Factor:               in.positive("factor", 0),
			LowFreqFactor:        in.positive("low_freq_factor", 0),
			HighFreqFactor:       in.positive("high_freq_factor", 0),
			OriginalMaxPositions: in.size("original_max_position_embeddings", 0),
		}
		if in.err == nil && s.HighFreqFactor <= s.LowFreqFactor {
			return s, fmt.Errorf("high_freq_factor %v is not above low_freq_factor %v", s.HighFreqFactor, s.LowFreqFactor)
		}
	case "":
		if in.err == nil {
			return s, errors.New("no rope_type")
		}
	default:
		return s, fmt.Errorf("type %s is not supported, only linear and llama3", strictjson.Quote(kind))
	}
	for _, k := range in.keys {
		if !slices.Contains(known, k) {
			return s, fmt.Errorf("unknown key %s", strictjson.Quote(k))
		}
	}
	return s, in.err
}
