package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// completionRequest is a request for /v1/completions, or one for a chat made into one.
type completionRequest struct {
	prompts  []prompt
	stops    []string
	protocol tasks.Protocol
	sampling tasks.Sampling // the zero value for all but this program's own client
	most     int            // new tokens
	echo     bool
	logProbs bool
	from     int  // the first token of the prompt whose log-probability is wanted
	ids      bool // the answer has token ids, too
	asIDs    bool // logprobs call tokens token_id:N
	special  bool // BOS before texts
	stream   bool
	usage    bool // at the end of a stream
}

// defaultTokens is the protocol's default of max_tokens for completions.
const defaultTokens = 16

// readCompletion takes a completion's fields.
func (s *Server) readCompletion(f *fields) (q completionRequest, err error) {
	if err := s.takeModel(f); err != nil {
		return q, err
	}
	q.most = defaultTokens
	if q.prompts, err = takePrompts(f); err == nil {
		q.stops, err = takeStops(f)
	}
	if err == nil {
		q.protocol, err = takeProtocol(f)
	}
	logProbs := -1
	err = errors.Join(err, take(f, "sampling", &q.sampling), take(f, "max_tokens", &q.most), take(f, "echo", &q.echo), take(f, "logprobs", &logProbs),
		take(f, "logprob_start_len", &q.from), take(f, "return_token_ids", &q.ids), take(f, "return_tokens_as_token_ids", &q.asIDs),
		take(f, "add_special_tokens", &q.special), q.takeStream(f), f.finish())
	q.logProbs = logProbs >= 0
	switch {
	case err != nil:
	case q.most < 0:
		err = fmt.Errorf("max_tokens: %d is negative", q.most)
	case logProbs > 1:
		err = fmt.Errorf("logprobs: %d: this server names the token itself and the most probable one, so at most 1", logProbs)
	case q.from < 0:
		err = fmt.Errorf("logprob_start_len: %d is negative", q.from)
	case q.from > 0 && !(q.echo && q.logProbs):
		err = errors.New("logprob_start_len: without echo and logprobs there is nothing to start")
	case q.sampling.Temperature < 0 || q.sampling.TopP < 0 || q.sampling.TopP > 1 || (q.sampling.Temperature > 0) != (q.sampling.TopP > 0):
		err = errors.New("sampling: temperature and top_p are both above 0, top_p at most 1, or both 0")
	case q.sampling.Temperature > 0 && q.logProbs:
		err = errors.New("logprobs: not of an answer that is drawn")
	case q.stream && q.logProbs:
		err = errors.New("logprobs: not with stream")
	}
	if err != nil {
		return q, bad(err)
	}
	return q, nil
}

func (q *completionRequest) takeStream(f *fields) error {
	var options struct {
		Usage bool `json:"include_usage"`
	}
	err := errors.Join(take(f, "stream", &q.stream), take(f, "stream_options", &options))
	q.usage = options.Usage
	return err
}

// completion is one prompt's answer.
type completion struct {
	plan   *wrapper.Generation
	prompt []int32
	text   string // of the prompt, where it is echoed
	tokens []int32
	ended  bool // by the token of index len(tokens), an end token
	finish string
	// scored are the log-probabilities of prompt[from:] and of what follows it.
	scored engine.Scored
	from   int
}

// answers computes a request. watch, where not nil, sees each prompt's tokens as they come.
func (s *Server) answers(ctx context.Context, q *completionRequest, watch func(i int, generated []int32)) ([]completion, error) {
	list := make([]completion, len(q.prompts))
	for i := range list {
		if err := s.plan(q, &list[i], q.prompts[i]); err != nil {
			return nil, bad(fmt.Errorf("prompt[%d]: %w", i, err))
		}
	}
	if q.logProbs && q.most <= 1 {
		return list, s.score(ctx, q, list, q.most)
	}
	j := &job{ctx: ctx}
	for i := range list {
		c := &list[i]
		pick := engine.Picker(q.sampling.Temperature, q.sampling.TopP, q.sampling.Seed)
		j.prompts = append(j.prompts, engine.Prompt{Tokens: c.prompt, MaxTokens: q.most, Pick: pick, Stop: func(generated []int32) bool {
			if watch != nil {
				watch(i, generated)
			}
			return c.plan.Ended(generated)
		}})
	}
	if err := s.gather.compute(j); err != nil {
		return nil, err
	}
	for i, out := range j.generated {
		list[i].tokens, list[i].finish, list[i].ended = out.Tokens, out.Finish, out.Finish == engine.FinishEOS
	}
	if q.logProbs {
		return list, s.score(ctx, q, list, 0)
	}
	return list, nil
}

