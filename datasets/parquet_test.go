package datasets

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	codec "github.com/parquet-go/parquet-go/compress"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	reader "github.com/swallow-eval/swallow-eval/internal/parquet"
	"github.com/swallow-eval/swallow-eval/internal/parquet/parquettest"
)

// TestParquetCodecs writes rows of three shapes in every compression and page version, with dictionaries, in many pages
// and row groups, and reads them back.
func TestParquetCodecs(t *testing.T) {
	squad, trivia := squadRows(700), triviaRows(300)
	var wantSquad, wantTrivia []string
	for _, r := range squad {
		texts, starts := r.Answers.Text, r.Answers.Start
		if texts == nil {
			texts, starts = []string{}, []int32{}
		}
		wantSquad = append(wantSquad, string(object("id", r.ID, "title", r.Title, "context", r.Context, "question", r.Question,
			"answers", object("text", texts, "answer_start", starts))))
	}
	for _, r := range trivia {
		a := r.Answer
		wantTrivia = append(wantTrivia, string(object("question", r.Question, "question_id", r.ID, "question_source", r.Source,
			"answer", object("value", a.Value, "aliases", a.Aliases, "normalized_aliases", a.NormalizedAliases, "normalized_value", a.NormalizedValue,
				"type", a.Type, "matched_wiki_entity_name", "", "normalized_matched_wiki_entity_name", ""))))
	}
	for name, c := range map[string]codec.Codec{
		"uncompressed": &parquet.Uncompressed, "snappy": &parquet.Snappy, "gzip": &parquet.Gzip, "brotli": &parquet.Brotli,
		"zstd": &parquet.Zstd, "streamed zstd": parquettest.StreamedZstd(),
	} {
		for version := 1; version <= 2; version++ {
			t.Run(fmt.Sprintf("%s V%d", name, version), func(t *testing.T) {
				options := []parquet.WriterOption{
					parquet.Compression(c), parquet.DataPageVersion(version), parquet.PageBufferSize(4096), parquet.MaxRowsPerRowGroup(251),
				}
				rows, err := reader.Rows(parquettest.Write(t, squad, options...), squadTables().columns, 16*mebi)
				require.NoError(t, err)
				assert.Equal(t, strings.Join(wantSquad, "\n"), join(rows))
				rows, err = reader.Rows(parquettest.Write(t, trivia, options...), triviaTables().columns, 16*mebi)
				require.NoError(t, err)
				assert.Equal(t, strings.Join(wantTrivia, "\n"), join(rows))
			})
		}
	}
}

type openBookRow struct {
	ID      string `parquet:"id"`
	Stem    string `parquet:"question_stem"`
	Choices struct {
		Text  []string `parquet:"text,list"`
		Label []string `parquet:"label,list"`
	} `parquet:"choices"`
	Key string `parquet:"answerKey,enum"`
}

// TestParquetOpenBookQA: the hub's flat columns become the original's nested rows, which are what the task reads.
func TestParquetOpenBookQA(t *testing.T) {
	type row struct {
		ID      string `parquet:"id"`
		Stem    string `parquet:"question_stem"`
		Choices struct {
			Text  []string `parquet:"text,list"`
			Label []string `parquet:"label,list"`
		} `parquet:"choices"`
		Key string `parquet:"answerKey"`
	}
	r := row{ID: "7-980", Stem: "The sun is", Key: "A"}
	r.Choices.Text, r.Choices.Label = []string{"a \"star\"", "a stone"}, []string{"A", "B"}
	columns := openBookQATables().columns
	rows, err := reader.Rows(parquettest.Write(t, []row{r, {ID: "x"}}), columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, `{"id":"7-980","question":{"stem":"The sun is","choices":[{"text":"a \"star\"","label":"A"},{"text":"a stone","label":"B"}]},"answerKey":"A"}`+
		"\n"+`{"id":"x","question":{"stem":"","choices":[]},"answerKey":""}`, join(rows))

	r.Choices.Label = r.Choices.Label[:1]
	_, err = reader.Rows(parquettest.Write(t, []row{{}, r}), columns, mebi)
	assert.EqualError(t, err, `record 2: column "choices": 2 values of "text", 1 of "label"`)

	_, err = reader.Rows(parquettest.Write(t, []openBookRow{{}}), columns, mebi)
	assert.EqualError(t, err, `column "answerKey": wanted string, got BYTE_ARRAY (ENUM)`)
}

// TestParquetHellaSwag: lists of strings, a label that is a string, and numbers as they are published.
func TestParquetHellaSwag(t *testing.T) {
	type row struct {
		Ind      int32    `parquet:"ind,optional"`
		Activity string   `parquet:"activity_label"`
		A        string   `parquet:"ctx_a"`
		B        string   `parquet:"ctx_b"`
		Ctx      string   `parquet:"ctx"`
		Endings  []string `parquet:"endings,list"`
		Source   string   `parquet:"source_id"`
		Split    string   `parquet:"split"`
		Type     string   `parquet:"split_type"`
		Label    string   `parquet:"label"`
	}
	rows, err := reader.Rows(parquettest.Write(t, []row{{Ind: 24, Activity: "Inventing", A: "One.", B: "two", Ctx: "One. two", Endings: []string{"a", "[b]", "", "d"}, Label: "3"}}),
		hellaSwagTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, `{"ind":24,"activity_label":"Inventing","ctx_a":"One.","ctx_b":"two","ctx":"One. two","endings":["a","[b]","","d"],"source_id":"","split":"","split_type":"","label":"3"}`, join(rows))
}

