// Package bulk answers lines of JSON with a model, however many there are: one line of output for each line of input that
// is not blank, in the order of the input.
//
// It promises that an answer is kept before it is shown and shown as soon as those before it are, so that what is stopped
// has left whole lines, and goes on where it stopped when it is run again; that lines are answered as soon as no more come,
// so that whoever asks line by line is answered; that memory does not grow with the input, but
// for the index of what is kept; that a line that cannot be answered has an error object in its place and costs the
// others nothing; and that the output depends on the input and the model alone.
package bulk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
	"github.com/swallow-eval/swallow-eval/internal/jsonwords"
)

// Answers remembers answers under the digest of what was asked. It belongs to one model.
type Answers interface {
	// Recall returns what was remembered, by this process or an earlier one.
	Recall(request [sha256.Size]byte) (object []byte, ok bool)
	// Remember keeps a JSON object; when it returns, the object survives the death of the process.
	Remember(request [sha256.Size]byte, object []byte) error
	// Flush makes all that is remembered survive the loss of power.
	Flush() error
}

// Stream is where lines come from and go to.
type Stream struct {
	// Input is read piece by piece; Name is what errors call it.
	Input io.Reader
	Name  string
	// Line shows one line, line feed included, at once. It must not keep the slice.
	Line func(line []byte) error
	// Answers may be nil: then nothing is remembered.
	Answers Answers
}

// Counts tells what was done, so far where it was stopped.
type Counts struct {
	// Lines is the number of lines shown, Asked that of answers computed, Recalled that of lines answered without.
	Lines, Asked, Recalled int
	// Bad is the number of lines with an error in place of an answer, the first of which is First.
	Bad   int
	First string
}

// Err is the summary of the lines that could not be answered, nil where all were.
func (c Counts) Err() error {
	if c.Bad == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d lines have an error in place of an answer, the first: %s", c.Bad, c.Lines, c.First)
}

// kind is a kind of request.
type kind[Q any] struct {
	// parse reads a line, the n-th that is not blank from 0, and gives the digest of what it asks.
	parse func(line []byte, n int) (q Q, key [sha256.Size]byte, err error)
	// ask calls done once for each question, one call at a time, in any order, with the answer as a JSON object or with
	// what is wrong with this question alone. An error that done returns ends it.
	ask func(ctx context.Context, questions []Q, done func(i int, object []byte, err error) error) error
}

// answering is a stream being answered.
type answering[Q any] struct {
	kind[Q]
	stream Stream
	lines  <-chan arrival
	count  int // lines read that are not blank
	counts Counts
}

// item is one line of the input on its way to one of the output.
type item[Q any] struct {
	number int    // of the line, from 1
	id     []byte // JSON
	q      Q
	key    [sha256.Size]byte
	out    []byte // the line to show
	wrong  string // what it says in place of an answer
}

func answer[Q any](ctx context.Context, s Stream, k kind[Q]) (Counts, error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	a := &answering[Q]{kind: k, stream: s, lines: arrivals(reading, newLineReader(s.Input))}
	for size := firstLines; ; size = min(4*size, mostLines) {
		items, readErr := a.read(ctx, size)
		if readErr != nil && !errors.Is(readErr, io.EOF) && ctx.Err() == nil {
			readErr = fmt.Errorf("%s: %w", s.Name, readErr)
		}
		if err := a.do(ctx, items); err != nil {
			return a.counts, err
		}
		if errors.Is(readErr, io.EOF) {
			return a.counts, nil
		}
		if readErr != nil {
			return a.counts, readErr
		}
	}
}

// The input is answered piece by piece. A piece is large enough for a model to find what its prompts share; the first
// ones are small, so that the first answers come soon.
const (
	firstLines = 64
	mostLines  = 4096
	mostBytes  = 8 << 20
)

// read reads the next piece, which ends early where the input pauses. It ends with ctx, even where the input gives nothing.
func (a *answering[Q]) read(ctx context.Context, most int) (items []*item[Q], err error) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	var paused <-chan time.Time // nothing is waited for without end, a second line is not
	for bytes := 0; len(items) < most && bytes < mostBytes; {
		select {
		case x := <-a.lines:
			if x.err != nil && !errors.Is(x.err, errLong) {
				return items, x.err
			}
			items = append(items, a.item(x))
			bytes += len(x.line)
			timer.Reset(pause)
			paused = timer.C
		case <-paused:
			return items, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return items, nil
}

// item makes of a line what is to be asked, or what is to be said in place of an answer.
func (a *answering[Q]) item(x arrival) *item[Q] {
	it := &item[Q]{number: x.number, id: []byte("null")}
	n, err := a.count, x.err
	a.count++
	if err == nil {
		it.id = idOf(x.line)
		if utf8.Valid(x.line) {
			it.q, it.key, err = a.parse(x.line, n)
		} else { // which encoding/json reads as another text
			err = errors.New("the line is not UTF-8")
		}
	}
	if err != nil {
		it.refuse(err)
	}
	return it
}

// refuse gives the item what is wrong with it in place of an answer.
func (it *item[Q]) refuse(err error) {
	it.wrong = jsonwords.Text(err)
	it.out = fmt.Appendf(nil, `{"id":%s,"line":%d,"error":`, it.id, it.number)
	it.out = append(jsonscan.AppendString(it.out, it.wrong), "}\n"...)
}

// answer gives the item an object that is not empty.
func (it *item[Q]) answer(object []byte) {
	it.out = append([]byte(`{"id":`), it.id...)
	it.out = append(append(it.out, ','), object[1:]...)
	it.out = append(it.out, '\n')
}

// show shows the items that are answered and behind none that is not, and forgets them.
func (a *answering[Q]) show(items []*item[Q]) (rest []*item[Q], err error) {
	for len(items) > 0 && items[0].out != nil {
		it := items[0]
		items[0], items = nil, items[1:]
		if err := a.stream.Line(it.out); err != nil {
			return items, err
		}
		a.counts.Lines++
		if it.wrong == "" {
			continue
		}
		if a.counts.Bad++; a.counts.Bad == 1 {
			a.counts.First = fmt.Sprintf("%s:%d: %s", a.stream.Name, it.number, it.wrong)
		}
	}
	return items, nil
}
