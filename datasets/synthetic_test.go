package datasets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"
)

// The rows below are invented; their shapes are those of the published files.

// entry is one member of a synthetic archive.
type entry struct{ name, content string }

func tarGz(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	require.NoError(t, err)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Typeflag: tar.TypeReg, Size: int64(len(e.content)), Mode: 0o644}
		if strings.HasSuffix(e.name, "/") {
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		}
		require.NoError(t, w.WriteHeader(h))
		_, err := w.Write([]byte(e.content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	return b.String()
}

func zipped(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.Create(e.name)
		require.NoError(t, err)
		_, err = f.Write([]byte(e.content))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.String()
}

type squadTableRow struct {
	ID       string `parquet:"id,optional"`
	Title    string `parquet:"title,optional,dict"`
	Context  string `parquet:"context,optional,dict"`
	Question string `parquet:"question,optional"`
	Answers  struct {
		Text  []string `parquet:"text,list"`
		Start []int32  `parquet:"answer_start,list"`
	} `parquet:"answers"`
}

// squadRows are n questions, five to a paragraph of some 700 bytes.
func squadRows(n int) []squadTableRow {
	rows := make([]squadTableRow, n)
	for i := range rows {
		r := &rows[i]
		r.ID, r.Title = fmt.Sprintf("id%024d", i), fmt.Sprintf("Article_%d", i/250)
		r.Context = strings.Repeat(fmt.Sprintf("Sentence %d of \"article\" %d is about nothing. ", i/5, i/250), 16)
		r.Question = fmt.Sprintf("What is sentence %d about, and why?", i)
		if i%3 > 0 {
			r.Answers.Text, r.Answers.Start = []string{"nothing"}, []int32{int32(i % 700)}
		}
	}
	return rows
}

type triviaTableRow struct {
	Question string `parquet:"question,optional"`
	ID       string `parquet:"question_id,optional"`
	Source   string `parquet:"question_source,optional,dict"`
	Pages    struct {
		Title []string `parquet:"title,list"`
		Text  []string `parquet:"wiki_context,list"`
	} `parquet:"entity_pages"`
	Answer struct {
		Aliases           []string `parquet:"aliases,list"`
		NormalizedAliases []string `parquet:"normalized_aliases,list"`
		Matched           string   `parquet:"matched_wiki_entity_name"`
		NormalizedMatched string   `parquet:"normalized_matched_wiki_entity_name"`
		NormalizedValue   string   `parquet:"normalized_value"`
		Type              string   `parquet:"type,dict"`
		Value             string   `parquet:"value"`
	} `parquet:"answer"`
}

// triviaRows have the sixteen aliases or so that the published ones have.
func triviaRows(n int) []triviaTableRow {
	rows := make([]triviaTableRow, n)
	for i := range rows {
		r := &rows[i]
		r.Question = fmt.Sprintf("Which of the invented towns has the number %d on its map?", i)
		r.ID, r.Source = fmt.Sprintf("tc_%d", i), "http://www.example.invalid/"
		r.Answer.Value, r.Answer.NormalizedValue, r.Answer.Type = fmt.Sprintf("Town %d", i), fmt.Sprintf("town %d", i), "WikipediaEntity"
		for j := range 16 {
			r.Answer.Aliases = append(r.Answer.Aliases, fmt.Sprintf("Town “%d” (%d)", i, j))
			r.Answer.NormalizedAliases = append(r.Answer.NormalizedAliases, fmt.Sprintf("town %d %d", i, j))
		}
	}
	return rows
}

// triviaJSON writes rows as TriviaQA's own files have them: indented, with white space at the ends of strings and
// search results that nobody reads.
func triviaJSON(t testing.TB, rows []triviaTableRow) string {
	t.Helper()
	type m = map[string]any
	data := []any{}
	for i, r := range rows {
		results := []any{}
		for j := range 5 {
			results = append(results, m{
				"Description": strings.Repeat(fmt.Sprintf("a “snippet” {%d} of text, ", j), 12), "Filename": fmt.Sprintf("%d/%d.txt", i, j),
				"Rank": j, "Title": "A title]}", "Url": "http://www.example.invalid/\\\"",
			})
		}
		data = append(data, m{
			"Answer": m{
				"Aliases": r.Answer.Aliases, "NormalizedAliases": r.Answer.NormalizedAliases, "MatchedWikiEntityName": "Not read",
				"NormalizedMatchedWikiEntityName": "not read", "NormalizedValue": r.Answer.NormalizedValue, "Type": r.Answer.Type,
				"Value": " " + r.Answer.Value + "\u3000\n",
			},
			"EntityPages": []any{}, "Question": "\t" + r.Question + " ", "QuestionId": r.ID, "QuestionSource": r.Source + " ",
			"SearchResults": results,
		})
	}
	b, err := json.MarshalIndent(m{"Data": data, "Domain": "Web", "VerifiedEval": false, "Version": 1.0}, "", "    ")
	require.NoError(t, err)
	return string(b) + "\n"
}
