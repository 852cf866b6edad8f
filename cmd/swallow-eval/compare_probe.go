package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/results"
)

// probeText is the fixed text: passages of the kinds that the benchmarks ask with, written for this program. Changing it
// makes stored bases useless, and they say so.
//
//go:embed probe.txt
var probeText string

// probe is the text whose next tokens are compared.
type probe struct {
	name     string
	passages []string
}

// digest identifies the text.
func (p probe) digest() string {
	sum := sha256.Sum256([]byte(strings.Join(p.passages, "\x00")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// openProbe reads the texts of a file, or takes the fixed one.
func openProbe(c console, input string) (probe, error) {
	if input == "" {
		return probe{"the fixed text", strings.Split(strings.TrimSuffix(probeText, "\n"), "\n---\n")}, nil
	}
	p := probe{name: input}
	r, name, err := openInput(c, input)
	if err != nil {
		return p, err
	}
	err = eachLine(name, r, func(line []byte) error {
		var text string
		if err := json.Unmarshal(line, &text); err != nil {
			return fmt.Errorf("not a JSON string: %w", err)
		}
		p.passages = append(p.passages, text)
		return nil
	})
	if err = errors.Join(err, r.Close()); err == nil && len(p.passages) == 0 {
		err = fmt.Errorf("%s: it holds no texts", name)
	}
	return p, err
}

// probeSchema is the version of the files that --save writes.
const probeSchema = 1

// probeHead says what logits are of.
type probeHead struct {
	SchemaVersion int           `json:"schema_version"`
	Probe         string        `json:"probe"`
	ProbeDigest   string        `json:"probe_digest"`
	Model         results.Model `json:"model"`
	// Tokens are the next tokens of every position, passage after passage.
	Tokens     []int32 `json:"tokens,omitempty"`
	Vocabulary int     `json:"vocabulary"`
	// Spelled counts the tokens that are single bytes or unknown: where they are many, the vocabulary does not cover the
	// text. It is 0 in files of earlier builds.
	Spelled int `json:"spelled_tokens,omitempty"`
}

// probeRun is a model's logits over a probe: positions x vocabulary.
type probeRun struct {
	head   probeHead
	logits []float32
}

func (r probeRun) positions() int { return len(r.head.Tokens) }

func (r probeRun) row(i int) []float32 {
	return r.logits[i*r.head.Vocabulary : (i+1)*r.head.Vocabulary]
}

// newProbeRun feeds every passage token by token and keeps the logits. A passage is cut to the model's window.
func newProbeRun(ctx context.Context, m *embedded.Model, p probe) (probeRun, error) {
	run := probeRun{head: probeHead{SchemaVersion: probeSchema, Probe: p.name, ProbeDigest: p.digest(), Model: m.Identity(), Vocabulary: m.Engine().Config().VocabSize}}
	bos, hasBOS := m.Tokenizer().BOS()
	var prompts []engine.Prompt
	var starts []int
	for _, text := range p.passages {
		tokens := m.Tokenizer().Encode(text)
		if hasBOS {
			tokens = append([]int32{bos}, tokens...)
		}
		tokens = tokens[:min(len(tokens), m.Window())]
		if len(tokens) < 2 {
			continue
		}
		start, next := run.positions(), tokens[1:]
		starts = append(starts, start)
		run.head.Tokens = append(run.head.Tokens, next...)
		for _, id := range next {
			if spelled(m.Tokenizer().Piece(id)) {
				run.head.Spelled++
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
	run.logits = make([]float32, run.positions()*run.head.Vocabulary)
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

// compare sets another run beside this one, the base. Runs over other tokens are refused with the first field that differs.
func (r probeRun) compare(other probeRun) (compare.LogitDrift, error) {
	for _, f := range [][3]string{
		{"text", r.head.ProbeDigest, other.head.ProbeDigest},
		{"tokenizer", r.head.Model.TokenizerDigest, other.head.Model.TokenizerDigest},
		{"vocabulary", fmt.Sprint(r.head.Vocabulary), fmt.Sprint(other.head.Vocabulary)},
		{"number of positions", fmt.Sprint(r.positions()), fmt.Sprint(other.positions())},
	} {
		if f[1] != f[2] {
			return compare.LogitDrift{}, fmt.Errorf("%w: %s: the base has %s, the model %s", compare.ErrIncomparable, f[0], f[1], f[2])
		}
	}
	var pairs compare.LogitPairs
	for i, next := range r.head.Tokens {
		if other.head.Tokens[i] != next {
			return compare.LogitDrift{}, fmt.Errorf("%w: token of position %d: the base has %d, the model %d", compare.ErrIncomparable, i, next, other.head.Tokens[i])
		}
		if err := pairs.Add(r.row(i), other.row(i), next); err != nil {
			return compare.LogitDrift{}, fmt.Errorf("position %d: %w", i, err)
		}
	}
	return pairs.Drift()
}

// save writes the head as one line of JSON and behind it the logits as little-endian float32.
func (r probeRun) save(path string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<20)
		if err := json.NewEncoder(b).Encode(r.head); err != nil {
			return err
		}
		word := make([]byte, 4)
		for _, v := range r.logits {
			binary.LittleEndian.PutUint32(word, math.Float32bits(v))
			if _, err := b.Write(word); err != nil {
				return err
			}
		}
		return b.Flush()
	})
}

// headLimit is the longest head: the tokens of a long text of one's own.
const headLimit = 64 << 20

// readProbeRun reads what save wrote. The size of the file must be the head's.
func readProbeRun(path string) (r probeRun, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	b := bufio.NewReaderSize(f, 1<<20)
	line, err := bufio.NewReaderSize(io.LimitReader(b, headLimit), 1<<20).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &r.head) != nil || r.head.SchemaVersion < 1 {
		return r, fmt.Errorf("%s: not a file that drift --save wrote", path)
	}
	if r.head.SchemaVersion > probeSchema {
		return r, fmt.Errorf("%s: schema version %d: %w", path, r.head.SchemaVersion, results.ErrNewer)
	}
	rows, columns := int64(r.positions()), int64(r.head.Vocabulary)
	body := info.Size() - int64(len(line))
	if rows < 1 || columns < 1 || columns > 1<<24 || body != 4*rows*columns {
		return r, fmt.Errorf("%s: %d bytes of logits, want those of %d positions of %d tokens", path, body, rows, columns)
	}
	if _, err := f.Seek(int64(len(line)), io.SeekStart); err != nil {
		return r, err
	}
	b.Reset(f)
	r.logits = make([]float32, rows*columns)
	word := make([]byte, 4)
	for i := range r.logits {
		if _, err := io.ReadFull(b, word); err != nil {
			return r, fmt.Errorf("%s: %w", path, err)
		}
		r.logits[i] = math.Float32frombits(binary.LittleEndian.Uint32(word))
	}
	return r, nil
}
