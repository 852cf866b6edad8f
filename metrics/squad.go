package metrics

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// SQuADPrediction is one answer to a question of SQuAD 2.0.
type SQuADPrediction struct {
	// Text is the predicted answer as the model gave it, "" where it gives none.
	Text string `json:"prediction_text"`
	// NoAnswer is the probability that the question has no answer. The reference stores it in a float32 column; it is
	// rounded to float32 wherever it is used.
	NoAnswer float64 `json:"no_answer_probability"`
}

// Output encodes the prediction as one JSON object, the output that the best_* metrics of SQuAD2 score.
func (p SQuADPrediction) Output() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic("metrics: a probability that is not a number: " + err.Error())
	}
	return string(b)
}

// ParseSQuADPrediction is the inverse of Output.
func ParseSQuADPrediction(output string) (SQuADPrediction, error) {
	var p SQuADPrediction
	d := json.NewDecoder(strings.NewReader(output))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("prediction with its no-answer probability: %w", err)
	}
	return p, nil
}

// SQuADScore is what one prediction earns.
type SQuADScore struct{ Exact, F1 float64 }

// ScoreSQuAD scores a prediction against the gold answers, of which there are none where the question has no answer:
// the best over the golds of equality and of token F1 after normalisation, golds that normalise to nothing left out
// while there are others. A probability above threshold takes the prediction's place: it earns 1 where the question has
// no answer and else 0.
func ScoreSQuAD(p SQuADPrediction, answers []string, threshold float64) SQuADScore {
	if float64(float32(p.NoAnswer)) > threshold {
		if len(answers) == 0 {
			return SQuADScore{1, 1}
		}
		return SQuADScore{}
	}
	golds := slices.DeleteFunc(slices.Clone(answers), func(a string) bool { return squadNormalize(a) == "" })
	if len(golds) == 0 {
		golds = []string{""}
	}
	var best SQuADScore
	predicted := squadNormalize(p.Text)
	for _, gold := range golds {
		normal := squadNormalize(gold)
		if normal == predicted {
			best.Exact = 1
		}
		best.F1 = max(best.F1, tokenF1(strings.Fields(normal), strings.Fields(predicted)))
	}
	return best
}

// squadNormalize lower-cases, deletes ASCII punctuation, blanks the words a, an and the, and collapses white space.
func squadNormalize(s string) string {
	s = pytext.DeleteASCIIPunctuation(pytext.Lower(s))
	var b strings.Builder
	run := 0 // where the current run of word characters begins
	endRun := func(end int) {
		switch word := s[run:end]; word {
		case "a", "an", "the":
			b.WriteByte(' ')
		default:
			b.WriteString(word)
		}
	}
	for i, r := range s {
		if !pytext.IsWord(r) {
			endRun(i)
			b.WriteRune(r)
			run = i + utf8.RuneLen(r)
		}
	}
	endRun(len(s))
	return pytext.CollapseSpace(b.String())
}

// tokenF1 is the harmonic mean of precision and recall over bags of tokens; where a side is empty it is 1 if both are.
func tokenF1(gold, predicted []string) float64 {
	if len(gold) == 0 || len(predicted) == 0 {
		if len(gold) == len(predicted) {
			return 1
		}
		return 0
	}
	left := make(map[string]int)
	for _, t := range gold {
		left[t]++
	}
	same := 0
	for _, t := range predicted {
		if left[t] > 0 {
			left[t]--
			same++
		}
	}
	if same == 0 {
		return 0
	}
	precision := float64(same) / float64(len(predicted))
	recall := float64(same) / float64(len(gold))
	return 2 * precision * recall / (precision + recall)
}
