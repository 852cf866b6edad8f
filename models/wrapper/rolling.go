package wrapper

import "github.com/swallow-eval/swallow-eval/tasks"

// windows plans the scoring of a whole text, token by token after begin, in windows of the model's size. The first window is
// begin and as many tokens as fit; each later one scores as many as are left and fit, after all tokens before them that fit, at
// least one. Source: get_rolling_token_windows and make_disjoint_window of lm_eval/utils.py of
// EleutherAI/lm-evaluation-harness at 4e7e0d4, as lm_eval/models/huggingface.py calls them (context_len 1).
func (e *Encoder) windows(begin int32, text []int32, p tasks.Protocol, window int) ([]*Scoring, error) {
	var parts []*Scoring
	for done := 0; done < len(text); {
		n := min(window, len(text)-done)
		context := []int32{begin}
		if done > 0 {
			context = text[done+n-window-1 : done]
		}
		part, err := e.PlanScoring(context, text[done:done+n], p)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		done += n
	}
	return parts, nil
}

// rolled puts the answers about the windows of one text together.
type rolled struct {
	request int
	parts   []tasks.Response
	missing int
}

// rolledPart is a window's place in its text.
type rolledPart struct {
	of *rolled
	at int
}

// add takes the answer about a window; whole says that it was the last. Sums are taken in the order of the text.
func (p rolledPart) add(r tasks.Response) (answer tasks.Response, whole bool) {
	p.of.parts[p.at] = r
	p.of.missing--
	if p.of.missing > 0 {
		return answer, false
	}
	answer = tasks.Response{Greedy: true, PromptTokens: p.of.parts[0].PromptTokens}
	for _, part := range p.of.parts {
		answer.LogProb += part.LogProb
		answer.Greedy = answer.Greedy && part.Greedy
		answer.OutputTokens += part.OutputTokens
	}
	return answer, true
}
