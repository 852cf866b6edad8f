package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/metrics/mecab"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// segmenterFlags choose what splits Japanese into words for BLEU into Japanese. The published column used nagisa;
// another segmenter gives another number, and the metric's signature says which it was.
type segmenterFlags struct {
	segmenter string
	nagisaDir string
}

func (f *segmenterFlags) register(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.segmenter, "ja-segmenter", "nagisa", "words of Japanese for WMT20-en-ja: nagisa (published), mecab or char")
	fl.StringVar(&f.nagisaDir, "nagisa-dir", "", "folder of nagisa_v001.dict, nagisa_v001.model and nagisa_v001.hp (default: the folder fetch fills)")
}

// options loads the segmenter if one of the tasks needs it.
func (f *segmenterFlags) options(chosen []tasks.Task) (suite.Options, error) {
	var o suite.Options
	switch f.segmenter {
	case "nagisa", "mecab", "char":
	default:
		return o, fmt.Errorf("--ja-segmenter %q: choose nagisa, mecab or char", f.segmenter)
	}
	needed := false
	for _, t := range chosen {
		needed = needed || t.Spec().Name == "wmt20-en-ja"
	}
	if !needed {
		return o, nil
	}
	var words func(string) []string
	switch f.segmenter {
	case "nagisa":
		dir, err := nagisaFolder(f.nagisaDir)
		if err != nil {
			return o, err
		}
		if f.nagisaDir == "" && !exists(filepath.Join(dir, nagisa.Files()[0].Name)) {
			return o, nil // a hole, which the task explains
		}
		t, err := nagisa.Load(dir)
		if err != nil {
			return o, fmt.Errorf("--nagisa-dir: %w", err)
		}
		words, o.Segmenter = t.Words, t.Name()
	case "mecab":
		s, err := mecab.New()
		if err != nil {
			return o, fmt.Errorf("--ja-segmenter mecab: %w", err)
		}
		words, o.Segmenter = s.Words, s.Name()
	case "char":
		words, o.Segmenter = characters, "char"
	}
	// The harness strips a text before it is segmented (lm_eval/tasks/translation.py of the JP fork at 9b42d41).
	o.Segment = func(text string) string { return strings.Join(words(pytext.Strip(text)), " ") }
	return o, nil
}

// characters splits a text into code points other than white space.
func characters(text string) []string {
	var list []string
	for _, word := range pytext.Fields(text) {
		for _, r := range word {
			list = append(list, string(r))
		}
	}
	return list
}
