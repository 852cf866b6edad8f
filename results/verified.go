package results

import (
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// PromptVerdict says how a task's requests compare with the digest that is recorded of the published setting.
type PromptVerdict string

// The verdicts.
const (
	// PromptsIdentical: all requests of the published setting, and their digest is the recorded one.
	PromptsIdentical PromptVerdict = "identical"
	// PromptsDifferent: the published setting, with another digest: other data, or a model whose window or tokenizer
	// changes the prompts.
	PromptsDifferent PromptVerdict = "different"
	// GoldsDifferent: the published setting's requests, but other answers count as right.
	GoldsDifferent PromptVerdict = "golds differ"
	// PromptsPartial: not all documents, or not the published number of examples, so there is nothing to compare with.
	PromptsPartial PromptVerdict = "partial"
	// PromptsUnrecorded: no digest is recorded, because not all of the task's original files were at hand.
	PromptsUnrecorded PromptVerdict = "not on record"
)

// Verified says what a run's numbers were checked against.
type Verified struct {
	// Data counts the data files read, each once, by state: official, rebuilt, stand-in, unpinned. Of the first two the
	// digest was compared with the pinned one.
	Data map[string]int `json:"data"`
	// Prompts is the verdict on every task whose requests were built.
	Prompts map[string]PromptVerdict `json:"prompts"`
	// Model is the digest of weights and configuration that the answers belong to.
	Model string `json:"model"`
	// Remembered and Answers count the answers of this run that came from the store, and all of them; nil where there is
	// no store.
	Remembered *int `json:"remembered,omitempty"`
	Answers    *int `json:"answers,omitempty"`
}

// String is one line for people.
func (v Verified) String() string {
	files, pinned := 0, v.Data["official"]+v.Data["rebuilt"]
	for _, n := range v.Data {
		files += n
	}
	line := fmt.Sprintf("verified: %d of %d data files pinned%s; prompts and golds of %d of %d tasks equal the reference's%s",
		pinned, files, remark(map[string]int{"stand-in": v.Data["stand-in"], "invented": v.Data["invented"], "unpinned": v.Data["unpinned"]}, "stand-in", "invented", "unpinned"),
		v.count(PromptsIdentical), len(v.Prompts), remark(map[string]int{
			"differ": v.count(PromptsDifferent), "golds differ": v.count(GoldsDifferent), "partial": v.count(PromptsPartial),
			"not on record": v.count(PromptsUnrecorded),
		}, "differ", "golds differ", "partial", "not on record"))
	line += "; model " + textsafe.Terminal(ShortDigest(v.Model))
	if v.Answers != nil {
		line += fmt.Sprintf("; %d of %d answers remembered", *v.Remembered, *v.Answers)
	}
	return line
}

func (v Verified) count(of PromptVerdict) int {
	n := 0
	for _, p := range v.Prompts {
		if p == of {
			n++
		}
	}
	return n
}

// remark lists the counts that are not 0 in brackets.
func remark(counts map[string]int, order ...string) string {
	var parts []string
	for _, name := range order {
		if n := counts[name]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, name))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// ShortDigest is as much of a digest as people compare.
func ShortDigest(digest string) string {
	const shown = len("sha256:") + 12
	if len(digest) > shown {
		return digest[:shown]
	}
	return digest
}
