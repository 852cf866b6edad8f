package report

import (
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
)

// Tokens shows requests as the tokens that a run's model was fed.
type Tokens interface {
	// Of returns the tokens of a request of a run, nil where the tokenizer is not that run's.
	Of(run results.Run, task string, x results.Exchange) (*TokenView, error)
}

// TokenView is a request as tokens.
type TokenView struct {
	// Text is what the tokens spell, in UTF-8, dropped ones first, and Lengths each token's share of it in bytes.
	Text    string
	Lengths []int
	// Dropped is how many tokens at the front were cut off; those from ScoredFrom on are the scored continuation, of which
	// a generation has none.
	Dropped, ScoredFrom int
}

// tokenView is a TokenView as the page stores it.
type tokenView struct {
	// Lengths has one character a token, a base-36 digit, or "(n)" for 36 bytes and more.
	Lengths string `json:"lengths"`
	Dropped int    `json:"dropped,omitempty"`
	// ScoredFrom is absent where nothing is scored.
	ScoredFrom *int `json:"scored_from,omitempty"`
	// Text numbers the document's text that the tokens spell where that is not prompt and continuation.
	Text *int `json:"text,omitempty"`
	// Front is 1 where the tokens spell a space before the prompt, which the tokenizer puts there.
	Front int `json:"front,omitempty"`
}

func storeTokens(v TokenView, x results.Exchange, texts *textTable) *tokenView {
	out := &tokenView{Dropped: v.Dropped}
	var b strings.Builder
	for _, n := range v.Lengths {
		if n < 36 {
			b.WriteString(strconv.FormatInt(int64(n), 36))
		} else {
			b.WriteString("(" + strconv.Itoa(n) + ")")
		}
	}
	out.Lengths = b.String()
	if v.ScoredFrom < len(v.Lengths) {
		out.ScoredFrom = &v.ScoredFrom
	}
	switch asked := x.Prompt + x.Continuation; v.Text {
	case asked:
	case " " + asked:
		out.Front = 1
	default:
		n := texts.number(v.Text)
		out.Text = &n
	}
	return out
}
