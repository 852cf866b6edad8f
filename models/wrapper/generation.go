package wrapper

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Generation is one continuation as a model is asked for it.
type Generation struct {
	// Prompt is what the model is fed, and Max the most tokens it is to generate.
	Prompt []int32
	Max    int
	// Sampling is how its tokens are drawn; the zero value is the most probable one at every step.
	Sampling tasks.Sampling

	encoder *Encoder
	rules   tasks.Rules
	name    tasks.Protocol
	cut     []int32  // dropped from the left
	lose    int      // generated tokens that the wrapper discards
	capped  bool     // Max is what the window leaves, less than was asked for
	asked   []string // stop strings of the request
	stops   []string // and what the rules add
	ended   func(generated []int32) bool
}

// key is equal for requests that the model need answer only once.
func (g *Generation) key() string {
	return fmt.Sprintf("%s:%d:%d:%q:%v:", g.name, len(g.cut), g.Max, g.stops, g.Sampling) + string(bytesOf(g.Prompt))
}

// PlanGeneration plans what follows ids; q gives protocol, stop strings and limit, its Prompt is not read.
func (e *Encoder) PlanGeneration(ids []int32, q tasks.Request) (*Generation, error) {
	r, err := rulesOf(q.Protocol)
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		bos, ok := e.tok.BOS()
		if !ok || !r.Strict {
			return nil, errors.New("the prompt has no tokens")
		}
		ids = []int32{bos} // an empty prompt asks for the model's own beginning
	}
	g := &Generation{encoder: e, name: q.Protocol, rules: r, Prompt: ids, Max: q.MaxTokens, Sampling: q.Sampling, asked: q.Stop, stops: q.Stop}
	if g.Max < 0 {
		return nil, fmt.Errorf("the number of new tokens is %d", g.Max)
	}
	if r.CutAtEOSText {
		g.stops = append(slices.Clone(q.Stop), e.EOS())
	}
	if err := g.fit(r.Window(e.window)); err != nil {
		return nil, err
	}
	g.ended = g.criterion()
	return g, nil
}

// fit makes prompt and limit fit into the window, by the protocol's rule.
func (g *Generation) fit(window int) error {
	if g.rules.Strict {
		room := window - len(g.Prompt)
		if room < 0 {
			return fmt.Errorf("the prompt has %d tokens, the model %d positions", len(g.Prompt), window)
		}
		if g.Max > room {
			g.Max, g.capped = room, true
		}
	}
	if over := len(g.Prompt) - g.Max; g.rules.CountsPrompt {
		if g.Max == 0 {
			return errors.New("prompt and answer may have 0 tokens together")
		}
		if over > 0 {
			g.cut, g.Prompt = g.Prompt[:over], g.Prompt[over:]
		}
		g.Max -= len(g.Prompt)
	}
	reserve := g.rules.Reserve
	if g.rules.ReserveAsked {
		reserve = g.Max
	}
	if keep := window - reserve; g.rules.Truncate && len(g.Prompt) > keep {
		if keep <= 0 {
			return fmt.Errorf("the model's window of %d positions leaves no room for a prompt beside %d new tokens", window, reserve)
		}
		g.cut, g.Prompt = g.Prompt[:len(g.Prompt)-keep], g.Prompt[len(g.Prompt)-keep:]
		if g.rules.LoseOverlong {
			g.lose = len(g.cut)
		}
	}
	return nil
}

// Settled returns the answer where no model can change it: whatever it said, the wrapper would discard all of it.
func (g *Generation) Settled() (r tasks.Response, ok bool) {
	if g.lose < g.Max {
		return r, false
	}
	return tasks.Response{PromptTokens: len(g.cut) + len(g.Prompt), Dropped: len(g.cut), Lost: g.Max, Finish: "lost"}, true
}

// Ended says whether generation ends with the last of the tokens generated so far, of which there is at least one. It
// is to be asked after every token but the end-of-sequence token, which ends generation by itself and is none of them.
func (g *Generation) Ended(generated []int32) bool { return g.ended(generated) }

