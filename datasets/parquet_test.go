package datasets

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	codec "github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// streamed is zstd as arrow-rs and others write it: frames that do not say how long their content is.
type streamed struct{ codec.Codec }

func (streamed) Encode(dst, src []byte) ([]byte, error) {
	b := &strings.Builder{}
	w, err := zstd.NewWriter(b)
	if err != nil {
		return nil, err
	}
	for len(src) > 0 { // more than one write, so that the writer cannot know the size
		n := min(len(src), 1000)
		if _, err := w.Write(src[:n]); err != nil {
			return nil, err
		}
		if err := w.Flush(); err != nil {
			return nil, err
		}
		src = src[n:]
	}
	err = w.Close()
	return append(dst[:0], b.String()...), err
}

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
		"zstd": &parquet.Zstd, "streamed zstd": streamed{&parquet.Zstd},
	} {
		for version := 1; version <= 2; version++ {
			t.Run(fmt.Sprintf("%s V%d", name, version), func(t *testing.T) {
				options := []parquet.WriterOption{
					parquet.Compression(c), parquet.DataPageVersion(version), parquet.PageBufferSize(4096), parquet.MaxRowsPerRowGroup(251),
				}
				rows, err := parseParquet(written(t, squad, options...), squadTables().columns, 16*mebi)
				require.NoError(t, err)
				assert.Equal(t, strings.Join(wantSquad, "\n"), join(rows))
				rows, err = parseParquet(written(t, trivia, options...), triviaTables().columns, 16*mebi)
				require.NoError(t, err)
				assert.Equal(t, strings.Join(wantTrivia, "\n"), join(rows))
			})
		}
	}
}

