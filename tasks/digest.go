package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/identity"
)

// Digest is the sha256 over a sequence of requests. Each request enters as one line of JSON, in the form the prompts
// command prints: {"kind":"generate","context":...,"until":[...],"max_gen_toks":n} or
// {"kind":"loglikelihood","context":...,"continuation":...}, without escaping of HTML characters, ended by a line feed.
type Digest struct{ h hash.Hash }

// NewDigest returns the digest of no requests.
func NewDigest() *Digest { return &Digest{sha256.New()} }

// Add appends one request.
func (d *Digest) Add(r Request) { d.h.Write(r.Identity().AppendLine(nil)) }

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
	id, err := d.ID.MarshalJSON()
	if err != nil {
		panic(err) // a string or a number
	}
	return identity.Gold(id, d.Targets)
}

// Identity is the request as it is written down wherever it is identified, its protocol apart.
func (r Request) Identity() identity.Request {
	return identity.Request{Kind: string(r.Kind), Context: r.Prompt, Continuation: r.Continuation, Until: r.Stop, MaxGenToks: r.MaxTokens, Sampling: r.Sampling}
}

// MarshalJSON writes the request in the field's usual words. Where the task is another harness's own, its
// arguments stand beside them; they are no part of the request's identity, since answers here depend on the rest alone.
func (r Request) MarshalJSON() ([]byte, error) {
	line := r.Identity().AppendLine(nil)
	if r.Arguments != "" {
		line = append(line[:len(line)-len("}\n")], `,"gen_kwargs":`...)
		line = append(append(line, r.Arguments...), `,"repeats":`...)
		line = append(strconv.AppendInt(line, int64(r.Repeats), 10), "}\n"...)
	}
	return line, nil
}
