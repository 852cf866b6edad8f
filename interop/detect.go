// Package interop knows what files of other programs hold, and makes results of them: each format is read and written in a
// package of its own below, and what is known of a task by other names lies with the task.
package interop

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/llmjp"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/interop/swallow"
)

// firstLines is how many lines of JSON Lines may be unreadable before a file's kind is given up, and firstElements how
// many elements of an array may say nothing.
const (
	firstLines    = 10
	firstElements = 100
)

// DetectFile says by its content what kind a file is. The error is that of a file which is not JSON.
func DetectFile(path string) (series.Kind, error) {
	f, err := os.Open(path)
	if err != nil {
		return series.KindUnknown, err
	}
	defer f.Close()
	kind, err := Detect(path, f)
	if err == nil || filepath.Ext(path) != ".jsonl" {
		return kind, err
	}
	// A damaged first line must not hide the lines after it.
	if _, serr := f.Seek(0, io.SeekStart); serr != nil {
		return series.KindUnknown, serr
	}
	lines := bufio.NewReaderSize(f, 1<<16)
	for range firstLines {
		line, rerr := lines.ReadBytes('\n')
		if kind, lerr := Detect(path, bytes.NewReader(line)); lerr == nil && kind != series.KindUnknown {
			return kind, nil
		}
		if rerr != nil {
			break
		}
	}
	return series.KindUnknown, err
}

// errDetected ends the reading of a document that is known well enough.
var errDetected = errors.New("detected")

// Detect says what kind of file r is, reading no further than it must. name is for the error.
func Detect(name string, r io.Reader) (series.Kind, error) {
	d := detector{Walker: python.NewWalker(name, r)}
	err := d.Value(python.Visitor{Member: d.member, Element: d.element})
	switch {
	case errors.Is(err, errDetected):
		return d.kind, nil
	case err != nil:
		return series.KindUnknown, d.Named(err)
	case d.scores:
		return series.KindLLMJPScores, nil
	}
	return series.KindUnknown, nil
}

type detector struct {
	*python.Walker
	kind series.Kind
	// scores is set where a member is named like a score of llm-jp-eval.
	scores bool
}

func (d *detector) found(k series.Kind) error {
	d.kind = k
	return errDetected
}

// member looks at a member of the outermost object.
func (d *detector) member(key string) error {
	switch key {
	case "schema_version":
		return d.found(series.KindRun)
	case "exchanges":
		return d.found(series.KindSamples)
	case "resps", "filtered_resps":
		return d.found(series.KindLMEval)
	case "results":
		return d.Value(python.Visitor{Member: func(string) error {
			return d.Value(python.Visitor{Member: func(string) error { return d.found(series.KindHarness) }})
		}})
	case "result":
		return d.Value(python.Visitor{Member: func(column string) error {
			if swallow.IsColumn(column) {
				return d.found(series.KindAggregate)
			}
			return d.Skip()
		}})
	case "outputs":
		return d.Value(python.Visitor{
			Member:  func(string) error { return d.found(series.KindLLMJP) },
			Element: func(int) error { return d.found(series.KindLLMJP) },
		})
	case "scores":
		return d.Value(python.Visitor{Member: func(string) error { return d.found(series.KindLLMJP) }})
	}
	return d.Value(python.Visitor{
		Element: func(i int) error { return d.outputs(i) },
		Scalar: func(json.Token) error {
			d.scores = d.scores || llmjp.IsScore(key)
			return nil
		},
	})
}

// outputs looks at an element of an array that may be a data set's outputs.
func (d *detector) outputs(i int) error {
	if i > 0 {
		return d.Skip()
	}
	pred, gold := false, false
	err := d.Value(python.Visitor{Member: func(key string) error {
		pred, gold = pred || key == "pred", gold || key == "gold"
		return d.Skip()
	}})
	if err == nil && pred && gold {
		return d.found(series.KindLLMJP)
	}
	return err
}

// element looks at an element of an outermost array.
func (d *detector) element(i int) error {
	if i >= firstElements {
		return d.found(series.KindUnknown)
	}
	return d.Value(python.Visitor{Member: func(key string) error {
		switch key {
		case "resps", "filtered_resps":
			return d.found(series.KindLMEval)
		case "logit_0", "prompt_0":
			return d.found(series.KindWriteOut)
		}
		return d.Skip()
	}})
}
