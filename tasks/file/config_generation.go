package file

import (
	"fmt"
	"math"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// Drawing is how answers are drawn, as generation_kwargs say it. Where On is false they are greedy.
type Drawing struct {
	On                bool
	Temperature, TopP float64
	// Unanswered is what cannot be done of all that, "" for nothing: the requests can be made, a model cannot be asked.
	Unanswered string
}

func (p *parser) generation(e Entry) error {
	v, err := p.Value(e.Node, e.Key)
	if err != nil {
		return err
	}
	o, ok := v.(python.Object)
	if !ok {
		return p.Problem(e.Line, e.Key, "a mapping is needed, this is %s", kindOf(e.Node))
	}
	c := p.c
	c.MaxTokens = defaultMaxTokens
	for i, m := range o {
		bad := func(what string) error { return p.Problem(e.Line, join(e.Key, m.Name), "%s", what) }
		switch m.Name {
		case "until":
			if err := p.until(m.Value); err != nil {
				return bad(err.Error())
			}
		case "max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens":
			n, ok := m.Value.(int)
			if !ok || n < 0 || n > math.MaxInt32 {
				return bad("a number of tokens is needed")
			}
			c.MaxTokens = n
		case "temperature", "top_p":
			f, ok := number64(m.Value)
			if !ok {
				return bad("a number is needed")
			}
			if m.Name == "temperature" {
				o[i].Value = f
			}
		case "do_sample":
			if _, ok := m.Value.(bool); !ok {
				return bad("true or false is needed")
			}
		}
	}
	c.Generation, c.Drawing = o, drawing(o)
	return nil
}

// number64 is a number of either kind.
func number64(v any) (float64, bool) {
	if n, ok := v.(int); ok {
		return float64(n), true
	}
	return python.Float64(v)
}

// drawing reads how answers are drawn. A temperature alone asks for drawing, as servers understand it; Hugging Face's generate
// would leave it unused.
func drawing(o python.Object) Drawing {
	d := Drawing{TopP: 1}
	said, sample := false, false
	for _, m := range o {
		switch m.Name {
		case "temperature":
			d.Temperature, _ = number64(m.Value)
		case "top_p":
			d.TopP, _ = number64(m.Value)
		case "do_sample":
			sample, _ = m.Value.(bool)
			said = true
		}
	}
	d.On = sample || !said && d.Temperature > 0
	switch {
	case sample && !(d.Temperature > 0):
		d.Unanswered = "do_sample: true needs a temperature above 0"
	case said && !sample && d.Temperature > 0:
		d.Unanswered = fmt.Sprintf("do_sample: false and temperature: %v contradict each other", d.Temperature)
	case d.On && !(d.TopP > 0 && d.TopP <= 1):
		d.Unanswered = fmt.Sprintf("top_p: %v is not above 0 and at most 1", d.TopP)
	}
	for _, m := range o {
		if d.Unanswered == "" && moves(m, d.On) {
			d.Unanswered = fmt.Sprintf("%s: %s is not done here, and answers would be others", m.Name, python.Append(nil, m.Value, 0))
		}
	}
	return d
}

// moves says whether a setting changes answers in a way that nothing here does: of Hugging Face's those that only draws heed
// count where answers are drawn.
func moves(m python.Member, drawn bool) bool {
	v, isNumber := number64(m.Value)
	neutral := func(values ...float64) bool {
		for _, n := range values {
			if isNumber && v == n {
				return false
			}
		}
		return m.Value != nil && m.Value != false
	}
	switch m.Name {
	case "num_beams", "num_beam_groups", "repetition_penalty", "num_return_sequences", "best_of":
		return neutral(1)
	case "no_repeat_ngram_size", "min_length", "min_new_tokens", "min_tokens", "presence_penalty", "frequency_penalty", "penalty_alpha", "logit_bias",
		"bad_words_ids", "suppress_tokens", "guidance_scale":
		return neutral(0)
	case "top_k":
		return drawn && neutral(0, -1)
	case "typical_p":
		return drawn && neutral(1)
	case "min_p", "epsilon_cutoff", "eta_cutoff":
		return drawn && neutral(0)
	}
	return false
}

func (p *parser) until(v any) error {
	switch v := v.(type) {
	case string:
		p.c.Until = []string{v}
		return nil
	case []any:
		p.c.Until = []string{}
		for _, s := range v {
			text, ok := s.(string)
			if !ok {
				return fmt.Errorf("a list of texts is needed")
			}
			p.c.Until = append(p.c.Until, text)
		}
		return nil
	}
	return fmt.Errorf("a text or a list of texts is needed")
}
