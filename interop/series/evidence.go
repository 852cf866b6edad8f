package series

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// ContentHash identifies a foreign document by what its file holds of it: "sha256:" and the hex digest of the JSON array
// of the parts. Files of one kind pair by it; documents of ours have another hash.
func ContentHash(parts ...string) string {
	b, err := json.Marshal(parts)
	if err != nil {
		panic("swallow-eval: strings that are not JSON: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// RowHash is contentHash of a data set's row, whatever the order of its members and the white space between them.
func RowHash(row json.RawMessage) string {
	decoder := json.NewDecoder(bytes.NewReader(row))
	decoder.UseNumber() // an identifier may be larger than a double holds
	var v any
	if decoder.Decode(&v) == nil {
		if b, err := json.Marshal(v); err == nil {
			row = b
		}
	}
	return ContentHash("row", string(row))
}

// AskedOnce is the one request of a document where the file holds its prompt.
func AskedOnce(prompt string, answer *string) []results.Exchange {
	if prompt == "" {
		return nil
	}
	return []results.Exchange{{Kind: "generate", Prompt: prompt, Text: answer}}
}

// Answered is a request with what a foreign file holds of its answer.
func Answered(prompt, continuation string, a tasks.Answer) results.Exchange {
	x := results.Exchange{Kind: "loglikelihood", Prompt: prompt, Continuation: continuation, Text: a.Text, Log: a.Log, Greedy: a.Greedy}
	if a.Text != nil {
		x.Kind = "generate"
	}
	return x
}

// RecordedMean is the mean of what a file records of each document.
func RecordedMean(name string) metrics.Metric {
	return metrics.Metric{
		Name: name, Signature: "as-recorded|mean", Max: 1, Width: 1,
		Each:   func(string, []string) metrics.Stat { return metrics.Stat{0} },
		Corpus: func(sum metrics.Stat, n int) float64 { return sum[0] / float64(n) },
	}
}
