package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// parse reads the verified contents of one layout. Errors name the file and, where there is one, the line.
func parse(format Format, paths []string, contents [][]byte) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	var err error
	switch format {
	case JSONL:
		rows, err = parseJSONL(noEmptyEnd(contents[0]))
	case JSONArray:
		rows, err = parseJSONArray(contents[0])
	case SQuAD:
		rows, err = parseSQuAD(contents[0])
	case JSQuADExemplars:
		rows, err = parseJSQuADExemplars(contents[0])
	case NIILC:
		rows, err = parseNIILC(contents[0])
	case MGSM:
		rows, err = parseMGSM(noEmptyEnd(contents[0]))
	case MGSMExemplars:
		rows, err = parseExemplars(contents[0], "ja")
	case CSV:
		rows, err = parseCSV(contents[0])
	case TSV:
		rows, err = parseTSV(noEmptyEnd(contents[0]))
	case LinePairs:
		rows, err = parseLinePairs(contents[0], contents[1])
	case SGM:
		rows, err = parseSGM(contents[0], contents[1])
	case TriviaQA:
		rows, err = parseTriviaQA(contents)
	case JMMLU, MMLU, BBH, TextFiles:
		return parseSubjects(format, paths, contents)
	default:
		panic(fmt.Sprintf("datasets: format %q has no parser", format))
	}
	var at *lineError
	switch {
	case errors.As(err, &at):
		return nil, fmt.Errorf("%s:%d: %w: %s", paths[0], at.line, ErrMalformed, at.what)
	case err != nil:
		return nil, fmt.Errorf("%s: %w: %w", strings.Join(paths, " and "), ErrMalformed, err)
	}
	return rows, nil
}

// lineError is what is wrong on a line, counted from 1.
type lineError struct {
	line int
	what string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.what) }

// jsonError finds the line of an error of package encoding/json in content, whose first line is number first.
func jsonError(content []byte, first int, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &typ):
		offset = typ.Offset
	}
	if offset < 0 {
		return err
	}
	line := first + bytes.Count(content[:min(int(offset), len(content))], []byte("\n"))
	return &lineError{line, strings.TrimPrefix(err.Error(), "json: ")}
}

// lines calls each for every line without its end, counted from 1. A last line without an end counts, an empty
// remainder does not.
func lines(content []byte, each func(n int, line []byte) error) error {
	for n := 1; len(content) > 0; n++ {
		line, rest, _ := bytes.Cut(content, []byte("\n"))
		if err := each(n, line); err != nil {
			return err
		}
		content = rest
	}
	return nil
}

// noEmptyEnd drops the empty lines at the end of a file, which editors and shells leave there.
func noEmptyEnd(content []byte) []byte { return bytes.TrimRight(content, "\r\n") }

// pythonSpace reports whether Python's str.strip removes r. Go's unicode.IsSpace lacks the four separators U+001C to
// U+001F.
func pythonSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

// object appends a JSON object of string fields in the given order; a nil value becomes null.
func object(fields ...any) json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	for i := 0; i < len(fields); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		for j, v := range fields[i : i+2] {
			if j == 1 {
				b.WriteByte(':')
			}
			if err := enc.Encode(v); err != nil {
				panic(fmt.Sprintf("datasets: cannot encode %T: %v", v, err))
			}
			b.Truncate(b.Len() - 1) // Encode ends in a newline
		}
	}
	b.WriteByte('}')
	return b.Bytes()
}
