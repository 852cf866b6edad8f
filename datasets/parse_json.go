package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// parseJSONL takes every line as one JSON object.
func parseJSONL(content []byte) ([]json.RawMessage, error) {
	rows := make([]json.RawMessage, 0, bytes.Count(content, []byte("\n"))+1)
	err := lines(content, func(n int, line []byte) error {
		line = bytes.Trim(line, " \t\r")
		switch {
		case len(line) == 0:
			return &lineError{n, "the line is empty"}
		case !json.Valid(line):
			var v any
			err := json.Unmarshal(line, &v)
			if err == nil {
				err = errors.New("not valid JSON")
			}
			return &lineError{n, err.Error()}
		case line[0] != '{':
			return &lineError{n, "the line is not a JSON object"}
		}
		rows = append(rows, json.RawMessage(line))
		return nil
	})
	return rows, err
}

// parseJSONArray takes the file as one array of objects.
func parseJSONArray(content []byte) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	if err := json.Unmarshal(content, &rows); err != nil {
		return nil, jsonError(content, 1, err)
	}
	for i, row := range rows {
		if len(row) == 0 || row[0] != '{' {
			return nil, fmt.Errorf("record %d is not a JSON object", i+1)
		}
	}
	return rows, nil
}

// squadFile is SQuAD's nesting. Leaves stay raw, so that what is missing or of another type reaches the task, which
// knows what it needs.
type squadFile struct {
	Data []struct {
		Title      json.RawMessage `json:"title"`
		Paragraphs []struct {
			Context json.RawMessage `json:"context"`
			QAs     []struct {
				ID       json.RawMessage `json:"id"`
				Question json.RawMessage `json:"question"`
				Answers  []struct {
					Text  json.RawMessage `json:"text"`
					Start json.RawMessage `json:"answer_start"`
				} `json:"answers"`
			} `json:"qas"`
		} `json:"paragraphs"`
	} `json:"data"`
}

// parseSQuAD flattens SQuAD's articles, paragraphs and questions, in that order, as Hugging Face's loading scripts do.
func parseSQuAD(content []byte) ([]json.RawMessage, error) {
	var file squadFile
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, jsonError(content, 1, err)
	}
	if file.Data == nil {
		return nil, errors.New(`there is no array "data"`)
	}
	var rows []json.RawMessage
	for _, article := range file.Data {
		for _, paragraph := range article.Paragraphs {
			for _, qa := range paragraph.QAs {
				texts, starts := []json.RawMessage{}, []json.RawMessage{}
				for _, a := range qa.Answers {
					texts, starts = append(texts, orNull(a.Text)), append(starts, orNull(a.Start))
				}
				rows = append(rows, squadRow(qa.ID, article.Title, paragraph.Context, qa.Question, texts, starts))
			}
		}
	}
	return rows, nil
}

// parseJSQuADExemplars reads the exemplars as if they were records of the training file. They carry no answer_start.
func parseJSQuADExemplars(content []byte) ([]json.RawMessage, error) {
	var exemplars []struct {
		Title, Context, Question, Answer json.RawMessage
	}
	if err := json.Unmarshal(content, &exemplars); err != nil {
		return nil, jsonError(content, 1, err)
	}
	rows := make([]json.RawMessage, len(exemplars))
	for i, e := range exemplars {
		id := fmt.Appendf(nil, `"exemplar-%d"`, i)
		rows[i] = squadRow(id, e.Title, e.Context, e.Question, []json.RawMessage{orNull(e.Answer)}, nil)
	}
	return rows, nil
}

// squadRow joins raw leaves to a row; a missing leaf is left out.
func squadRow(id, title, context, question json.RawMessage, texts, starts []json.RawMessage) json.RawMessage {
	size := 96 + len(id) + len(title) + len(context) + len(question)
	for i := range texts {
		size += len(texts[i]) + 12
	}
	b := make([]byte, 0, size)
	field := func(name string, v json.RawMessage) {
		if v == nil {
			return
		}
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, `":`...)
		b = append(b, v...)
		b = append(b, ',')
	}
	list := func(name string, vs []json.RawMessage) {
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, `":[`...)
		for i, v := range vs {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, v...)
		}
		b = append(b, ']')
	}
	b = append(b, '{')
	field("id", id)
	field("title", title)
	field("context", context)
	field("question", question)
	b = append(b, `"answers":{`...)
	list("text", texts)
	b = append(b, ',')
	list("answer_start", starts)
	return append(b, "}}"...)
}

func orNull(v json.RawMessage) json.RawMessage {
	if v == nil {
		return json.RawMessage("null")
	}
	return v
}
