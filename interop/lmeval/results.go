package lmeval

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/jpharness"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// TaskResult is one task of an exported run.
type TaskResult struct {
	// Name is lm-eval's name for the task, or ours where it has none.
	Name  string
	Score results.Score
	// Expected names the metrics of a score without a number.
	Expected []string
	// Hash is the hex sha256 over its samples' hashes in the order of doc_id, "" without samples.
	Hash string
	// Notes say what a reader of the samples must know.
	Notes []string
}

// WriteResults writes the results file of lm-eval 0.4 (lm_eval/result_schema.py at 4e7e0d4). What lm-eval knows and
// we do not is null; "swallow_eval" holds what it has no place for. A score without a number is "N/A".
func WriteResults(w io.Writer, r results.Run, tasks []TaskResult) error {
	numbers, samples := python.Object{}, python.Object{}
	byName := sortedTasks(tasks)
	for _, t := range tasks {
		numbers = append(numbers, python.Member{Name: t.Name, Value: lmevalMetricsOf(t)})
		samples = append(samples, python.Member{Name: t.Name, Value: python.Object{
			{Name: "original", Value: t.Score.Total}, {Name: "effective", Value: effective(t.Score)},
		}})
	}
	hashes := python.Object{}
	for _, t := range tasks {
		if t.Hash != "" {
			hashes = append(hashes, python.Member{Name: t.Name, Value: t.Hash})
		}
	}
	subtasks := python.Object{}
	groups := python.Object{}
	for _, g := range r.Groups {
		groups = append(groups, python.Member{Name: g.Name, Value: groupOf(g)})
		subtasks = append(subtasks, python.Member{Name: g.Name, Value: g.Tasks})
	}
	averages := python.Object{}
	if len(groups) > 0 { // as in lm-eval's, among the results and once more alone
		averages = python.Object{{Name: "groups", Value: groups}}
	}
	name := r.Model.Name
	file := append(append(python.Object{{Name: "results", Value: append(numbers, groups...)}}, averages...), python.Object{
		{Name: "group_subtasks", Value: subtasks},
		{Name: "configs", Value: each(byName, func(t TaskResult) any { return lmevalConfig(t) })},
		{Name: "versions", Value: each(byName, func(t TaskResult) any { return version(t.Score.Version) })},
		{Name: "n-shot", Value: each(byName, func(t TaskResult) any { return t.Score.Shots })},
		{Name: "higher_is_better", Value: each(byName, func(t TaskResult) any { return higherIsBetter(t) })},
		{Name: "n-samples", Value: samples},
		{Name: "config", Value: lmevalRunConfig(r)},
		{Name: "git_hash", Value: nil},
		{Name: "date", Value: float64(r.Started.Unix())},
		{Name: "pretty_env_info", Value: fmt.Sprintf("%s %s, %s, %s/%s", r.Tool.Name, r.Tool.Version, r.Tool.Go, r.Tool.OS, r.Tool.Arch)},
		{Name: "transformers_version", Value: "N/A"},
		{Name: "lm_eval_version", Value: "N/A (" + r.Tool.Name + " " + r.Tool.Version + ")"},
		{Name: "upper_git_hash", Value: nil},
		{Name: "max_length", Value: r.Model.Window},
		{Name: "task_hashes", Value: hashes},
		{Name: "model_source", Value: r.Tool.Name},
		{Name: "model_name", Value: name},
		{Name: "model_name_sanitized", Value: SanitizedModelName(name)},
		{Name: "system_instruction", Value: nil},
		{Name: "system_instruction_sha", Value: nil},
		{Name: "fewshot_as_multiturn", Value: false},
		{Name: "chat_template", Value: nil},
		{Name: "chat_template_sha", Value: nil},
		{Name: "total_evaluation_time_seconds", Value: python.Float(r.Finished.Sub(r.Started).Seconds())},
		{Name: jpharness.OriginKey, Value: lmevalProvenance(r, tasks)},
	}...)
	_, err := w.Write(python.Append(nil, file, 2))
	return err
}

func sortedTasks(tasks []TaskResult) []TaskResult {
	sorted := append([]TaskResult(nil), tasks...)
	for i := range sorted { // fourteen at most
		for k := i; k > 0 && sorted[k].Name < sorted[k-1].Name; k-- {
			sorted[k], sorted[k-1] = sorted[k-1], sorted[k]
		}
	}
	return sorted
}

