package results

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// Kind is what a file of stored outputs or results is.
type Kind string

// The kinds. A file of another kind is KindUnknown.
const (
	KindUnknown Kind = ""
	// KindSamples is our own samples_<task>.jsonl, KindRun our run.json.
	KindSamples Kind = "swallow-eval-samples"
	KindRun     Kind = "swallow-eval-run"
	// KindHarness is a result file of a harness: JP harness (with or without details), EN harness, lm-eval 0.4.
	KindHarness Kind = "harness-results"
	// KindWriteOut is the EN harness's <task>_write_out_info.json.
	KindWriteOut Kind = "write-out"
	// KindLMEval is lm-eval 0.4's samples: JSON Lines, or one array until 0.4.2.
	KindLMEval Kind = "lm-eval-samples"
	// KindLLMJP is llm-jp-eval's outputs, KindLLMJPScores the scores that version 1.1 keeps in a file of their own.
	KindLLMJP       Kind = "llm-jp-eval"
	KindLLMJPScores Kind = "llm-jp-eval-scores"
	// KindAggregate is swallow-evaluation's aggregated_result.json, which holds numbers alone.
	KindAggregate Kind = "swallow-aggregate"
)

// firstLines is how many lines of JSON Lines may be unreadable before a file's kind is given up, and firstElements how
// many elements of an array may say nothing.
const (
	firstLines    = 10
	firstElements = 100
)

// DetectFile says by its content what kind a file is. The error is that of a file which is not JSON.
func DetectFile(path string) (Kind, error) {
	f, err := os.Open(path)
	if err != nil {
		return KindUnknown, err
	}
	defer f.Close()
	kind, err := Detect(path, f)
	if err == nil || filepath.Ext(path) != ".jsonl" {
		return kind, err
	}
	// A damaged first line must not hide the lines after it.
	if _, serr := f.Seek(0, io.SeekStart); serr != nil {
		return KindUnknown, serr
	}
	lines := bufio.NewReaderSize(f, 1<<16)
	for range firstLines {
		line, rerr := lines.ReadBytes('\n')
		if kind, lerr := Detect(path, bytes.NewReader(line)); lerr == nil && kind != KindUnknown {
			return kind, nil
		}
		if rerr != nil {
			break
		}
	}
	return KindUnknown, err
}

// errDetected ends the reading of a document that is known well enough.
var errDetected = errors.New("detected")

// Detect says what kind of file r is, reading no further than it must. name is for the error.
func Detect(name string, r io.Reader) (Kind, error) {
	d := detector{Walker: python.NewWalker(name, r)}
	err := d.Value(python.Visitor{Member: d.member, Element: d.element})
	switch {
	case errors.Is(err, errDetected):
		return d.kind, nil
	case err != nil:
		return KindUnknown, d.Named(err)
	case d.scores:
		return KindLLMJPScores, nil
	}
	return KindUnknown, nil
}

type detector struct {
	*python.Walker
	kind Kind
	// scores is set where a member is named like a score of llm-jp-eval.
	scores bool
}

func (d *detector) found(k Kind) error {
	d.kind = k
	return errDetected
}

// member looks at a member of the outermost object.
func (d *detector) member(key string) error {
	switch key {
	case "schema_version":
		return d.found(KindRun)
	case "exchanges":
		return d.found(KindSamples)
	case "resps", "filtered_resps":
		return d.found(KindLMEval)
	case "results":
		return d.Value(python.Visitor{Member: func(string) error {
			return d.Value(python.Visitor{Member: func(string) error { return d.found(KindHarness) }})
		}})
	case "result":
		return d.Value(python.Visitor{Member: func(column string) error {
			if slices.ContainsFunc(swallowColumns(), func(c swallowColumn) bool { return c.name == column }) {
				return d.found(KindAggregate)
			}
			return d.Skip()
		}})
	case "outputs":
		return d.Value(python.Visitor{
			Member:  func(string) error { return d.found(KindLLMJP) },
			Element: func(int) error { return d.found(KindLLMJP) },
		})
	case "scores":
		return d.Value(python.Visitor{Member: func(string) error { return d.found(KindLLMJP) }})
	}
	return d.Value(python.Visitor{
		Element: func(i int) error { return d.outputs(i) },
		Scalar: func(json.Token) error {
			d.scores = d.scores || slices.ContainsFunc(llmjpMetrics, func(m string) bool { return strings.HasSuffix(key, "_"+m) })
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
		return d.found(KindLLMJP)
	}
	return err
}

// element looks at an element of an outermost array.
func (d *detector) element(i int) error {
	if i >= firstElements {
		return d.found(KindUnknown)
	}
	return d.Value(python.Visitor{Member: func(key string) error {
		switch key {
		case "resps", "filtered_resps":
			return d.found(KindLMEval)
		case "logit_0", "prompt_0":
			return d.found(KindWriteOut)
		}
		return d.Skip()
	}})
}
