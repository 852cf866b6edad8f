package file

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/jinja"
	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Task is a task that a file describes. It implements tasks.Task.
type Task struct {
	*Config
	spec tasks.Spec
	pipe []Pipeline // of each metric
	asks []string   // the metric's name in the file
}

// DatasetPrefix begins the name of the data set of a task file, of which the task's name is the rest.
const DatasetPrefix = "own:"

// New makes the task. Nothing is read.
func New(c *Config) (*Task, error) {
	t := &Task{Config: c}
	shots := 0
	if c.NumFewshot != nil {
		shots = *c.NumFewshot
	}
	t.spec = tasks.Spec{
		Name: c.Name, Reference: c.Name, Title: c.Title, Language: c.Language, Shots: shots, FixedShots: c.NumFewshot != nil && shots == 0,
		Dataset: DatasetPrefix + c.Name, Version: c.Version, Protocol: tasks.LMEval04, Source: "a task file",
	}
	for _, f := range c.Filters {
		for _, m := range c.Metrics {
			made, err := c.metric(m, f)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			t.spec.Metrics = append(t.spec.Metrics, made)
			t.pipe, t.asks = append(t.pipe, f), append(t.asks, m.Name)
		}
	}
	return t, nil
}

// Spec describes the task.
func (t *Task) Spec() tasks.Spec { return t.spec }

// evaluated is the split of the documents.
func (t *Task) evaluated() string {
	if t.Test != "" {
		return t.Test
	}
	return t.Validation
}

// Splits are the splits that the task reads, the evaluated one first.
func (t *Task) Splits() []string {
	splits := []string{t.evaluated()}
	if pool := t.pool(); pool != splits[0] && (t.Fewshot.Split != "" || t.Fewshot.Samples == nil) {
		splits = append(splits, pool)
	}
	return splits
}

// pool is the split of the examples.
func (t *Task) pool() string {
	for _, split := range []string{t.Fewshot.Split, t.Training, t.Validation, t.Test} {
		if split != "" {
			return split
		}
	}
	return ""
}

// rows reads a split.
func (t *Task) rows(src tasks.Source, split string) (file string, rows []row, err error) {
	file, raw, err := src.Rows(t.spec.Dataset, split)
	if err != nil {
		return file, nil, err
	}
	for i, r := range raw {
		v, err := python.Parse(r)
		if err != nil {
			return file, nil, fmt.Errorf("%s: record %d: %w", file, i+1, err)
		}
		o, ok := v.(python.Object)
		if !ok {
			return file, nil, fmt.Errorf("%s: record %d is no object", file, i+1)
		}
		rows = append(rows, newRow(o))
	}
	if len(rows) == 0 {
		return file, nil, fmt.Errorf("%s: there are no records", file)
	}
	return file, rows, nil
}

// builder makes documents of rows.
type builder struct {
	*Task
	columns []string // of the evaluated split's first row
	// inputs says that the first document's choices are contexts, one continuation for all.
	inputs  bool
	targets bool // the first document has several targets
}

// Docs returns the evaluated documents in file order, or in the order that the sampler gives them, each with its examples.
func (t *Task) Docs(src tasks.Source, shots int, _ tasks.Budget) ([]tasks.Doc, error) {
	if t.spec.FixedShots {
		shots = 0
	}
	file, rows, err := t.rows(src, t.evaluated())
	if err != nil {
		return nil, err
	}
	b := &builder{Task: t}
	for _, m := range rows[0].plain {
		b.columns = append(b.columns, m.Name)
	}
	if err := b.look(rows[0]); err != nil {
		return nil, fmt.Errorf("%s: record 1: %w", file, err)
	}
	s, err := b.sampler(src, shots, file, rows)
	if err != nil {
		return nil, err
	}
	docs, places, err := b.kept(file, rows)
	if err != nil {
		return nil, err
	}
	ordered := make([]tasks.Doc, 0, len(docs))
	for _, at := range s.order(len(docs)) {
		d := docs[at]
		if d.Shots, err = s.draw(rows[places[at]]); err != nil {
			return nil, fmt.Errorf("%s: record %d: %w", file, places[at]+1, err)
		}
		ordered = append(ordered, d)
	}
	return ordered, nil
}

