package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
)

// contentHash identifies a foreign document by what its file holds of it: "sha256:" and the hex digest of the JSON array
// of the parts. Files of one kind pair by it; documents of ours have another hash.
func contentHash(parts ...string) string {
	b, err := json.Marshal(parts)
	if err != nil {
		panic("swallow-eval: strings that are not JSON: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// rowHash is contentHash of a data set's row, whatever the order of its members and the white space between them.
func rowHash(row json.RawMessage) string {
	decoder := json.NewDecoder(bytes.NewReader(row))
	decoder.UseNumber() // an identifier may be larger than a double holds
	var v any
	if decoder.Decode(&v) == nil {
		if b, err := json.Marshal(v); err == nil {
			row = b
		}
	}
	return contentHash("row", string(row))
}

// askedOnce is the one request of a document where the file holds its prompt.
func askedOnce(prompt string, answer *string) []results.Exchange {
	if prompt == "" {
		return nil
	}
	return []results.Exchange{{Kind: "generate", Prompt: prompt, Text: answer}}
}

// answered is a request with what a foreign file holds of its answer.
func answered(prompt, continuation string, a results.Answer) results.Exchange {
	x := results.Exchange{Kind: "loglikelihood", Prompt: prompt, Continuation: continuation, Text: a.Text, Log: a.Log, Greedy: a.Greedy}
	if a.Text != nil {
		x.Kind = "generate"
	}
	return x
}

// runTogether are the requests of a write-out record, whose prompts hold the continuations too.
func runTogether(r results.WriteOutRecord) []results.Exchange {
	var list []results.Exchange
	for i, a := range r.Answers {
		x := answered(r.Prompts[i], "", a)
		if a.Text != nil { // the key of the second argument stands behind the prompt
			x.Prompt = strings.TrimSuffix(x.Prompt, "until")
		}
		list = append(list, x)
	}
	return list
}

// lmevalAbout is what a sample of lm-eval 0.4 holds of its document.
func lmevalAbout(r results.LMEvalSample) results.Sample {
	about := results.Sample{DocHash: rowHash(r.Doc)}
	for i, a := range r.Answers {
		if r.Prompts != nil {
			about.Exchanges = append(about.Exchanges, answered(r.Prompts[i], r.Continuations[i], a))
		}
	}
	return about
}

// originAbout adds what an exported sample tells beyond lm-eval's.
func originAbout(about *results.Sample, o results.LMEvalOrigin) {
	about.Cluster, about.Fault = o.Cluster, o.Fault
	for i, seen := range o.Seen[:min(len(o.Seen), len(about.Exchanges))] {
		x := &about.Exchanges[i]
		x.Finish, x.PromptTokens, x.OutputTokens, x.Dropped, x.Lost = seen.Finish, seen.PromptTokens, seen.OutputTokens, seen.Dropped, seen.Lost
	}
}

// asRecorded are the documents of a task that is none of ours under the first metric, by name, that the file records of
// every document as a number from 0 to 1. What marks a missing number ("N/A", -1) is none; lacks says which of a
// document's values is none where no metric is left.
func (s *lmevalSeries) asRecorded() (samples []results.Sample, by []metrics.Metric, lacks string) {
	all := map[string]bool{}
	for _, r := range s.records {
		for name := range r.values {
			all[name] = true
		}
	}
	if len(all) == 0 {
		return nil, nil, "no metric is recorded of a document"
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		problem := ""
		for _, r := range s.records {
			v := results.ParseRecorded(r.values[name])
			if v.Hole == "" && v.Value <= 1 {
				continue
			}
			if problem = v.Text; problem == "" {
				problem = "missing"
			}
			if lacks == "" {
				lacks = fmt.Sprintf("%s is %.40s of document %.40s", name, problem, r.id)
			}
			break
		}
		if problem == "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, nil, lacks
	}
	m := recordedMean(names[0])
	slices.SortStableFunc(s.records, func(a, b lmevalRecord) int { return compareIDs(a.id, b.id) })
	for i, r := range s.records {
		about := r.about
		about.DocID, about.Position = r.id, i
		about.Marks = []results.Mark{{Metric: m.Name, Output: string(r.values[m.Name]), Stat: metrics.Stat{results.ParseRecorded(r.values[m.Name]).Value}}}
		samples = append(samples, about)
	}
	return samples, []metrics.Metric{m}, ""
}

// recordedMean is the mean of what a file records of each document.
func recordedMean(name string) metrics.Metric {
	return metrics.Metric{
		Name: name, Signature: "as-recorded|mean", Max: 1, Width: 1,
		Each:   func(string, []string) metrics.Stat { return metrics.Stat{0} },
		Corpus: func(sum metrics.Stat, n int) float64 { return sum[0] / float64(n) },
	}
}