func each(tasks []TaskResult, of func(TaskResult) any) python.Object {
	object := python.Object{}
	for _, t := range tasks {
		object = append(object, python.Member{Name: t.Name, Value: of(t)})
	}
	return object
}

// effective is the number of documents behind the numbers: none behind a hole.
func effective(s results.Score) int {
	if s.Hole != "" {
		return 0
	}
	return s.N
}

func lmevalMetricsOf(t TaskResult) python.Object {
	o := python.Object{{Name: "name", Value: t.Name}, {Name: "alias", Value: t.Name}, {Name: "sample_len", Value: effective(t.Score)}}
	add := func(metric string, value, stderr any) {
		o = append(o, python.Member{Name: keyOf(metric), Value: value}, python.Member{Name: keyOf(metric + "_stderr"), Value: stderr})
	}
	if t.Score.Hole != "" {
		for _, metric := range t.Expected {
			add(metric, "N/A", "N/A")
		}
		return o
	}
	for _, v := range t.Score.Values {
		var stderr any = "N/A"
		if v.StdErr != nil {
			stderr = *v.StdErr
		}
		add(v.Metric, v.Value, stderr)
	}
	for _, u := range t.Score.Unmeasured {
		add(u.Metric, "N/A", "N/A")
	}
	return o
}

// keyOf is a metric's key, or that of its standard error, whose name ends in _stderr: with the filter behind it, which a task file's metric
// may have in its name.
func keyOf(name string) string {
	metric, filter, filtered := strings.Cut(name, ",")
	if !filtered {
		return name + "," + Filter
	}
	filter, isErr := strings.CutSuffix(filter, "_stderr")
	if isErr {
		metric += "_stderr"
	}
	return metric + "," + filter
}

// groupOf is an average over tasks. The names of own tasks are theirs in lm-eval's files, too.
func groupOf(g results.Group) python.Object {
	as := results.Score{N: g.N, Unmeasured: g.Unmeasured}
	for _, v := range g.Values {
		as.Values = append(as.Values, v.Value)
	}
	o := lmevalMetricsOf(TaskResult{Name: g.Name, Score: as})
	o[1].Value = g.Title
	return o
}

// metricNames are the names of a task's metrics, measured or not.
func metricNames(t TaskResult) []string {
	if t.Score.Hole != "" {
		return t.Expected
	}
	names := make([]string, len(t.Score.Values))
	for i, v := range t.Score.Values {
		names[i] = v.Metric
	}
	for _, u := range t.Score.Unmeasured {
		names = append(names, u.Metric)
	}
	return names
}

func higherIsBetter(t TaskResult) python.Object {
	o := python.Object{}
	for _, name := range metricNames(t) {
		o = append(o, python.Member{Name: name, Value: name != "ter"}) // an error rate
	}
	return o
}

func lmevalConfig(t TaskResult) python.Object {
	metrics := []any{}
	for _, name := range metricNames(t) {
		metrics = append(metrics, python.Object{{Name: "metric", Value: name}, {Name: "higher_is_better", Value: name != "ter"}})
	}
	dataset := ""
	if len(t.Score.Data) > 0 {
		dataset = t.Score.Data[0].Dataset
	}
	return python.Object{
		{Name: "task", Value: t.Name},
		{Name: "dataset_path", Value: dataset},
		{Name: "num_fewshot", Value: t.Score.Shots},
		{Name: "metric_list", Value: metrics},
		{Name: "repeats", Value: 1},
		{Name: "metadata", Value: python.Object{
			{Name: "version", Value: version(t.Score.Version)}, {Name: "task", Value: t.Score.Task},
			{Name: "reference_task", Value: t.Score.Reference}, {Name: "protocol", Value: t.Score.Protocol},
		}},
	}
}

// version is a task's version as a number where it is one.
func version(s string) any {
	if _, err := strconv.Atoi(s); err == nil {
		return python.Number(s)
	}
	if v, err := strconv.ParseFloat(s, 64); err == nil {
		return v
	}
	return s
}

