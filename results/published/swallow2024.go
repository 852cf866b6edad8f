package published

import (
	_ "embed"
	"encoding/json"
	"math"
	"slices"
)

//go:embed swallow-2024.json
var swallow2024 []byte

// Swallow2024 are the numbers of the protocol that came after the first (July to December 2024: llm-jp-eval 1.3.0 with
// reworded instructions and greedy decoding, lm-eval 0.4.2, English with 4 shots, bfloat16). The same weights have other
// numbers here than in Swallow2023, and neither set says anything about a run of the other.
//
// The file holds the 123 rows of the table in the data of the Swallow LLM leaderboard (swallow_evaluation_dataset); three have
// no number in any of its columns. Its columns are those of the profiles swallow-202407 and swallow-202411 but for
// MATH, which it does not have; that of SQuAD2 is exact. Hub ids are as printed there but for correctedIDs. Every cell that counts right answers is a whole number of them.
func Swallow2024() Table {
	p := Table{
		Source: "evaluation table of the Swallow LLM leaderboard (swallow_evaluation_dataset, 2024); its rows of Llama 2 and Swallow 7B and 70B are those of the model card of tokyotech-llm/Llama-3-Swallow-70B-v0.1",
		Also:   []string{"swallow-202407", "swallow-202411"},
		Digits: 4,
		Tasks:  laterColumns("exact", "math"),
	}
	p.Name, p.Models = decoded(swallow2024, correctedIDs())
	return p
}

// laterColumns are the columns of the profiles swallow-202407 and swallow-202411, with that number of SQuAD2 and without some.
func laterColumns(squad2 string, without ...string) []Column {
	first := Swallow2023()
	english := slices.Clone(first.Tasks[8:])
	for i := range english {
		english[i].Shots = 4
	}
	english[3].Metric = squad2
	all := slices.Concat(first.Tasks[:8], []Column{
		{Name: "jmmlu", Title: "JMMLU", Language: "ja", Shots: 5, N: 3541, Counted: true, Kind: "count", Floor: 0.002},
		{Name: "jhumaneval", Title: "JHumanEval", Language: "ja", N: 164, Samples: 10, Counted: true, Kind: "count", Floor: 0.01},
	}, english[:5], []Column{
		{Name: "mmlu", Title: "MMLU", Language: "en", Shots: 5, N: 14042, Counted: true, Kind: "count", Floor: 0.002},
	}, english[5:], []Column{
		// No two runs of MATH are published: its floor is that of GSM8K.
		{Name: "math", Title: "MATH", Language: "en", Shots: 4, N: 500, Counted: true, Kind: "count", Floor: 0.002},
		{Name: "bbh", Title: "BBH", Language: "en", Shots: 3, N: 6511, Counted: true, Kind: "count", Floor: 0.002},
		{Name: "humaneval", Title: "HumanEval", Language: "en", N: 164, Samples: 10, Counted: true, Kind: "count", Floor: 0.01},
	})
	return slices.DeleteFunc(all, func(c Column) bool { return slices.Contains(without, c.Name) })
}

// decoded are the rows of an embedded file, with the right hub ids of those that have another model's by title, and the name of their
// table. It panics at what is no such file.
func decoded(content []byte, right map[string]string) (name string, rows []Row) {
	var file struct {
		Table  string `json:"table"`
		Models []struct {
			HubID  string     `json:"hub_id"`
			Title  string     `json:"title"`
			Scores []*float64 `json:"scores"`
		} `json:"models"`
	}
	if err := json.Unmarshal(content, &file); err != nil {
		panic("published: an embedded table: " + err.Error())
	}
	for _, m := range file.Models {
		if id, ok := right[m.Title]; ok {
			m.HubID = id
		}
		row := Row{Alias: m.Title, HubID: m.HubID, Title: m.Title, Scores: make([]float64, len(m.Scores))}
		for i, v := range m.Scores {
			if row.Scores[i] = math.NaN(); v != nil {
				row.Scores[i] = *v
			}
		}
		rows = append(rows, row)
	}
	return file.Table, rows
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
