package file

import (
	"slices"

	"github.com/swallow-eval/swallow-eval/internal/python"
)

func (p *parser) fewshot(e Entry) error {
	entries, err := p.Entries(e.Node, e.Key)
	if err != nil {
		return err
	}
	f := &p.c.Fewshot
	for _, sub := range entries {
		key := sub.Key
		sub.Key = join(e.Key, key)
		p.given[sub.Key] = sub.Line
		if v, err := p.Value(sub.Node, sub.Key); err == nil && v == nil {
			continue
		}
		switch key {
		case "sampler":
			if f.Sampler, err = p.text(sub); err == nil && !slices.Contains([]string{drawn, firstN, shuffled}, f.Sampler) {
				err = p.Problem(sub.Line, sub.Key, "%q is none of default, first_n, shuffled", f.Sampler)
			}
		case "split":
			f.Split, err = p.text(sub)
		case "samples":
			f.Samples, err = p.samples(sub)
		case "fewshot_indices":
			f.Indices, err = p.indices(sub)
		case "doc_to_text":
			f.Text, err = p.field(sub)
		case "doc_to_target":
			f.Target, err = p.field(sub)
		case "doc_to_choice":
			f.Choice, err = p.field(sub)
		case "gen_prefix":
			f.GenPrefix, err = p.field(sub)
		case "target_delimiter":
			f.TargetDelimiter, err = p.text(sub)
		case "fewshot_delimiter":
			f.FewshotDelimiter, err = p.text(sub)
		default:
			err = p.Problem(sub.Line, sub.Key, "unknown key")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// indices are numbers of records from 0.
func (p *parser) indices(e Entry) (list []int, err error) {
	v, err := p.Value(e.Node, e.Key)
	if err != nil {
		return nil, err
	}
	values, ok := v.([]any)
	for _, value := range values {
		n, isInt := value.(int)
		ok = ok && isInt && n >= 0
		list = append(list, n)
	}
	if !ok || list == nil {
		return nil, p.Problem(e.Line, e.Key, "a list of records' numbers from 0 on is needed")
	}
	return list, nil
}

func (p *parser) samples(e Entry) (rows []row, err error) {
	v, err := p.Value(e.Node, e.Key)
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, p.Problem(e.Line, e.Key, "a list of records is needed")
	}
	rows = []row{}
	for _, item := range list {
		o, ok := item.(python.Object)
		if !ok {
			return nil, p.Problem(e.Line, e.Key, "a record is a mapping")
		}
		rows = append(rows, newRow(o))
	}
	return rows, nil
}
