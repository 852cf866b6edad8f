package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// parseExemplars reads the worked examples of MGSM from the Python file that they are published in (google-research/url-nlp,
// mgsm/exemplars.py). Nothing is executed: the file is comments and assignments of literals, and whatever else it may hold is
// refused. The rows are the language's examples in the order of their numbers, which the lists of answers follow.
func parseExemplars(content []byte, language string) ([]json.RawMessage, error) {
	values, err := python.Assignments(string(content))
	if wrong := (*python.SyntaxError)(nil); errors.As(err, &wrong) {
		return nil, &lineError{wrong.Line, wrong.What}
	}
	languages, ok := values["MGSM_EXEMPLARS"].(map[string]any)
	if !ok {
		return nil, errors.New("no MGSM_EXEMPLARS")
	}
	examples, ok := languages[language].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("no examples for %q", language)
	}
	numbers, _ := values["EXEMPLAR_NUMBER_ANSWERS"].([]any)
	equations, _ := values["EXEMPLAR_EQUATION_SOLUTIONS"].([]any)
	if len(numbers) != len(examples) || len(equations) != len(examples) {
		return nil, fmt.Errorf("%d examples, %d answers and %d equations", len(examples), len(numbers), len(equations))
	}
	var rows []json.RawMessage
	for i := range numbers {
		example, _ := examples[strconv.Itoa(i+1)].(map[string]any)
		q, ok1 := example["q"].(string)
		a, ok2 := example["a"].(string)
		digits, ok3 := numbers[i].(python.Number)
		e, ok4 := equations[i].(string)
		if !ok1 || !ok2 || !ok3 || !ok4 {
			return nil, fmt.Errorf("example %d is not question, answer, number and equation", i+1)
		}
		if strings.ContainsRune(q+a+e, utf8.RuneError) {
			return nil, fmt.Errorf("example %d holds what is not a character", i+1)
		}
		n, err := strconv.ParseInt(string(digits), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("example %d: answer %.40s: not an integer of 64 bits", i+1, digits)
		}
		row, err := json.Marshal(struct {
			Question string `json:"question"`
			Answer   string `json:"answer"`
			Number   int64  `json:"answer_number"`
			Equation string `json:"equation_solution"`
		}{q, a, n, e})
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
