package invent

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/datasets"
)

// Licence is that of all the text.
const Licence = "Apache-2.0"

// Home is where the text comes from, in the place of a publisher.
const Home = "invented by swallow-eval (datasets/smokedata)"

// File is one file of a data set.
type File struct {
	Path    string
	Content []byte
}

// Files writes the set as files in the formats of the benchmarks' own and returns them with their manifest.
func (s *Set) Files() ([]File, []datasets.Split, error) {
	var files []File
	var manifest []datasets.Split
	for _, sp := range s.splits {
		form, ok := forms()[sp.dataset+" "+sp.name]
		if !ok {
			form = forms()[sp.dataset]
		}
		list, err := form.write(sp)
		if err != nil {
			return nil, nil, err
		}
		layout := datasets.Layout{Format: form.format, Rows: len(sp.items)}
		for _, f := range list {
			sum := sha256.Sum256(f.Content)
			layout.Files = append(layout.Files, datasets.File{Path: f.Path, Pins: []datasets.Pin{{
				SHA256: hex.EncodeToString(sum[:]), Size: int64(len(f.Content)), State: datasets.Invented,
			}}})
		}
		files = append(files, list...)
		manifest = append(manifest, datasets.Split{Dataset: sp.dataset, Name: sp.name, Licence: Licence, Home: Home, Layouts: []datasets.Layout{layout}})
	}
	return files, manifest, nil
}

// form is how a split becomes files.
type form struct {
	format datasets.Format
	write  func(split) ([]File, error)
}

// forms are those of the data sets, or of one split where the splits of a data set differ.
func forms() map[string]form {
	lines := form{datasets.JSONL, writeLines}
	array := form{datasets.JSONArray, writeArray}
	return map[string]form{
		"jcommonsenseqa": lines, "openbookqa": lines, "trivia_qa": lines, "hellaswag": lines, "xwinograd": lines, "gsm8k": lines,
		"jmmlu": lines, "mmlu": lines, "bbh": lines, "math500": lines, "humaneval": lines, "jhumaneval": lines,
		"jemhopqa": array, "mgsm train": array, "mgsm test": {datasets.MGSM, writeTSV},
		"niilc": {datasets.NIILC, writeXML}, "xlsum_ja": {datasets.CSV, writeCSV}, "wmt20": {datasets.LinePairs, writePairs},
		"jsquad": {datasets.SQuAD, writeSQuAD}, "squad_v2": {datasets.SQuAD, writeSQuAD},
	}
}

func (s split) file(extension string, content []byte) []File {
	return []File{{s.dataset + "/" + s.name + extension, content}}
}

// encode is JSON without escapes that only HTML needs.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

func writeLines(s split) ([]File, error) {
	var b []byte
	for _, it := range s.items {
		line, err := encode(it.row)
		if err != nil {
			return nil, err
		}
		b = append(b, line...)
	}
	return s.file(".jsonl", b), nil
}

func writeArray(s split) ([]File, error) {
	b := []byte("[\n")
	for i, it := range s.items {
		line, err := encode(it.row)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, line...)
	}
	return s.file(".json", append(b, "]\n"...)), nil
}

// writeTSV takes texts without tabs and line feeds, as all texts here are.
func writeTSV(s split) ([]File, error) {
	var b bytes.Buffer
	for _, it := range s.items {
		fmt.Fprintf(&b, "%s\t%d\n", it.row["question"], it.row["answer_number"])
	}
	return s.file(".tsv", b.Bytes()), nil
}

func writeXML(s split) ([]File, error) {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<questions>\n")
	for _, it := range s.items {
		fmt.Fprintf(&b, "<question id=%q><text>%s</text><answers>", it.row["id"], escape(it.row["text"].(string)))
		for _, a := range it.row["answers"].([]string) {
			fmt.Fprintf(&b, "<answer>%s</answer>", escape(a))
		}
		b.WriteString("</answers></question>\n")
	}
	b.WriteString("</questions>\n")
	return s.file(".xml", b.Bytes()), nil
}

func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		panic(err) // a Builder takes everything
	}
	return b.String()
}

func writeCSV(s split) ([]File, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write([]string{"text", "summary"}); err != nil {
		return nil, err
	}
	for _, it := range s.items {
		if err := w.Write([]string{it.row["text"].(string), it.row["summary"].(string)}); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return s.file(".csv", b.Bytes()), w.Error()
}

func writePairs(s split) ([]File, error) {
	from, into, _ := strings.Cut(s.name, "-")
	var src, ref bytes.Buffer
	for _, it := range s.items {
		fmt.Fprintln(&src, it.row["src"])
		fmt.Fprintln(&ref, it.row["ref"])
	}
	return append(s.file("."+from, src.Bytes()), s.file("."+into, ref.Bytes())...), nil
}

// writeSQuAD makes a paragraph of every question and an article of every title.
func writeSQuAD(s split) ([]File, error) {
	type qa struct {
		ID         any      `json:"id"`
		Question   any      `json:"question"`
		Answers    []record `json:"answers"`
		Impossible bool     `json:"is_impossible"`
	}
	type paragraph struct {
		Context any  `json:"context"`
		QAs     []qa `json:"qas"`
	}
	type article struct {
		Title      any         `json:"title"`
		Paragraphs []paragraph `json:"paragraphs"`
	}
	var file struct {
		Version string    `json:"version"`
		Data    []article `json:"data"`
	}
	file.Version = "smoke"
	for _, it := range s.items {
		q := qa{ID: it.row["id"], Question: it.row["question"], Answers: []record{}}
		answers := it.row["answers"].(record)
		texts, starts := answers["text"].([]string), answers["answer_start"].([]int)
		for i, text := range texts {
			q.Answers = append(q.Answers, record{"text": text, "answer_start": starts[i]})
		}
		q.Impossible = len(texts) == 0
		p := paragraph{it.row["context"], []qa{q}}
		if n := len(file.Data); n > 0 && file.Data[n-1].Title == it.row["title"] {
			file.Data[n-1].Paragraphs = append(file.Data[n-1].Paragraphs, p)
			continue
		}
		file.Data = append(file.Data, article{it.row["title"], []paragraph{p}})
	}
	b, err := encode(file)
	return s.file(".json", b), err
}

// PublishedFiles are the files of the data set that the binary carries, its manifest among them.
func PublishedFiles() ([]File, error) {
	set, err := Published()
	if err != nil {
		return nil, err
	}
	files, manifest, err := set.Files()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(manifest, "", " ")
	return append(files, File{"manifest.json", append(text, '\n')}), err
}
