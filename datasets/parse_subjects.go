package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// parseSubjects reads data sets that keep one file a subject, named by it.
func parseSubjects(format Format, paths []string, contents [][]byte) ([]json.RawMessage, error) {
	parse := map[Format]func(subject string, content []byte) ([]json.RawMessage, error){
		JMMLU: parseJMMLU, MMLU: parseMMLU, BBH: parseBBH, TextFiles: parseTextFile,
	}[format]
	var rows []json.RawMessage
	for i, content := range contents {
		some, err := parse(subjectOf(paths[i]), content)
		var at *lineError
		switch {
		case errors.As(err, &at):
			return nil, fmt.Errorf("%s:%d: %w: %s", paths[i], at.line, ErrMalformed, at.what)
		case err != nil:
			return nil, fmt.Errorf("%s: %w: %w", paths[i], ErrMalformed, err)
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// subjectOf is what a file's name says: anatomy of mmlu/test/anatomy_test.csv.
func subjectOf(file string) string {
	name := strings.TrimSuffix(path.Base(file), ".gz")
	name = strings.TrimSuffix(name, path.Ext(name))
	for _, part := range []string{"_test", "_dev"} {
		name = strings.TrimSuffix(name, part)
	}
	return name
}

// parseJMMLU reads question, four choices and the letter of the answer as llm-jp-eval 1.3.0 does (src/llm_jp_eval/datasets/jmmlu.py of
// swallow-evaluation at 635f5a8): a mark at the beginning is none of the text, and line ends of every kind, within fields
// too, are line feeds.
func parseJMMLU(subject string, content []byte) ([]json.RawMessage, error) {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	content = bytes.ReplaceAll(bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	var rows []json.RawMessage
	err := table(content, ',', func(line int, f []string) error {
		if len(f) != 6 {
			return &lineError{line, fmt.Sprintf("%d columns, want 6", len(f))}
		}
		rows = append(rows, object("subject", subject, "row", len(rows), "question", f[0], "choices", f[1:5], "answer", f[5]))
		return nil
	})
	return rows, err
}

// parseMMLU reads question, four choices and the index of the answer, below a header.
func parseMMLU(subject string, content []byte) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	header := true
	err := table(content, ',', func(line int, f []string) error {
		if len(f) != 6 {
			return &lineError{line, fmt.Sprintf("%d columns, want 6", len(f))}
		}
		if header {
			header = false
			return nil
		}
		answer, err := strconv.Atoi(f[5])
		if err != nil {
			return &lineError{line, fmt.Sprintf("the answer %q is not a whole number", f[5])}
		}
		rows = append(rows, object("question", f[0], "subject", subject, "choices", f[1:5], "answer", answer))
		return nil
	})
	return rows, err
}

// parseBBH reads the examples beside the file's canary.
func parseBBH(subject string, content []byte) ([]json.RawMessage, error) {
	var file struct {
		Examples []struct {
			Input, Target json.RawMessage
		}
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, jsonError(content, 1, err)
	}
	if file.Examples == nil {
		return nil, errors.New(`there is no array "examples"`)
	}
	rows := make([]json.RawMessage, len(file.Examples))
	for i, e := range file.Examples {
		rows[i] = object("subject", subject, "input", orNull(e.Input), "target", orNull(e.Target))
	}
	return rows, nil
}

// parseTextFile takes the file as it is.
func parseTextFile(subject string, content []byte) ([]json.RawMessage, error) {
	return []json.RawMessage{object("subject", subject, "text", string(content))}, nil
}
