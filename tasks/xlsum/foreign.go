package xlsum

import (
	"encoding/json"
	"errors"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// foreign is the task by other names.
func foreign() tasks.Foreign {
	return tasks.Foreign{
		JPHarness: tasks.JPHarness{Name: "xlsum_ja", Score: fromDetail},
		Swallow:   []tasks.SwallowColumn{{Name: "XLSUM_ja_1shot"}},
	}
}

// fromDetail takes the summary as it stands.
func fromDetail(d tasks.JPDetail) (outputs, targets []string, recorded map[string]string, err error) {
	var gold string
	if d.Response == nil || json.Unmarshal(d.Gold, &gold) != nil {
		return nil, nil, nil, errors.New("response or gold is missing or no text")
	}
	return []string{*d.Response}, []string{gold}, nil, nil
}
