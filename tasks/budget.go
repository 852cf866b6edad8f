package tasks

import "math"

// Unlimited is the Budget of no particular model: everything fits, and the end-of-sequence text is that of the Llama
// family, to which all models of the published tables belong. Requests built with it are those of a model whose
// tokenizer never makes a prompt too long.
type Unlimited struct{}

// Count is 0: no text takes any room.
func (Unlimited) Count(string) int { return 0 }

// Cut returns the whole text.
func (Unlimited) Cut(text string, _ int) string { return text }

// Window is the largest there is.
func (Unlimited) Window() int { return math.MaxInt }

// EOS is "</s>".
func (Unlimited) EOS() string { return "</s>" }

// Opener is a Budget that knows how many tokens a wrapper puts before a text of its own accord.
type Opener interface {
	Opening(p Protocol) int
}

// Opened returns b as a wrapper of p counts: with the tokens that it puts before every text.
func Opened(b Budget, p Protocol) Budget {
	b = Measured(b)
	if o, ok := b.(Opener); ok {
		if n := o.Opening(p); n > 0 {
			return opened{b, n}
		}
	}
	return b
}

type opened struct {
	Budget
	n int
}

func (o opened) Count(text string) int { return o.Budget.Count(text) + o.n }

// Cut leaves the token at the beginning out of the text, as decoding without special tokens does.
func (o opened) Cut(text string, n int) string { return o.Budget.Cut(text, max(0, n-o.n)) }

// Measured returns b, or Unlimited where b is nil.
func Measured(b Budget) Budget {
	if b == nil {
		return Unlimited{}
	}
	return b
}
