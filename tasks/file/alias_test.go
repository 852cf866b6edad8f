package file

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shared has two tasks, of which the second takes every list and mapping from the first by an alias.
const shared = `groups:
  - group: both
    task: &members [one, two]
    aggregate_metric_list: &averages
      - {metric: exact_match}
  - group: again
    task: *members
    aggregate_metric_list: *averages
tasks:
  - task: one
    data: &data
      test: &rows rows.jsonl
      dev: *rows
    test_split: test
    fewshot_split: dev
    num_fewshot: 1
    fewshot_config: &shots {sampler: first_n}
    doc_to_text: q
    doc_to_target: a
    generation_kwargs: &generation
      until: &until ["\n"]
    filter_list: &filters
      - name: none
        filter:
          - function: take_first
    metric_list: &metrics
      - metric: exact_match
  - task: two
    data: *data
    test_split: test
    fewshot_split: dev
    num_fewshot: 1
    fewshot_config: *shots
    doc_to_text: q
    doc_to_target: a
    generation_kwargs: *generation
    filter_list: *filters
    metric_list: *metrics
`

// TestAliasesAreWhatTheyStandFor, for every key that takes a list or a mapping.
func TestAliasesAreWhatTheyStandFor(t *testing.T) {
	configs, err := Parse("t.yaml", []byte(shared))
	require.NoError(t, err)
	require.Len(t, configs, 2)
	one, two := configs[0], configs[1]
	assert.Equal(t, one.Data, two.Data)
	assert.Equal(t, one.Filters, two.Filters)
	assert.Equal(t, one.Metrics, two.Metrics)
	assert.Equal(t, []string{"first_n", "first_n"}, []string{one.Fewshot.Sampler, two.Fewshot.Sampler})
	assert.Equal(t, one.Generation, two.Generation)
	assert.NotEmpty(t, two.Filters)
	assert.NotEmpty(t, two.Metrics)
}

// TestPinsOfAliases: a file that several splits name by an alias is pinned for each of them.
func TestPinsOfAliases(t *testing.T) {
	digest := strings.Repeat("ab", 32)
	pin := Pin{SHA256: digest, Rows: 3}
	splits := map[string]Pin{"test": pin, "dev": pin}
	pinned, err := Pinned("t.yaml", []byte(shared), map[string]map[string]Pin{"one": splits, "two": splits})
	require.NoError(t, err, string(pinned))
	configs, err := Parse("t.yaml", pinned)
	require.NoError(t, err)
	for _, c := range configs {
		require.Len(t, c.Data, 2, "%s", pinned)
		for split, d := range c.Data {
			assert.Equal(t, []any{"rows.jsonl", digest, 3}, []any{d.File, d.SHA256, d.Rows}, "%s %v: %s", c.Name, split, pinned)
		}
	}
}