// TestParquetPageSizes: pages as large as the library's buffers are read as any others; with LZ4_RAW it is such pages
// that come out stale.
func TestParquetPageSizes(t *testing.T) {
	type row struct {
		A string `parquet:"a,plain"`
	}
	for _, c := range []codec.Codec{&parquet.Snappy, &parquet.Gzip, &parquet.Brotli, &parquet.Zstd, streamed{&parquet.Zstd}} {
		for _, size := range []int{4095, 4096, 4097, 65536, 262144, 393216} {
			var rows []row
			for i := range 4 {
				seed := uint32(i*size + 1)
				b := make([]byte, size-4) // the page begins with the length
				for j := range b {
					seed = seed*1664525 + 1013904223
					b[j] = 'a' + byte(seed>>24)%26
				}
				rows = append(rows, row{string(b)})
			}
			got, err := parseParquet(written(t, rows, parquet.Compression(c), parquet.DataPageVersion(1), parquet.MaxRowsPerRowGroup(1)), same(Text, "a"), 16*mebi)
			require.NoError(t, err)
			require.Len(t, got, 4)
			for i, r := range rows {
				require.Equal(t, `{"a":"`+r.A+`"}`, string(got[i]), "%s, %d bytes", c, size)
			}
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
	rows, err := parseParquet(written(t, []row{r, {ID: "x"}}), columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, `{"id":"7-980","question":{"stem":"The sun is","choices":[{"text":"a \"star\"","label":"A"},{"text":"a stone","label":"B"}]},"answerKey":"A"}`+
		"\n"+`{"id":"x","question":{"stem":"","choices":[]},"answerKey":""}`, join(rows))

	r.Choices.Label = r.Choices.Label[:1]
	_, err = parseParquet(written(t, []row{{}, r}), columns, mebi)
	assert.EqualError(t, err, `record 2: column "choices": 2 values of "text", 1 of "label"`)

	_, err = parseParquet(written(t, []openBookRow{{}}), columns, mebi)
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
	rows, err := parseParquet(written(t, []row{{Ind: 24, Activity: "Inventing", A: "One.", B: "two", Ctx: "One. two", Endings: []string{"a", "[b]", "", "d"}, Label: "3"}}),
		hellaSwagTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, `{"ind":24,"activity_label":"Inventing","ctx_a":"One.","ctx_b":"two","ctx":"One. two","endings":["a","[b]","","d"],"source_id":"","split":"","split_type":"","label":"3"}`, join(rows))
}

// TestParquetClassLabels: a class label stays its number, of whatever width; nulls stay null.
func TestParquetClassLabels(t *testing.T) {
	type row struct {
		Label  int64   `parquet:"label"`
		Small  int8    `parquet:"small"`
		Wide   uint32  `parquet:"wide"`
		Absent *string `parquet:"absent,optional"`
		List   []int32 `parquet:"list,list"`
	}
	columns := append(append(same(Integer, "label", "small", "wide"), same(Text, "absent")...), same(Integers, "list")...)
	rows, err := parseParquet(written(t, []row{{Label: -1, Small: -128, Wide: 1<<32 - 1, List: []int32{0, -7}}, {Label: 1 << 40}}), columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, `{"label":-1,"small":-128,"wide":4294967295,"absent":null,"list":[0,-7]}`+"\n"+
		`{"label":1099511627776,"small":0,"wide":0,"absent":null,"list":[]}`, join(rows))
}

// TestParquetColumns: what is not there or is something else is named, with what is there instead.
func TestParquetColumns(t *testing.T) {
	type row struct {
		Question string  `parquet:"question"`
		Number   int64   `parquet:"number"`
		Float    float64 `parquet:"float"`
		Binary   []byte  `parquet:"binary"`
		Group    struct {
			Texts []string `parquet:"texts,list"`
		} `parquet:"group"`
		Date int32  `parquet:"date,date"`
		Big  uint64 `parquet:"big"`
	}
	content := written(t, []row{{}})
	for name, c := range map[string]struct {
		columns []Column
		want    string
	}{
		"absent":             {same(Text, "question", "answer"), `column "answer" (string) is not there: the file has structure of "question", "number", "float", "binary", "group", "date", "big"`},
		"other case":         {same(Text, "Question"), `column "Question" (string) is not there`},
		"number for text":    {same(Text, "number"), `column "number": wanted string, got INT64`},
		"text for number":    {same(Integer, "question"), `column "question": wanted integer, got string`},
		"float for number":   {same(Integer, "float"), `column "float": wanted integer, got DOUBLE`},
		"date for number":    {same(Integer, "date"), `column "date": wanted integer, got INT32 (DATE)`},
		"unsigned":           {same(Integer, "big"), `column "big": wanted integer, got INT64 (INT(64,false))`},
		"binary for text":    {same(Text, "binary"), `column "binary": wanted string, got BYTE_ARRAY`},
		"text for list":      {same(Texts, "question"), `column "question": wanted list of string, got string`},
		"structure for text": {same(Text, "group"), `column "group": wanted string, got structure of "texts"`},
		"inner absent": {[]Column{{Field: "g", Source: "group", Kind: Object, Fields: same(Texts, "other")}},
			`column "group.other" (list of string) is not there: the file has structure of "texts"`},
		"inner type": {[]Column{{Field: "g", Source: "group", Kind: Object, Fields: same(Integers, "texts")}},
			`column "group.texts": wanted list of integer, got list of string`},
		"list of structures":  {[]Column{{Field: "g", Source: "group", Kind: Objects, Fields: same(Text, "x")}}, `column "group": wanted list of structures, got structure`},
		"structure of a leaf": {[]Column{{Field: "g", Source: "question", Kind: Object}}, `column "question": wanted structure, got string`},
		"nothing":             {nil, "no columns are read"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseParquet(content, c.columns, mebi)
			assert.ErrorContains(t, err, c.want)
		})
	}
	// In a data folder the message names the file and the column, what was wanted and what is there.
	d := open(t, true, map[string]string{"gsm8k/main/test-00000-of-00001.parquet": string(content)})
	_, _, err := d.Rows("gsm8k", "test")
	require.ErrorIs(t, err, ErrMalformed)
	assert.EqualError(t, err, `gsm8k/main/test-00000-of-00001.parquet: malformed data: column "answer" (string) is not there: `+
		`the file has structure of "question", "number", "float", "binary", "group", "date", "big"`)
}

type pair2 struct {
	Question string `parquet:"question"`
	Answer   string `parquet:"answer"`
}

// TestParquetLayout: a split is found in the hub's layout, needs permission, and is reported as unpinned.
func TestParquetLayout(t *testing.T) {
	content := string(written(t, []pair2{{"Q1", "#### 1"}, {"Q2", "#### 2"}}))
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

// edited changes a file's metadata.
func edited(t testing.TB, content []byte, edit func(*format.FileMetaData)) []byte {
	t.Helper()
	meta, end, err := footer(content)
	require.NoError(t, err)
	edit(meta)
	b, err := thrift.Marshal(new(thrift.CompactProtocol), meta)
	require.NoError(t, err)
	out := append(append([]byte(nil), content[:end]...), b...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(b))), magic...)
}