// plan finds out what the model is asked for one prompt, and that it can be.
func (s *Server) plan(q *completionRequest, c *completion, p prompt) (err error) {
	e := s.model.Encoder
	c.prompt = p.ids
	if p.isText {
		c.prompt = tokenizeText(e.Tokenizer(), p.text, q.special, false, true)
	}
	rows := s.model.Identity.Vocabulary
	if i := slices.IndexFunc(c.prompt, func(id int32) bool { return int(id) >= rows }); i >= 0 {
		return fmt.Errorf("token %d at position %d is outside the vocabulary of %d", c.prompt[i], i, rows)
	}
	if q.echo {
		if c.text = p.text; !p.isText {
			c.text = e.Tokenizer().Decode(p.ids)
		}
		if len(c.prompt) == 0 {
			return errors.New("it has no tokens, so there is nothing to echo")
		}
	}
	rules, _ := q.protocol.Rules()
	if room := e.Window() - len(c.prompt); q.most > max(room, 0) && rules.Strict {
		return fmt.Errorf("the prompt has %d tokens and max_tokens is %d, but the model has %d positions", len(c.prompt), q.most, e.Window())
	}
	if q.most > 0 || !q.echo {
		most := q.most
		if rules.CountsPrompt { // whoever names such a protocol has counted it
			most += len(c.prompt)
		}
		c.plan, err = e.PlanGeneration(c.prompt, tasks.Request{Kind: tasks.Generate, Protocol: q.protocol, Stop: q.stops, MaxTokens: most})
		if err != nil {
			return err
		}
		c.prompt = c.plan.Prompt // an empty prompt has become BOS
	} else if over := len(c.prompt) - e.Window() - 1; over > 0 && rules.Strict {
		return fmt.Errorf("the prompt has %d tokens, but the model has %d positions", len(c.prompt), e.Window())
	}
	c.from = len(c.prompt)
	if q.echo {
		c.from = min(max(1, q.from), len(c.prompt))
	}
	return nil
}

// score computes the log-probabilities of prompts, where they are echoed, of what was generated, and of the next token
// where next is 1: the most probable token of the last place is what generating would give.
func (s *Server) score(ctx context.Context, q *completionRequest, list []completion, next int) error {
	j := &job{ctx: ctx}
	var of []int
	for i := range list {
		c := &list[i]
		seq := slices.Concat(c.prompt, c.tokens)
		if next == 1 || c.ended {
			seq = append(seq, 0) // whatever it is, the most probable token of its place does not depend on it
		}
		if len(seq) > c.from {
			j.seqs, of = append(j.seqs, engine.Sequence{Tokens: seq, From: c.from, Best: true}), append(of, i)
		}
	}
	if err := s.gather.compute(j); err != nil {
		return err
	}
	for k, i := range of {
		c := &list[i]
		c.scored = j.scored[k]
		if next == 1 {
			s.pickNext(c)
		} else if c.ended {
			best := c.scored.Best[len(c.scored.Best)-1]
			c.scored.LogProbs[len(c.scored.Best)-1], c.scored.Greedy[len(c.scored.Best)-1] = best.LogProb, true
		}
	}
	for i := range list {
		if next == 0 && list[i].finish == "" {
			list[i].finish = engine.FinishLength
		}
	}
	return nil
}

// pickNext makes the most probable token of the last place the one that was generated.
func (s *Server) pickNext(c *completion) {
	last := len(c.scored.Best) - 1
	best := c.scored.Best[last]
	c.scored.LogProbs[last], c.scored.Greedy[last] = best.LogProb, true
	if slices.Contains(s.model.EOS, best.Token) {
		c.ended, c.finish = true, engine.FinishEOS
		return
	}
	c.tokens, c.finish = []int32{best.Token}, engine.FinishLength
	if c.plan.Ended(c.tokens) {
		c.finish = engine.FinishStop
	}
}

// reply is the text of what was generated, and why it ended in the protocol's words.
func (c *completion) reply() (text, finish string) {
	if c.plan != nil {
		text = c.plan.Response(c.tokens, c.finish).Text
	}
	if finish = "stop"; c.finish == engine.FinishLength {
		finish = "length"
	}
	return text, finish
}

// usage counts tokens, an end token among those that were generated.
type usage struct {
	Prompt     int `json:"prompt_tokens"`
	Completion int `json:"completion_tokens"`
	Total      int `json:"total_tokens"`
}

