package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// JPResult is one task of a result file of the JP LM Evaluation Harness that carries its documents' details, as the
// harness publishes for MGSM (models/*/result.mgsm.json of Stability-AI/lm-evaluation-harness).
type JPResult struct {
	// Name is the harness's key, for example "mgsm-1.0-0.4": task, task version, prompt version.
	Name    string
	Acc     float64
	StdErr  float64
	Details []JPDetail
}

// JPDetail is one document of a JPResult, in evaluation order.
type JPDetail struct {
	Completion string
	// Extracted is the answer the harness found, "[invalid]" where it found none.
	Extracted string
	Answer    string
	Correct   bool
}

// Task is the name without versions.
func (r JPResult) Task() string {
	task, _, _ := strings.Cut(r.Name, "-")
	return task
}

// IsJPResult says whether a JSON document looks like a result file of that harness: an object with "results" and
// "versions".
func IsJPResult(b []byte) bool {
	var top map[string]json.RawMessage
	if json.Unmarshal(b, &top) != nil {
		return false
	}
	return top["results"] != nil && top["versions"] != nil
}

// ParseJPResult reads the tasks of a result file that have details. file names it in errors. A task without details
// cannot be rescored and is listed by name in the second result.
func ParseJPResult(file string, b []byte) (results []JPResult, without []string, err error) {
	var top struct {
		Results map[string]struct {
			Acc     *float64          `json:"acc"`
			StdErr  *float64          `json:"acc_stderr"`
			Details []json.RawMessage `json:"details"`
		} `json:"results"`
	}
	if err := json.Unmarshal(b, &top); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	for name, r := range top.Results {
		if len(r.Details) == 0 {
			without = append(without, name)
			continue
		}
		if r.Acc == nil || r.StdErr == nil {
			return nil, nil, fmt.Errorf("%s: %s: acc or acc_stderr is missing", file, name)
		}
		result := JPResult{Name: name, Acc: *r.Acc, StdErr: *r.StdErr}
		for i, raw := range r.Details {
			d, err := parseJPDetail(raw)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %s: record %d: %w", file, name, i, err)
			}
			result.Details = append(result.Details, d)
		}
		results = append(results, result)
	}
	sort.Slice(results, func(a, b int) bool { return results[a].Name < results[b].Name })
	sort.Strings(without)
	return results, without, nil
}

func parseJPDetail(raw json.RawMessage) (JPDetail, error) {
	var d struct {
		Completion *string         `json:"completion"`
		Extracted  json.RawMessage `json:"extracted_answer"`
		Answer     json.RawMessage `json:"answer"`
		Acc        *bool           `json:"acc"`
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return JPDetail{}, err
	}
	if d.Completion == nil || d.Acc == nil || len(d.Answer) == 0 || len(d.Extracted) == 0 {
		return JPDetail{}, fmt.Errorf("completion, extracted_answer, answer or acc is missing")
	}
	extracted, err := scalar("extracted_answer", d.Extracted)
	if err != nil {
		return JPDetail{}, err
	}
	answer, err := scalar("answer", d.Answer)
	if err != nil {
		return JPDetail{}, err
	}
	return JPDetail{*d.Completion, extracted, answer, *d.Acc}, nil
}

// scalar is the text of a JSON string or number. Numbers keep all their digits.
func scalar(field string, raw json.RawMessage) (string, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return "", fmt.Errorf("%s: %w", field, err)
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	}
	return "", fmt.Errorf("%s is neither a string nor a number", field)
}
