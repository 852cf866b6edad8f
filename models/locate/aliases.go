package locate

import (
	"slices"
	"strings"
)

// Alias is a short name of a published model.
type Alias struct {
	Name  string `json:"name"`
	HubID string `json:"hub_id"`
	Title string `json:"title"`
}

// Table is a list of aliases.
type Table []Alias

// HubID is the model that a name stands for, in any case: 13B is 13b. A revision may follow it: 13b@main.
func (t Table) HubID(name string) (id, revision string, ok bool) {
	name, revision, _ = strings.Cut(name, "@")
	for _, a := range t {
		if strings.EqualFold(a.Name, name) {
			return a.HubID, revision, true
		}
	}
	return "", "", false
}

// Names lists the aliases.
func (t Table) Names() []string {
	var all []string
	for _, a := range t {
		all = append(all, a.Name)
	}
	return all
}

// Aliases are the dense models of the Swallow project, from the indexes of their model cards, and the models that the cards and the
// leaderboard compare them with, where their architecture is one that the engine computes. Without a family name a size means
// Swallow; elsewhere the alias is the repository's name in small letters.
func Aliases() Table {
	return Table{
		{"7b", "tokyotech-llm/Swallow-7b-hf", "Swallow 7B"},
		{"7b-plus", "tokyotech-llm/Swallow-7b-plus-hf", "Swallow-Plus 7B"},
		{"7b-nve", "tokyotech-llm/Swallow-7b-NVE-hf", "Swallow-NVE 7B"},
		{"13b", "tokyotech-llm/Swallow-13b-hf", "Swallow 13B"},
		{"13b-nve", "tokyotech-llm/Swallow-13b-NVE-hf", "Swallow-NVE 13B"},
		{"70b", "tokyotech-llm/Swallow-70b-hf", "Swallow 70B"},
		{"70b-nve", "tokyotech-llm/Swallow-70b-NVE-hf", "Swallow-NVE 70B"},
		{"7b-instruct", "tokyotech-llm/Swallow-7b-instruct-hf", "Swallow-instruct 7B"},
		{"13b-instruct", "tokyotech-llm/Swallow-13b-instruct-hf", "Swallow-instruct 13B"},
		{"70b-instruct", "tokyotech-llm/Swallow-70b-instruct-hf", "Swallow-instruct 70B"},
		{"7b-instruct-v0.1", "tokyotech-llm/Swallow-7b-instruct-v0.1", "Swallow-instruct v0.1 7B"},
		{"13b-instruct-v0.1", "tokyotech-llm/Swallow-13b-instruct-v0.1", "Swallow-instruct v0.1 13B"},
		{"70b-instruct-v0.1", "tokyotech-llm/Swallow-70b-instruct-v0.1", "Swallow-instruct v0.1 70B"},
		{"7b-nve-instruct", "tokyotech-llm/Swallow-7b-NVE-instruct-hf", "Swallow-NVE-instruct 7B"},
		{"70b-nve-instruct", "tokyotech-llm/Swallow-70b-NVE-instruct-hf", "Swallow-NVE-instruct 70B"},
		{"llama2-7b", "meta-llama/Llama-2-7b-hf", "Llama 2 7B"},
		{"llama2-13b", "meta-llama/Llama-2-13b-hf", "Llama 2 13B"},
		{"llama2-70b", "meta-llama/Llama-2-70b-hf", "Llama 2 70B"},

		// Later Swallow models.
		{"gemma-2-llama-swallow-2b-it-v0.1", "tokyotech-llm/Gemma-2-Llama-Swallow-2b-it-v0.1", "Gemma 2 Llama Swallow 2B IT v0.1"},
		{"gemma-2-llama-swallow-2b-pt-v0.1", "tokyotech-llm/Gemma-2-Llama-Swallow-2b-pt-v0.1", "Gemma 2 Llama Swallow 2B PT v0.1"},
		{"gemma-2-llama-swallow-9b-it-v0.1", "tokyotech-llm/Gemma-2-Llama-Swallow-9b-it-v0.1", "Gemma 2 Llama Swallow 9B IT v0.1"},
		{"gemma-2-llama-swallow-9b-pt-v0.1", "tokyotech-llm/Gemma-2-Llama-Swallow-9b-pt-v0.1", "Gemma 2 Llama Swallow 9B PT v0.1"},
		{"gemma-2-llama-swallow-27b-it-v0.1", "tokyotech-llm/Gemma-2-Llama-Swallow-27b-it-v0.1", "Gemma 2 Llama Swallow 27B IT v0.1"},
		{"gemma-2-llama-swallow-27b-pt-v0.1", "tokyotech-llm/Gemma-2-Llama-Swallow-27b-pt-v0.1", "Gemma 2 Llama Swallow 27B PT v0.1"},
		{"llama-3-swallow-8b-instruct-v0.1", "tokyotech-llm/Llama-3-Swallow-8B-Instruct-v0.1", "Llama 3 Swallow 8B Instruct"},
		{"llama-3-swallow-8b-v0.1", "tokyotech-llm/Llama-3-Swallow-8B-v0.1", "Llama 3 Swallow 8B"},
		{"llama-3-swallow-70b-instruct-v0.1", "tokyotech-llm/Llama-3-Swallow-70B-Instruct-v0.1", "Llama 3 Swallow 70B Instruct"},
		{"llama-3-swallow-70b-v0.1", "tokyotech-llm/Llama-3-Swallow-70B-v0.1", "Llama 3 Swallow 70B"},
		{"llama-3.1-swallow-8b-instruct-v0.1", "tokyotech-llm/Llama-3.1-Swallow-8B-Instruct-v0.1", "Llama 3.1 Swallow 8B Instruct v0.1"},
		{"llama-3.1-swallow-8b-instruct-v0.2", "tokyotech-llm/Llama-3.1-Swallow-8B-Instruct-v0.2", "Llama 3.1 Swallow 8B Instruct v0.2"},
		{"llama-3.1-swallow-8b-instruct-v0.3", "tokyotech-llm/Llama-3.1-Swallow-8B-Instruct-v0.3", "Llama 3.1 Swallow 8B Instruct v0.3"},
		{"llama-3.1-swallow-8b-instruct-v0.5", "tokyotech-llm/Llama-3.1-Swallow-8B-Instruct-v0.5", "Llama 3.1 Swallow 8B Instruct v0.5"},
		{"llama-3.1-swallow-8b-v0.1", "tokyotech-llm/Llama-3.1-Swallow-8B-v0.1", "Llama 3.1 Swallow 8B v0.1"},
		{"llama-3.1-swallow-8b-v0.2", "tokyotech-llm/Llama-3.1-Swallow-8B-v0.2", "Llama 3.1 Swallow 8B v0.2"},
		{"llama-3.1-swallow-8b-v0.5", "tokyotech-llm/Llama-3.1-Swallow-8B-v0.5", "Llama 3.1 Swallow 8B v0.5"},
		{"llama-3.1-swallow-70b-instruct-v0.1", "tokyotech-llm/Llama-3.1-Swallow-70B-Instruct-v0.1", "Llama 3.1 Swallow 70B Instruct v0.1"},
		{"llama-3.1-swallow-70b-instruct-v0.3", "tokyotech-llm/Llama-3.1-Swallow-70B-Instruct-v0.3", "Llama 3.1 Swallow 70B Instruct v0.3"},
		{"llama-3.1-swallow-70b-v0.1", "tokyotech-llm/Llama-3.1-Swallow-70B-v0.1", "Llama 3.1 Swallow 70B v0.1"},
		{"llama-3.3-swallow-70b-instruct-v0.4", "tokyotech-llm/Llama-3.3-Swallow-70B-Instruct-v0.4", "Llama 3.3 Swallow 70B Instruct v0.4"},
		{"llama-3.3-swallow-70b-v0.4", "tokyotech-llm/Llama-3.3-Swallow-70B-v0.4", "Llama 3.3 Swallow 70B v0.4"},
		{"qwen3-swallow-8b-cpt-v0.2", "tokyotech-llm/Qwen3-Swallow-8B-CPT-v0.2", "Qwen3 Swallow 8B CPT v0.2"},
		{"qwen3-swallow-8b-rl-v0.2", "tokyotech-llm/Qwen3-Swallow-8B-RL-v0.2", "Qwen3 Swallow 8B RL v0.2"},
		{"qwen3-swallow-8b-sft-v0.2", "tokyotech-llm/Qwen3-Swallow-8B-SFT-v0.2", "Qwen3 Swallow 8B SFT v0.2"},
		{"qwen3-swallow-32b-cpt-v0.2", "tokyotech-llm/Qwen3-Swallow-32B-CPT-v0.2", "Qwen3 Swallow 32B CPT v0.2"},
		{"qwen3-swallow-32b-rl-v0.2", "tokyotech-llm/Qwen3-Swallow-32B-RL-v0.2", "Qwen3 Swallow 32B RL v0.2"},
		{"qwen3-swallow-32b-sft-v0.2", "tokyotech-llm/Qwen3-Swallow-32B-SFT-v0.2", "Qwen3 Swallow 32B SFT v0.2"},
		{"swallow-ms-7b-instruct-v0.1", "tokyotech-llm/Swallow-MS-7b-instruct-v0.1", "Swallow-MS-7b-instruct-v0.1"},
		{"swallow-ms-7b-v0.1", "tokyotech-llm/Swallow-MS-7b-v0.1", "Swallow-MS 7B v0.1"},

		// What they are compared with.
		{"yi-1.5-6b", "01-ai/Yi-1.5-6B", "Yi-1.5 6B"},
		{"yi-1.5-9b", "01-ai/Yi-1.5-9B", "Yi-1.5 9B"},
		{"yi-1.5-34b", "01-ai/Yi-1.5-34B", "Yi-1.5 34B"},
		{"calm2-7b", "cyberagent/calm2-7b", "CyberAgentLM2-7B"},
		{"calm2-7b-chat", "cyberagent/calm2-7b-chat", "CyberAgentLM2-7B-chat"},
		{"calm3-22b-chat", "cyberagent/calm3-22b-chat", "CyberAgentLM3-22B-chat"},
		{"llama-3.1-70b-japanese-instruct-2407", "cyberagent/Llama-3.1-70B-Japanese-Instruct-2407", "Llama-3.1-70B-Japanese-Instruct-2407"},
		{"elyza-japanese-llama-2-7b", "elyza/ELYZA-japanese-Llama-2-7b", "ELYZA-japanese-Llama-2-7b"},
		{"elyza-japanese-llama-2-7b-instruct", "elyza/ELYZA-japanese-Llama-2-7b-instruct", "ELYZA-japanese-Llama-2-7b-instruct"},
		{"elyza-japanese-llama-2-13b", "elyza/ELYZA-japanese-Llama-2-13b", "ELYZA-japanese-Llama-2-13b"},
		{"llama-3-elyza-jp-8b", "elyza/Llama-3-ELYZA-JP-8B", "Llama-3-ELYZA-JP-8B"},
		{"gemma-2-2b", "google/gemma-2-2b", "Gemma 2 2B"},
		{"gemma-2-2b-it", "google/gemma-2-2b-it", "Gemma 2 2B IT"},
		{"gemma-2-2b-jpn-it", "google/gemma-2-2b-jpn-it", "Gemma 2 JPN"},
		{"gemma-2-9b", "google/gemma-2-9b", "Gemma 2 9B"},
		{"gemma-2-9b-it", "google/gemma-2-9b-it", "Gemma 2 9B IT"},
		{"gemma-2-27b", "google/gemma-2-27b", "Gemma 2 27B"},
		{"gemma-2-27b-it", "google/gemma-2-27b-it", "Gemma 2 27B IT"},
		{"karakuri-lm-70b-chat-v0.1", "karakuri-ai/karakuri-lm-70b-chat-v0.1", "KARAKURI LM 70B Chat v0.1"},
		{"karakuri-lm-70b-v0.1", "karakuri-ai/karakuri-lm-70b-v0.1", "KARAKURI LM 70B v0.1"},
		{"llm-jp-3-1.8b", "llm-jp/llm-jp-3-1.8b", "llm-jp-3-1.8b"},
		{"llm-jp-3-1.8b-instruct", "llm-jp/llm-jp-3-1.8b-instruct", "llm-jp-3-1.8b-instruct"},
		{"llm-jp-3-3.7b", "llm-jp/llm-jp-3-3.7b", "llm-jp-3-3.7b"},
		{"llm-jp-3-3.7b-instruct", "llm-jp/llm-jp-3-3.7b-instruct", "llm-jp-3-3.7b-instruct"},
		{"llm-jp-3-13b", "llm-jp/llm-jp-3-13b", "llm-jp-3-13b"},
		{"llm-jp-3-13b-instruct", "llm-jp/llm-jp-3-13b-instruct", "llm-jp-3-13b-instruct"},
		{"llm-jp-13b-v2.0", "llm-jp/llm-jp-13b-v2.0", "LLM-jp-13B v2.0"},
		{"llama-3.2-1b", "meta-llama/Llama-3.2-1B", "Llama 3.2 1B"},
		{"llama-3.2-1b-instruct", "meta-llama/Llama-3.2-1B-Instruct", "Llama 3.2 1B Instruct"},
		{"llama-3.2-3b", "meta-llama/Llama-3.2-3B", "Llama 3.2 3B"},
		{"llama-3.2-3b-instruct", "meta-llama/Llama-3.2-3B-Instruct", "Llama 3.2 3B Instruct"},
		{"llama-3.3-70b-instruct", "meta-llama/Llama-3.3-70B-Instruct", "Llama 3.3 70B Instruct"},
		{"meta-llama-3-8b", "meta-llama/Meta-Llama-3-8B", "Llama 3 8B"},
		{"meta-llama-3-8b-instruct", "meta-llama/Meta-Llama-3-8B-Instruct", "Llama 3 8B Instruct"},
		{"meta-llama-3-70b", "meta-llama/Meta-Llama-3-70B", "Llama 3 70B"},
		{"meta-llama-3-70b-instruct", "meta-llama/Meta-Llama-3-70B-Instruct", "Llama 3 70B Instruct"},
		{"meta-llama-3.1-8b", "meta-llama/Meta-Llama-3.1-8B", "Llama 3.1 8B"},
		{"meta-llama-3.1-8b-instruct", "meta-llama/Meta-Llama-3.1-8B-Instruct", "Llama 3.1 8B Instruct"},
		{"meta-llama-3.1-70b", "meta-llama/Meta-Llama-3.1-70B", "Llama 3.1 70B"},
		{"meta-llama-3.1-70b-instruct", "meta-llama/Meta-Llama-3.1-70B-Instruct", "Llama 3.1 70B Instruct"},
		{"mistral-7b-v0.2", "mistral-community/Mistral-7B-v0.2", "Mistral-7B-v0.2"},
		{"mistral-7b-instruct-v0.3", "mistralai/Mistral-7B-Instruct-v0.3", "Mistral-7B-Instruct-v0.3"},
		{"mistral-7b-v0.1", "mistralai/Mistral-7B-v0.1", "Mistral-7B-v0.1"},
		{"mistral-7b-v0.3", "mistralai/Mistral-7B-v0.3", "Mistral-7B-v0.3"},
		{"mistral-nemo-base-2407", "mistralai/Mistral-Nemo-Base-2407", "Mistral-Nemo-Base-2407 (12B)"},
		{"mistral-nemo-instruct-2407", "mistralai/Mistral-Nemo-Instruct-2407", "Mistral-NeMo-Instruct-2407 (12B)"},
		{"mistral-nemo-minitron-8b-base", "nvidia/Mistral-NeMo-Minitron-8B-Base", "Mistral-NeMo-Minitron 8B"},
		{"mistral-nemo-minitron-8b-instruct", "nvidia/Mistral-NeMo-Minitron-8B-Instruct", "Mistral-NeMo-Minitron 8B Instruct"},
		{"qwen1.5-7b", "Qwen/Qwen1.5-7B", "Qwen1.5-7B"},
		{"qwen2-7b", "Qwen/Qwen2-7B", "Qwen2-7B"},
		{"qwen2-7b-instruct", "Qwen/Qwen2-7B-Instruct", "Qwen2-7B-Instruct"},
		{"qwen2-72b", "Qwen/Qwen2-72B", "Qwen2-72B"},
		{"qwen2-72b-instruct", "Qwen/Qwen2-72B-Instruct", "Qwen2-72B-Instruct"},
		{"qwen2.5-0.5b", "Qwen/Qwen2.5-0.5B", "Qwen2.5-0.5B"},
		{"qwen2.5-0.5b-instruct", "Qwen/Qwen2.5-0.5B-Instruct", "Qwen2.5-0.5B-Instruct"},
		{"qwen2.5-1.5b", "Qwen/Qwen2.5-1.5B", "Qwen2.5-1.5B"},
		{"qwen2.5-1.5b-instruct", "Qwen/Qwen2.5-1.5B-Instruct", "Qwen2.5-1.5B-Instruct"},
		{"qwen2.5-3b", "Qwen/Qwen2.5-3B", "Qwen2.5-3B"},
		{"qwen2.5-3b-instruct", "Qwen/Qwen2.5-3B-Instruct", "Qwen2.5-3B-Instruct"},
		{"qwen2.5-7b", "Qwen/Qwen2.5-7B", "Qwen2.5-7B"},
		{"qwen2.5-7b-instruct", "Qwen/Qwen2.5-7B-Instruct", "Qwen2.5-7B-Instruct"},
		{"qwen2.5-72b", "Qwen/Qwen2.5-72B", "Qwen2.5-72B"},
		{"qwen2.5-72b-instruct", "Qwen/Qwen2.5-72B-Instruct", "Qwen2.5-72B-Instruct"},
		{"rakutenai-7b", "Rakuten/RakutenAI-7B", "RakutenAI-7B"},
		{"rakutenai-7b-chat", "Rakuten/RakutenAI-7B-chat", "RakutenAI-7B-chat"},
		{"gemma-2-baku-2b", "rinna/gemma-2-baku-2b", "Gemma 2 Baku 2B"},
		{"gemma-2-baku-2b-it", "rinna/gemma-2-baku-2b-it", "Gemma 2 Baku 2B IT"},
		{"llama-3-youko-8b", "rinna/llama-3-youko-8b", "Llama 3 Youko 8B"},
		{"llama-3-youko-8b-instruct", "rinna/llama-3-youko-8b-instruct", "Llama 3 Youko 8B Instruct"},
		{"llama-3-youko-70b", "rinna/llama-3-youko-70b", "Llama 3 Youko 70B"},
		{"llama-3-youko-70b-instruct", "rinna/llama-3-youko-70b-instruct", "Llama 3 Youko 70B Instruct"},
		{"youri-7b", "rinna/youri-7b", "Youri 7B"},
		{"sarashina2-7b", "sbintuitions/sarashina2-7b", "Sarashina2-7B"},
		{"sarashina2-13b", "sbintuitions/sarashina2-13b", "Sarashina2-13B"},
		{"sarashina2-70b", "sbintuitions/sarashina2-70b", "Sarashina2-70B"},
		{"japanese-stablelm-base-beta-7b", "stabilityai/japanese-stablelm-base-beta-7b", "Japanese Stable LM Beta 7B"},
		{"japanese-stablelm-base-beta-70b", "stabilityai/japanese-stablelm-base-beta-70b", "Japanese Stable LM Beta 70B"},
		{"japanese-stablelm-base-gamma-7b", "stabilityai/japanese-stablelm-base-gamma-7b", "Japanese Stable LM Base Gamma 7B"},
		{"stockmark-100b", "stockmark/stockmark-100b", "Stockmark-100b"},
		{"llama-3-heron-brain-8b-v0.3", "turing-motors/Llama-3-heron-brain-8B-v0.3", "Llama 3 heron brain 8B v0.3"},
		{"llama-3-heron-brain-70b-v0.3", "turing-motors/Llama-3-heron-brain-70B-v0.3", "Llama 3 heron brain 70B v0.3"},
		{"tanuki-8b-dpo-v1.0", "weblab-GENIAC/Tanuki-8B-dpo-v1.0", "Tanuki-8B-dpo-v1.0"},

		// What the leaderboard of 2025 has beside them.
		{"llm-jp-3-1.8b-instruct3", "llm-jp/llm-jp-3-1.8b-instruct3", "llm-jp-3-1.8b-instruct3"},
		{"llm-jp-3-3.7b-instruct3", "llm-jp/llm-jp-3-3.7b-instruct3", "llm-jp-3-3.7b-instruct3"},
		{"llm-jp-3-7.2b", "llm-jp/llm-jp-3-7.2b", "llm-jp-3-7.2b"},
		{"llm-jp-3-7.2b-instruct3", "llm-jp/llm-jp-3-7.2b-instruct3", "llm-jp-3-7.2b-instruct3"},
		{"llm-jp-3-13b-instruct3", "llm-jp/llm-jp-3-13b-instruct3", "llm-jp-3-13b-instruct3"},
		{"llm-jp-3.1-1.8b-instruct4", "llm-jp/llm-jp-3.1-1.8b-instruct4", "llm-jp-3.1-1.8b-instruct4"},
		{"llm-jp-3.1-13b-instruct4", "llm-jp/llm-jp-3.1-13b-instruct4", "llm-jp-3.1-13b-instruct4"},
		{"qwen2.5-14b", "Qwen/Qwen2.5-14B", "Qwen2.5-14B"},
		{"qwen2.5-14b-instruct", "Qwen/Qwen2.5-14B-Instruct", "Qwen2.5-14B-Instruct"},
		{"qwen2.5-32b", "Qwen/Qwen2.5-32B", "Qwen2.5-32B"},
		{"qwen2.5-32b-instruct", "Qwen/Qwen2.5-32B-Instruct", "Qwen2.5-32B-Instruct"},
		{"qwen3-0.6b-base", "Qwen/Qwen3-0.6B-Base", "Qwen3-0.6B-Base"},
		{"qwen3-1.7b-base", "Qwen/Qwen3-1.7B-Base", "Qwen3-1.7B-Base"},
		{"qwen3-4b-base", "Qwen/Qwen3-4B-Base", "Qwen3-4B-Base"},
		{"qwen3-8b-base", "Qwen/Qwen3-8B-Base", "Qwen3-8B-Base"},
		{"qwen3-14b-base", "Qwen/Qwen3-14B-Base", "Qwen3-14B-Base"},
		{"tinyswallow-1.5b", "SakanaAI/TinySwallow-1.5B", "TinySwallow-1.5B"},
		{"tinyswallow-1.5b-instruct", "SakanaAI/TinySwallow-1.5B-Instruct", "TinySwallow-1.5B-Instruct"},
		{"sarashina2.2-0.5b", "sbintuitions/sarashina2.2-0.5b", "Sarashina2.2 0.5B"},
		{"sarashina2.2-0.5b-instruct-v0.1", "sbintuitions/sarashina2.2-0.5b-instruct-v0.1", "Sarashina2.2 0.5B Instruct v0.1"},
		{"sarashina2.2-1b", "sbintuitions/sarashina2.2-1b", "Sarashina2.2 1B"},
		{"sarashina2.2-1b-instruct-v0.1", "sbintuitions/sarashina2.2-1b-instruct-v0.1", "Sarashina2.2 1B Instruct v0.1"},
		{"sarashina2.2-3b", "sbintuitions/sarashina2.2-3b", "Sarashina2.2 3B"},
		{"sarashina2.2-3b-instruct-v0.1", "sbintuitions/sarashina2.2-3b-instruct-v0.1", "Sarashina2.2 3B Instruct v0.1"},
		{"falcon3-1b-base", "tiiuae/Falcon3-1B-Base", "Falcon3-1B-Base"},
		{"falcon3-1b-instruct", "tiiuae/Falcon3-1B-Instruct", "Falcon3-1B-Instruct"},
		{"falcon3-3b-base", "tiiuae/Falcon3-3B-Base", "Falcon3-3B-Base"},
		{"falcon3-3b-instruct", "tiiuae/Falcon3-3B-Instruct", "Falcon3-3B-Instruct"},
		{"falcon3-7b-base", "tiiuae/Falcon3-7B-Base", "Falcon3-7B-Base"},
		{"falcon3-7b-instruct", "tiiuae/Falcon3-7B-Instruct", "Falcon3-7B-Instruct"},
		{"falcon3-10b-base", "tiiuae/Falcon3-10B-Base", "Falcon3-10B-Base"},
		{"falcon3-10b-instruct", "tiiuae/Falcon3-10B-Instruct", "Falcon3-10B-Instruct"},
	}
}

// Mixtures are the models of the Swallow project with experts, of which each token passes some: by the beginnings of their names,
// in small letters.
func Mixtures() []string {
	return []string{"swallow-mx-8x7b", "qwen3-swallow-30b-a3b", "gpt-oss-swallow"}
}

// mixture tells whether a name, an alias or a hub id, is of one of those.
func mixture(name string) bool {
	name = strings.TrimPrefix(strings.ToLower(name), "tokyotech-llm/")
	return slices.ContainsFunc(Mixtures(), func(m string) bool { return strings.HasPrefix(name, m) })
}
