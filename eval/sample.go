package eval

import (
	"encoding/json"

	"github.com/swallow-eval/swallow-eval/internal/identity"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// makeSample puts together the evidence for one document.
func makeSample(spec tasks.Spec, it *item, requests []tasks.Request, marks []results.Mark) (results.Sample, error) {
	d := it.doc
	id, err := json.Marshal(d.ID)
	if err != nil {
		return results.Sample{}, err
	}
	s := results.Sample{
		Task: spec.Name, Position: it.position, DocID: id, DocHash: DocHash(d), Cluster: d.Cluster,
		Shots: []json.RawMessage{}, Choices: d.Choices, Target: d.Target, Targets: d.Targets, Marks: marks, Fault: d.Fault,
	}
	for _, shot := range d.Shots {
		id, err := json.Marshal(shot.ID)
		if err != nil {
			return results.Sample{}, err
		}
		s.Shots = append(s.Shots, id)
	}
	for i, q := range requests {
		s.Exchanges = append(s.Exchanges, exchange(q, it.responses[i]))
	}
	return s, nil
}

func exchange(q tasks.Request, r tasks.Response) results.Exchange {
	x := results.Exchange{
		Kind: string(q.Kind), Protocol: string(q.Protocol), Prompt: q.Prompt, Continuation: q.Continuation,
		Until: q.Stop, MaxGenToks: q.MaxTokens, Finish: r.Finish,
		PromptTokens: r.PromptTokens, OutputTokens: r.OutputTokens, Dropped: r.Dropped, Lost: r.Lost,
	}
	if q.Sampling != (tasks.Sampling{}) {
		x.Sampling = &q.Sampling
	}
	switch q.Kind {
	case tasks.Generate:
		x.Text, x.Verdict = &r.Text, r.Verdict
	case tasks.LogLikelihood:
		x.Log, x.Greedy = &r.LogProb, &r.Greedy
	}
	return x
}

// Responses rebuilds what the model answered from a sample.
func Responses(s results.Sample) []tasks.Response {
	rs := make([]tasks.Response, len(s.Exchanges))
	for i, x := range s.Exchanges {
		r := tasks.Response{
			Finish: x.Finish, PromptTokens: x.PromptTokens, OutputTokens: x.OutputTokens, Dropped: x.Dropped, Lost: x.Lost, Verdict: x.Verdict,
		}
		if x.Text != nil {
			r.Text = *x.Text
		}
		if x.Log != nil {
			r.LogProb = *x.Log
		}
		if x.Greedy != nil {
			r.Greedy = *x.Greedy
		}
		rs[i] = r
	}
	return rs
}

// DocHash identifies a document by its content: "sha256:" and the hex digest of the JSON array of its context, input,
// choices and targets. Examples do not enter, so runs with different shots still pair.
func DocHash(d tasks.Doc) string { return identity.Document(d.Context, d.Input, d.Choices, d.Targets) }
