package folder

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
)

// Difference is a setting in which a run is not of the kind of those in a folder.
type Difference struct{ What, Held, Now string }

// String names the setting and both values.
func (d Difference) String() string {
	return fmt.Sprintf("%s %s, not %s", d.What, orNone(d.Held), orNone(d.Now))
}

func orNone(s string) string { return cmp.Or(s, "none") }

// Differences lists what keeps the scores of next out of a manifest that holds those of held: a table has one profile, one
// model in one arithmetic, and one choice of documents and examples. What is not known yet of next's model ("" or 0) is
// not compared. Data files and metrics of next's scores are compared with those of the same path and the same task.
func Differences(held, next results.Run) []Difference {
	var list []Difference
	differ := func(what, a, b string) {
		if a != b {
			list = append(list, Difference{what, a, b})
		}
	}
	known := func(what, a, b string) {
		if b != "" {
			differ(what, a, b)
		}
	}
	differ("profile", held.Profile, next.Profile)
	known("model", held.Model.Digest, next.Model.Digest)
	known("tokenizer", held.Model.TokenizerDigest, next.Model.TokenizerDigest)
	known("dtype", held.Model.DType, next.Model.DType)
	known("numerics", held.Model.Numerics, next.Model.Numerics)
	differ("ignored configuration keys", strings.Join(held.Model.IgnoredConfig, ", "), strings.Join(next.Model.IgnoredConfig, ", "))
	if next.Model.Window != 0 {
		differ("window", strconv.Itoa(held.Model.Window), strconv.Itoa(next.Model.Window))
	}
	if held.Chat != nil && next.Chat != nil {
		differ("chat template", held.Chat.Digest, next.Chat.Digest)
	}
	differ("--limit", held.Limit, next.Limit)
	differ("documents chosen by --samples", strconv.FormatBool(held.Samples), strconv.FormatBool(next.Samples))
	differ("--num-fewshot", number(held.ShotsOverride), number(next.ShotsOverride))
	differ("invented data", held.InventedData, next.InventedData)
	for i := range list { // a digest says nothing to people where the names differ
		if d := &list[i]; d.What == "model" && next.Model.Name != "" && next.Model.Name != held.Model.Name {
			d.Held, d.Now = held.Model.Name+" ("+results.ShortDigest(d.Held)+")", next.Model.Name+" ("+results.ShortDigest(d.Now)+")"
		}
	}
	for _, s := range next.Scores {
		list = append(list, DataDifferences(held, s.Data)...)
		list = append(list, metricDifferences(held, s)...)
	}
	return list
}

func number(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// DataDifferences lists the files that are others than those of the same path that the scores rest on.
func DataDifferences(held results.Run, files []results.DataFile) []Difference {
	var list []Difference
	for _, f := range files {
		if had, ok := fileOf(held, f.Path); ok && had.SHA256 != f.SHA256 {
			list = append(list, Difference{"data file " + f.Path, results.ShortDigest("sha256:" + had.SHA256), results.ShortDigest("sha256:" + f.SHA256)})
		}
	}
	return list
}

// metricDifferences compares the metrics of a task that has a number already.
func metricDifferences(held results.Run, next results.Score) []Difference {
	had, ok := held.Score(next.Task)
	if !ok {
		return nil
	}
	var list []Difference
	for _, v := range next.Values {
		at := slices.IndexFunc(had.Values, func(w results.Value) bool { return w.Metric == v.Metric })
		if at >= 0 && had.Values[at].Signature != v.Signature {
			list = append(list, Difference{next.Task + "'s " + v.Metric, had.Values[at].Signature, v.Signature})
		}
	}
	return list
}

// fileOf finds a data file by its path.
func fileOf(r results.Run, path string) (results.DataFile, bool) {
	for _, s := range r.Scores {
		for _, f := range s.Data {
			if f.Path == path {
				return f, true
			}
		}
	}
	return results.DataFile{}, false
}

// Join is the manifest of the folder after another run of the same kind, in the order of tasks: a task that was run again
// has its new score, but keeps the number it has where it has none now. asked are the tasks of next.
func (f *Folder) Join(next results.Run, asked, order []string) results.Run {
	next.Unfinished = unfinished(next, asked)
	if f.held == nil {
		return next
	}
	held, joined := *f.held, next
	joined.Scores = slices.Clone(next.Scores)
	for _, had := range held.Scores {
		at := slices.IndexFunc(joined.Scores, func(s results.Score) bool { return s.Task == had.Task })
		if had.Tool == "" && held.Tool.Version != next.Tool.Version {
			had.Tool = held.Tool.Version
		}
		switch {
		case at < 0:
			joined.Scores = append(joined.Scores, had)
		case joined.Scores[at].Hole != "" && had.Hole == "":
			joined.Scores[at] = had
		}
	}
	place := func(task string) int {
		if at := slices.Index(order, task); at >= 0 {
			return at
		}
		return len(order)
	}
	slices.SortStableFunc(joined.Scores, func(a, b results.Score) int { return cmp.Compare(place(a.Task), place(b.Task)) })
	joined.Unfinished = unfinished(joined, append(slices.Clone(held.Unfinished), asked...))
	slices.SortStableFunc(joined.Unfinished, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	joined.Model.Name = held.Model.Name // the same model, perhaps by another path
	joined.Started = held.Started
	joined.AllowUnpinnedData = held.AllowUnpinnedData || next.AllowUnpinnedData
	joined.Status = status(joined)
	return joined
}

// unfinished are the tasks that were asked for and have no score, not even a hole.
func unfinished(r results.Run, asked []string) []string {
	var list []string
	for _, task := range asked {
		if _, ok := r.Score(task); !ok && !slices.Contains(list, task) {
			list = append(list, task)
		}
	}
	return list
}

// status says what the scores of a folder are.
func status(r results.Run) string {
	switch {
	case len(r.Unfinished) > 0:
		return results.StatusInterrupted
	case !r.Complete():
		return results.StatusIncomplete
	}
	return results.StatusComplete
}
