package results

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

// LMEvalFilter is the filter that exported samples and metrics stand under: none, because the numbers are the profile's
// and no filter of lm-eval made them.
const LMEvalFilter = "none"

// originKey names the member, of samples and results, that lm-eval does not have: what is needed to read the run back.
const originKey = "swallow_eval"

// LMEvalDocument is one sample on its way into a file of lm-eval 0.4.
type LMEvalDocument struct {
	// Row is the document's row in the evaluated split, which is lm-eval's doc_id.
	Row int
	// Doc is the data set's row in the order of its columns, Target what lm-eval's task gives as the target.
	Doc    python.Object
	Target string
	Sample Sample
	// Metrics are the document's values by metric, in order.
	Metrics python.Object
}

// AppendLMEvalSample appends the document's line, ending in a line feed, as lm-eval 0.4 writes samples_<task>_<date>.jsonl
// (lm_eval/evaluator.py and lm_eval/loggers/evaluation_tracker.py of EleutherAI/lm-evaluation-harness at 4e7e0d4), and
// returns the text that enters the task's hash. The hashes are hex sha256: doc_hash of the row as json.dumps(indent=2,
// ensure_ascii=False), prompt_hash of the first request's context, target_hash of the target.
func AppendLMEvalSample(b []byte, d LMEvalDocument) (line []byte, hashes string, err error) {
	if len(d.Sample.Exchanges) == 0 {
		return b, "", errors.New("a sample without exchanges")
	}
	arguments, resps, filtered := python.Object{}, []any{}, []any{}
	for i, x := range d.Sample.Exchanges {
		second, answer, err := lmevalExchange(x)
		if err != nil {
			return b, "", err
		}
		arguments = append(arguments, python.Member{Name: "gen_args_" + strconv.Itoa(i), Value: python.Object{
			{Name: "arg_0", Value: x.Prompt}, {Name: "arg_1", Value: second},
		}})
		resps = append(resps, []any{answer})
		filtered = append(filtered, answer)
	}
	names := make([]string, len(d.Metrics))
	for i, m := range d.Metrics {
		names[i] = m.Name
	}
	docHash := hexSHA256(python.Append(nil, d.Doc, 2))
	promptHash := hexSHA256([]byte(d.Sample.Exchanges[0].Prompt))
	targetHash := hexSHA256([]byte(d.Target))
	record := python.Object{
		{Name: "doc_id", Value: d.Row},
		{Name: "doc", Value: d.Doc},
		{Name: "target", Value: d.Target},
		{Name: "arguments", Value: arguments},
		{Name: "resps", Value: resps},
		{Name: "filtered_resps", Value: filtered},
		{Name: "filter", Value: LMEvalFilter},
		{Name: "metrics", Value: names},
		{Name: "doc_hash", Value: docHash},
		{Name: "prompt_hash", Value: promptHash},
		{Name: "target_hash", Value: targetHash},
	}
	record = append(record, d.Metrics...)
	id, err := python.Parse(d.Sample.DocID)
	if err != nil {
		return b, "", fmt.Errorf("doc_id: %w", err)
	}
	origin := python.Object{{Name: "position", Value: d.Sample.Position}, {Name: "doc_id", Value: id}}
	if d.Sample.Cluster != "" {
		origin = append(origin, python.Member{Name: "cluster", Value: d.Sample.Cluster})
	}
	if d.Sample.Fault != "" {
		origin = append(origin, python.Member{Name: "fault", Value: d.Sample.Fault})
	}
	seen := []any{}
	for _, x := range d.Sample.Exchanges {
		seen = append(seen, python.Object{
			{Name: "finish", Value: x.Finish}, {Name: "prompt_tokens", Value: x.PromptTokens}, {Name: "output_tokens", Value: x.OutputTokens},
			{Name: "dropped_tokens", Value: x.Dropped}, {Name: "lost_tokens", Value: x.Lost},
		})
	}
	origin = append(origin, python.Member{Name: "seen", Value: seen})
	record = append(record, python.Member{Name: originKey, Value: origin})
	return append(python.Append(b, record, 0), '\n'), docHash + promptHash + targetHash, nil
}

