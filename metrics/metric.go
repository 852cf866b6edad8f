// Package metrics turns model outputs into numbers the way the reference harnesses did.
//
// A metric is a name, a signature that lists everything that can move the number, and two functions: Each reduces
// one output to sufficient statistics, Corpus turns the sum of the statistics into the score. Mean, BLEU, bootstrap
// and randomisation tests all work on the same sums, so none of them needs the outputs again.
//
// A metric's shape, which is all but Each, is known at once. Each of a metric that counts in a model's pieces or in a
// segmenter's words is bound when those are at hand; whoever works on stored statistics never needs it.
//
// The package promises fidelity, not taste: where a reference rounds, deletes or ignores something odd, so does the
// metric here, and the oddity is named in its documentation. It knows nothing of tasks, models or files.
package metrics

// Stat holds one document's sufficient statistics for one metric, Metric.Width numbers long. Statistics are added
// component by component; a metric keeps its components integral wherever the sum must be exact.
type Stat []float64

// Add adds t to s component by component. The two must have the same length.
func (s Stat) Add(t Stat) {
	for i, v := range t {
		s[i] += v
	}
}

// Metric is one way to score outputs against targets.
type Metric struct {
	// Name is the reference's key for the number, for example "acc" or "char_f1".
	Name string
	// Signature lists what can move the number, in sacreBLEU's key:value|key:value form. Before Bind a segmenter stands
	// in it as "segmenter", the model's tokenizer as "lm" without its digest.
	Signature string
	// Max is the score of a perfect run on the reference's own scale (1 or 100). The published tables divide by it.
	Max float64
	// LowerIsBetter is set for an error rate; Max is then only the scale.
	LowerIsBetter bool
	// Width is the length of every Stat.
	Width int
	// Subset tells that the score is over some of the documents: the second number of a Stat is 1 for one of them, and all of the
	// Stat is 0 for any other.
	Subset bool
	// Each reduces one output to its statistics. targets is never empty. It is nil before Bind where Needs is not "".
	Each func(output string, targets []string) Stat
	// Needs says what Late takes from the Env, so that whoever makes one knows what to open.
	Needs Need
	// Late returns Each and the signature that it gives the metric, or nil where e lacks what it takes. It is nil where
	// Each is known at once.
	Late func(e Env) (each func(output string, targets []string) Stat, signature string)
	// Corpus is the score of n documents whose statistics sum to sum. n is at least 1.
	Corpus func(sum Stat, n int) float64
	// CorpusOf is set where the corpus score is not a function of the sum: a median of bootstrap samples, a search over
	// thresholds. It takes the documents' statistics in evaluation order, and Score prefers it to Corpus, which is then
	// the nearest score that the sum does give.
	CorpusOf func(stats []Stat) float64
	// StdErr is the standard error of the corpus score, from the documents' statistics in evaluation order. It is nil
	// where the reference gives none and the score is no mean, and returns NaN where there are too few documents.
	StdErr func(stats []Stat) float64
}

// Need names what a metric counts in and only a run has.
type Need string

// The needs of the metrics here; "" is none.
const (
	// ModelPieces are the tokens of the evaluated model.
	ModelPieces Need = "pieces"
	// JapaneseWords are the words that a segmenter finds in Japanese.
	JapaneseWords Need = "words"
)

// Env is what a run has for the metrics that need more than outputs and targets. The zero value has nothing.
type Env struct {
	// Pieces is the model's tokenize: the token strings of a text, "▁" and byte pieces included and without special
	// tokens.
	Pieces func(text string) []string
	// PiecesDigest identifies the tokenizer in signatures: "sha256:" and hexadecimal digits. "" leaves it unnamed.
	PiecesDigest string
	// Segment puts the words of a Japanese text between spaces, and Segmenter names it in signatures.
	Segment   func(text string) string
	Segmenter string
}

// Bind returns the metric with its Each, which stays nil where e lacks what it needs. Nothing but Each and Signature
// differs from the metric bound. A metric that is bound already stays as it is.
func (m Metric) Bind(e Env) Metric {
	if m.Each != nil || m.Late == nil {
		return m
	}
	if each, signature := m.Late(e); each != nil {
		m.Each, m.Signature = each, signature
	}
	return m
}

// Sum adds up the statistics of several documents.
func (m Metric) Sum(stats []Stat) Stat {
	sum := make(Stat, m.Width)
	for _, s := range stats {
		sum.Add(s)
	}
	return sum
}

// Over is how many of the documents the score is over. It has no score where that is 0.
func (m Metric) Over(stats []Stat) int {
	if !m.Subset {
		return len(stats)
	}
	return int(m.Sum(stats)[1])
}

// Score is the corpus score of documents, at least one that it is over, from their statistics in evaluation order.
func (m Metric) Score(stats []Stat) float64 {
	if m.CorpusOf != nil {
		return m.CorpusOf(stats)
	}
	return m.Corpus(m.Sum(stats), len(stats))
}
