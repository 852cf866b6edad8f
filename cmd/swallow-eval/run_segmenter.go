package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/mecab"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
	"github.com/swallow-eval/swallow-eval/tasks"
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

// env loads the segmenter if one of the tasks needs it.
func (f *segmenterFlags) env(chosen []tasks.Task) (metrics.Env, error) {
	var e metrics.Env
	switch f.segmenter {
	case "nagisa", "mecab", "char":
	default:
		return e, fmt.Errorf("--ja-segmenter %q: choose nagisa, mecab or char", f.segmenter)
	}
	if !wantsSegmenter(chosen) {
		return e, nil
	}
	var words func(string) []string
	switch f.segmenter {
	case "nagisa":
		dir, err := nagisaFolder(f.nagisaDir)
		if err != nil {
			return e, err
		}
		if f.nagisaDir == "" && !exists(filepath.Join(dir, nagisa.Files()[0].Name)) {
			return e, nil // a hole, which the task explains
		}
		t, err := nagisa.Load(dir)
		if err != nil {
			return e, fmt.Errorf("--nagisa-dir: %w", err)
		}
		words, e.Segmenter = t.Words, t.Name()
	case "mecab":
		s, err := mecab.New()
		if err != nil {
			return e, fmt.Errorf("--ja-segmenter mecab: %w", err)
		}
		words, e.Segmenter = s.Words, s.Name()
	case "char":
		words, e.Segmenter = characters, "char"
	}
	e.Segment = func(text string) string { return strings.Join(words(text), " ") }
	return e, nil
}

// wantsSegmenter says whether a metric of one of the tasks counts in words of Japanese.
func wantsSegmenter(chosen []tasks.Task) bool {
	return slices.ContainsFunc(chosen, func(t tasks.Task) bool {
		return slices.ContainsFunc(t.Spec().Metrics, func(m metrics.Metric) bool { return m.Needs == metrics.JapaneseWords })
	})
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

// nagisaEnv overrides the folder that serves where no --nagisa-dir is given.
const nagisaEnv = "SWALLOW_EVAL_NAGISA"

// nagisaFolder is --nagisa-dir, or else the folder that fetch fills.
func nagisaFolder(given string) (string, error) {
	return ownFolder(given, nagisaEnv, "nagisa", "no --nagisa-dir given and no place for a cache")
}