// lmevalExchange is a request's second argument and its answer. lm-eval makes strings of all that an answer consists of.
func lmevalExchange(x Exchange) (second, answer any, err error) {
	if x.Kind == "loglikelihood" {
		if x.Log == nil || x.Greedy == nil {
			return nil, nil, errors.New("a log-likelihood without an answer")
		}
		greedy := "False"
		if *x.Greedy {
			greedy = "True"
		}
		return x.Continuation, []string{python.Float(*x.Log), greedy}, nil
	}
	if x.Text == nil {
		return nil, nil, errors.New("a generation without an answer")
	}
	until := x.Until
	if until == nil {
		until = []string{}
	}
	return python.Object{
		{Name: "until", Value: until}, {Name: "max_gen_toks", Value: x.MaxGenToks}, {Name: "do_sample", Value: false},
		{Name: "temperature", Value: 0.0},
	}, *x.Text, nil
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// LMEvalTask is one task of an exported run.
type LMEvalTask struct {
	// Name is lm-eval's name for the task, or ours where it has none.
	Name  string
	Score Score
	// Expected names the metrics of a score without a number.
	Expected []string
	// Hash is the hex sha256 over its samples' hashes in the order of doc_id, "" without samples.
	Hash string
	// Notes say what a reader of the samples must know.
	Notes []string
}

// WriteLMEvalResults writes the results file of lm-eval 0.4 (lm_eval/result_schema.py at 4e7e0d4). What lm-eval knows and
// we do not is null; "swallow_eval" holds what it has no place for. A score without a number is "N/A".
func WriteLMEvalResults(w io.Writer, r Run, tasks []LMEvalTask) error {
	results, samples := python.Object{}, python.Object{}
	byName := sortedTasks(tasks)
	for _, t := range tasks {
		results = append(results, python.Member{Name: t.Name, Value: lmevalMetricsOf(t)})
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
	name := r.Model.Name
	file := python.Object{
		{Name: "results", Value: results},
		{Name: "group_subtasks", Value: python.Object{}},
		{Name: "configs", Value: each(byName, func(t LMEvalTask) any { return lmevalConfig(t) })},
		{Name: "versions", Value: each(byName, func(t LMEvalTask) any { return version(t.Score.Version) })},
		{Name: "n-shot", Value: each(byName, func(t LMEvalTask) any { return t.Score.Shots })},
		{Name: "higher_is_better", Value: each(byName, func(t LMEvalTask) any { return higherIsBetter(t) })},
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
		{Name: originKey, Value: lmevalProvenance(r, tasks)},
	}
	_, err := w.Write(python.Append(nil, file, 2))
	return err
}

func sortedTasks(tasks []LMEvalTask) []LMEvalTask {
	sorted := append([]LMEvalTask(nil), tasks...)
	for i := range sorted { // fourteen at most
		for k := i; k > 0 && sorted[k].Name < sorted[k-1].Name; k-- {
			sorted[k], sorted[k-1] = sorted[k-1], sorted[k]
		}
	}
	return sorted
}

func each(tasks []LMEvalTask, of func(LMEvalTask) any) python.Object {
	object := python.Object{}
	for _, t := range tasks {
		object = append(object, python.Member{Name: t.Name, Value: of(t)})
	}
	return object
}

// effective is the number of documents behind the numbers: none behind a hole.
func effective(s Score) int {
	if s.Hole != "" {
		return 0
	}
	return s.N
}

func lmevalMetricsOf(t LMEvalTask) python.Object {
	o := python.Object{{Name: "name", Value: t.Name}, {Name: "alias", Value: t.Name}, {Name: "sample_len", Value: effective(t.Score)}}
	add := func(metric string, value, stderr any) {
		o = append(o, python.Member{Name: metric + "," + LMEvalFilter, Value: value},
			python.Member{Name: metric + "_stderr," + LMEvalFilter, Value: stderr})
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
	return o
}

// metricNames are the names of a task's metrics, measured or not.
func metricNames(t LMEvalTask) []string {
	if t.Score.Hole != "" {
		return t.Expected
	}
	names := make([]string, len(t.Score.Values))
	for i, v := range t.Score.Values {
		names[i] = v.Metric
	}
	return names
}

func higherIsBetter(t LMEvalTask) python.Object {
	o := python.Object{}
	for _, name := range metricNames(t) {
		o = append(o, python.Member{Name: name, Value: name != "ter"}) // an error rate
	}
	return o
}

func lmevalConfig(t LMEvalTask) python.Object {
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

func lmevalRunConfig(r Run) python.Object {
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
func lmevalProvenance(r Run, tasks []LMEvalTask) python.Object {
	holes, notes := python.Object{}, python.Object{}
	for _, t := range tasks {
		if t.Score.Hole != "" {
			holes = append(holes, python.Member{Name: t.Name, Value: t.Score.Hole})
		}
		if len(t.Notes) > 0 {
			notes = append(notes, python.Member{Name: t.Name, Value: t.Notes})
		}
	}
	var invented python.Object
	if r.InventedData != "" {
		invented = python.Object{{Name: "invented_data", Value: r.InventedData}}
	}
	return append(invented, python.Object{
		{Name: "profile", Value: profileName(r)},
		{Name: "status", Value: r.Status},
		{Name: "samples_chosen", Value: r.Samples},
		{Name: "model", Value: python.Object{
			{Name: "digest", Value: r.Model.Digest}, {Name: "tokenizer_digest", Value: r.Model.TokenizerDigest},
			{Name: "dtype", Value: r.Model.DType}, {Name: "stored_dtype", Value: r.Model.StoredDType}, {Name: "numerics", Value: r.Model.Numerics},
		}},
		{Name: "signatures", Value: each(tasks, func(t LMEvalTask) any { return signatures(t.Score) })},
		{Name: "data", Value: each(tasks, func(t LMEvalTask) any { return dataOf(t.Score) })},
		{Name: "holes", Value: holes},
		{Name: "notes", Value: notes},
	}...)
}

func signatures(s Score) python.Object {
	o := python.Object{}
	for _, v := range s.Values {
		o = append(o, python.Member{Name: v.Metric, Value: v.Signature})
	}
	return o
}

func dataOf(s Score) []any {
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
// print become _, and what names no folder of its own becomes __, so that the result never leads elsewhere.
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
	return name
}

// LMEvalDate is the date in the names of lm-eval's files. It is the run's end, so that the same run gives the same names.
func LMEvalDate(r Run) string { return r.Finished.UTC().Format("2006-01-02T15-04-05") }
