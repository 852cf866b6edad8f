package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
)

// parseTriviaQA joins the records of the parts, in order.
func parseTriviaQA(parts [][]byte) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	for i, part := range parts {
		more, err := readTriviaQA(bytes.NewReader(part))
		if err != nil && len(parts) > 1 {
			err = fmt.Errorf("file %d: %w", i+1, err)
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

// readTriviaQA turns one of TriviaQA's qa/*.json into the rows of Hugging Face's configuration rc.nocontext, version
// 1.2.0 (huggingface/datasets, datasets/trivia_qa/trivia_qa.py): the strings of question, source and answer lose the
// white space at their ends, the identifier does not, pages and search results are left out. The script looks for
// "MatchedWikiEntryName" where the files have "MatchedWikiEntityName", so these two fields come out empty there and
// here. It holds one record at a time.
func readTriviaQA(r io.Reader) ([]json.RawMessage, error) {
	s := jsonscan.NewStream(r)
	if err := s.Expect('{'); err != nil {
		return nil, err
	}
	var rows []json.RawMessage
	found := false
	for first := true; ; first = false {
		more, err := s.Next('}', first)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		name, err := s.Value()
		if err != nil {
			return nil, err
		}
		if name[0] != '"' {
			return nil, jsonscan.Unexpected(name[0])
		}
		data := string(name) == `"Data"`
		if err := s.Expect(':'); err != nil {
			return nil, err
		}
		switch {
		case !data:
			if _, err := s.Value(); err != nil {
				return nil, err
			}
		case found:
			return nil, errors.New(`there is a second "Data"`)
		default:
			found = true
			if rows, err = triviaRecords(s); err != nil {
				return nil, err
			}
		}
	}
	if !found {
		return nil, errors.New(`there is no array "Data"`)
	}
	switch c, err := s.Peek(); {
	case err == nil:
		return nil, fmt.Errorf("%w after the end", jsonscan.Unexpected(c))
	case err != io.EOF:
		return nil, err
	}
	return rows, nil
}

func triviaRecords(s *jsonscan.Stream) ([]json.RawMessage, error) {
	if err := s.Expect('['); err != nil {
		return nil, fmt.Errorf(`"Data": %w`, err)
	}
	var rows []json.RawMessage
	var t triviaRecord
	for {
		more, err := s.Next(']', len(rows) == 0)
		if err != nil {
			return nil, fmt.Errorf("after record %d: %w", len(rows), err)
		}
		if !more {
			return rows, nil
		}
		_, err = s.Take(t.scan)
		if err == nil {
			err = t.write()
		}
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", len(rows)+1, err)
		}
		rows = append(rows, bytes.Clone(t.row))
	}
}

// triviaRecord is one record's fields as they stand in the file, and the row made of them.
type triviaRecord struct {
	question, id, source, answer                    []byte
	value, aliases, normalAliases, normalValue, typ []byte
	matched, normalMatched                          []byte

	object bool
	row    []byte
	err    error
}

// scan finds a record at b[i] and its fields. The last of equal names counts, as in Python.
func (t *triviaRecord) scan(b []byte, i int) (int, error) {
	*t = triviaRecord{row: t.row[:0], matched: []byte(`""`), normalMatched: []byte(`""`)}
	if i < len(b) && b[i] != '{' {
		return jsonscan.Value(b, i) // write says what is wrong with it
	}
	if i >= len(b) {
		return i, jsonscan.ErrCut
	}
	t.object = true
	return jsonscan.Object(b, i, func(name, value []byte) error {
		switch string(name) {
		case "Question":
			t.question = value
		case "QuestionId":
			t.id = value
		case "QuestionSource":
			t.source = value
		case "Answer":
			t.answer = value
		}
		return nil
	})
}

// write builds the row.
func (t *triviaRecord) write() error {
	switch {
	case !t.object:
		return errors.New("not a JSON object")
	case t.answer == nil:
		return errors.New("there is no Answer")
	case t.answer[0] != '{':
		return errors.New("field Answer is not an object")
	}
	// The object was scanned before and the callback never fails.
	_, _ = jsonscan.Object(t.answer, 0, func(name, value []byte) error {
		switch string(name) {
		case "Value":
			t.value = value
		case "Aliases":
			t.aliases = value
		case "NormalizedAliases":
			t.normalAliases = value
		case "NormalizedValue":
			t.normalValue = value
		case "Type":
			t.typ = value
		case "MatchedWikiEntryName":
			t.matched = value
		case "NormalizedMatchedWikiEntryName":
			t.normalMatched = value
		}
		return nil
	})
	t.put(`{"question":`).text("Question", t.question, true)
	t.put(`,"question_id":`).text("QuestionId", t.id, false)
	t.put(`,"question_source":`).text("QuestionSource", t.source, true)
	t.put(`,"answer":{"value":`).text("Answer.Value", t.value, true)
	t.put(`,"aliases":`).texts("Answer.Aliases", t.aliases)
	t.put(`,"normalized_aliases":`).texts("Answer.NormalizedAliases", t.normalAliases)
	t.put(`,"normalized_value":`).text("Answer.NormalizedValue", t.normalValue, true)
	t.put(`,"type":`).text("Answer.Type", t.typ, true)
	t.put(`,"matched_wiki_entity_name":`).text("Answer.MatchedWikiEntryName", t.matched, true)
	t.put(`,"normalized_matched_wiki_entity_name":`).text("Answer.NormalizedMatchedWikiEntryName", t.normalMatched, true)
	t.put(`}}`)
	return t.err
}

func (t *triviaRecord) put(text string) *triviaRecord {
	t.row = append(t.row, text...)
	return t
}

// text adds a string, stripped of Python's white space if strip says so.
func (t *triviaRecord) text(name string, raw []byte, strip bool) {
	switch {
	case t.err != nil:
	case raw == nil:
		t.err = fmt.Errorf("there is no %s", name)
	case raw[0] != '"':
		t.err = fmt.Errorf("%s is not a string", name)
	default:
		t.row, t.err = appendStripped(t.row, raw, strip)
	}
}

// texts adds an array of strings, each stripped.
func (t *triviaRecord) texts(name string, raw []byte) {
	switch {
	case t.err != nil:
	case raw == nil:
		t.err = fmt.Errorf("there is no %s", name)
	case raw[0] != '[':
		t.err = fmt.Errorf("%s is not an array", name)
	default:
		t.put("[")
		first := true
		_, _ = jsonscan.Array(raw, 0, func(element []byte) error {
			switch {
			case t.err != nil:
				return nil
			case element[0] != '"':
				t.err = fmt.Errorf("%s has an element that is not a string", name)
				return nil
			case !first:
				t.put(",")
			}
			first = false
			t.row, t.err = appendStripped(t.row, element, true)
			return nil
		})
		t.put("]")
	}
}