func TestParquetRefused(t *testing.T) {
	plain := written(t, []pair2{{"Q", "A"}, {"R", "B"}}, parquet.Compression(&parquet.Snappy))
	coded := func(c format.CompressionCodec) []byte {
		return edited(t, plain, func(m *format.FileMetaData) { m.RowGroups[0].Columns[1].MetaData.Codec = c })
	}
	key := make([]byte, 16)
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"LZ4_RAW":          {written(t, []pair2{{"Q", "A"}}, parquet.Compression(&parquet.Lz4Raw)), `column "question" is compressed with LZ4_RAW (codec 7), which is not read; write the file with snappy or zstd`},
		"LZ4":              {coded(format.Lz4), `column "answer" is compressed with LZ4 (codec 5), which is not read`},
		"LZO":              {coded(format.LZO), `is compressed with LZO (codec 3)`},
		"unknown codec":    {coded(99), `is compressed with CompressionCodec(?) (codec 99)`},
		"encrypted footer": {written(t, []pair2{{}}, parquet.WithEncryption(&parquet.EncryptionConfig{FooterKey: key, EncryptedFooter: true})), "the file is encrypted"},
		"encrypted pages":  {written(t, []pair2{{}}, parquet.WithEncryption(&parquet.EncryptionConfig{FooterKey: key})), "the file is encrypted"},
		"empty":            {nil, "not a Parquet file"},
		"text":             {[]byte(`{"question":"Q"}`), "not a Parquet file"},
		"cut":              {plain[:len(plain)-1], "the file is cut short"},
		"magic alone":      {[]byte("PAR1PAR1"), "the file is cut short"},
		"footer too long":  {[]byte("PAR1\xff\xff\xff\xffPAR1"), "metadata of 4294967295 bytes"},
		"footer of zeros":  {[]byte("PAR1\x00\x00\x01\x00\x00\x00PAR1"), "metadata: "},
		"more rows than there are": {edited(t, plain, func(m *format.FileMetaData) { m.NumRows, m.RowGroups[0].NumRows = 3, 3 }),
			`the values of 2 rows, where there are 3`},
		"fewer rows than there are": {edited(t, plain, func(m *format.FileMetaData) { m.NumRows, m.RowGroups[0].NumRows = 1, 1 }), "the values of 2 rows, where there are 1"},
		"rows do not add up":        {edited(t, plain, func(m *format.FileMetaData) { m.NumRows = 5 }), "2 rows in the row groups, 5 in the file"},
		"negative rows":             {edited(t, plain, func(m *format.FileMetaData) { m.RowGroups[0].NumRows = -1 }), "row group 1 says it has -1 rows"},
		"column missing":            {edited(t, plain, func(m *format.FileMetaData) { m.RowGroups[0].Columns = m.RowGroups[0].Columns[:1] }), "row group 1 has 1 columns, the schema 2"},
		"outside the file": {edited(t, plain, func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.DataPageOffset = 1 << 62 }),
			"which is not within the file"},
		"negative offset": {edited(t, plain, func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.DataPageOffset = -1 }),
			"which is not within the file"},
		"other file":  {edited(t, plain, func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].FilePath = "../x" }), `column "question" lies in another file`},
		"other type":  {edited(t, plain, func(m *format.FileMetaData) { m.RowGroups[0].Columns[0].MetaData.Type = format.Int64 }), `column "question" is a BYTE_ARRAY in the schema and a INT64`},
		"schema cut":  {edited(t, plain, func(m *format.FileMetaData) { m.Schema = m.Schema[:2] }), "the schema is cut short"},
		"schema long": {edited(t, plain, func(m *format.FileMetaData) { m.Schema = append(m.Schema, m.Schema[1]) }), "the schema has elements outside its root"},
		"no schema":   {edited(t, plain, func(m *format.FileMetaData) { m.Schema = nil }), "a schema of 0 elements"},
		"schema deep": {edited(t, plain, func(m *format.FileMetaData) {
			group := m.Schema[0]
			group.NumChildren = thrift.New(int32(1))
			m.Schema = append([]format.SchemaElement{}, m.Schema[0])
			for range 1000 {
				m.Schema = append(m.Schema, group)
			}
		}), "the schema is nested more than 32 deep"},
		"column twice": {edited(t, plain, func(m *format.FileMetaData) { m.Schema[2].Name = "question" }), `column "question" is there twice`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parseParquet(c.content, same(Text, "question", "answer"), mebi)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestParquetBombs: what a file unpacks to is bounded by the limit, however it is made.
func TestParquetBombs(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"gzip":   {written(t, []pair2{{long, ""}, {long, ""}}, parquet.Compression(&parquet.Gzip)), "more than this file can have"},
		"brotli": {written(t, []pair2{{long, ""}, {long, ""}}, parquet.Compression(&parquet.Brotli)), "more than this file can have"},
		"zstd":   {written(t, []pair2{{long, ""}, {long, ""}}, parquet.Compression(&parquet.Zstd)), "more than this file can have"},
		"snappy": {written(t, []pair2{{long, ""}, {long, ""}}, parquet.Compression(&parquet.Snappy)), "more than this file can have"},
		// A dictionary of one entry, repeated: small pages, large rows.
		"dictionary": {func() []byte {
			type row struct {
				Question string `parquet:"question,dict"`
				Answer   string `parquet:"answer"`
			}
			var rows []row
			for range 4 {
				rows = append(rows, row{Question: long})
			}
			return written(t, rows)
		}(), "the records take more than 300000 bytes"},
		"shared beginnings": {func() []byte {
			type row struct {
				Question string `parquet:"question,delta"`
				Answer   string `parquet:"answer"`
			}
			var rows []row
			for range 4 {
				rows = append(rows, row{Question: long})
			}
			return written(t, rows)
		}(), "strings that share more than this file can have"},
		"dictionary in a row": {func() []byte {
			type row struct {
				Question string   `parquet:"question"`
				Answer   string   `parquet:"answer"`
				Many     []string `parquet:"many,list,dict"`
			}
			r := row{}
			for range 100 {
				r.Many = append(r.Many, long[:10000])
			}
			return written(t, []row{r})
		}(), "record 1: 1001632 bytes of values, more than 300000"},
	} {
		t.Run(name, func(t *testing.T) {
			columns := same(Text, "question", "answer")
			if name == "dictionary in a row" {
				columns = append(columns, same(Texts, "many")...)
			}
			_, err := parseParquet(c.content, columns, 300000)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := parseParquet(written(t, make([]pair2, 90000)), same(Text, "question", "answer"), 300000)
	require.ErrorContains(t, err, "more values than this file can have")
}

// TestParquetText: what is annotated as UTF-8 and is not is refused, as it is in text files.
func TestParquetText(t *testing.T) {
	_, err := parseParquet(written(t, []pair2{{"Q", "A"}, {"\xe9", "A"}}), same(Text, "question", "answer"), mebi)
	require.EqualError(t, err, `record 2: column "question" is not valid UTF-8`)
	type row struct {
		List []string `parquet:"list,list"`
	}
	_, err = parseParquet(written(t, []row{{[]string{"a", "\xff"}}}), same(Texts, "list"), mebi)
	require.EqualError(t, err, `record 1: column "list" is not valid UTF-8`)
}

// TestParquetPanics: a panic behind the boundary is one line.
func TestParquetPanics(t *testing.T) {
	err := readParquet(written(t, []pair2{{"Q", "A"}}), mebi, all, func(map[string]any) error { panic("one\ntwo\x1b[31m") })
	require.EqualError(t, err, "record 1: the Parquet reader failed: one two [31m")
	err = readParquet(written(t, []pair2{{"Q", "A"}}), mebi, all, func(record map[string]any) error {
		return fmt.Errorf("%s", strings.Repeat("é\n", 500))
	})
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 450)
}

// TestParquetRuns: lengths that a page's data declare are compared with its header.
func TestParquetRuns(t *testing.T) {
	uvarint := func(u uint64) []byte { return binary.AppendUvarint(nil, u) }
	for name, c := range map[string]struct {
		in    []byte
		width int
		found int
		want  error
	}{
		"a run":           {append(uvarint(1000<<1), 1), 1, 1000, nil},
		"too long":        {append(uvarint(4000<<1), 1), 1, 0, errRuns},
		"far too long":    {append(uvarint(1<<40<<1), 1), 1, 0, errRuns},
		"packed too long": {uvarint(1<<63 | 1), 32, 0, errRuns},
		"packed":          {append(uvarint(125<<1|1), make([]byte, 125)...), 1, 1000, nil},
		"packed, cut":     {append(uvarint(125<<1|1), make([]byte, 124)...), 1, 1000, errCutPage},
		"run, cut":        {uvarint(3 << 1), 9, 3, errCutPage},
		"padding":         {[]byte{0, 0, 0, 0}, 0, 0, nil},
	} {
		found, err := runs(c.in, c.width, 1000, nil)
		require.ErrorIs(t, err, c.want, name)
		if c.want == nil {
			assert.Equal(t, c.found, found, name)
		}
	}
	_, err := runs([]byte{0x80}, 1, 1, nil)
	require.ErrorContains(t, err, "broken")
	_, err = runs(nil, 33, 1, nil)
	require.ErrorContains(t, err, "values of 33 bits")

	counts, first, err := levels([]byte{3 << 1, 2, 1<<1 | 1, 0b11_10_01_00, 0xff}, 3, 7) // 2 2 2, then 0 1 2 3 and padding
	require.NoError(t, err)
	assert.Equal(t, []int{1, 1, 4, 1}, counts)
	assert.Equal(t, 2, first)
	_, _, err = levels([]byte{3 << 1, 2}, 2, 4)
	require.EqualError(t, err, "a page with 3 levels that says it has 4 values")
	_, _, err = levels([]byte{3 << 1, 3}, 2, 3)
	require.EqualError(t, err, "a level 3, where 2 is the greatest")

	_, _, err = deltas(append(append(append(uvarint(128), uvarint(4)...), uvarint(1<<40)...), 0), 1000, mebi)
	require.ErrorIs(t, err, errRuns)
	_, _, err = deltas(append(append(uvarint(128), uvarint(4)...), 7, 0), 1000, mebi)
	require.EqualError(t, err, "a page of 7 values that says it has 1000")
	_, _, err = deltas(append(append(uvarint(100), uvarint(4)...), 1, 0), 1000, mebi)
	require.ErrorContains(t, err, "delta blocks of 100 values")
	_, _, err = deltas(uvarint(128), 1000, mebi)
	require.ErrorContains(t, err, "cut short")
}

// TestParquetPlain: plain values are as many as the header says.
func TestParquetPlain(t *testing.T) {
	leaf := func(typ format.Type) *element {
		return &element{SchemaElement: format.SchemaElement{Type: thrift.New(typ), TypeLength: thrift.New(int32(3))}}
	}
	for _, c := range []struct {
		typ   format.Type
		data  string
		count int
		ok    bool
	}{
		{format.ByteArray, "\x01\x00\x00\x00a\x00\x00\x00\x00", 2, true}, {format.ByteArray, "\x01\x00\x00\x00a\x00\x00\x00\x00", 1, false},
		{format.ByteArray, "\x02\x00\x00\x00a", 1, false}, {format.ByteArray, "\x00\x00", 1, false}, {format.ByteArray, "\xff\xff\xff\xff", 1, false},
		{format.Int32, "12345678", 2, true}, {format.Int32, "1234567", 2, false}, {format.Int64, "12345678", 1, true}, {format.Int64, "12345678", 2, false},
		{format.FixedLenByteArray, "123456", 2, true}, {format.FixedLenByteArray, "12345", 2, false}, {format.Boolean, "1", 8, true}, {format.Boolean, "1", 9, false},
	} {
		assert.Equal(t, c.ok, leaf(c.typ).plain([]byte(c.data), c.count) == nil, "%s %q %d", c.typ, c.data, c.count)
	}
}

// FuzzParquet: whatever the bytes are, nothing but records or an error of one line comes out.
func FuzzParquet(f *testing.F) {
	f.Add([]byte("PAR1PAR1"))
	for version := 1; version <= 2; version++ {
		for _, c := range []codec.Codec{&parquet.Uncompressed, &parquet.Snappy, &parquet.Zstd, &parquet.Gzip} {
			f.Add(written(f, squadRows(12), parquet.Compression(c), parquet.DataPageVersion(version)))
		}
		f.Add(written(f, triviaRows(2), parquet.DataPageVersion(version)))
		f.Add(written(f, []pair2{{"Q", "A"}, {"R", "B"}}, parquet.DataPageVersion(version)))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, columns := range [][]Column{squadTables().columns, triviaTables().columns, gsm8kTables().columns} {
			rows, err := parseParquet(content, columns, mebi)
			if err != nil {
				require.NotContains(t, err.Error(), "\n")
			}
			for _, row := range rows {
				require.True(t, json.Valid(row))
			}
		}
		err := readParquet(content, mebi, all, func(map[string]any) error { return nil })
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
		}
	})
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
	rows, err := parseParquet(written(t, []mgsm{{Question: "一つ？", Number: 2125}, {Question: "二つ\"？", Number: -7}}), mgsmTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, join(tsv), join(rows))

	type xlsum struct {
		ID      string `parquet:"id"`
		Summary string `parquet:"summary"`
		Text    string `parquet:"text"`
	}
	rows, err = parseParquet(written(t, []xlsum{{"1", "要約", "本文\n二行目"}}), xlsumTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, `{"text":"本文\n二行目","summary":"要約"}`, join(rows))

	type xwino struct {
		Sentence string `parquet:"sentence"`
		One      string `parquet:"option1"`
		Two      string `parquet:"option2"`
		Answer   string `parquet:"answer"`
	}
	line := `{"sentence":"A saw B because _ was near.","option1":"A","option2":"B","answer":"2"}`
	rows, err = parseParquet(written(t, []xwino{{"A saw B because _ was near.", "A", "B", "2"}}), xwinoTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, line, join(rows))

	trivia := triviaRows(5)
	original, err := readTriviaQA(strings.NewReader(triviaJSON(t, trivia)))
	require.NoError(t, err)
	rows, err = parseParquet(written(t, trivia), triviaTables().columns, mebi)
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
	rows, err = parseParquet(written(t, squad), squadTables().columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, join(original), join(rows))
}
