// Package verify proves that prompts and data are the reference's: files by their pinned digests, requests by digests that the
// references' code gave, words by published segmentations.
package verify

import "github.com/swallow-eval/swallow-eval/metrics/nagisa"

// Verdict is one line of verify's report.
type Verdict struct {
	Subject string `json:"subject"`
	Check   string `json:"check"`
	// Result is one of the results below, or for data the file's state.
	Result string `json:"result"`
	Detail string `json:"detail,omitempty"`
	// Advice is what to do about it.
	Advice string `json:"advice,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	// Failed: what should be there is missing, or something differs. Unproven: nothing speaks against it, nothing for it.
	Failed   bool `json:"-"`
	Unproven bool `json:"-"`
}

// The results of a comparison.
const (
	Identical    = "identical"
	Different    = "different"
	NotCheckable = "not checkable"
)

func (v *Verdict) judge(same bool, err error) {
	switch {
	case err != nil:
		v.Result, v.Detail, v.Failed = NotCheckable, err.Error(), true
	case same:
		v.Result = Identical
	default:
		v.Result, v.Failed = Different, true
	}
}

// Nagisa compares the words of the real model with published segmentations.
func Nagisa(dir string) ([]Verdict, error) {
	t, err := nagisa.Load(dir)
	if err != nil {
		return nil, err
	}
	v := Verdict{Subject: t.Name(), Check: "published segmentations", Result: Identical}
	if err := t.SelfCheck(); err != nil {
		v.Result, v.Detail, v.Failed = Different, err.Error(), true
	}
	return []Verdict{v}, nil
}
