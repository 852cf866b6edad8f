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

// Measured returns b, or Unlimited where b is nil.
func Measured(b Budget) Budget {
	if b == nil {
		return Unlimited{}
	}
	return b
}
