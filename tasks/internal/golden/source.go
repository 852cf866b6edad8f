package golden

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/record"
)

// Source is a data set made up by a test: the JSON rows of every split.
type Source map[string][]string

// errNoSplit is what a Source returns for a split it does not have.
var errNoSplit = errors.New("no such split")

// Rows returns the rows of a split; the file is named after data set and split.
func (s Source) Rows(dataset, split string) (string, []json.RawMessage, error) {
	rows, ok := s[split]
	if !ok {
		return "", nil, errNoSplit
	}
	raw := make([]json.RawMessage, len(rows))
	for i, r := range rows {
		raw[i] = json.RawMessage(r)
	}
	return dataset + "/" + split, raw, nil
}

// BadRecords checks that each row, put after a good one, is refused with its error and the place.
func BadRecords(t *testing.T, task tasks.Task, split, good string, bad map[string]string) {
	t.Helper()
	dataset := task.Spec().Dataset
	docs, err := task.Docs(Source{split: {good}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Len(t, docs, 1)
	for row, what := range bad {
		_, err := task.Docs(Source{split: {good, row}}, 0, tasks.Unlimited{})
		assert.EqualError(t, err, dataset+"/"+split+": record 2: "+what)
		assert.ErrorIs(t, err, record.ErrInvalid)
	}
}

// MissingSplits checks that a task needs its evaluated split always and its training split, if it has one, for
// examples only, and that it refuses numbers of examples that cannot be.
func MissingSplits(t *testing.T, task tasks.Task, evaluated, training, good string) {
	t.Helper()
	_, err := task.Docs(Source{training: {good}}, 0, tasks.Unlimited{})
	if evaluated != training {
		assert.ErrorIs(t, err, errNoSplit)
		_, err = task.Docs(Source{evaluated: {good}}, 1, tasks.Unlimited{})
		assert.ErrorIs(t, err, errNoSplit)
	}
	_, err = task.Docs(Source{evaluated: {good}}, 0, tasks.Unlimited{})
	assert.NoError(t, err)
	for _, shots := range []int{-1, 2} {
		_, err = task.Docs(Source{evaluated: {good}, training: {good}}, shots, tasks.Unlimited{})
		assert.Error(t, err, "%d shots from one record", shots)
	}
}
