package jsquad

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

func TestRequestsAreTheReferences(t *testing.T) {
	records := golden.Records(t, "jsquad")
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	golden.Requests(t, New(), dir, records, tasks.Unlimited{})
}

const good = `{"id":"a1p2q3","title":"t","context":"c","question":"q","answers":{"text":["x","y"],"answer_start":[0,1]}}`

func TestBadRecords(t *testing.T) {
	golden.BadRecords(t, New(), "validation", good, map[string]string{
		good: `id "a1p2q3" is also that of record 1`,
		`{"id":"b","title":"t","context":"c","question":"q","answers":{"text":[],"answer_start":[]}}`: "there is no answer",
		`{"id":"b","title":"t","context":"c","question":"q","answers":{"text":["",""]}}`:              "there is no answer",
		`{"id":"b","title":"t","context":"c","question":"q","answers":{"text":[null]}}`:               "field answers.text[0] is null, want a string",
		`{"id":"b","title":"t","context":"c","question":"q"}`:                                         "field answers is missing",
		`{"title":"t","context":"c","question":"q"}`:                                                  "field id is missing",
		`{"id":"b","title":"t","context":5,"question":"q"}`:                                           "field context is the number 5, want a string",
	})
	golden.MissingSplits(t, New(), "validation", "train", good)
}

func TestFirstAnswerAndParagraph(t *testing.T) {
	docs, err := New().Docs(golden.Source{"validation": {good}}, 0, tasks.Unlimited{})
	require.NoError(t, err)
	require.Equal(t, []string{"x"}, docs[0].Targets)
	require.Equal(t, "a1", docs[0].Cluster)
}

// TestExemplarsAreFoundByTheirText puts the exemplars among other records, one of them twice and one with another
// answer first.
// TestExemplarsAreThoseProven: the four titles and digests found the reference's examples in its own text (the test
// below); here they are held to what they were then, where that text is not at hand.
func TestExemplarsAreThoseProven(t *testing.T) {
	sum := sha256.New()
	for _, e := range exemplars() {
		fmt.Fprintln(sum, e.title, e.digest)
	}
	require.Equal(t, "e9a4aa17ec2b29d787a37bd87227a5d728a69bebcebb64994dca4ec051582e55", hex.EncodeToString(sum.Sum(nil)))
}

func TestExemplarsAreFoundByTheirText(t *testing.T) {
	dir, err := datasets.Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	_, rows, err := dir.Rows("jsquad", "train")
	require.NoError(t, err)
	require.Len(t, rows, 4)
	other := strings.Replace(string(rows[0]), `"text":["`, `"text":["別`, 1)
	require.NotEqual(t, string(rows[0]), other)
	mixed := []json.RawMessage{[]byte(good), rows[3], []byte(other), rows[1], rows[0], rows[1], rows[2]}
	at, err := find("f", mixed)
	require.NoError(t, err)
	require.Equal(t, []int{4, 3, 6, 1}, at)
	_, err = find("f", mixed[:4])
	require.EqualError(t, err, "f: example 1 (聖武天皇) is not among the 4 records with the reference's text")
}

// TestInvented: only a data set that says itself that it is invented may do without the reference's four examples.
func TestInvented(t *testing.T) {
	good := `{"id":"a1p0q0","title":"t","context":"c","question":"q","answers":{"text":["a"]}}`
	src := golden.Source{"validation": {good}, "train": {good, good, good, good}}
	_, err := New().Docs(src, 4, tasks.Unlimited{})
	require.ErrorContains(t, err, "is not among the 4 records with the reference's text")
	docs, err := New().(tasks.Inventive).OnInvented().Docs(src, 4, tasks.Unlimited{})
	require.NoError(t, err)
	assert.Len(t, docs[0].Shots, 4)
}

// TestRequestsAreTheLaterReferences uses the invented training file that the reference's code was run on, in the place of the
// official one, since the examples' rows are drawn from its number.
func TestRequestsAreTheLaterReferences(t *testing.T) {
	records := golden.Later(t, "jsquad")
	dir, err := datasets.Open(golden.JSQuADFolder(t), true)
	require.NoError(t, err)
	golden.Requests(t, New13(), dir, records, tasks.Unlimited{})
}

// TestTheStandInIsNoTrainingFile: the four examples of 1.1.1 are no pool to draw from.
func TestTheStandInIsNoTrainingFile(t *testing.T) {
	src := golden.Source{"validation": {good}, "train": {good, good, good, good}}
	_, err := New13().Docs(src, 4, tasks.Unlimited{})
	require.ErrorContains(t, err, "drawn from the whole training file of JSQuAD, this one has 4 records")
	_, err = New13().Docs(src, 0, tasks.Unlimited{})
	require.NoError(t, err)
}