// kept are the documents that filter_docs leaves, without examples, in file order, and the rows that they are of.
func (b *builder) kept(file string, rows []row) (docs []tasks.Doc, places []int, err error) {
	ids := map[string]int{}
	for i, r := range rows {
		d, keep, err := b.doc(i, r)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: record %d: %w", file, i+1, err)
		}
		if !keep {
			continue
		}
		if first, twice := ids[d.ID.String()]; twice {
			return nil, nil, fmt.Errorf("%s: record %d: doc_id %q is also that of record %d", file, i+1, d.ID, first)
		}
		ids[d.ID.String()] = i + 1
		docs, places = append(docs, d), append(places, i)
	}
	if len(docs) == 0 {
		return nil, nil, fmt.Errorf("%s: filter_docs keeps none of the %d records", file, len(rows))
	}
	return docs, places, nil
}

// look decides by the first document what lm-eval does: whether there are several inputs or several targets.
func (b *builder) look(r row) error {
	if b.Type != Rolling {
		q, err := b.Text.question(r, b.columns, b.Choice != nil)
		if err != nil {
			return fmt.Errorf("doc_to_text: %w", err)
		}
		_, isIndex := q.(int64)
		b.inputs = isIndex && b.Choice != nil && b.Type == MultipleChoice
	}
	target, err := b.Target.target(r, b.columns, b.Choice != nil)
	if err != nil {
		return fmt.Errorf("doc_to_target: %w", err)
	}
	_, b.targets = target.([]any)
	if b.Choice == nil {
		return nil
	}
	choices, err := b.Choice.choices(r, b.columns)
	if err != nil {
		return fmt.Errorf("doc_to_choice: %w", err)
	}
	if slices.Contains(choices, "") {
		return fmt.Errorf("doc_to_choice: a choice is empty, which lm-eval refuses in a first document")
	}
	return nil
}

// doc makes the document of a row, without examples.
func (b *builder) doc(i int, r row) (d tasks.Doc, keep bool, err error) {
	if b.Keep != nil {
		text, err := b.Keep.text(r, nil)
		if err != nil || text == "" {
			return d, false, wrap("filter_docs", err)
		}
	}
	d.ID = tasks.RowID(int64(i))
	if b.ID != nil {
		text, err := b.ID.text(r, b.columns)
		if err != nil {
			return d, false, wrap("doc_id", err)
		}
		d.ID = tasks.TextID(text)
	}
	if b.Cluster != nil {
		if d.Cluster, err = b.Cluster.text(r, b.columns); err != nil {
			return d, false, wrap("doc_cluster", err)
		}
	}
	if b.Description != nil {
		if d.Context, err = b.Description.text(r, b.columns); err != nil {
			return d, false, wrap("description", err)
		}
	}
	return d, true, b.fill(&d, r)
}

func wrap(field string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", field, err)
}

