package tasks

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
)

// Digest is the sha256 over a sequence of requests. Each request enters as one line of JSON, in the form the prompts
// command prints: {"kind":"generate","context":...,"until":[...],"max_gen_toks":n} or
// {"kind":"loglikelihood","context":...,"continuation":...}, without escaping of HTML characters, ended by a line feed.
type Digest struct {
	h   hash.Hash
	enc *json.Encoder
}

// NewDigest returns the digest of no requests.
func NewDigest() *Digest {
	h := sha256.New()
	enc := json.NewEncoder(h)
	enc.SetEscapeHTML(false)
	return &Digest{h, enc}
}

// Add appends one request.
func (d *Digest) Add(r Request) {
	if err := d.enc.Encode(r); err != nil {
		panic(err) // a Request holds strings and integers only
	}
}

// String returns "sha256:" and the hex digest.
func (d *Digest) String() string { return "sha256:" + hex.EncodeToString(d.h.Sum(nil)) }

// GoldsDigest is the sha256 over the answers that count as right of a sequence of documents, one GoldLine each.
type GoldsDigest struct{ h hash.Hash }

// NewGoldsDigest returns the digest of no documents.
func NewGoldsDigest() GoldsDigest { return GoldsDigest{sha256.New()} }

// Add appends the golds of one document.
func (g GoldsDigest) Add(d Doc) { g.h.Write(GoldLine(d)) }

// String returns "sha256:" and the hex digest.
func (g GoldsDigest) String() string { return "sha256:" + hex.EncodeToString(g.h.Sum(nil)) }

// GoldLine is a document's identifier and targets as a line of JSON, {"id":...,"targets":[...]}, without escaping of HTML
// characters in the targets.
func GoldLine(d Doc) []byte {
	line, err := marshal(struct {
		ID      DocID    `json:"id"`
		Targets []string `json:"targets"`
	}{d.ID, d.Targets})
	if err != nil {
		panic(err) // strings only
	}
	return line
}

type generateJSON struct {
	Kind       Kind     `json:"kind"`
	Context    string   `json:"context"`
	Until      []string `json:"until"`
	MaxGenToks int      `json:"max_gen_toks"`
}

type loglikelihoodJSON struct {
	Kind         Kind   `json:"kind"`
	Context      string `json:"context"`
	Continuation string `json:"continuation"`
}

// MarshalJSON writes the request in the field's usual words.
func (r Request) MarshalJSON() ([]byte, error) {
	if r.Kind == LogLikelihood {
		return marshal(loglikelihoodJSON{r.Kind, r.Prompt, r.Continuation})
	}
	until := r.Stop
	if until == nil {
		until = []string{}
	}
	return marshal(generateJSON{r.Kind, r.Prompt, until, r.MaxTokens})
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}