type pair2 struct {
	Question string `parquet:"question"`
	Answer   string `parquet:"answer"`
}

// TestParquetLayout: a split is found in the hub's layout, needs permission, and is reported as unpinned.
func TestParquetLayout(t *testing.T) {
	content := string(parquettest.Write(t, []pair2{{"Q1", "#### 1"}, {"Q2", "#### 2"}}))
	for _, path := range []string{"gsm8k/main/test-00000-of-00001.parquet", "gsm8k/main/test/0000.parquet"} {
		_, _, err := open(t, false, map[string]string{path: content}).Rows("gsm8k", "test")
		require.ErrorIs(t, err, ErrMismatch)
		assert.ErrorContains(t, err, path+": not the pinned data: no digest of the original is known")

		r := open(t, true, map[string]string{path: content}).Recorder()
		file, rows, err := r.Rows("gsm8k", "test")
		require.NoError(t, err)
		assert.Equal(t, path, file)
		assert.Equal(t, `{"question":"Q1","answer":"#### 1"}`+"\n"+`{"question":"Q2","answer":"#### 2"}`, join(rows))
		assert.Equal(t, []Use{{"gsm8k", "test", path, digest(content), 2, 1319, Unpinned}}, r.Files())
	}
	_, rows, err := open(t, true, map[string]string{
		"gsm8k/test.jsonl": `{"question":"today","answer":"#### 0"}`, "gsm8k/main/test-00000-of-00001.parquet": content,
	}).Rows("gsm8k", "test")
	require.NoError(t, err)
	assert.Len(t, rows, 1, "the layouts are tried in order")
}

// TestParquetColumns: the message names the file and the column, what was wanted and what is there.
func TestParquetColumns(t *testing.T) {
	content := parquettest.Write(t, []openBookRow{{}})
	d := open(t, true, map[string]string{"gsm8k/main/test-00000-of-00001.parquet": string(content)})
	_, _, err := d.Rows("gsm8k", "test")
	require.ErrorIs(t, err, ErrMalformed)
	assert.EqualError(t, err, `gsm8k/main/test-00000-of-00001.parquet: malformed data: column "question" (string) is not there: `+
		`the file has structure of "id", "question_stem", "choices", "answerKey"`)
}

// TestParquetEqualsOriginal: the hub's table of a data set and the original give the same rows.
func TestParquetEqualsOriginal(t *testing.T) {
	type mgsm struct {
		Question string  `parquet:"question"`
		Answer   *string `parquet:"answer,optional"`
		Number   int32   `parquet:"answer_number"`
		Equation *string `parquet:"equation_solution,optional"`
	}
	tsv, err := parseMGSM([]byte("一つ？\t2,125\n二つ\"？\t-7\n"))
	require.NoError(t, err)
	rows, err := reader.Rows(parquettest.Write(t, []mgsm{{Question: "一つ？", Number: 2125}, {Question: "二つ\"？", Number: -7}}), mgsmTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, join(tsv), join(rows))

	type xlsum struct {
		ID      string `parquet:"id"`
		Summary string `parquet:"summary"`
		Text    string `parquet:"text"`
	}
	rows, err = reader.Rows(parquettest.Write(t, []xlsum{{"1", "要約", "本文\n二行目"}}), xlsumTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, `{"text":"本文\n二行目","summary":"要約"}`, join(rows))

	type xwino struct {
		Sentence string `parquet:"sentence"`
		One      string `parquet:"option1"`
		Two      string `parquet:"option2"`
		Answer   string `parquet:"answer"`
	}
	line := `{"sentence":"A saw B because _ was near.","option1":"A","option2":"B","answer":"2"}`
	rows, err = reader.Rows(parquettest.Write(t, []xwino{{"A saw B because _ was near.", "A", "B", "2"}}), xwinoTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, line, join(rows))

	trivia := triviaRows(5)
	original, err := readTriviaQA(strings.NewReader(triviaJSON(t, trivia)))
	require.NoError(t, err)
	rows, err = reader.Rows(parquettest.Write(t, trivia), triviaTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, join(original), join(rows))

	squad := squadRows(3)
	var qas []string
	for _, r := range squad {
		answers := "[]"
		if len(r.Answers.Text) > 0 {
			answers = fmt.Sprintf(`[{"text":%q,"answer_start":%d}]`, r.Answers.Text[0], r.Answers.Start[0])
		}
		qas = append(qas, fmt.Sprintf(`{"id":%q,"question":%q,"answers":%s,"is_impossible":false}`, r.ID, r.Question, answers))
	}
	original, err = parseSQuAD(fmt.Appendf(nil, `{"data":[{"title":%q,"paragraphs":[{"context":%q,"qas":[%s]}]}]}`, squad[0].Title, squad[0].Context, strings.Join(qas, ",")))
	require.NoError(t, err)
	rows, err = reader.Rows(parquettest.Write(t, squad), squadTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, join(original), join(rows))
}
