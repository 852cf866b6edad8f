package judge

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/tasks"
)

func programs() []eval.Program {
	return []eval.Program{{Task: "humaneval", Doc: tasks.RowID(3), Draw: 0, Text: "a"}, {Task: "humaneval", Doc: tasks.RowID(3), Draw: 1, Text: "b"}}
}

// TestVerdictsComeBack: what was exported and given verdicts is read again, in the reference's words.
func TestVerdictsComeBack(t *testing.T) {
	yes, no := true, false
	first, second := NewLine("HumanEval/3", "x", programs()[0]), NewLine("HumanEval/3", "y", programs()[1])
	for _, c := range []struct {
		passed       *bool
		result, want string
	}{{&yes, "", tasks.Passed}, {&yes, "passed", tasks.Passed}, {&no, "timed out", tasks.TimedOut}, {&no, "failed: x", "failed: x"}, {&no, "", "failed"}} {
		first.Passed, second.Passed, second.Result = &yes, c.passed, c.result
		var b bytes.Buffer
		require.NoError(t, WriteLines(&b, []Line{second, first}))
		v, err := ReadVerdicts("dir/file.jsonl", &b)
		require.NoError(t, err)
		got, err := v.Judge(t.Context(), programs())
		require.NoError(t, err)
		assert.Equal(t, []string{tasks.Passed, c.want}, got)
		assert.Equal(t, "the file file.jsonl", v.About().By)
	}
}

// TestVerdictsThatContradictThemselves are errors with the line: whichever half is right, somebody must look.
func TestVerdictsThatContradictThemselves(t *testing.T) {
	yes, no := true, false
	for want, c := range map[string]struct {
		passed *bool
		result string
	}{
		`f.jsonl:1: humaneval document 3, sample 0: passed is true, and the result is "failed: x"`: {&yes, "failed: x"},
		`f.jsonl:1: humaneval document 3, sample 0: passed is false, and the result is "passed"`:   {&no, "passed"},
	} {
		line := NewLine("HumanEval/3", "x", programs()[0])
		line.Passed, line.Result = c.passed, c.result
		var b bytes.Buffer
		require.NoError(t, WriteLines(&b, []Line{line}))
		_, err := ReadVerdicts("f.jsonl", &b)
		assert.EqualError(t, err, want)
	}
}

func FuzzReadVerdicts(f *testing.F) {
	yes := true
	line := NewLine("HumanEval/3", "x", programs()[0])
	line.Passed = &yes
	var b bytes.Buffer
	require.NoError(f, WriteLines(&b, []Line{line, line}))
	f.Add(b.String())
	f.Add(strings.Replace(b.String(), "\n", "", 1))
	f.Add(`{"task":"t","doc_id":"a","program_sha256":"0","sample":9999999999999999999,"passed":null}`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ReadVerdicts("f", strings.NewReader(text))
		if err != nil {
			return
		}
		require.NotEmpty(t, v.known)
		for k, l := range v.known {
			assert.NotEmpty(t, l.verdict())
			assert.Equal(t, k.draw, l.Draw)
		}
	})
}