func (s *Server) count(list []completion) usage {
	var u usage
	for i := range list {
		u.Prompt += len(list[i].prompt)
		u.Completion += len(list[i].tokens)
		if list[i].ended {
			u.Completion++
		}
	}
	u.Total = u.Prompt + u.Completion
	s.counts.prompt.Add(int64(u.Prompt))
	s.counts.output.Add(int64(u.Completion))
	return u
}

// choice is one answer of /v1/completions.
type choice struct {
	Index    int       `json:"index"`
	Text     string    `json:"text"`
	LogProbs *logProbs `json:"logprobs"`
	Finish   *string   `json:"finish_reason"`
	// Stop is vLLM's: nothing after an end token, the string after a stop string.
	Stop      *string `json:"stop_reason"`
	Prompt    []int32 `json:"prompt_token_ids,omitempty"`
	Generated []int32 `json:"token_ids,omitempty"`
}

// textCompletion is the answer of /v1/completions, whole or a part of a stream.
type textCompletion struct {
	ID      string   `json:"id"`
	Object  string   `json:"object"`
	Created int64    `json:"created"`
	Model   string   `json:"model"`
	Choices []choice `json:"choices"`
	Usage   *usage   `json:"usage,omitempty"`
}

func (s *Server) completions(w http.ResponseWriter, r *http.Request) error {
	f, release, err := s.read(w, r)
	if err != nil {
		return err
	}
	defer release()
	q, err := s.readCompletion(f)
	if err != nil {
		return err
	}
	head := textCompletion{ID: s.serial.next("cmpl"), Object: "text_completion", Created: s.start.Unix(), Model: s.model.Identity.Name}
	if q.stream {
		return s.streamed(w, r, &q, completionStream{head})
	}
	list, err := s.answers(r.Context(), &q, nil)
	if err != nil {
		return err
	}
	u := s.count(list)
	head.Usage = &u
	for i := range list {
		head.Choices = append(head.Choices, s.choice(&q, i, &list[i]))
	}
	return writeJSON(w, http.StatusOK, head)
}

func (s *Server) choice(q *completionRequest, i int, c *completion) choice {
	text, finish := c.reply()
	out := choice{Index: i, Text: text, Finish: &finish, Stop: c.stopReason(q.stops)}
	if q.echo {
		out.Text = c.text + text
	}
	if q.ids {
		out.Prompt, out.Generated = append([]int32{}, c.prompt...), append([]int32{}, c.tokens...)
	}
	if q.logProbs {
		out.LogProbs = s.logProbs(q, c)
	}
	return out
}

// stopReason is the stop string that ended the text, nil where none did.
func (c *completion) stopReason(stops []string) *string {
	if c.finish != engine.FinishStop {
		return nil
	}
	reason := "" // a rule that no string of the request's stands for
	whole := c.plan.Whole(c.tokens)
	at := len(whole) + 1
	for _, stop := range stops {
		if i := indexOf(whole, stop); i >= 0 && i < at {
			reason, at = stop, i
		}
	}
	return &reason
}

// logProbs is the protocol's object of arrays, one entry a token.
type logProbs struct {
	Tokens  []string             `json:"tokens"`
	Own     []*float64           `json:"token_logprobs"`
	Top     []map[string]float64 `json:"top_logprobs"`
	Offsets []int                `json:"text_offset"`
}

// logProbs lists the tokens of the prompt, where it is echoed, and of the answer, an end token included. The first token
// of a prompt has no log-probability: nothing precedes it.
func (s *Server) logProbs(q *completionRequest, c *completion) *logProbs {
	tokens := slices.Concat(c.prompt, c.tokens)
	if c.ended {
		tokens = append(tokens, c.scored.Best[len(c.scored.Best)-1].Token)
	}
	out := &logProbs{Tokens: []string{}, Own: []*float64{}, Top: []map[string]float64{}, Offsets: []int{}}
	first, offset := len(c.prompt), utf8.RuneCountInString(c.text)
	if q.echo {
		first, offset = 0, 0
	}
	speller := newSpeller(s.model.Encoder.Tokenizer(), q.asIDs)
	for i := first; i < len(tokens); i++ {
		if i == 1 {
			offset = max(0, offset-speller.removed(c.prompt))
		}
		out.Tokens = append(out.Tokens, speller.spell(tokens[i]))
		out.Offsets = append(out.Offsets, offset)
		offset += speller.width(tokens[i])
		k := i - c.from
		if k < 0 {
			out.Own, out.Top = append(out.Own, nil), append(out.Top, nil)
			continue
		}
		lp, best := c.scored.LogProbs[k], c.scored.Best[k]
		out.Own = append(out.Own, &lp)
		out.Top = append(out.Top, speller.both(tokens[i], lp, best))
	}
	return out
}
