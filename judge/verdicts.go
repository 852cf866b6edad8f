package judge

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Line is one program in a file. The first two fields are those of openai/human-eval's samples, whose evaluator writes the file
// again with result and passed beside all there was.
type Line struct {
	Problem    string      `json:"task_id"`
	Completion string      `json:"completion"`
	Task       string      `json:"task"`
	Doc        tasks.DocID `json:"doc_id"`
	Draw       int         `json:"sample"`
	// Digest is the hex sha256 of the program, which is all that is to be run.
	Digest  string  `json:"program_sha256"`
	Program *string `json:"program,omitempty"`
	// Passed and Result are the verdict: nil and "" where there is none yet.
	Passed *bool  `json:"passed,omitempty"`
	Result string `json:"result,omitempty"`
}

// NewLine is a program as a line; problem is its document's name among human-eval's.
func NewLine(problem, completion string, p eval.Program) Line {
	return Line{Problem: problem, Completion: completion, Task: p.Task, Doc: p.Doc, Draw: p.Draw, Digest: digest(p.Text), Program: &p.Text}
}

// WriteLines writes lines as JSON, one a line.
func WriteLines(w io.Writer, lines []Line) error {
	b := bufio.NewWriter(w)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	for _, l := range lines {
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return b.Flush()
}

// Verdicts are those of a file. It is an eval.Judge that runs nothing.
type Verdicts struct {
	name  string
	known map[key]Line
}

type key struct {
	task string
	doc  string
	draw int
}

// mostLine bounds a line: a program of a thousand tokens has a few kilobytes.
const mostLine = 4 << 20

// ReadVerdicts reads a file of lines with verdicts. An error names the line.
func ReadVerdicts(name string, r io.Reader) (*Verdicts, error) {
	v := &Verdicts{filepath.Base(name), map[key]Line{}}
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, mostLine)
	for n := 1; sc.Scan(); n++ {
		line := sc.Bytes()
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		l, err := readLine(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		k := key{l.Task, l.Doc.String(), l.Draw}
		if _, twice := v.known[k]; twice {
			return nil, fmt.Errorf("%s:%d: a second verdict on %s document %s, sample %d", name, n, l.Task, l.Doc, l.Draw)
		}
		v.known[k] = l
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(v.known) == 0 {
		return nil, fmt.Errorf("%s: no verdicts", name)
	}
	return v, nil
}

// readLine reads one verdict.
func readLine(b []byte) (Line, error) {
	var l Line
	if err := json.Unmarshal(b, &l); err != nil {
		return l, err
	}
	switch {
	case l.Task == "" || l.Doc.String() == "" || l.Digest == "":
		return l, errors.New("no line that was exported: task, doc_id or program_sha256 is missing")
	case l.Draw < 0:
		return l, fmt.Errorf("sample %d", l.Draw)
	case l.Passed == nil:
		return l, fmt.Errorf("%s document %s, sample %d has no verdict: \"passed\" is true or false", l.Task, l.Doc, l.Draw)
	case *l.Passed && l.Result != "" && l.Result != tasks.Passed:
		return l, fmt.Errorf("%s document %s, sample %d: passed is true, and the result is %.40q", l.Task, l.Doc, l.Draw, l.Result)
	case !*l.Passed && l.Result == tasks.Passed:
		return l, fmt.Errorf("%s document %s, sample %d: passed is false, and the result is %q", l.Task, l.Doc, l.Draw, l.Result)
	}
	return l, nil
}

// verdict is the line's in words.
func (l Line) verdict() string {
	switch {
	case *l.Passed:
		return tasks.Passed
	case l.Result == tasks.TimedOut:
		return tasks.TimedOut
	case l.Result == "":
		return "failed"
	}
	return l.Result
}

// Judge looks verdicts up. One that is missing, or that is about another program, is an error.
func (v *Verdicts) Judge(_ context.Context, programs []eval.Program) ([]string, error) {
	verdicts := make([]string, len(programs))
	for i, p := range programs {
		l, ok := v.known[key{p.Task, p.Doc.String(), p.Draw}]
		switch {
		case !ok:
			return nil, fmt.Errorf("%s: no verdict on %s document %s, sample %d", v.name, p.Task, p.Doc, p.Draw)
		case l.Digest != digest(p.Text):
			return nil, fmt.Errorf("%s: the verdict on %s document %s, sample %d is about another program", v.name, p.Task, p.Doc, p.Draw)
		}
		verdicts[i] = l.verdict()
	}
	return verdicts, nil
}

// About names the file.
func (v *Verdicts) About() results.Judge { return results.Judge{By: "the file " + v.name} }
