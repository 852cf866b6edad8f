package terminal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
)

// EachLine calls f for every line that is not blank, with its number. A last line without a line feed counts. The
// error of f is given the file's name and the line's number.
func EachLine(name string, r io.Reader, f func(line []byte) error) error {
	br := bufio.NewReaderSize(r, 1<<20)
	for n := 1; ; n++ {
		b, err := br.ReadBytes('\n')
		if n == 1 {
			b = bytes.TrimPrefix(b, []byte("\ufeff")) // a byte order mark, as Windows editors write one
		}
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

// Lines writes JSON objects, one a line.
type Lines struct {
	w   *bufio.Writer
	enc *json.Encoder
	// shown is where the lines are for people to see: the encoder's buffer, whose lines are written without the characters
	// that would steer what shows them. The objects are the same.
	shown *bytes.Buffer
	safe  *[]byte
}

// NewLines writes to w.
func NewLines(w io.Writer) Lines {
	l := Lines{w: bufio.NewWriterSize(w, 1<<16)}
	var to io.Writer = l.w
	if IsTerminal(w) || IsActionsLog(w) {
		l.shown, l.safe = &bytes.Buffer{}, &[]byte{}
		to = l.shown
	}
	l.enc = json.NewEncoder(to)
	l.enc.SetEscapeHTML(false)
	return l
}

// Write adds an object.
func (l Lines) Write(v any) error {
	if err := l.enc.Encode(v); err != nil || l.shown == nil {
		return err
	}
	*l.safe = textsafe.JSON((*l.safe)[:0], l.shown.Bytes())
	l.shown.Reset()
	_, err := l.w.Write(*l.safe)
	return err
}

// Flush ends the text.
func (l Lines) Flush() error { return l.w.Flush() }

// LineWriter writes lines at once, each with one call. Where they are for people to see, they are written without the
// characters that would steer what shows them; the objects are the same.
func LineWriter(w io.Writer) func(line []byte) error {
	shown := IsTerminal(w) || IsActionsLog(w)
	var safe []byte
	return func(line []byte) error {
		if shown {
			safe = textsafe.JSON(safe[:0], line)
			line = safe
		}
		n, err := w.Write(line)
		if err == nil && n < len(line) {
			err = fmt.Errorf("standard output: %w", io.ErrShortWrite)
		}
		return err
	}
}
