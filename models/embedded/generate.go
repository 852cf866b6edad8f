package embedded

import (
	"errors"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// generation is one greedy continuation as the engine sees it.
type generation struct {
	protocol tasks.Protocol
	rules    rules
	prompt   []int32 // what the model is fed
	cut      []int32 // dropped from the left
	lose     int     // generated tokens that the wrapper discards
	max      int
	capped   bool // max is what the window leaves, less than was asked for
	stops    []string
}

// key is equal for requests that the engine need answer only once.
func (g *generation) key() string {
	return fmt.Sprintf("%s:%d:%d:%q:", g.protocol, len(g.cut), g.max, g.stops) + string(bytesOf(g.prompt))
}

func (e *Encoder) planGeneration(ids []int32, q tasks.Request, r rules) (*generation, error) {
	if len(ids) == 0 {
		bos, ok := e.tok.BOS()
		if !ok || !r.strict {
			return nil, errors.New("the prompt has no tokens")
		}
		ids = []int32{bos} // an empty prompt asks for the model's own beginning
	}
	g := &generation{protocol: q.Protocol, rules: r, prompt: ids, max: q.MaxTokens, stops: q.Stop}
	if g.max < 0 {
		return nil, fmt.Errorf("the number of new tokens is %d", g.max)
	}
	if r.cutAtEOSText {
		g.stops = append(append([]string(nil), q.Stop...), e.EOS())
	}
	window := r.window(e.window)
	if r.strict {
		room := window - len(ids)
		if room < 0 {
			return nil, fmt.Errorf("the prompt has %d tokens, the model %d positions", len(ids), window)
		}
		if g.max > room {
			g.max, g.capped = room, true
		}
	}
	if keep := window - r.reserve; r.truncate && len(ids) > keep {
		if keep <= 0 {
			return nil, fmt.Errorf("the model's window of %d positions leaves no room for a prompt beside %d new tokens", window, r.reserve)
		}
		g.cut, g.prompt = ids[:len(ids)-keep], ids[len(ids)-keep:]
		if r.loseOverlong {
			g.lose = len(g.cut)
		}
	}
	return g, nil
}

// prompts returns the generations that the engine is asked for and what it is to continue. It delivers what needs no
// engine.
func (m *Model) prompts(p *plan[generation], done func(int, tasks.Response) error) (asked []*generation, prompts []engine.Prompt, err error) {
	for _, g := range p.jobs {
		if g.lose >= g.max {
			// Whatever the model said, the wrapper would discard all of it.
			r := tasks.Response{PromptTokens: len(g.cut) + len(g.prompt), Dropped: len(g.cut), Lost: g.max, Finish: "lost"}
			if err := p.deliver(g, r, done); err != nil {
				return nil, nil, err
			}
			continue
		}
		asked = append(asked, g)
		prompts = append(prompts, engine.Prompt{Tokens: g.prompt, MaxTokens: g.max, Stop: m.stopper(g)})
	}
	return asked, prompts, nil
}

// stopper says when generation ends before its limit.
func (m *Model) stopper(g *generation) func([]int32) bool {
	switch {
	case g.rules.firstLineOnly:
		// Ends late rather than early: a byte token may belong to a run that decodes differently as it grows.
		return func(generated []int32) bool {
			return !m.tok.IsByte(generated[len(generated)-1]) && strings.Contains(m.text(g, generated), "\n")
		}
	case g.rules.lookback:
		return m.lookbackStopper(g)
	default:
		return func(generated []int32) bool {
			return len(g.stops) > 0 && containsAny(m.text(g, generated), g.stops)
		}
	}
}

// lookbackStopper is the harnesses' criterion (MultiTokenEOSCriteria): decode as many of the last generated tokens as
// the stop string itself has, and look for it there. A newline in the middle of a run of byte tokens is seen only when
// that short window decodes to it, so the criterion can pass over a stop string that the finished text shows.
func (m *Model) lookbackStopper(g *generation) func([]int32) bool {
	type window struct {
		stop string
		n    int
	}
	var windows []window
	for _, stop := range g.stops {
		// The end token itself ends generation; spelled out it is cut from the text, but the criterion's window of one
		// token never sees it.
		if stop != "" && stop != m.EOS() {
			windows = append(windows, window{stop, len(m.tok.Encode(stop))})
		}
	}
	return func(generated []int32) bool {
		for _, w := range windows {
			tail := generated[max(0, len(generated)-w.n):]
			if strings.Contains(m.tok.Decode(tail), w.stop) {
				return true
			}
		}
		return false
	}
}

// text decodes generated tokens by the protocol's rule, without cutting.
func (m *Model) text(g *generation, generated []int32) string {
	if g.rules.whole {
		return m.tok.DecodeAfter(g.prompt, generated)
	}
	return m.tok.Decode(generated)
}

func (m *Model) reply(g *generation, out engine.Generated) tasks.Response {
	lost := min(g.lose, len(out.Tokens))
	text := m.text(g, out.Tokens[lost:])
	if g.rules.cleanUp {
		text = cleanUp(text)
	}
	finish := out.Finish
	if g.capped && finish == "length" {
		finish = "window"
	}
	return tasks.Response{
		Text: metrics.CutAtStops(text, g.stops), PromptTokens: len(g.cut) + len(g.prompt), OutputTokens: len(out.Tokens),
		Dropped: len(g.cut), Lost: lost, Finish: finish,
	}
}
