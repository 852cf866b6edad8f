package metrics

// Entry is a metric under the name by which users ask for it, which tells variants of one metric apart.
type Entry struct {
	Name   string
	About  string
	Metric Metric
}

// Catalog lists every metric that needs no more than outputs and targets, in the order in which users see them. Metrics
// that need a model's tokenizer or a segmenter's data are made where those are at hand.
func Catalog() []Entry {
	entries := []Entry{
		{"exact_match", "llm-jp-eval: prediction equals target", ExactMatch()},
		{"char_f1", "llm-jp-eval: fuzzywuzzy's token sort ratio", CharF1()},
		{"acc", "harness: output equals a target", Accuracy("acc")},
		{"mgsm", "JP harness: the last number of the output equals the target", MGSM()},
		{"gsm8k", "harness: the number after #### equals the target's", GSM8K()},
		{"em", "harness: TriviaQA's match against aliases", TriviaQA()},
		{"triviaqa-0.4", "lm-eval 0.4.2: TriviaQA's match against aliases", OfCompletions(TriviaQA04(), TriviaQA04Answer)},
		{"gsm8k-strict", "lm-eval 0.4.2: the number after the first ####", OfCompletions(GSM8KMatch04("strict_match"), GSM8KStrict04)},
		{"gsm8k-flexible", "lm-eval 0.4.2: the last number", OfCompletions(GSM8KMatch04("flexible_match"), GSM8KFlexible04)},
		{"bbh", "lm-eval 0.4.2: what follows \"the answer is\"", OfCompletions(BBH(), BBHAnswer)},
	}
	for _, m := range SQuAD2() {
		entries = append(entries, Entry{"squad2-" + m.Name, "harness: SQuAD 2.0", m})
	}
	for _, t := range Tokenizers() {
		name := "bleu-" + t.Name
		if t.Name == Tokenizers()[0].Name {
			name = "bleu"
		}
		entries = append(entries, Entry{name, "sacreBLEU 1.5.0", BLEU{Tokenizer: t}.Metric()})
	}
	return append(entries,
		Entry{"sentence-bleu", "sacreBLEU 1.5.0 with effective order", BLEU{EffectiveOrder: true}.Metric()},
		Entry{"chrf", "sacreBLEU 1.5.0", CHRF{}.Metric()},
		Entry{"ter", "sacreBLEU 1.5.0, lower is better", TER{}.Metric()},
		Entry{"rouge2", "rouge_score with its own words, bootstrap median", Rouge2("default", RougeWords)},
		Entry{"rouge2-char", "rouge_score over code points, bootstrap median", Rouge2("char", CodePoints)},
	)
}

// ByName returns the metric that Catalog lists under that name.
func ByName(name string) (Metric, bool) {
	for _, e := range Catalog() {
		if e.Name == name {
			return e.Metric, true
		}
	}
	return Metric{}, false
}

// Names returns the names that ByName knows, in the catalog's order.
func Names() []string {
	var names []string
	for _, e := range Catalog() {
		names = append(names, e.Name)
	}
	return names
}
