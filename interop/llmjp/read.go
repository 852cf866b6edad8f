// Package llmjp reads what llm-jp-eval leaves behind, outputs and scores, and scores the outputs again.
package llmjp

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/series"
)

// metricNames are the metrics whose names end a score's name, <data set>_<metric>.
var metricNames = []string{"exact_match", "char_f1", "set_f1", "pearson", "spearman", "entity_labeling_acc", "bleu", "bert_score", "comet_wmt22"}

// IsScore says whether a name is that of a score, <data set>_<metric>.
func IsScore(name string) bool {
	return slices.ContainsFunc(metricNames, func(m string) bool { return strings.HasSuffix(name, "_"+m) })
}

// Record is one output of llm-jp-eval: the prediction and the gold answer as they were compared, in NFKC and cut.
type Record struct {
	Pred, Gold string
	// Input is the document's own part of the prompt, Prompt the whole where the version keeps it; "" for none.
	Input, Prompt string
}

// Scores are llm-jp-eval's recorded scores by name, <data set>_<metric> or the name of an average.
type Scores map[string]series.Recorded

// Metrics returns the metrics recorded for a data set with their values, in the order of their names.
func (s Scores) Metrics(dataset string) []string {
	var names []string
	for name := range s {
		if metric, ok := strings.CutPrefix(name, dataset+"_"); ok && slices.Contains(metricNames, metric) {
			names = append(names, metric)
		}
	}
	slices.Sort(names)
	return names
}

// Datasets returns the data sets that have a score, in the order of their names. Averages over several are none.
func (s Scores) Datasets() []string {
	var names []string
	for name := range s {
		for _, metric := range metricNames {
			if dataset, ok := strings.CutSuffix(name, "_"+metric); ok {
				names = append(names, dataset)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// File is what a file of outputs says besides its outputs.
type File struct {
	Scores Scores
	// Target is config.target_dataset: the data set of outputs that stand in an array without a name.
	Target string
}

// Read reads the outputs of llm-jp-eval, data set by data set as the file has them. Two layouts are known:
// {"scores":{},"outputs":{data set: [{"input","pred","gold"}]},"config":{}} of versions 1.2 and later, and the object
// {data set: [...]} of version 1.1 (scripts/evaluate_llm.py of swallow-llm/swallow-evaluation at 570bf6a), whose scores
// are in a file of their own. Where "outputs" is an array, the data set's name is "" and Target has it.
//
// each is given the data set, the record's number and the record, or what is wrong with it. The error is that of a file
// which cannot be read to its end.
func Read(name string, r io.Reader, each func(dataset string, i int, record Record, problem error) error) (File, error) {
	w := python.NewWalker(name, r)
	f := File{Scores: Scores{}}
	wrapped := false // the layout with "outputs", whose other members are no data sets
	outputs := func(dataset string) python.Visitor {
		return python.Visitor{Element: func(i int) error {
			raw, err := w.Raw()
			if err != nil {
				return err
			}
			record, problem := parseRecord(raw)
			return each(dataset, i, record, problem)
		}}
	}
	notOutputs := errors.New("not an object of outputs")
	err := w.Document(python.Visitor{
		Member: func(key string) error {
			switch key {
			case "scores":
				wrapped = true
				return readScores(w, f.Scores)
			case "outputs":
				wrapped = true
				v := outputs("")
				v.Member = func(dataset string) error { return w.Value(outputs(dataset)) }
				return w.Value(v)
			case "config":
				wrapped = true
				return w.Value(python.Visitor{Member: func(option string) error {
					if option != "target_dataset" {
						return w.Skip()
					}
					return w.Value(python.Visitor{Scalar: func(token json.Token) error {
						f.Target, _ = token.(string)
						return nil
					}})
				}})
			}
			if wrapped {
				return w.Skip()
			}
			return w.Value(outputs(key))
		},
		Scalar:  func(json.Token) error { return notOutputs },
		Element: func(int) error { return notOutputs },
	})
	return f, err
}

// readScores reads an object of recorded values.
func readScores(w *python.Walker, into Scores) error {
	return w.Value(python.Visitor{Member: func(score string) error {
		raw, err := w.Raw()
		into[score] = series.ParseRecorded(raw)
		return err
	}})
}

func parseRecord(raw json.RawMessage) (Record, error) {
	var r struct {
		Pred   *string `json:"pred"`
		Gold   *string `json:"gold"`
		Input  any     `json:"input"`
		Prompt any     `json:"prompt"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return Record{}, python.FieldError(err)
	}
	var missing []string
	if r.Pred == nil {
		missing = append(missing, "pred")
	}
	if r.Gold == nil {
		missing = append(missing, "gold")
	}
	if len(missing) > 0 {
		return Record{}, fmt.Errorf("%s is missing", strings.Join(missing, " and "))
	}
	input, _ := r.Input.(string)
	prompt, _ := r.Prompt.(string)
	return Record{*r.Pred, *r.Gold, input, prompt}, nil
}

// ReadScores reads the file of scores that version 1.1 of llm-jp-eval writes beside its outputs.
func ReadScores(name string, r io.Reader) (Scores, error) {
	w := python.NewWalker(name, r)
	scores := Scores{}
	if err := readScores(w, scores); err != nil {
		return nil, w.Named(err)
	}
	return scores, nil
}
