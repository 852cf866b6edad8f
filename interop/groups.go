package interop

import (
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/interop/series"
	"github.com/swallow-eval/swallow-eval/results"
)

// groups are the averages over tasks of our own runs among the files, over what list has scored of their tasks.
func groups(files []File, list []series.Series) (out []series.Series) {
	for _, f := range files {
		if f.Kind != series.KindRun || filepath.Base(f.Path) != results.RunFile {
			continue
		}
		run, err := results.ReadRun(f.Path)
		if err != nil || len(run.Groups) == 0 {
			continue // what is wrong with the manifest is a series of its own
		}
		scored := results.Run{Unfinished: run.Unfinished}
		for _, s := range list {
			if s.Format == series.KindSamples && filepath.Dir(s.File) == filepath.Dir(f.Path) {
				scored.Scores = append(scored.Scores, scoreOf(s))
			}
		}
		for _, s := range run.Scores {
			if _, ok := scored.Score(s.Task); !ok {
				scored.Scores = append(scored.Scores, results.Score{Task: s.Task, Title: s.Title, Total: s.Total, Hole: "its samples are not there"})
			}
		}
		for _, g := range results.Averages(scored, run.Groups) {
			out = append(out, groupSeries(f.Path, run, g))
		}
	}
	return out
}

// scoreOf is a series as a run has it.
func scoreOf(s series.Series) results.Score {
	score := results.Score{Task: s.Task, Title: s.Title, N: s.N, Total: s.Total, Hole: s.Hole}
	for _, v := range s.Values {
		if v.Hole == "" {
			score.Values = append(score.Values, v.Value)
		}
	}
	return score
}

// groupSeries is an average beside the recorded one.
func groupSeries(path string, run results.Run, g results.Group) series.Series {
	out := series.Series{
		File: path, Format: series.KindSamples, Protocol: run.Profile, Source: g.Name, Title: g.Title, N: g.N, Total: g.Total, Group: true, Values: []series.Value{},
	}
	recorded := map[string]results.Value{}
	for _, had := range run.Groups {
		for _, v := range had.Values {
			if had.Name == g.Name {
				recorded[v.Metric] = v.Value
			}
		}
		for _, u := range had.Unmeasured {
			if had.Name == g.Name {
				out.Values = append(out.Values, series.Hole(u.Metric, series.NothingRecorded(u.Metric), u.Hole))
			}
		}
	}
	for _, v := range g.Values {
		had := recorded[v.Metric]
		number := series.Value{Value: v.Value, Recorded: decimals(had.Value / had.Max), Verdict: string(series.Recorded{Value: had.Value, Decimals: -1}.Agrees(v.Value.Value))}
		if had.StdErr != nil {
			number.RecordedStdErr = decimals(*had.StdErr / had.Max)
		}
		out.Values = append(out.Values, number)
	}
	for _, u := range g.Unmeasured {
		out.Values = append(out.Values, series.Hole(u.Metric, series.NothingRecorded(u.Metric), u.Hole))
	}
	return out
}
