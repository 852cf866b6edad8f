package main

import "strings"

// alias is a short name of a published model.
type alias struct {
	Name  string `json:"name"`
	HubID string `json:"hub_id"`
	Title string `json:"title"`
}

type aliasTable []alias

// hubID is the model that a name stands for, in any case: 13B is 13b. A revision may follow it: 13b@main.
func (t aliasTable) hubID(name string) (id, revision string, ok bool) {
	name, revision, _ = strings.Cut(name, "@")
	for _, a := range t {
		if strings.EqualFold(a.Name, name) {
			return a.HubID, revision, true
		}
	}
	return "", "", false
}

// names lists the aliases.
func (t aliasTable) names() []string {
	var all []string
	for _, a := range t {
		all = append(all, a.Name)
	}
	return all
}

// aliases are the models of the Swallow model card's index, and the Llama 2 models they were trained from. Without a
// family name a size means Swallow.
var aliases = aliasTable{
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
}
