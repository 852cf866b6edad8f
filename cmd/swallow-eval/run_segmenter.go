package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/internal/folders"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/metrics/segment"
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
	if !slices.Contains(segment.Names(), f.segmenter) {
		return e, fmt.Errorf("--ja-segmenter %q: choose nagisa, mecab or char", f.segmenter)
	}
	if !tasks.Need(chosen, metrics.JapaneseWords) {
		return e, nil
	}
	if f.segmenter != segment.Nagisa {
		e, err := segment.Open(f.segmenter, "")
		if err != nil {
			return e, fmt.Errorf("--ja-segmenter %s: %w", f.segmenter, err)
		}
		return e, nil
	}
	dir, err := folders.Nagisa(f.nagisaDir)
	if err != nil {
		return e, err
	}
	if f.nagisaDir == "" && !segment.Fetched(dir) {
		return e, nil // a hole, which the task explains
	}
	if e, err = segment.Open(segment.Nagisa, dir); err != nil {
		return e, fmt.Errorf("--nagisa-dir: %w", err)
	}
	return e, nil
}
