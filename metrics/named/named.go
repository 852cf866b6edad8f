// Package named is the metrics by the names that users know them by, each with what its task does to a completion before scoring.
package named

import (
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// RougeOfModel is the metric that counts the tokens of a model's own tokenizer, as XL-Sum's published column does.
const RougeOfModel = "rouge2-lm"

// Metric is a metric with what its task does to a completion and its targets before scoring.
type Metric struct {
	// Called is the user's, which may be another than the metric's own.
	Called string
	metrics.Metric
	// Prepare is what its task does to an output and its targets.
	Prepare func(output string, targets []string) (string, []string)
}

func asTheyStand(output string, targets []string) (string, []string) { return output, targets }

// firstLine is what llm-jp-eval does: NFKC of both, and of the prediction the first line.
func firstLine(output string, targets []string) (string, []string) {
	prepared := make([]string, len(targets))
	for i, t := range targets {
		prepared[i] = pytext.NFKC(t)
	}
	return pytext.FirstLine(pytext.NFKC(output)), prepared
}

// extracted brings the answer out of a completion first, so that what is printed is what was compared.
func extracted(answer func(string) string) func(string, []string) (string, []string) {
	return func(output string, targets []string) (string, []string) { return answer(output), targets }
}

// gsm8kAnswers extracts from the targets too where they are whole solutions.
func gsm8kAnswers(output string, targets []string) (string, []string) {
	prepared := make([]string, len(targets))
	for i, t := range targets {
		prepared[i] = t
		if strings.Contains(t, "####") {
			prepared[i] = metrics.GSM8KAnswer(t)
		}
	}
	return metrics.GSM8KAnswer(output), prepared
}

// All lists the metrics by the names users know them by.
func All() []Metric {
	equal := metrics.Accuracy("acc").Each
	var list []Metric
	for _, e := range metrics.Catalog() {
		p := Metric{e.Name, e.Metric, asTheyStand}
		switch e.Name {
		case "exact_match", "char_f1":
			p.Prepare = firstLine
		case "mgsm":
			p.Prepare, p.Each = extracted(metrics.MGSMAnswer), equal
		case "gsm8k":
			p.Prepare, p.Each = gsm8kAnswers, equal
		}
		list = append(list, p)
	}
	return list
}

// Names lists them, RougeOfModel last.
func Names() []string {
	var names []string
	for _, m := range All() {
		names = append(names, m.Called)
	}
	return append(names, RougeOfModel)
}

// Find returns the metric of that name.
func Find(name string) (Metric, bool) {
	list := All()
	if i := slices.IndexFunc(list, func(m Metric) bool { return m.Called == name }); i >= 0 {
		return list[i], true
	}
	return Metric{}, false
}

// NameOf is the name of a task's metric, "" for one that text alone cannot be scored by.
func NameOf(m metrics.Metric) string {
	if m.Needs == metrics.ModelPieces {
		return RougeOfModel
	}
	for _, e := range metrics.Catalog() {
		if e.Metric.Name == m.Name && e.Metric.Signature == m.Signature {
			return e.Name
		}
	}
	return ""
}

// OfModel is RougeOfModel with the pieces of a tokenizer, identified by its digest.
func OfModel(pieces func(text string) []string, digest string) Metric {
	return Metric{RougeOfModel, metrics.Rouge2OfModel().Bind(metrics.Env{Pieces: pieces, PiecesDigest: digest}), asTheyStand}
}
