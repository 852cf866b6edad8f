package locate

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results/published"
)

// notComputed are the published rows without an alias, because the engine does not compute their architecture: by hub id.
func notComputed() map[string]string {
	return map[string]string{
		"CohereForAI/aya-expanse-32b": "Cohere", "CohereForAI/aya-expanse-8b": "Cohere", "CohereForAI/c4ai-command-r-v01": "Cohere",
		"Fugaku-LLM/Fugaku-LLM-13B": "GPT-2", "microsoft/Phi-3-mini-128k-instruct": "Phi-3",
		"allenai/OLMo-2-1124-13B-Instruct": "OLMo 2", "allenai/OLMo-2-1124-7B-Instruct": "OLMo 2", "allenai/OLMo-2-1124-13B": "OLMo 2",
		"allenai/OLMo-2-1124-7B": "OLMo 2", "microsoft/GRIN-MoE": "experts", "microsoft/Phi-3.5-MoE-instruct": "experts",
		"karakuri-ai/karakuri-lm-8x7b-instruct-v0.1": "experts", "mistralai/Mixtral-8x7B-Instruct-v0.1": "experts",
		"mistralai/Mixtral-8x22B-Instruct-v0.1": "experts", "mistralai/Mixtral-8x7B-v0.1": "experts", "mistralai/Mixtral-8x22B-v0.1": "experts",
		"tokyotech-llm/Swallow-MX-8x7b-NVE-v0.1": "experts", "weblab-GENIAC/Tanuki-8x8B-dpo-v1.0": "experts",
		"google/gemma-3-1b-pt": "Gemma 3", "google/gemma-3-1b-it": "Gemma 3", "google/gemma-3-4b-pt": "Gemma 3", "google/gemma-3-4b-it": "Gemma 3",
		"google/gemma-3-12b-pt": "Gemma 3", "google/gemma-3-12b-it": "Gemma 3", "google/gemma-3-27b-pt": "Gemma 3", "google/gemma-3-27b-it": "Gemma 3",
		"meta-llama/Llama-4-Scout-17B-16E": "experts", "meta-llama/Llama-4-Scout-17B-16E-Instruct": "experts", "Qwen/Qwen3-30B-A3B-Base": "experts",
		"microsoft/phi-4": "Phi-3", "pfnet/plamo-2-1b": "PLaMo 2", "pfnet/plamo-2-8b": "PLaMo 2",
		"pfnet/plamo-3-nict-2b-base": "PLaMo 3", "pfnet/plamo-3-nict-8b-base": "PLaMo 3", "pfnet/plamo-3-nict-31b-base": "PLaMo 3",
		"gpt-3.5-turbo-0125": "a service", "gpt-4-0613": "a service", "gpt-4-turbo-2024-04-09": "a service", "gpt-4.5-preview-2025-02-27": "a service",
		"gpt-4o-2024-05-13": "a service", "gpt-4o-2024-08-06": "a service", "gpt-4o-mini-2024-07-18": "a service", "o1-2024-12-17": "a service",
		"deepinfra/meta-llama/Meta-Llama-3.1-405B-Instruct": "a service",
	}
}

// TestAliases: names and ids are well-formed and nobody else's, and every model of a published table has one that means it.
func TestAliases(t *testing.T) {
	name, id := regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`), regexp.MustCompile(`^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$`)
	names, ids, titles := map[string]bool{}, map[string]string{}, map[string]bool{}
	for _, a := range Aliases() {
		assert.Regexp(t, name, a.Name)
		assert.Regexp(t, id, a.HubID)
		assert.NotEmpty(t, a.Title)
		assert.False(t, names[a.Name], "alias %s twice", a.Name)
		assert.Empty(t, ids[a.HubID], "%s has two aliases", a.HubID)
		assert.False(t, titles[a.Title], "title %s twice", a.Title)
		assert.False(t, mixture(a.Name) || mixture(a.HubID), "%s is a mixture of experts", a.Name)
		names[a.Name], ids[a.HubID], titles[a.Title] = true, a.Name, true
		// The name is a short one for what the card calls the model, or the repository's.
		_, repo, _ := strings.Cut(strings.ToLower(a.HubID), "/")
		short := strings.HasPrefix(a.HubID, "tokyotech-llm/Swallow-") || strings.HasPrefix(a.HubID, "meta-llama/Llama-2-")
		assert.True(t, a.Name == repo || short, "%s for %s", a.Name, a.HubID)
		address, err := Find(a.Name)
		require.NoError(t, err)
		assert.Equal(t, a.HubID, address.Repo.ID)
	}
	for _, reference := range published.All() {
		for _, m := range reference.Models {
			if why, ok := notComputed()[m.HubID]; ok {
				assert.Empty(t, ids[m.HubID], "%s: %s", m.HubID, why)
				continue
			}
			assert.NotEmpty(t, ids[m.HubID], "%s %s: %s has no alias", reference.Name, m.Title, m.HubID)
		}
	}
	for _, model := range []string{"swallow-mx-8x7b-nve-v0.1", "tokyotech-llm/Swallow-MX-8x7b-NVE-v0.1", "qwen3-swallow-30b-a3b-rl-v0.2", "tokyotech-llm/GPT-OSS-Swallow-20B-RL-v0.1"} {
		_, err := Find(model)
		require.EqualError(t, err, model+": a mixture of experts, which the engine does not compute")
	}
}
