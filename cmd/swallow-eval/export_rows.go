package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// lmevalRow is a data set's row as lm-eval 0.4 has it in memory, which is what its doc_hash is taken of.
type lmevalRow struct {
	doc    python.Object
	target string
	// whole says that every column of the published data set is there.
	whole bool
}

// lmevalRows is how the rows of one task become lm-eval's.
type lmevalRows struct {
	// name is lm-eval's name for the task, or ours where it has none of the same data.
	name string
	of   func(raw json.RawMessage, d tasks.Doc) (lmevalRow, error)
}

// lmevalRowsOf knows the columns of the hub's data sets in their order and the targets of lm-eval's tasks
// (lm_eval/tasks/{gsm8k,triviaqa,hellaswag,openbookqa,squadv2,xwinograd} at 4e7e0d4). The rows of the Japanese tasks are
// those of the benchmarks' own files.
func lmevalRowsOf(task string) lmevalRows {
	switch task {
	case "gsm8k":
		return lmevalRows{"gsm8k", columns(func(o python.Object, _ tasks.Doc) string { return text(o, "answer") }, "question", "answer")}
	case "triviaqa":
		return lmevalRows{"triviaqa", triviaRow}
	case "hellaswag":
		return lmevalRows{"hellaswag", hellaswagRow}
	case "openbookqa":
		return lmevalRows{"openbookqa", openbookqaHubRow}
	case "squad2":
		return lmevalRows{"squadv2", squadRow}
	case "xwino":
		return lmevalRows{"xwinograd_en", columns(func(_ python.Object, d tasks.Doc) string {
			return strings.TrimPrefix(d.Target, " ")
		}, "sentence", "option1", "option2", "answer")}
	}
	return lmevalRows{task, func(raw json.RawMessage, d tasks.Doc) (lmevalRow, error) {
		o, err := rowObject(raw)
		return lmevalRow{o, d.Target, true}, err
	}}
}

// rowObject reads a row.
func rowObject(raw json.RawMessage) (python.Object, error) {
	v, err := python.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("row: %w", err)
	}
	o, ok := v.(python.Object)
	if !ok {
		return nil, errors.New("row: not an object")
	}
	return o, nil
}

// pick returns the named members in that order. whole is false where one is absent or null; it is then null.
func pick(o python.Object, names ...string) (picked python.Object, whole bool) {
	whole = true
	for _, name := range names {
		v, _ := o.Get(name)
		whole = whole && v != nil
		picked = append(picked, python.Member{Name: name, Value: v})
	}
	return picked, whole
}

// columns makes rows of the named columns.
func columns(target func(o python.Object, d tasks.Doc) string, names ...string) func(json.RawMessage, tasks.Doc) (lmevalRow, error) {
	return func(raw json.RawMessage, d tasks.Doc) (lmevalRow, error) {
		o, err := rowObject(raw)
		if err != nil {
			return lmevalRow{}, err
		}
		picked, whole := pick(o, names...)
		for i, m := range picked { // these columns hold texts; some files have numbers for them
			if n, ok := m.Value.(python.Number); ok {
				picked[i].Value = string(n)
			}
		}
		return lmevalRow{picked, target(picked, d), whole}, nil
	}
}

// text is a member that is a string, or "".
func text(o python.Object, name string) string {
	v, _ := o.Get(name)
	s, _ := v.(string)
	return s
}

// object is a member that is an object, or an empty one.
func object(o python.Object, name string) python.Object {
	v, _ := o.Get(name)
	member, _ := v.(python.Object)
	return member
}

