package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/swallow-eval/swallow-eval/internal/identity"
	"github.com/swallow-eval/swallow-eval/metrics"
)

// Sample is the evidence for one document: what was asked, what the model saw and said, and how it was scored.
type Sample struct {
	Task     string          `json:"task"`
	Position int             `json:"position"`
	DocID    json.RawMessage `json:"doc_id"`
	// DocHash is the sha256 of the document's requests and targets without its examples: what pairs the documents of
	// two runs.
	DocHash string `json:"doc_hash"`
	// RequestsDigest stands for the prompts of a condensed sample.
	RequestsDigest string            `json:"requests_digest,omitempty"`
	Cluster        string            `json:"cluster,omitempty"`
	Shots          []json.RawMessage `json:"shots"`
	// Exchanges are the requests in order, each with its answer.
	Exchanges []Exchange `json:"exchanges"`
	// Choices are the candidate answers of a multiple-choice document.
	Choices []string `json:"choices,omitempty"`
	Target  string   `json:"target"`
	Targets []string `json:"targets"`
	// Marks are the task's metrics on this document; the first is the published column's.
	Marks []Mark `json:"marks"`
	Fault string `json:"fault,omitempty"`
}

// Exchange is one request and its response.
type Exchange struct {
	Kind string `json:"kind"`
	// Protocol names the wrapper whose rules turned text into tokens.
	Protocol     string   `json:"protocol"`
	Prompt       string   `json:"prompt"`
	Continuation string   `json:"continuation,omitempty"`
	Until        []string `json:"until,omitempty"`
	MaxGenToks   int      `json:"max_gen_toks,omitempty"`
	// Sampling is how the answer was drawn; nil where it was not.
	Sampling *identity.Sampling `json:"sampling,omitempty"`

	Text   *string `json:"text,omitempty"`
	Finish string  `json:"finish,omitempty"`
	// Verdict says what running the answer as a program came to, "passed" or why not; "" where nothing ran it.
	Verdict string   `json:"verdict,omitempty"`
	Log     *float64 `json:"logprob,omitempty"`
	Greedy  *bool    `json:"is_greedy,omitempty"`

	PromptTokens int `json:"prompt_tokens"`
	OutputTokens int `json:"output_tokens"`
	// Dropped counts prompt tokens cut from the left, Lost generated tokens discarded by the reference's wrapper.
	Dropped int `json:"dropped_tokens"`
	Lost    int `json:"lost_tokens"`
}

// Mark is one metric's view of one document.
type Mark struct {
	Metric string       `json:"metric"`
	Output string       `json:"output"`
	Stat   metrics.Stat `json:"stat"`
}

// SamplesFile is the name of a task's samples in a result directory.
func SamplesFile(task string) string { return "samples_" + task + ".jsonl" }

// AppendSample appends the sample's line, ending in a line feed, to b. Non-ASCII text is kept as it is.
func AppendSample(b []byte, s Sample) ([]byte, error) {
	buf := bytes.NewBuffer(b)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return b, fmt.Errorf("%s: document at position %d: %w", s.Task, s.Position, err)
	}
	return buf.Bytes(), nil
}

// ReadSamples reads a file of samples line by line. A malformed line is an error that names it, as is a document that
// occurs twice.
func ReadSamples(name string, r io.Reader, each func(Sample) error) error {
	return ReadSamplesAt(name, r, func(s Sample, _ int64, _ int) error { return each(s) })
}

// ReadSamplesAt is ReadSamples that tells where each sample's line begins, in bytes, and how long it is.
func ReadSamplesAt(name string, r io.Reader, each func(s Sample, at int64, length int) error) error {
	br := bufio.NewReaderSize(r, 1<<20)
	seen := map[string]int{}
	at := int64(0)
	for line := 1; ; line++ {
		b, err := br.ReadBytes('\n')
		begin := at
		at += int64(len(b))
		if len(bytes.TrimSpace(b)) > 0 {
			var s Sample
			if err := json.Unmarshal(b, &s); err != nil {
				return fmt.Errorf("%s:%d: %w", name, line, err)
			}
			if s.Task == "" || len(s.DocID) == 0 {
				return fmt.Errorf("%s:%d: not a sample: task or doc_id is missing", name, line)
			}
			key := s.Task + "\x00" + string(s.DocID)
			if first, twice := seen[key]; twice {
				return fmt.Errorf("%s:%d: document %s of %s occurs twice, first on line %d", name, line, s.DocID, s.Task, first)
			}
			seen[key] = line
			if err := each(s, begin, len(b)); err != nil {
				return fmt.Errorf("%s:%d: %w", name, line, err)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}