// Until returns the tokens at which generation ends when a model went on regardless, and whether it does end there.
func (g *Generation) Until(generated []int32) (kept []int32, ended bool) {
	for n := 1; n <= len(generated); n++ {
		if g.ended(generated[:n]) {
			return generated[:n], true
		}
	}
	return generated, false
}

// Stops are the strings before the first of which the text is cut. A model that ends at one of them in the text ends no
// later than the reference does, except that the lookback criterion can pass one over.
func (g *Generation) Stops() []string { return g.stops }

// ServerStops are strings at which a server may end that knows strings alone: Stops, and where nothing behind the first line
// is read, the line feed.
func (g *Generation) ServerStops() []string {
	if g.rules.FirstLineOnly {
		return append(slices.Clone(g.stops), "\n")
	}
	return g.stops
}

// AskedStops are the strings that the request asked for.
func (g *Generation) AskedStops() []string { return g.asked }

// criterion says when generation ends before its limit.
func (g *Generation) criterion() func([]int32) bool {
	tok := g.encoder.tok
	switch {
	case g.rules.FirstLineOnly || g.rules.FirstParagraphOnly:
		end := "\n"
		if g.rules.FirstParagraphOnly {
			end = "\n\n"
		}
		// Ends late rather than early: a byte token may belong to a run that decodes differently as it grows.
		return func(generated []int32) bool {
			return !tok.IsByte(generated[len(generated)-1]) && strings.Contains(g.decode(generated), end)
		}
	case g.rules.Lookback:
		return g.lookback()
	default:
		return func(generated []int32) bool {
			return len(g.stops) > 0 && containsAny(g.decode(generated), g.stops)
		}
	}
}

// lookback is the harnesses' criterion (MultiTokenEOSCriteria): decode as many of the last generated tokens as the stop
// string itself has, and look for it there. A newline in the middle of a run of byte tokens is seen only when that short
// window decodes to it, so the criterion can pass over a stop string that the finished text shows.
func (g *Generation) lookback() func([]int32) bool {
	type window struct {
		stop string
		n    int
	}
	tok := g.encoder.tok
	var windows []window
	for _, stop := range g.stops {
		// The end token itself ends generation; spelled out it is cut from the text, but the criterion's window of one
		// token never sees it.
		if stop != "" && stop != g.encoder.EOS() {
			windows = append(windows, window{stop, len(tok.Encode(stop))})
		}
	}
	return func(generated []int32) bool {
		for _, w := range windows {
			tail := generated[max(0, len(generated)-w.n):]
			if strings.Contains(tok.Decode(tail), w.stop) {
				return true
			}
		}
		return false
	}
}

// decode decodes generated tokens by the protocol's rule, without cutting.
func (g *Generation) decode(generated []int32) string {
	switch {
	case g.rules.Spelled:
		return g.encoder.tok.DecodeSpelled(g.Prompt, generated)
	case g.rules.Whole:
		return g.encoder.tok.DecodeAfter(g.Prompt, generated)
	}
	return g.encoder.tok.Decode(generated)
}

// Text is the text of generated tokens, cut at the stop strings, as it stands while a model goes on.
func (g *Generation) Text(generated []int32) string {
	return metrics.CutAtStops(g.decode(generated), g.stops)
}

// Whole is Text before any stop string has cut it.
func (g *Generation) Whole(generated []int32) string { return g.decode(generated) }

// Response makes the answer of the model's: the tokens it generated, without the end-of-sequence token, and why it
// ended, "eos", "stop" or "length".
func (g *Generation) Response(generated []int32, finish string) tasks.Response {
	lost := min(g.lose, len(generated))
	text := g.decode(generated[lost:])
	if g.rules.CleanUp {
		text = cleanUp(text)
	}
	if g.capped && finish == "length" {
		finish = "window"
	}
	return tasks.Response{
		Text: metrics.CutAtStops(text, g.stops), PromptTokens: len(g.cut) + len(g.Prompt), OutputTokens: len(generated),
		Dropped: len(g.cut), Lost: lost, Finish: finish,
	}
}
