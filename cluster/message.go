// Package cluster spreads the requests of a run over many machines through NATS JetStream: a coordinator, which is the model of
// the run, publishes batches to a work queue, and workers answer them with whatever model they have opened.
//
// It promises what a model on one machine promises: every request is answered once, with the answer that the model gives to it
// alone, whatever dies, comes twice or comes late on the way. A batch is acknowledged when its answer is stored by the broker;
// until then the broker gives it to another worker. Workers of another model, tokenizer or arithmetic are refused.
package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// The names of what lies at the broker.
const (
	workStream    = "SWALLOW_EVAL_WORK"
	answerStream  = "SWALLOW_EVAL_ANSWERS"
	workSubject   = "swallow-eval.work."    // and the workers' kind and the coordinator
	answerSubject = "swallow-eval.answers." // and the coordinator
	helloSubject  = "swallow-eval.hello"
)

// request is a tasks.Request. Texts are bytes: they need not be UTF-8, and JSON would change them.
type request struct {
	Kind         tasks.Kind     `json:"kind"`
	Protocol     tasks.Protocol `json:"protocol"`
	Prompt       []byte         `json:"prompt"` // what follows the batch's prefix
	Continuation []byte         `json:"continuation,omitempty"`
	Stop         [][]byte       `json:"stop,omitempty"`
	MaxTokens    int            `json:"max,omitempty"`
	Sampling     tasks.Sampling `json:"sampling,omitzero"`
}

// batch is some requests that are answered together, by one worker.
type batch struct {
	ID          string    `json:"id"`
	Coordinator string    `json:"coordinator"`
	Prefix      []byte    `json:"prefix"` // of all prompts
	Requests    []request `json:"requests"`
}

// answer is what a worker says of a batch. Exactly one of Responses, Failed and Deadly is set.
type answer struct {
	ID     string        `json:"id"`
	Worker string        `json:"worker"`
	Took   time.Duration `json:"took"`
	// Responses are those to all requests, in their order.
	Responses []response `json:"responses,omitempty"`
	// Failed is why request Index has no answer.
	Failed string `json:"failed,omitempty"`
	Index  int    `json:"index,omitempty"`
	// Deadly says that so many workers took the batch and died.
	Deadly int `json:"deadly,omitempty"`
}

// response is a tasks.Response, to the bit: JSON gives every float back.
type response struct {
	Text         []byte  `json:"text"`
	LogProb      float64 `json:"logprob"`
	Greedy       bool    `json:"greedy"`
	PromptTokens int     `json:"prompt_tokens"`
	OutputTokens int     `json:"output_tokens"`
	Dropped      int     `json:"dropped,omitempty"`
	Lost         int     `json:"lost,omitempty"`
	Finish       string  `json:"finish"`
}

func toResponse(r tasks.Response) response {
	return response{[]byte(r.Text), r.LogProb, r.Greedy, r.PromptTokens, r.OutputTokens, r.Dropped, r.Lost, r.Finish}
}

func (r response) tasks() tasks.Response {
	return tasks.Response{
		Text: string(r.Text), LogProb: r.LogProb, Greedy: r.Greedy, PromptTokens: r.PromptTokens,
		OutputTokens: r.OutputTokens, Dropped: r.Dropped, Lost: r.Lost, Finish: r.Finish,
	}
}

// requests are a batch's as a model takes them.
func (b batch) requests() []tasks.Request {
	list := make([]tasks.Request, len(b.Requests))
	for i, q := range b.Requests {
		list[i] = tasks.Request{
			Kind: q.Kind, Protocol: q.Protocol, Prompt: string(b.Prefix) + string(q.Prompt), Continuation: string(q.Continuation), MaxTokens: q.MaxTokens,
			Sampling: q.Sampling,
		}
		for _, s := range q.Stop {
			list[i].Stop = append(list[i].Stop, string(s))
		}
	}
	return list
}

// hello is what a worker says of itself, again and again; welcome is what a coordinator answers.
type hello struct {
	Worker   string        `json:"worker"`
	Identity results.Model `json:"identity"`
}

type welcome struct {
	// Refused is why the worker's answers are not taken, "" where they are.
	Refused string `json:"refused,omitempty"`
}

// kindOf names what workers must have in common, for the subject of their batches.
func kindOf(m results.Model) string {
	b, err := json.Marshal([]any{m.Digest, m.TokenizerDigest, m.DType, m.Numerics, m.Window})
	if err != nil {
		panic(err) // strings and a number
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:12])
}

// difference is what keeps two models from answering for each other, "" where nothing does.
func difference(want, got results.Model) string {
	for _, c := range []struct{ what, want, got string }{
		{"tokenizer", want.TokenizerDigest, got.TokenizerDigest}, {"arithmetic", want.DType, got.DType},
		{"numerics version", want.Numerics, got.Numerics}, {"weights", want.Digest, got.Digest},
	} {
		if c.want != "" && c.want != c.got {
			return c.what + " " + c.got + ", the run has " + c.want
		}
	}
	if want.Window != got.Window {
		return "another number of positions"
	}
	return ""
}
