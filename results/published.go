package results

import "math"

// Published is a set of scores that somebody printed under a protocol.
type Published struct {
	// Profile is the protocol they belong to. Numbers of different profiles never mix.
	Profile string
	// Source is where they were printed.
	Source string
	Tasks  []PublishedTask
	Models []PublishedModel
}

// PublishedTask is a column.
type PublishedTask struct {
	Name, Title, Language string
	Shots                 int
	// N is the number of documents behind the column. Counted says that every document is right or wrong, so that a
	// score printed to four places stands for a whole number of right answers.
	N       int
	Counted bool
	// Kind is what a tolerance depends on: "count", "mean", "rouge" or "bleu".
	Kind string
	// Segmenter begins the name, in the metric's signature, of what cut Japanese for the printed number; "" for none.
	Segmenter string
}

// PublishedModel is a row; Scores are in the order of the columns, on the scale 0 to 1.
type PublishedModel struct {
	Alias, HubID, Title string
	Scores              []float64
}

// Swallow2023 are the two tables of the Swallow model cards.
func Swallow2023() Published {
	return Published{
		Profile: "swallow-2023",
		Source:  "model card of tokyotech-llm/Swallow-70b-hf, performance tables of the base models",
		Tasks: []PublishedTask{
			{"jcommonsenseqa", "JCommonsenseQA", "ja", 4, 1119, true, "count", ""},
			{"jemhopqa", "JEMHopQA", "ja", 4, 120, false, "mean", ""},
			{"niilc", "NIILC", "ja", 4, 198, false, "mean", ""},
			{"jsquad", "JSQuAD", "ja", 4, 4442, false, "mean", ""},
			{"xlsum", "XL-Sum", "ja", 1, 766, false, "rouge", ""},
			{"mgsm", "MGSM", "ja", 4, 250, true, "count", ""},
			{"wmt20-en-ja", "WMT20-en-ja", "ja", 4, 1000, false, "bleu", "nagisa"},
			{"wmt20-ja-en", "WMT20-ja-en", "ja", 4, 993, false, "bleu", ""},
			{"openbookqa", "OpenBookQA", "en", 8, 500, true, "count", ""},
			{"triviaqa", "TriviaQA", "en", 8, 17944, true, "count", ""},
			{"hellaswag", "HellaSwag", "en", 8, 10042, true, "count", ""},
			{"squad2", "SQuAD2.0", "en", 8, 11873, true, "count", ""},
			{"xwino", "XWINO", "en", 8, 2325, true, "count", ""},
			{"gsm8k", "GSM8K", "en", 8, 1319, true, "count", ""},
		},
		Models: []PublishedModel{
			{"llama2-7b", "meta-llama/Llama-2-7b-hf", "Llama 2 7B", []float64{0.3852, 0.4240, 0.3410, 0.7917, 0.1905, 0.0760, 0.1783, 0.1738, 0.3580, 0.6265, 0.5860, 0.3207, 0.9049, 0.1410}},
			{"7b", "tokyotech-llm/Swallow-7b-hf", "Swallow 7B", []float64{0.4808, 0.5078, 0.5968, 0.8573, 0.1830, 0.1240, 0.2510, 0.1511, 0.3180, 0.4836, 0.5308, 0.3125, 0.8817, 0.1130}},
			{"7b-plus", "tokyotech-llm/Swallow-7b-plus-hf", "Swallow-Plus 7B", []float64{0.5478, 0.5493, 0.6030, 0.8544, 0.1806, 0.1360, 0.2568, 0.1441, 0.3280, 0.4558, 0.5259, 0.3134, 0.8929, 0.1061}},
			{"7b-nve", "tokyotech-llm/Swallow-7b-NVE-hf", "Swallow-NVE 7B", []float64{0.5433, 0.5425, 0.5729, 0.8684, 0.2117, 0.1200, 0.2405, 0.1512, 0.3180, 0.5079, 0.5329, 0.2919, 0.8817, 0.0986}},
			{"llama2-13b", "meta-llama/Llama-2-13b-hf", "Llama 2 13B", []float64{0.6997, 0.4415, 0.4170, 0.8533, 0.2139, 0.1320, 0.2146, 0.1982, 0.3760, 0.7255, 0.6148, 0.3681, 0.9140, 0.2403}},
			{"13b", "tokyotech-llm/Swallow-13b-hf", "Swallow 13B", []float64{0.7837, 0.5063, 0.6398, 0.9005, 0.2168, 0.2040, 0.2720, 0.1771, 0.3500, 0.5852, 0.5660, 0.3406, 0.9075, 0.2039}},
			{"13b-nve", "tokyotech-llm/Swallow-13b-NVE-hf", "Swallow-NVE 13B", []float64{0.7712, 0.5438, 0.6351, 0.9030, 0.2294, 0.2120, 0.2735, 0.1817, 0.3460, 0.6025, 0.5700, 0.3478, 0.9006, 0.1751}},
			{"llama2-70b", "meta-llama/Llama-2-70b-hf", "Llama 2 70B", []float64{0.8686, 0.4656, 0.5256, 0.9080, 0.2361, 0.3560, 0.2643, 0.2398, 0.4280, 0.8239, 0.6742, 0.3770, 0.9290, 0.5284}},
			{"70b", "tokyotech-llm/Swallow-70b-hf", "Swallow 70B", []float64{0.9348, 0.6290, 0.6960, 0.9176, 0.2266, 0.4840, 0.3043, 0.2298, 0.4220, 0.7756, 0.6458, 0.3745, 0.9204, 0.4867}},
			{"70b-nve", "tokyotech-llm/Swallow-70b-NVE-hf", "Swallow-NVE 70B", []float64{0.9410, 0.5759, 0.7024, 0.9254, 0.2758, 0.4720, 0.3042, 0.2322, 0.4240, 0.7817, 0.6439, 0.3451, 0.9256, 0.4943}},
		},
	}
}

// Counts are the numbers of right answers that a score printed to four places can stand for, ascending. There is more
// than one where n is above 10,000.
func Counts(score float64, n int) []int {
	var counts []int
	from := int(math.Floor((score - 0.0001) * float64(n)))
	for k := max(0, from); k <= n && float64(k) <= (score+0.0001)*float64(n); k++ {
		if math.Round(float64(k)/float64(n)*1e4) == math.Round(score*1e4) {
			counts = append(counts, k)
		}
	}
	return counts
}
