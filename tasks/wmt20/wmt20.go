// Package wmt20 is newstest2020 between English and Japanese as the JP harness asks it: sentence by sentence, with
// examples from the very test set (never the sentence itself), scored by sacreBLEU 1.5.0.
package wmt20

import (
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// JaEn returns the direction from Japanese to English.
func JaEn() tasks.Task {
	return direction("ja-en", "Japanese", "English", tasks.Spec{
		Name: "wmt20-ja-en", Reference: "wmt20-ja-en", Title: "WMT20-ja-en", Foreign: named("wmt20_ja_en_bleu"),
		Version: "0", Metrics: translation(),
	})
}

// EnJa returns the direction from English to Japanese. The metrics see outputs and references with words between spaces,
// and are bound to what finds these: the published column segments with nagisa.
func EnJa() tasks.Task {
	about := tasks.Spec{
		Name: "wmt20-en-ja", Reference: "wmt20-en-ja", Title: "WMT20-en-ja", Foreign: named("wmt20_en_ja_bleu"),
		Version: "1",
		Unmet:   "the published column segments Japanese with nagisa: `swallow-eval fetch --tasks wmt20-en-ja` gets its model, --nagisa-dir names a folder that has it, --ja-segmenter mecab or char chooses another segmenter",
	}
	for _, m := range translation() {
		about.Metrics = append(about.Metrics, metrics.InJapaneseWords(m))
	}
	return direction("en-ja", "English", "Japanese", about)
}

// direction fills in what both directions have in common. split is the direction in the manifest; source and target
// name the languages in the prompt.
func direction(split, source, target string, about tasks.Spec) tasks.Task {
	about.Language, about.Shots, about.Dataset, about.Protocol = "ja", 4, "wmt20", tasks.HarnessJP
	about.Source = harness.SourceJP("translation")
	return harness.Task{
		About: about, Evaluated: split,
		Equal: func(a, b tasks.Doc) bool { return a.Input == b.Input && a.Target == b.Target },
		Read:  read,
		Query: func(d tasks.Doc) string { return source + " phrase: " + d.Input + "\n" + target + " phrase:" },
		Ask:   harness.Until("\n"),
	}
}

// translation are the metrics of a direction, in the reference's order.
func translation() []metrics.Metric {
	return []metrics.Metric{metrics.BLEU{}.Metric(), metrics.CHRF{}.Metric(), metrics.TER{}.Metric()}
}

func read(r *record.Record) tasks.Doc {
	reference := r.Filled("ref")
	return tasks.Doc{Input: r.Filled("src"), Target: " " + reference, Targets: []string{reference}}
}
