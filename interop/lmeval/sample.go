package lmeval

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/interop/jpharness"
	"github.com/swallow-eval/swallow-eval/results"
)

// Filter is the filter that exported samples and metrics stand under: none, because the numbers are the profile's
// and no filter of lm-eval made them.
const Filter = "none"

// Document is one sample on its way into a file of lm-eval 0.4.
type Document struct {
	// Row is the document's row in the evaluated split, which is lm-eval's doc_id.
	Row int
	// Doc is the data set's row in the order of its columns, Target what lm-eval's task gives as the target.
	Doc    python.Object
	Target string
	Sample results.Sample
	// Metrics are the document's values by metric, in order.
	Metrics python.Object
}

// AppendSample appends the document's line, ending in a line feed, as lm-eval 0.4 writes samples_<task>_<date>.jsonl
// (lm_eval/evaluator.py and lm_eval/loggers/evaluation_tracker.py of EleutherAI/lm-evaluation-harness at 4e7e0d4), and
// returns the text that enters the task's hash. The hashes are hex sha256: doc_hash of the row as json.dumps(indent=2,
// ensure_ascii=False), prompt_hash of the first request's context, target_hash of the target.
func AppendSample(b []byte, d Document) (line []byte, hashes string, err error) {
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
		{Name: "filter", Value: Filter},
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
		seen = append(seen, seenOf(x))
	}
	origin = append(origin, python.Member{Name: "seen", Value: seen})
	record = append(record, python.Member{Name: jpharness.OriginKey, Value: origin})
	return append(python.Append(b, record, 0), '\n'), docHash + promptHash + targetHash, nil
}

// seenOf is what of an answer lm-eval has no place for.
func seenOf(x results.Exchange) python.Object {
	seen := python.Object{
		{Name: "finish", Value: x.Finish}, {Name: "prompt_tokens", Value: x.PromptTokens}, {Name: "output_tokens", Value: x.OutputTokens},
		{Name: "dropped_tokens", Value: x.Dropped}, {Name: "lost_tokens", Value: x.Lost},
	}
	if x.Verdict != "" {
		seen = append(seen, python.Member{Name: "verdict", Value: x.Verdict})
	}
	return seen
}

// lmevalExchange is a request's second argument and its answer. lm-eval makes strings of all that an answer consists of.
func lmevalExchange(x results.Exchange) (second, answer any, err error) {
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
	kwargs := python.Object{{Name: "until", Value: until}, {Name: "max_gen_toks", Value: x.MaxGenToks}}
	if s := x.Sampling; s != nil {
		kwargs = append(kwargs, python.Object{{Name: "do_sample", Value: true}, {Name: "temperature", Value: s.Temperature}, {Name: "top_p", Value: s.TopP}}...)
	} else {
		kwargs = append(kwargs, python.Object{{Name: "do_sample", Value: false}, {Name: "temperature", Value: 0.0}}...)
	}
	return kwargs, *x.Text, nil
}

func hexSHA256(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
