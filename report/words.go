package report

import (
	"encoding/json"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// word is a text of the page in its languages, with {0}, {1} for arguments.
type word struct {
	English  string `json:"en"`
	Japanese string `json:"ja"`
}

// dictionary are the page's words by key; the page's program uses the same.
type dictionary map[string]word

// readWords reads them, with the sentences of notes, which are those of results.
func readWords() (dictionary, error) {
	var words dictionary
	if err := json.Unmarshal([]byte(asset("words.json")), &words); err != nil {
		return nil, fmt.Errorf("report: words.json: %w", err)
	}
	for key, s := range notes.Sentences() {
		words[notePrefix+key] = word{s.English, s.Japanese}
	}
	return words, nil
}

// element is a word in English, with what the other language needs beside it.
func (d dictionary) element(key string, args []any) (template.HTML, error) {
	w, ok := d[key]
	if !ok {
		return "", fmt.Errorf("report: no word %q", key)
	}
	texts := make([]string, len(args))
	text := w.English
	for i, a := range args {
		texts[i] = textsafe.Terminal(fmt.Sprint(a))
	}
	text = fill(text, texts)
	more := ""
	if len(texts) > 0 {
		b, err := json.Marshal(texts)
		if err != nil {
			return "", err
		}
		more = ` data-args="` + template.HTMLEscapeString(string(b)) + `"`
	}
	return template.HTML(`<span data-word="` + template.HTMLEscapeString(key) + `"` + more + `>` + template.HTMLEscapeString(text) + `</span>`), nil
}

// fill replaces {0}, {1} by the arguments, each once over: what an argument says is not looked at again.
func fill(text string, args []string) string {
	var pairs []string
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", a)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}
