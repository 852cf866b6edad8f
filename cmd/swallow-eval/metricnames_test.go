package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// TestTasksNameTheirMetrics: a task's name stands for its column's metric, which follows from the task alone.
func TestTasksNameTheirMetrics(t *testing.T) {
	want := map[string]string{
		"jcommonsenseqa": "exact_match", "jemhopqa": "char_f1", "niilc": "char_f1", "jsquad": "char_f1", "xlsum": "rouge2-lm", "mgsm": "acc",
		"wmt20-en-ja": "", "wmt20-ja-en": "bleu", "openbookqa": "acc", "triviaqa": "em", "hellaswag": "acc", "squad2": "squad2-exact", "xwino": "acc", "gsm8k": "acc",
	}
	for _, task := range suite.Default().Tasks {
		name := task.Spec().Name
		column, listed := want[name]
		assert.True(t, listed, name)
		assert.Equal(t, column, columnOf(console{}, name), name)
	}
	assert.Empty(t, columnOf(console{}, "nothing"))
	m, err := findMetric(t.Context(), console{}, "mgsm", modelFlags{})
	assert.NoError(t, err)
	assert.Equal(t, "mgsm", m.Called, "a metric of that name comes first")
}
