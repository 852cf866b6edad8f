package interop

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/jsonwords"
	"github.com/swallow-eval/swallow-eval/interop/jpharness"
	"github.com/swallow-eval/swallow-eval/interop/llmjp"
	"github.com/swallow-eval/swallow-eval/interop/lmeval"
	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/interop/writeout"
	"github.com/swallow-eval/swallow-eval/results"
)

// Scorer scores stored outputs of all formats.
type Scorer struct {
	*series.Scorer
	llmjp llmjp.Scorer
	// configs are what the result files among those that are scored say of their runs.
	configs []harnessConfig
}

// NewScorer returns a scorer under a profile.
func NewScorer(s *series.Scorer) *Scorer { return &Scorer{s, llmjp.Scorer{Scorer: s}, nil} }

// Found is what files of stored outputs score.
type Found struct {
	Series []series.Series
	// Ignored are files that hold no stored outputs.
	Ignored []string
}

// order puts files that only record scores first, so that the others can be compared with them.
func order(k series.Kind) int {
	return slices.Index([]series.Kind{series.KindHarness, series.KindLLMJPScores, series.KindSamples, series.KindLLMJP, series.KindWriteOut, series.KindLMEval}, k)
}

// All scores every file. What is wrong with one of several is its series' hole.
func (s *Scorer) All(files []File) (Found, error) {
	out := Found{Series: []series.Series{}}
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b File) int { return order(a.Kind) - order(b.Kind) })
	for _, f := range files { // a result file that cannot be read is a series of its own
		if list, err := harnessConfigs([]File{f}); err == nil {
			s.configs = append(s.configs, list...)
		}
	}
	for _, f := range files {
		if f.Kind == series.KindUnknown && f.Broken == nil {
			out.Ignored = append(out.Ignored, f.Path)
			continue
		}
		list, err := s.one(f)
		switch {
		case err != nil && f.Broken == nil && len(files) == 1:
			return out, err
		case err != nil: // must not hide the others
			list = []series.Series{{
				File: f.Path, Format: f.Kind, Source: filepath.Base(f.Path), Values: []series.Value{}, Hole: jsonwords.Text(err), Failed: err,
			}}
		}
		out.Series = append(out.Series, list...)
	}
	out.Series = append(append(out.Series, s.WithoutOutputs()...), s.llmjp.WithoutOutputs()...)
	s.sort(out.Series)
	out.Series = append(out.Series, groups(files, out.Series)...)
	return out, nil
}

// one scores one file.
func (s *Scorer) one(f File) ([]series.Series, error) {
	switch f.Kind {
	case series.KindHarness:
		return jpharness.Score(s.Scorer, f.Path)
	case series.KindLLMJPScores:
		return nil, s.llmjp.Scores(f.Path)
	case series.KindSamples:
		return s.samples(f.Path)
	case series.KindRun:
		if filepath.Base(f.Path) != results.RunFile {
			return nil, f.Broken
		}
		return missing(f.Path, s.title)
	case series.KindLLMJP:
		return s.llmjp.Outputs(f.Path)
	case series.KindWriteOut:
		return writeout.Score(s.Scorer, f.Path)
	case series.KindLMEval:
		return lmeval.Score(s.exporter(f.Path), f.Path)
	}
	return nil, f.Broken
}

// exporter is the scorer under the profile of the run that this program exported to a file, which the result file beside it names. A
// profile that this build does not have is the scorer's own.
func (s *Scorer) exporter(path string) *series.Scorer {
	c, ok := configOf(s.configs, path)
	profile := strings.TrimSuffix(c.Profile, "*") // that of another number of examples
	if !ok || profile == "" || profile == s.Profile || s.Other == nil {
		return s.Scorer
	}
	known, err := s.Other(results.Run{Profile: profile, Own: c.Own})
	if err != nil {
		return s.Scorer
	}
	return s.Under(profile, known)
}

// sort puts the series in the order of folders, then of the published table, then of files.
func (s *Scorer) sort(list []series.Series) {
	column := func(t series.Series) int {
		for i, known := range s.Tasks {
			if known.Spec().Name == t.Task {
				return i
			}
		}
		return len(s.Tasks)
	}
	slices.SortStableFunc(list, func(a, b series.Series) int {
		if d := strings.Compare(filepath.Dir(a.File), filepath.Dir(b.File)); d != 0 {
			return d
		}
		if d := column(a) - column(b); d != 0 {
			return d
		}
		return strings.Compare(a.File, b.File)
	})
}
