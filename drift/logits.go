// Package drift measures how far two ways to compute one model move the distribution of the next token over a fixed text: the logits of
// every position, computed or stored, set beside those of a base. It knows no benchmark.
package drift

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/results"
)

// probeText is the fixed text: passages of the kinds that the benchmarks ask with, written for this program. Changing it
// makes stored bases useless, and they say so.
//
//go:embed probe.txt
var probeText string

// Probe is a text whose next tokens are compared.
type Probe struct {
	Name     string
	Passages []string
}

// digest identifies the text.
func (p Probe) digest() string {
	sum := sha256.Sum256([]byte(strings.Join(p.Passages, "\x00")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ReadProbe reads texts, a JSON string a line, of which there must be some. name is what errors call the file.
func ReadProbe(name string, r io.Reader) (Probe, error) {
	p := Probe{Name: name}
	err := terminal.EachLine(name, r, func(line []byte) error {
		var text string
		if err := json.Unmarshal(line, &text); err != nil {
			return fmt.Errorf("not a JSON string: %w", err)
		}
		p.Passages = append(p.Passages, text)
		return nil
	})
	if err == nil && len(p.Passages) == 0 {
		err = fmt.Errorf("%s: it holds no texts", name)
	}
	return p, err
}

// Fixed is the text within the program.
func Fixed() Probe {
	return Probe{"the fixed text", strings.Split(strings.TrimSuffix(probeText, "\n"), "\n---\n")}
}

// Head says what logits are of.
type Head struct {
	SchemaVersion int           `json:"schema_version"`
	Probe         string        `json:"probe"`
	ProbeDigest   string        `json:"probe_digest"`
	Model         results.Model `json:"model"`
	// Tokens are the next tokens of every position, passage after passage.
	Tokens     []int32 `json:"tokens,omitempty"`
	Vocabulary int     `json:"vocabulary"`
	// VocabularyDigest says what the ids mean, where the tokenizer's file does not have to be the same; "" in files of earlier builds.
	VocabularyDigest string `json:"vocabulary_digest,omitempty"`
	// Spelled counts the tokens that are single bytes or unknown: where they are many, the vocabulary does not cover the
	// text. It is 0 in files of earlier builds.
	Spelled int `json:"spelled_tokens,omitempty"`
}

// Logits is a model's logits over a probe: positions x vocabulary.
type Logits struct {
	Head   Head
	logits []float32
}

func (r Logits) Positions() int { return len(r.Head.Tokens) }

func (r Logits) row(i int) []float32 {
	return r.logits[i*r.Head.Vocabulary : (i+1)*r.Head.Vocabulary]
}

// Compute feeds every passage token by token and keeps the logits. A passage is cut to the model's window.
func Compute(ctx context.Context, m *embedded.Model, p Probe) (Logits, error) {
	run := Logits{Head: Head{SchemaVersion: schema, Probe: p.Name, ProbeDigest: p.digest(), Model: m.Identity(), Vocabulary: m.Engine().Config().VocabSize}}
	run.Head.VocabularyDigest = m.Tokenizer().VocabularyDigest()
	bos, hasBOS := m.Tokenizer().BOS()
	var prompts []engine.Prompt
	var starts []int
	for _, text := range p.Passages {
		tokens := m.Tokenizer().Encode(text)
		if hasBOS {
			tokens = append([]int32{bos}, tokens...)
		}
		tokens = tokens[:min(len(tokens), m.Window())]
		if len(tokens) < 2 {
			continue
		}
		start, next := run.Positions(), tokens[1:]
		starts = append(starts, start)
		run.Head.Tokens = append(run.Head.Tokens, next...)
		for _, id := range next {
			if spelled(m.Tokenizer().Piece(id)) {
				run.Head.Spelled++
			}
		}
		prompts = append(prompts, engine.Prompt{
			Tokens: tokens[:1], MaxTokens: len(next), IgnoreEOS: true,
			Pick: func(step int, logits []float32) int32 { // the text decides what comes next
				copy(run.row(start+step), logits)
				return next[step]
			},
		})
	}
	if len(prompts) == 0 {
		return run, errors.New("the texts have no tokens to predict")
	}
	run.logits = make([]float32, run.Positions()*run.Head.Vocabulary)
	err := m.Engine().Generate(ctx, prompts, func(i int, g engine.Generated, err error) error {
		if err != nil {
			return fmt.Errorf("passage %d: %w", i, err)
		}
		if want := prompts[i].MaxTokens; len(g.Tokens) != want {
			return fmt.Errorf("passage %d: %d of %d positions at %d", i, len(g.Tokens), want, starts[i])
		}
		return nil
	})
	return run, err
}

// spelled says whether a piece is a byte, as SentencePiece writes one, or stands for what the vocabulary lacks.
func spelled(piece string) bool {
	return piece == "<unk>" || len(piece) == len("<0x00>") && strings.HasPrefix(piece, "<0x") && strings.HasSuffix(piece, ">")
}

// Compare sets another run beside this one, the base. Runs over other tokens are refused with the first field that differs.
func (r Logits) Compare(other Logits) (compare.LogitDrift, error) {
	for _, f := range [][3]string{
		{"text", r.Head.ProbeDigest, other.Head.ProbeDigest},
		{"tokenizer", r.Head.Model.TokenizerDigest, other.Head.Model.TokenizerDigest},
		{"vocabulary", fmt.Sprint(r.Head.Vocabulary), fmt.Sprint(other.Head.Vocabulary)},
		{"number of positions", fmt.Sprint(r.Positions()), fmt.Sprint(other.Positions())},
	} {
		if f[0] == "tokenizer" && r.Head.VocabularyDigest != "" && r.Head.VocabularyDigest == other.Head.VocabularyDigest {
			continue // a vocabulary in another format; that it cuts the text alike is seen below
		}
		if f[1] != f[2] {
			return compare.LogitDrift{}, fmt.Errorf("%w: %s: the base has %s, the model %s", compare.ErrIncomparable, f[0], f[1], f[2])
		}
	}
	var pairs compare.LogitPairs
	for i, next := range r.Head.Tokens {
		if other.Head.Tokens[i] != next {
			return compare.LogitDrift{}, fmt.Errorf("%w: token of position %d: the base has %d, the model %d", compare.ErrIncomparable, i, next, other.Head.Tokens[i])
		}
		if err := pairs.Add(r.row(i), other.row(i), next); err != nil {
			return compare.LogitDrift{}, fmt.Errorf("position %d: %w", i, err)
		}
	}
	return pairs.Drift()
}
