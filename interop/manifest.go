package interop

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
)

// What the run.json beside a file of samples says of it, where that is not that it is the file it names.
const (
	unvouchedAlone   = "no run.json beside it vouches for it"
	unvouchedMember  = "the run.json beside it does not name it: it is of another run, or of one that was killed"
	unvouchedDigest  = "it is not the file that the run.json beside it names: their digests differ"
	verdictUnvouched = "not what run.json names"
)

// vouching is what the manifest beside a file of samples says of it.
type vouching struct {
	score  results.Score
	named  bool   // the manifest has a score of the file
	reason string // why nobody vouches for the file, "" where the manifest does
	wrong  bool   // a manifest is there and does not vouch for it
}

// vouch looks for the file in the manifest beside it, run; unread is why there is none.
func vouch(path string, run results.Run, unread error) (vouching, error) {
	if errors.Is(unread, fs.ErrNotExist) {
		return vouching{reason: unvouchedAlone}, nil
	}
	if unread != nil {
		return vouching{}, unread
	}
	for _, s := range run.Scores {
		if s.SamplesFile != filepath.Base(path) {
			continue
		}
		digest, err := digestOf(path)
		if err != nil || digest == s.SamplesDigest {
			return vouching{score: s, named: true}, err
		}
		return vouching{score: s, named: true, reason: unvouchedDigest, wrong: true}, nil
	}
	return vouching{reason: unvouchedMember, wrong: true}, nil
}

func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	return "sha256:" + hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

// judge compares the series with what the manifest records of it.
func (v vouching) judge(s *series.Series) {
	s.Unvouched, s.Misfiled = v.reason, v.wrong
	if v.named {
		s.Total = max(s.Total, v.score.Total)
	}
	if !v.named || v.score.Task != s.Task {
		if v.wrong {
			for i := range s.Values {
				s.Values[i].Verdict = verdictUnvouched
			}
		}
		return
	}
	for i := range s.Values {
		value := &s.Values[i]
		for _, had := range v.score.Values {
			if had.Metric != value.Metric || had.Max == 0 {
				continue
			}
			value.Recorded = decimals(had.Value / had.Max)
			if had.StdErr != nil {
				value.RecordedStdErr = decimals(*had.StdErr / had.Max)
			}
			switch {
			case v.wrong:
				value.Verdict = verdictUnvouched
			case value.Hole != "": // of an earlier version that called it 0
			case had.Signature != value.Signature:
				value.Verdict = "another metric than recorded: " + had.Signature
			default:
				value.Verdict = string(series.Recorded{Value: had.Value, Decimals: -1}.Agrees(value.Value.Value))
			}
		}
	}
}

// decimals is a share as the table shows it.
func decimals(v float64) string { return strconv.FormatFloat(v, 'f', 4, 64) }

// missing lists what a manifest names and what is not there: files of samples, and tasks without a number.
func missing(path string, find func(task string) string) ([]series.Series, error) {
	run, err := results.ReadRun(path)
	if err != nil {
		return nil, err
	}
	var list []series.Series
	add := func(s results.Score, hole string) {
		title := s.Title
		if t := find(s.Task); t != "" {
			title = t
		}
		list = append(list, series.Series{
			File: path, Format: series.KindSamples, Protocol: run.Profile, Task: s.Task, Source: s.Task, Title: title, Total: s.Total,
			Values: []series.Value{}, Hole: hole,
		})
	}
	for _, s := range run.Scores {
		hole := s.Hole
		if s.SamplesFile != "" && filepath.IsLocal(s.SamplesFile) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), s.SamplesFile)); errors.Is(err, fs.ErrNotExist) {
				hole = fmt.Sprintf("%s names %s, which is not there", results.RunFile, s.SamplesFile)
			} else {
				continue
			}
		}
		if hole == "" {
			continue
		}
		add(s, hole)
	}
	for _, task := range run.Unfinished {
		add(results.Score{Task: task, Title: task}, "a run was interrupted before it was finished")
	}
	return list, nil
}
