package published

import _ "embed"

//go:embed leaderboard-1.0.json
var leaderboard1 []byte

//go:embed leaderboard-2026.json
var leaderboard2026 []byte

// Leaderboard1 are the numbers of the Swallow LLM leaderboard's version 1.0 (swallow-llm/leaderboard, _data/model.yml at tag v1.0,
// 7b515e6, 2025-06-26; CC BY 4.0): 155 base and instruct models under the protocol of swallow-202411, to three digits, with MATH, and
// best_exact for SQuAD2. Eight models behind a service have no English numbers, two of them none at all. Of the 91 models that have the same name in Swallow2024 all were run again. The four hub ids that are another
// model's there are right here.
func Leaderboard1() Table {
	p := Table{
		Source: "Swallow LLM Leaderboard, version 1.0 of 2025-06-26 (swallow-llm/leaderboard 7b515e6, _data/model.yml; CC BY 4.0)",
		Also:   []string{"swallow-202411"},
		Digits: 3,
		Tasks:  laterColumns("best_exact"),
	}
	p.Name, p.Models = decoded(leaderboard1, leaderboardIDs())
	return p
}

// Leaderboard2026 are the base models of the leaderboard as it was on 2026-06-24 (ed3805c). 47 of the 50 are in Leaderboard1, too, and have
// the same numbers but for BBH, which was measured again between 2025-08-21 and 2025-11-21 under a rule that is in no public
// repository (Llama 3.1 70B: .655, then .807): that column is left out.
func Leaderboard2026() Table {
	p := Table{
		Source: "Swallow LLM Leaderboard as of 2026-06-24, pre-trained models (swallow-llm/leaderboard ed3805c, _data/model.yml; CC BY 4.0), without BBH, whose later rule is not public",
		Also:   []string{"swallow-202411"},
		Digits: 3,
		Tasks:  laterColumns("best_exact", "bbh"),
	}
	p.Name, p.Models = decoded(leaderboard2026, leaderboardIDs())
	return p
}

// leaderboardIDs is the hub id of the row that carries another in the leaderboard's data: that of the base model of
// Llama-3.1-Swallow-8B-Instruct-v0.5 says 3.3 there, beside a name that says 3.1, as the project's index of its models does.
func leaderboardIDs() map[string]string {
	return map[string]string{"Llama 3.1 Swallow 8B v0.5": "tokyotech-llm/Llama-3.1-Swallow-8B-v0.5"}
}

// All are the sets of published numbers, each of its own protocol.
func All() []Table { return []Table{Swallow2023(), Swallow2024(), Leaderboard1(), Leaderboard2026()} }