// fill adds question, choices and targets.
func (b *builder) fill(d *tasks.Doc, r row) error {
	target, err := b.Target.target(r, b.columns, b.Choice != nil)
	if err != nil {
		return wrap("doc_to_target", err)
	}
	var choices []string
	if b.Choice != nil {
		if choices, err = b.Choice.choices(r, b.columns); err != nil {
			return wrap("doc_to_choice", err)
		}
	}
	if b.Type == Rolling {
		d.Target = jinja.Text(target)
		d.Targets = []string{d.Target}
		return nil
	}
	q, err := b.Text.question(r, b.columns, b.Choice != nil)
	if err != nil {
		return wrap("doc_to_text", err)
	}
	if b.inputs {
		return b.fillInputs(d, q, choices, target)
	}
	question, ok := q.(string)
	if !ok {
		return fmt.Errorf("doc_to_text: %s is no text", jinja.Text(q))
	}
	prefix := ""
	if b.GenPrefix != nil {
		if prefix, err = b.GenPrefix.text(r, b.columns); err != nil {
			return wrap("gen_prefix", err)
		}
	}
	d.Input = question
	if prefix != "" && question != "" && !spaceAtEnd(question) && !spaceAtStart(prefix) {
		d.Input += b.TargetDelimiter
	}
	d.Input += prefix
	d.Choices = choices
	if b.Type == Generate {
		if d.Choices = columnChoices(r); choices == nil {
			return b.golds(d, target, nil)
		}
	}
	return b.golds(d, target, choices)
}

// columnChoices is the column that multi_choice_regex reads.
func columnChoices(r row) (texts []string) {
	list, _ := r.vars["choices"].([]any)
	for _, c := range list {
		texts = append(texts, jinja.Text(c))
	}
	return texts
}

// fillInputs is fill where the choices are contexts.
func (b *builder) fillInputs(d *tasks.Doc, q any, choices []string, target any) error {
	index, ok := q.(int64)
	if !ok {
		return fmt.Errorf("doc_to_text: %s is no index of a choice, as in the first document", jinja.Text(q))
	}
	d.Inputs, d.Choices, d.Target = choices, choices, jinja.Text(target)
	d.Targets = []string{within(index, choices)}
	return nil
}

// within is the index of a choice, or what is always wrong.
func within(index int64, choices []string) string {
	if index >= int64(len(choices)) {
		return noChoice
	}
	return strconv.FormatInt(index, 10)
}

const noChoice = "-100"

// asIndex is an index where the value is one; Python's True is 1.
func asIndex(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case bool:
		return int64(btoi(v)), true
	}
	return 0, false
}

// golds are what the answers are compared with.
func (b *builder) golds(d *tasks.Doc, target any, choices []string) error {
	list := b.several(target, choices)
	if len(list) == 0 {
		return fmt.Errorf("doc_to_target: the list of targets is empty")
	}
	for _, v := range list {
		index, isIndex := asIndex(v)
		text := jinja.Text(v)
		switch {
		case b.Type == MultipleChoice && isIndex:
			d.Targets = append(d.Targets, within(index, choices))
			if index >= 0 && index < int64(len(choices)) {
				text = choices[index]
			}
		case b.Type == MultipleChoice:
			d.Targets = append(d.Targets, strconv.Itoa(indexOr(choices, text)))
		case choices != nil:
			if index < 0 {
				index += int64(len(choices))
			}
			if !isIndex || index < 0 || index >= int64(len(choices)) {
				return fmt.Errorf("doc_to_target: %s is no index of the %d choices", text, len(choices))
			}
			text = choices[index]
			d.Targets = append(d.Targets, text)
		default:
			d.Targets = append(d.Targets, text)
		}
		if d.Target == "" {
			d.Target = text
		}
	}
	return nil
}

// several are the targets that count. Whether there may be several lm-eval decides by the first document: where its
// target is no list, a later list is text as Python prints it, and where it is one, a later text is its characters.
func (b *builder) several(target any, choices []string) []any {
	list, isList := target.([]any)
	text, isText := target.(string)
	switch {
	case isList && (b.targets || b.Type != Generate && len(list) == 1):
		return list
	case isList && b.Type == MultipleChoice:
		return []any{int64(len(choices))} // equal to no choice
	case isText && b.targets && b.Type == Generate && choices == nil:
		for _, r := range text {
			list = append(list, string(r))
		}
		return list
	}
	return []any{target}
}

func indexOr(choices []string, text string) int {
	if i := slices.Index(choices, text); i >= 0 {
		return i
	}
	return -100
}
