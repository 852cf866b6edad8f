package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/crc32"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Identity is everything a model's answer to a request depends on. Two models that differ in any of it share nothing.
type Identity struct {
	// Weights covers weights and configuration, Tokenizer the tokenizer's file: digests as results.Model gives them.
	Weights   string `json:"weights"`
	Tokenizer string `json:"tokenizer"`
	// DType is the arithmetic, Numerics the version of the engine's bits.
	DType    string `json:"dtype"`
	Numerics string `json:"numerics"`
	// Window is the number of positions answers were computed with, in tokens.
	Window int `json:"window"`
}

// errVague refuses an identity under which different models would share answers.
var errVague = errors.New("answer store: a model without digests, dtype, numerics or window cannot be told from another: its answers are not stored")

// Digest is the hex sha256 of the identity's JSON, the name of the directory that holds the answers.
func (id Identity) Digest() (string, error) {
	texts := []string{id.Weights, id.Tokenizer, id.DType, id.Numerics}
	for _, s := range texts {
		if s == "" || !utf8.ValidString(s) {
			return "", errVague
		}
	}
	if id.Window <= 0 {
		return "", errVague
	}
	sum := sha256.Sum256(id.json())
	return hex.EncodeToString(sum[:]), nil
}

// json is the identity's canonical form.
func (id Identity) json() []byte {
	b, err := marshal(id)
	if err != nil {
		panic(err) // strings and an integer
	}
	return b
}

// marshal encodes without escaping of HTML characters and without a final line feed.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// castagnoli is the CRC's polynomial, the one that processors compute.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// seed begins the checksum of every record with the identity, so that a record is one model's wherever it is copied.
func seed(identityDigest string) uint32 {
	return crc32.Checksum([]byte(identityDigest), castagnoli())
}

// digest identifies a request.
type digest = [sha256.Size]byte

// requestDigest is the digest by which an answer to the request is found.
func requestDigest(q tasks.Request) digest { return q.Identity().Under(keptUnder(q)) }

// roundedScores ends the name under which log-likelihoods are kept that the protocol rounds for models stored in bfloat16. The
// first builds with such a protocol kept them unrounded under its bare name; those are never served again.
const roundedScores = "+bf16-scores"

// keptUnder is the name of the protocol as it enters a request's digest.
func keptUnder(q tasks.Request) string {
	name := string(q.Protocol)
	if q.Kind != tasks.LogLikelihood {
		return name
	}
	if rules, ok := q.Protocol.Rules(); ok && rules.BF16Scores {
		name += roundedScores
	}
	return name
}
