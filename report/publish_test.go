package report

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/published"
)

// TestPublish: a run's row is its model's, or the one that is named; a model that is in no table has none, and neither have runs that do
// not say their profile or were asked invented questions.
func TestPublish(t *testing.T) {
	table := published.Swallow2023()
	reference := func(profile string) (published.Table, error) {
		if profile != table.Name {
			return published.Table{}, errors.New("none")
		}
		return table, nil
	}
	run := func(profile, model string) compare.RunData {
		return compare.RunData{Name: model, Run: results.Run{Profile: profile, Model: results.Model{Name: model}}}
	}
	rows := func(as []string, shown ...compare.RunData) ([]string, error) {
		var o Options
		if err := o.Publish(shown, reference, as); err != nil || o.Published == nil {
			return nil, err
		}
		var names []string
		for _, r := range o.Rows {
			if r == nil {
				names = append(names, "")
			} else {
				names = append(names, r.Alias)
			}
		}
		return names, nil
	}
	first, second := table.Models[0], table.Models[1]
	got, err := rows(nil, run(table.Name, first.HubID), run(table.Name, "of one's own"))
	require.NoError(t, err)
	assert.Equal(t, []string{first.Alias, ""}, got)
	got, err = rows([]string{" " + second.Alias, second.Alias}, run(table.Name, first.HubID), run("", "x"))
	require.NoError(t, err)
	assert.Equal(t, []string{second.Alias, second.Alias}, got)
	got, err = rows(nil, run(table.Name, first.HubID), run("", first.HubID))
	require.NoError(t, err)
	assert.Equal(t, []string{first.Alias, ""}, got)
	_, err = rows([]string{"nowhere"}, run(table.Name, "x"))
	assert.ErrorContains(t, err, "--as nowhere is no row of the table")

	got, err = rows(nil, run("another", "x"))
	require.NoError(t, err)
	assert.Nil(t, got)
	_, err = rows([]string{"7b"}, run("another", "x"))
	assert.EqualError(t, err, `--as: no published numbers of profile "another" are known`)
	invented := run(table.Name, first.HubID)
	invented.Run.InventedData = "smoke"
	got, err = rows(nil, invented)
	require.NoError(t, err)
	assert.Nil(t, got)
	_, err = rows([]string{"7b"}, invented)
	assert.ErrorContains(t, err, "--as: the questions of "+first.HubID+" were invented (data set smoke)")
}
