package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// openInput opens --input: a file, or standard input for "" and "-".
func openInput(c console, name string) (io.ReadCloser, string, error) {
	if name == "" || name == "-" {
		return io.NopCloser(c.in), "standard input", nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, name, fmt.Errorf("--input: %w", err)
	}
	return f, name, nil
}

// eachLine calls f for every line that is not blank, with its number. A last line without a line feed counts. The
// error of f is given the file's name and the line's number.
func eachLine(name string, r io.Reader, f func(line []byte) error) error {
	br := bufio.NewReaderSize(r, 1<<20)
	for n := 1; ; n++ {
		b, err := br.ReadBytes('\n')
		if line := bytes.TrimRight(b, "\r\n"); len(bytes.TrimSpace(line)) > 0 {
			if err := f(line); err != nil {
				return fmt.Errorf("%s:%d: %w", name, n, err)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// readRecords reads a whole JSONL file of T. check, where not nil, may refuse a record.
func readRecords[T any](c console, input string, check func(*T) error) ([]T, error) {
	r, name, err := openInput(c, input)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var records []T
	err = eachLine(name, r, func(line []byte) error {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return err
		}
		if check != nil {
			if err := check(&v); err != nil {
				return err
			}
		}
		records = append(records, v)
		return nil
	})
	return records, err
}

// lines writes JSON objects, one a line.
type lines struct {
	w   *bufio.Writer
	enc *json.Encoder
	// shown is where the lines are for people to see: the encoder's buffer, whose lines are written without the characters
	// that would steer what shows them. The objects are the same.
	shown *bytes.Buffer
	safe  *[]byte
}

func newLines(w io.Writer) lines {
	l := lines{w: bufio.NewWriterSize(w, 1<<16)}
	var to io.Writer = l.w
	if isTerminal(w) || isActionsLog(w) {
		l.shown, l.safe = &bytes.Buffer{}, &[]byte{}
		to = l.shown
	}
	l.enc = json.NewEncoder(to)
	l.enc.SetEscapeHTML(false)
	return l
}

func (l lines) write(v any) error {
	if err := l.enc.Encode(v); err != nil || l.shown == nil {
		return err
	}
	*l.safe = textsafe.JSON((*l.safe)[:0], l.shown.Bytes())
	l.shown.Reset()
	_, err := l.w.Write(*l.safe)
	return err
}

func (l lines) flush() error { return l.w.Flush() }
