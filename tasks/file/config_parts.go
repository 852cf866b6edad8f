package file

import (
	"path"
	"regexp"
	"slices"
	"strings"

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

var sha256Text = regexp.MustCompile(`^[0-9a-f]{64}$`)

// data reads where the splits' records lie: a path, or a mapping with file, sha256 and rows.
func (p *parser) data(e Entry) error {
	entries, err := p.Entries(e.Node, e.Key)
	if err != nil {
		return err
	}
	p.c.Data = map[string]DataFile{}
	for _, split := range entries {
		split.Key = join(e.Key, split.Key)
		d := DataFile{Line: split.Line}
		v, err := p.Value(split.Node, split.Key)
		if err != nil {
			return err
		}
		switch v := v.(type) {
		case string:
			d.File = v
		case python.Object:
			if err := p.dataFile(&d, v, split); err != nil {
				return err
			}
		default:
			return p.Problem(split.Line, split.Key, "a path, or a mapping with file, sha256 and rows is needed")
		}
		if d.File == "" {
			return p.Problem(split.Line, split.Key, "no file is named")
		}
		if clean := path.Clean(strings.ReplaceAll(d.File, `\`, "/")); clean == ".." || strings.HasPrefix(clean, "../") || path.IsAbs(clean) || len(clean) > 1 && clean[1] == ':' {
			return p.Problem(split.Line, split.Key, "%q lies outside the task file's folder", d.File)
		}
		p.c.Data[strings.TrimPrefix(split.Key, e.Key+".")] = d
	}
	return nil
}

func (p *parser) dataFile(d *DataFile, o python.Object, split Entry) error {
	for _, m := range o {
		key, ok := join(split.Key, m.Name), true
		switch m.Name {
		case "file":
			d.File, ok = m.Value.(string)
		case "sha256":
			d.SHA256, ok = m.Value.(string)
			ok = ok && sha256Text.MatchString(d.SHA256)
		case "rows":
			d.Rows, ok = m.Value.(int)
			ok = ok && d.Rows > 0
		default:
			return p.Problem(split.Line, key, "unknown key: there are file, sha256 and rows")
		}
		if !ok {
			return p.Problem(split.Line, key, "not a %s", map[string]string{"file": "path", "sha256": "digest of 64 hexadecimal digits", "rows": "number of records"}[m.Name])
		}
	}
	return nil
}
