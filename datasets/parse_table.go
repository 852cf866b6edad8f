package datasets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
)

// table reads delimited text as Python's csv.reader does with its default dialect: a field that begins with a double
// quote runs to the closing one, a doubled quote inside stands for itself, a quote elsewhere is text, and CR, LF or
// CR LF end a record. each gets the line on which the record begins. Unlike Python, which takes the rest of the file
// as the field, an unclosed quote is an error.
func table(content []byte, delimiter byte, each func(line int, fields []string) error) error {
	line := 1
	for at := 0; at < len(content); {
		first, fields := line, []string(nil)
		for more := true; more; {
			var field []byte
			if at < len(content) && content[at] == '"' {
				open := line
				at++
				for {
					i := bytes.IndexByte(content[at:], '"')
					if i < 0 {
						return &lineError{open, "a quoted field is not closed"}
					}
					field = append(field, content[at:at+i]...)
					line += bytes.Count(content[at:at+i], []byte("\n"))
					at += i + 1
					if at >= len(content) || content[at] != '"' {
						break
					}
					field = append(field, '"')
					at++
				}
			}
			n := bytes.IndexAny(content[at:], string(delimiter)+"\r\n")
			if n < 0 {
				n = len(content) - at
			}
			field = append(field, content[at:at+n]...)
			fields = append(fields, string(field))
			at += n
			more = at < len(content) && content[at] == delimiter
			if more {
				at++
			}
		}
		if bytes.HasPrefix(content[at:], []byte("\r\n")) {
			at++
		}
		if at < len(content) {
			at++
			line++
		}
		if err := each(first, fields); err != nil {
			return err
		}
	}
	return nil
}

// parseMGSM reads two columns, question and number; the number may carry thousands commas. The published loader gives
// the answer and the equation as null.
func parseMGSM(content []byte) ([]json.RawMessage, error) {
	var rows []json.RawMessage
	err := table(content, '\t', func(line int, fields []string) error {
		if len(fields) != 2 {
			return &lineError{line, fmt.Sprintf("%d columns, want 2", len(fields))}
		}
		text := strings.TrimFunc(strings.ReplaceAll(fields[1], ",", ""), pythonSpace)
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return &lineError{line, fmt.Sprintf("the answer %q is not a whole number", fields[1])}
		}
		rows = append(rows, object("question", fields[0], "answer", nil, "answer_number", number, "equation_solution", nil))
		return nil
	})
	return rows, err
}

// parseCSV gives every record the names of the header line. Empty lines are skipped, as pandas does.
func parseCSV(content []byte) ([]json.RawMessage, error) {
	var header []string
	var rows []json.RawMessage
	err := table(content, ',', func(line int, fields []string) error {
		switch {
		case len(fields) == 1 && fields[0] == "":
			return nil
		case header == nil:
			header = fields
			for i, name := range header {
				if slices.Contains(header[:i], name) {
					return &lineError{line, fmt.Sprintf("column %q appears twice", name)}
				}
			}
			return nil
		case len(fields) != len(header):
			return &lineError{line, fmt.Sprintf("%d columns, want %d", len(fields), len(header))}
		}
		pairs := make([]any, 0, 2*len(header))
		for i, name := range header {
			pairs = append(pairs, name, fields[i])
		}
		rows = append(rows, object(pairs...))
		return nil
	})
	return rows, err
}

// parseLinePairs joins two files line by line. Lines end at LF only and lose their trailing white space, as
// sacreBLEU 1.5.0 reads them. Empty lines at the end that have no partner, or an empty one, are no records.
func parseLinePairs(sources, references []byte) ([]json.RawMessage, error) {
	src, ref := splitLines(sources), splitLines(references)
	for {
		switch s, r := len(src)-1, len(ref)-1; {
		case s > r && src[s] == "":
			src = src[:s]
		case r > s && ref[r] == "":
			ref = ref[:r]
		case s == r && s >= 0 && src[s] == "" && ref[s] == "":
			src, ref = src[:s], ref[:s]
		default:
			return pair(src, ref)
		}
	}
}

// pair makes the rows of sentences and their translations.
func pair(src, ref []string) ([]json.RawMessage, error) {
	if len(src) != len(ref) {
		return nil, fmt.Errorf("%d sources, %d references", len(src), len(ref))
	}
	rows := make([]json.RawMessage, len(src))
	for i := range src {
		rows[i] = object("src", src[i], "ref", ref[i])
	}
	return rows, nil
}

func splitLines(content []byte) []string {
	var all []string
	// The callback never fails, so neither does lines.
	_ = lines(content, func(_ int, line []byte) error {
		all = append(all, strings.TrimRightFunc(string(line), pythonSpace))
		return nil
	})
	return all
}

// parseTSV gives every line the names of the first, by tabs; what stands between two tabs stands for itself.
func parseTSV(content []byte) ([]json.RawMessage, error) {
	var names []string
	var rows []json.RawMessage
	err := lines(content, func(n int, line []byte) error {
		fields := strings.Split(strings.TrimSuffix(string(line), "\r"), "\t")
		if names == nil {
			names = fields
			for i, name := range names {
				if slices.Contains(names[:i], name) {
					return &lineError{n, fmt.Sprintf("column %q appears twice", name)}
				}
			}
			return nil
		}
		if len(fields) != len(names) {
			return &lineError{n, fmt.Sprintf("%d columns, want %d", len(fields), len(names))}
		}
		row := []byte{'{'}
		for i, f := range fields {
			if i > 0 {
				row = append(row, ',')
			}
			row = jsonscan.AppendString(append(jsonscan.AppendString(row, names[i]), ':'), f)
		}
		rows = append(rows, append(row, '}'))
		return nil
	})
	return rows, err
}
