package published

import (
	_ "embed"
	"encoding/json"
	"slices"
)

//go:embed swallow-2024.json
var swallow2024 []byte

// Swallow2024 are the numbers of the protocol that came after the first (July to December 2024: llm-jp-eval 1.3.0 with
// reworded instructions and greedy decoding, lm-eval 0.4.2, English with 4 shots, bfloat16). The same weights have other
// numbers here than in Swallow2023, and neither set says anything about a run of the other.
//
// The file holds 120 rows of the table in the data of the Swallow LLM leaderboard (swallow_evaluation_dataset), the three
// of its 123 models without any number left out. Its columns are those of the profiles swallow-202407 and swallow-202411 but for
// MATH, which it does not have; that of SQuAD2 is exact. Hub ids are as printed there but for correctedIDs. Every cell that counts right answers is a whole number of them.
func Swallow2024() Table {
	first := Swallow2023()
	p := Table{
		Source: "evaluation table of the Swallow LLM leaderboard (swallow_evaluation_dataset, 2024); its rows of Llama 2 and Swallow 7B and 70B are those of the model card of tokyotech-llm/Llama-3-Swallow-70B-v0.1",
		Also:   []string{"swallow-202407", "swallow-202411"},
	}
	english := slices.Clone(first.Tasks[8:])
	for i := range english {
		english[i].Shots = 4
	}
	english[3].Metric = "exact" // the leaderboard of 2025 shows best_exact
	p.Tasks = slices.Concat(first.Tasks[:8], []Column{
		{Name: "jmmlu", Title: "JMMLU", Language: "ja", Shots: 5, N: 3541, Counted: true, Kind: "count", Floor: 0.002},
		{Name: "jhumaneval", Title: "JHumanEval", Language: "ja", N: 164, Samples: 10, Counted: true, Kind: "count", Floor: 0.01},
	}, english[:5], []Column{
		{Name: "mmlu", Title: "MMLU", Language: "en", Shots: 5, N: 14042, Counted: true, Kind: "count", Floor: 0.002},
	}, english[5:], []Column{
		{Name: "bbh", Title: "BBH", Language: "en", Shots: 3, N: 6511, Counted: true, Kind: "count", Floor: 0.002},
		{Name: "humaneval", Title: "HumanEval", Language: "en", N: 164, Samples: 10, Counted: true, Kind: "count", Floor: 0.01},
	})
	var file struct {
		Profile string `json:"profile"`
		Models  []struct {
			HubID  string    `json:"hub_id"`
			Title  string    `json:"title"`
			Scores []float64 `json:"scores"`
		} `json:"models"`
	}
	if err := json.Unmarshal(swallow2024, &file); err != nil {
		panic("published: the embedded numbers of swallow-2024: " + err.Error())
	}
	p.Profile = file.Profile
	for _, m := range file.Models {
		if id, ok := correctedIDs()[m.Title]; ok {
			m.HubID = id
		}
		p.Models = append(p.Models, Row{Alias: m.Title, HubID: m.HubID, Title: m.Title, Scores: m.Scores})
	}
	return p
}

// correctedIDs are the hub ids of the rows that carry another model's in the leaderboard's data, where name and size are
// right: an id is one model's.
func correctedIDs() map[string]string {
	return map[string]string{
		"Llama 3 Swallow 70B Instruct":        "tokyotech-llm/Llama-3-Swallow-70B-Instruct-v0.1",
		"Llama 3 Swallow 8B Instruct":         "tokyotech-llm/Llama-3-Swallow-8B-Instruct-v0.1",
		"Llama 3.1 Swallow 70B Instruct v0.1": "tokyotech-llm/Llama-3.1-Swallow-70B-Instruct-v0.1",
		"Llama 3.1 Swallow 8B Instruct v0.1":  "tokyotech-llm/Llama-3.1-Swallow-8B-Instruct-v0.1",
	}
}

// All are the sets of published numbers, each of its own profile.
func All() []Table { return []Table{Swallow2023(), Swallow2024()} }
