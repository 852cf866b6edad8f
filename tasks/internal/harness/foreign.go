package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// WrittenChoice takes the likeliest choice of a write-out file. The choices' texts are not in the file, so what depends
// on their lengths is not scored.
func WrittenChoice(_ tasks.Task, d tasks.WriteOutDoc) (outputs, targets []string, err error) {
	logs := make([]float64, len(d.Answers))
	for i, a := range d.Answers {
		if a.Log == nil {
			return nil, nil, fmt.Errorf("logit_%d is no log-likelihood", i)
		}
		logs[i] = *a.Log
	}
	var gold int
	if err := json.Unmarshal(d.Truth, &gold); err != nil || gold < 0 || gold >= len(logs) {
		return nil, nil, errors.New("truth is missing or the index of none of its choices")
	}
	return []string{strconv.Itoa(metrics.ArgMax(logs))}, []string{strconv.Itoa(gold)}, nil
}