// triviaRow is a row of rc.nocontext: the lists of pages and of search results are empty there.
func triviaRow(raw json.RawMessage, d tasks.Doc) (lmevalRow, error) {
	o, err := rowObject(raw)
	if err != nil {
		return lmevalRow{}, err
	}
	head, whole := pick(o, "question", "question_id", "question_source")
	answer, answered := pick(object(o, "answer"), "aliases", "normalized_aliases", "matched_wiki_entity_name",
		"normalized_matched_wiki_entity_name", "normalized_value", "type", "value")
	empty := func(names ...string) python.Object {
		var lists python.Object
		for _, name := range names {
			lists = append(lists, python.Member{Name: name, Value: []any{}})
		}
		return lists
	}
	doc := append(head,
		python.Member{Name: "entity_pages", Value: empty("doc_source", "filename", "title", "wiki_context")},
		python.Member{Name: "search_results", Value: empty("description", "filename", "rank", "title", "url", "search_context")},
		python.Member{Name: "answer", Value: answer})
	return lmevalRow{doc, python.Repr(d.Targets), whole && answered}, nil
}

// hellaswagRow is a row with what the task's process_docs adds. A label is a text on the hub.
func hellaswagRow(raw json.RawMessage, d tasks.Doc) (lmevalRow, error) {
	o, err := rowObject(raw)
	if err != nil {
		return lmevalRow{}, err
	}
	doc, whole := pick(o, "ind", "activity_label", "ctx_a", "ctx_b", "ctx", "endings", "source_id", "split", "split_type", "label")
	label := d.Targets[0]
	doc[len(doc)-1].Value = label
	choices := make([]any, len(d.Choices))
	for i, c := range d.Choices {
		choices[i] = c
	}
	doc = append(doc, python.Member{Name: "query", Value: d.Input}, python.Member{Name: "choices", Value: choices},
		python.Member{Name: "gold", Value: python.Number(label)})
	return lmevalRow{doc, label, whole}, nil
}

// openbookqaHubRow is the hub's row of the published file's.
func openbookqaHubRow(raw json.RawMessage, d tasks.Doc) (lmevalRow, error) {
	o, err := rowObject(raw)
	if err != nil {
		return lmevalRow{}, err
	}
	question := object(o, "question")
	list, _ := question.Get("choices")
	choices, _ := list.([]any)
	texts, labels, whole := []any{}, []any{}, true
	for _, c := range choices {
		choice, _ := c.(python.Object)
		both, ok := pick(choice, "text", "label")
		whole = whole && ok
		texts, labels = append(texts, both[0].Value), append(labels, both[1].Value)
	}
	id, identified := pick(o, "id")
	stem, _ := question.Get("stem")
	key, _ := o.Get("answerKey")
	return lmevalRow{append(id,
		python.Member{Name: "question_stem", Value: stem},
		python.Member{Name: "choices", Value: python.Object{{Name: "text", Value: texts}, {Name: "label", Value: labels}}},
		python.Member{Name: "answerKey", Value: key}), d.Targets[0], whole && identified}, nil
}

// squadRow is a row of SQuAD 2.0. Rebuilt files know no positions of the answers.
func squadRow(raw json.RawMessage, d tasks.Doc) (lmevalRow, error) {
	o, err := rowObject(raw)
	if err != nil {
		return lmevalRow{}, err
	}
	doc, whole := pick(o, "id", "title", "context", "question")
	answers, answered := pick(object(o, "answers"), "text", "answer_start")
	texts, _ := answers[0].Value.([]any)
	starts, _ := answers[1].Value.([]any)
	doc = append(doc, python.Member{Name: "answers", Value: answers})
	return lmevalRow{doc, d.Target, whole && answered && len(texts) == len(starts)}, nil
}

// rowIndex is the evaluated split with the rows of its documents.
type rowIndex struct {
	file string
	raw  []json.RawMessage
	byID map[string]int
}

// seenSource remembers the one split that is read without examples.
type seenSource struct {
	eval.Source
	file string
	raw  []json.RawMessage
}

func (s *seenSource) Rows(dataset, split string) (string, []json.RawMessage, error) {
	file, rows, err := s.Source.Rows(dataset, split)
	s.file, s.raw = file, rows
	return file, rows, err
}

