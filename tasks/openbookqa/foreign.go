package openbookqa

import (
	"encoding/json"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/harness"
)

// foreign is the task by other names: lm_eval/tasks/openbookqa at 4e7e0d4 and its versions from 0.4.0.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		LMEval:    []tasks.LMEvalTask{{Name: "openbookqa", Holds: tasks.Columns("question_stem", "answerKey"), Row: fromHub}},
		LMEvalRow: lmevalRow,
		WriteOut:  tasks.WriteOut{Scored: harness.WrittenChoice},
		Swallow:   []tasks.SwallowColumn{{Name: "openbookqa"}},
	}
}

// fromHub turns the hub's row into the published file's.
func fromHub(row json.RawMessage) (json.RawMessage, error) {
	var hub struct {
		ID      json.RawMessage `json:"id"`
		Stem    json.RawMessage `json:"question_stem"`
		Choices struct {
			Text []json.RawMessage `json:"text"`
		} `json:"choices"`
		Key json.RawMessage `json:"answerKey"`
	}
	if err := json.Unmarshal(row, &hub); err != nil {
		return nil, err
	}
	choices := []map[string]json.RawMessage{}
	for _, text := range hub.Choices.Text {
		choices = append(choices, map[string]json.RawMessage{"text": text})
	}
	return json.Marshal(map[string]any{
		"id": hub.ID, "question": map[string]any{"stem": hub.Stem, "choices": choices}, "answerKey": hub.Key,
	})
}

// lmevalRow is the hub's row of the published file's.
func lmevalRow(row python.Object, d tasks.Doc) (tasks.LMEvalRow, error) {
	question := row.Object("question")
	list, _ := question.Get("choices")
	choices, _ := list.([]any)
	texts, labels, whole := []any{}, []any{}, true
	for _, c := range choices {
		choice, _ := c.(python.Object)
		both, ok := choice.Pick("text", "label")
		whole = whole && ok
		texts, labels = append(texts, both[0].Value), append(labels, both[1].Value)
	}
	id, identified := row.Pick("id")
	stem, _ := question.Get("stem")
	key, _ := row.Get("answerKey")
	return tasks.LMEvalRow{
		Doc: append(id,
			python.Member{Name: "question_stem", Value: stem},
			python.Member{Name: "choices", Value: python.Object{{Name: "text", Value: texts}, {Name: "label", Value: labels}}},
			python.Member{Name: "answerKey", Value: key}),
		Target: d.Targets[0], Whole: whole && identified,
	}, nil
}

// foreign04 is the task of lm-eval 0.4.2, whose files no harness of 2023 wrote.
func foreign04() tasks.Foreign {
	f := foreign()
	f.WriteOut = tasks.WriteOut{}
	return f
}
