// Package folders says where on this machine the program keeps things: where a flag says, else where an environment variable says,
// else below the user's cache.
package folders

import (
	"fmt"
	"os"
	"path/filepath"
)

// The variables that override the folders that serve where no flag names one.
const (
	DataEnv    = "SWALLOW_EVAL_DATA"
	AnswersEnv = "SWALLOW_EVAL_ANSWERS"
	NagisaEnv  = "SWALLOW_EVAL_NAGISA"
	DigestsEnv = "SWALLOW_EVAL_DIGESTS"
	RowsEnv    = "SWALLOW_EVAL_ROWS"
)

// Data is the folder of benchmark files: below HF_DATASETS_CACHE where that is set and nothing else is, since whoever sets it wants
// data sets there. The error names the flag --data-dir.
func Data(given string) (string, error) {
	if cache := os.Getenv("HF_DATASETS_CACHE"); cache != "" && given == "" && os.Getenv(DataEnv) == "" {
		return filepath.Join(cache, "swallow-eval"), nil
	}
	return find(given, DataEnv, "data", "no --data-dir given and no place for a cache")
}

// Answers is the folder of remembered answers. The error names the flags --use-cache and --no-cache.
func Answers(given string) (string, error) {
	return find(given, AnswersEnv, "answers", "no place for a cache of answers: name one with --use-cache, or give --no-cache")
}

// Nagisa is the folder of nagisa's model. The error names the flag --nagisa-dir.
func Nagisa(given string) (string, error) {
	return find(given, NagisaEnv, "nagisa", "no --nagisa-dir given and no place for a cache")
}

// Digests is where digests of weight files are remembered, "" where there is no place: then they are computed anew.
func Digests() string { return remembered(DigestsEnv, "digests") }

// Rows is where the rows of data files are remembered, "" where there is no place: then the files are read anew.
func Rows() string { return remembered(RowsEnv, "rows") }

func remembered(env, name string) string {
	dir, err := find("", env, name, "")
	if err != nil {
		return ""
	}
	return dir
}

// find is the folder that was given, or that env names, or one in the user's cache. without says what is wrong where there is none.
func find(given, env, name, without string) (string, error) {
	if given != "" {
		return given, nil
	}
	if dir := os.Getenv(env); dir != "" {
		return dir, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%s: %w", without, err)
	}
	return filepath.Join(cache, "swallow-eval", name), nil
}