// evaluatedRows reads a task's evaluated split and finds each document's row by the document's identifier: a harness's
// is the row's number, llm-jp-eval's the record's own.
func evaluatedRows(t tasks.Task, src eval.Source) (*rowIndex, error) {
	seen := &seenSource{Source: src}
	docs, err := t.Docs(seen, 0, tasks.Unlimited{})
	if err != nil {
		return nil, err
	}
	index := &rowIndex{file: seen.file, raw: seen.raw, byID: make(map[string]int, len(docs))}
	add := func(id tasks.DocID, row int) error {
		key, err := json.Marshal(id)
		index.byID[string(key)] = row
		return err
	}
	if t.Spec().Protocol != tasks.LLMJPEval {
		for _, d := range docs {
			row, err := strconv.Atoi(d.ID.String())
			if err != nil || row < 0 || row >= len(seen.raw) {
				return nil, fmt.Errorf("document %s has no row", d.ID)
			}
			if err := add(d.ID, row); err != nil {
				return nil, err
			}
		}
		return index, nil
	}
	for row, raw := range seen.raw {
		one, err := t.Docs(rowSource{raw}, 0, tasks.Unlimited{})
		if err != nil {
			return nil, err
		}
		for _, d := range one { // none of a record that the reference leaves out
			if err := add(d.ID, row); err != nil {
				return nil, err
			}
		}
	}
	return index, nil
}

// columnMetrics are a task's metrics for statistics that are stored: what pieces or words they count in does not matter.
func columnMetrics(task string) []metrics.Metric {
	t, ok := suite.Default().Task(task)
	if !ok {
		return nil
	}
	return t.Spec().Metrics
}

// documentMetrics are a sample's values as lm-eval keeps them: a number, or what a corpus metric is aggregated from
// later - the pair of gold and output, and for SQuAD 2.0 the prediction beside its references.
func documentMetrics(d results.LMEvalDocument) (python.Object, error) {
	known := columnMetrics(d.Sample.Task)
	var values python.Object
	for _, mark := range d.Sample.Marks {
		var value any
		switch {
		case d.Sample.Task == "squad2":
			pair, err := squadPairOf(d)
			if err != nil {
				return nil, err
			}
			value = pair
		case mark.Metric == "bleu" || mark.Metric == "chrf" || mark.Metric == "ter":
			value = []string{d.Sample.Targets[0], mark.Output}
		default:
			m, err := metricNamed(known, mark)
			if err != nil {
				return nil, err
			}
			value = m.Corpus(mark.Stat, 1)
		}
		values = append(values, python.Member{Name: mark.Metric, Value: value})
	}
	return values, nil
}

func metricNamed(known []metrics.Metric, mark results.Mark) (metrics.Metric, error) {
	for _, m := range known {
		if m.Name == mark.Metric {
			if len(mark.Stat) != m.Width {
				return m, fmt.Errorf("metric %s has %d statistics, want %d", m.Name, len(mark.Stat), m.Width)
			}
			return m, nil
		}
	}
	return metrics.Metric{}, fmt.Errorf("metric %q is unknown", mark.Metric)
}

// squadPairOf is the pair of a prediction and its references.
func squadPairOf(d results.LMEvalDocument) ([]any, error) {
	for _, mark := range d.Sample.Marks {
		if !strings.HasPrefix(mark.Metric, "best_") {
			continue
		}
		p, err := metrics.ParseSQuADPrediction(mark.Output)
		if err != nil {
			return nil, err
		}
		id, _ := d.Doc.Get("id")
		answers, _ := d.Doc.Get("answers")
		return []any{
			python.Object{{Name: "id", Value: id}, {Name: "prediction_text", Value: p.Text}, {Name: "no_answer_probability", Value: p.NoAnswer}},
			python.Object{{Name: "id", Value: id}, {Name: "answers", Value: answers}},
		}, nil
	}
	return nil, errors.New("no best_exact among the metrics")
}