func lmevalRunConfig(r results.Run) python.Object {
	var limit any
	if v, err := strconv.ParseFloat(r.Limit, 64); err == nil {
		limit = v
	}
	return python.Object{
		{Name: "model", Value: r.Tool.Name},
		{Name: "model_args", Value: "pretrained=" + r.Model.Name + ",dtype=" + r.Model.DType},
		{Name: "model_num_parameters", Value: int(r.Model.Parameters)},
		{Name: "model_dtype", Value: r.Model.DType},
		{Name: "model_revision", Value: ""},
		{Name: "model_sha", Value: r.Model.Digest},
		{Name: "batch_size", Value: nil},
		{Name: "batch_sizes", Value: []any{}},
		{Name: "device", Value: "cpu"},
		{Name: "use_cache", Value: nil},
		{Name: "limit", Value: limit},
		{Name: "bootstrap_iters", Value: nil},
		{Name: "gen_kwargs", Value: nil},
		{Name: "random_seed", Value: nil},
		{Name: "numpy_seed", Value: nil},
		{Name: "torch_seed", Value: nil},
		{Name: "fewshot_seed", Value: nil},
	}
}

// lmevalProvenance is what makes the numbers ours: profile, digests, holes, notes.
func lmevalProvenance(r results.Run, tasks []TaskResult) python.Object {
	holes, noted := python.Object{}, python.Object{}
	for _, t := range tasks {
		if t.Score.Hole != "" {
			holes = append(holes, python.Member{Name: t.Name, Value: t.Score.Hole})
		}
		list := t.Notes
		for _, n := range notes.ByTask(r) {
			if n.Task == t.Score.Task && t.Score.Hole == "" { // a hole is told above
				list = append(list, n.Text)
			}
		}
		if len(list) > 0 {
			noted = append(noted, python.Member{Name: t.Name, Value: list})
		}
	}
	ofRun := []string{}
	for _, n := range notes.ByTask(r) {
		if n.Task == "" {
			ofRun = append(ofRun, n.Text)
		}
	}
	var invented python.Object
	if r.InventedData != "" {
		invented = python.Object{{Name: "invented_data", Value: r.InventedData}}
	}
	var own []any
	for _, o := range r.Own {
		own = append(own, python.Object{{Name: "file", Value: o.File}, {Name: "digest", Value: o.Digest}, {Name: "text", Value: o.Text}})
	}
	if own != nil {
		invented = append(invented, python.Member{Name: "own_tasks", Value: own})
	}
	return append(invented, python.Object{
		{Name: "profile", Value: results.ProfileName(r)},
		{Name: "status", Value: r.Status},
		{Name: "samples_chosen", Value: r.Samples},
		{Name: "model", Value: python.Object{
			{Name: "digest", Value: r.Model.Digest}, {Name: "tokenizer_digest", Value: r.Model.TokenizerDigest},
			{Name: "dtype", Value: r.Model.DType}, {Name: "stored_dtype", Value: r.Model.StoredDType}, {Name: "numerics", Value: r.Model.Numerics},
		}},
		{Name: "signatures", Value: each(tasks, func(t TaskResult) any { return signatures(t.Score) })},
		{Name: "data", Value: each(tasks, func(t TaskResult) any { return dataOf(t.Score) })},
		{Name: "holes", Value: holes},
		{Name: "notes", Value: noted},
		{Name: "run_notes", Value: ofRun},
	}...)
}

func signatures(s results.Score) python.Object {
	o := python.Object{}
	for _, v := range s.Values {
		o = append(o, python.Member{Name: v.Metric, Value: v.Signature})
	}
	return o
}

func dataOf(s results.Score) []any {
	list := []any{}
	for _, f := range s.Data {
		list = append(list, python.Object{{Name: "path", Value: f.Path}, {Name: "sha256", Value: f.SHA256}, {Name: "state", Value: f.State}})
	}
	return list
}

// unsafeInName are the characters that lm-eval takes out of a model's name, a run of them at once (sanitize_model_name
// of lm_eval/utils.py at 4e7e0d4).
var unsafeInName = regexp.MustCompile(`["<>:/|\\?*\[\]]+`)

// SanitizedModelName is the name of a model's folder in lm-eval's output. Beyond lm-eval's rule, characters that do not
// print become _, what names no folder of its own becomes __, and before a leading dot comes _, so that the result never leads
// elsewhere and is never hidden.
func SanitizedModelName(name string) string {
	name = unsafeInName.ReplaceAllLiteralString(name, "__")
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '_'
		}
		return r
	}, name)
	if strings.Trim(name, ". ") == "" {
		return "__"
	}
	if strings.HasPrefix(name, ".") { // hidden, so that no reader of folders would find it: ../x
		return "_" + name
	}
	return name
}

// Date is the date in the names of lm-eval's files. It is the run's end, so that the same run gives the same names.
func Date(r results.Run) string { return r.Finished.UTC().Format("2006-01-02T15-04-05") }
