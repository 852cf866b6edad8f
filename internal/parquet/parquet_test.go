package parquet

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	library "github.com/parquet-go/parquet-go"
	codec "github.com/parquet-go/parquet-go/compress"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/parquet/parquettest"
)

// join is rows in lines.
func join(rows []json.RawMessage) string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = string(r)
	}
	return strings.Join(lines, "\n")
}

// same are columns that have the same name in the file and in the row.
func same(kind Kind, names ...string) []Column {
	columns := make([]Column, len(names))
	for i, name := range names {
		columns[i] = Column{Field: name, Source: name, Kind: kind}
	}
	return columns
}

// TestPageSizes: pages as large as the library's buffers are read as any others; with LZ4_RAW it is such pages
// that come out stale.
func TestPageSizes(t *testing.T) {
	type row struct {
		A string `parquet:"a,plain"`
	}
	for _, c := range []codec.Codec{&library.Snappy, &library.Gzip, &library.Brotli, &library.Zstd, parquettest.StreamedZstd()} {
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
			got, err := Rows(parquettest.Write(t, rows, library.Compression(c), library.DataPageVersion(1), library.MaxRowsPerRowGroup(1)), same(Text, "a"), 16*mebi)
			require.NoError(t, err)
			require.Len(t, got, 4)
			for i, r := range rows {
				require.Equal(t, `{"a":"`+r.A+`"}`, string(got[i]), "%s, %d bytes", c, size)
			}
		}
	}
}

// TestClassLabels: a class label stays its number, of whatever width; nulls stay null.
func TestClassLabels(t *testing.T) {
	type row struct {
		Label  int64   `parquet:"label"`
		Small  int8    `parquet:"small"`
		Wide   uint32  `parquet:"wide"`
		Absent *string `parquet:"absent,optional"`
		List   []int32 `parquet:"list,list"`
	}
	columns := append(append(same(Integer, "label", "small", "wide"), same(Text, "absent")...), same(Integers, "list")...)
	rows, err := Rows(parquettest.Write(t, []row{{Label: -1, Small: -128, Wide: 1<<32 - 1, List: []int32{0, -7}}, {Label: 1 << 40}}), columns, mebi)
	require.NoError(t, err)
	assert.Equal(t, `{"label":-1,"small":-128,"wide":4294967295,"absent":null,"list":[0,-7]}`+"\n"+
		`{"label":1099511627776,"small":0,"wide":0,"absent":null,"list":[]}`, join(rows))
}

// TestColumns: what is not there or is something else is named, with what is there instead.
func TestColumns(t *testing.T) {
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
	content := parquettest.Write(t, []row{{}})
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
			_, err := Rows(content, c.columns, mebi)
			assert.ErrorContains(t, err, c.want)
		})
	}
}

type pair2 struct {
	Question string `parquet:"question"`
	Answer   string `parquet:"answer"`
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

func TestRefused(t *testing.T) {
	plain := parquettest.Write(t, []pair2{{"Q", "A"}, {"R", "B"}}, library.Compression(&library.Snappy))
	coded := func(c format.CompressionCodec) []byte {
		return edited(t, plain, func(m *format.FileMetaData) { m.RowGroups[0].Columns[1].MetaData.Codec = c })
	}
	key := make([]byte, 16)
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"LZ4_RAW":          {parquettest.Write(t, []pair2{{"Q", "A"}}, library.Compression(&library.Lz4Raw)), `column "question" is compressed with LZ4_RAW (codec 7), which is not read; write the file with snappy or zstd`},
		"LZ4":              {coded(format.Lz4), `column "answer" is compressed with LZ4 (codec 5), which is not read`},
		"LZO":              {coded(format.LZO), `is compressed with LZO (codec 3)`},
		"unknown codec":    {coded(99), `is compressed with CompressionCodec(?) (codec 99)`},
		"encrypted footer": {parquettest.Write(t, []pair2{{}}, library.WithEncryption(&library.EncryptionConfig{FooterKey: key, EncryptedFooter: true})), "the file is encrypted"},
		"encrypted pages":  {parquettest.Write(t, []pair2{{}}, library.WithEncryption(&library.EncryptionConfig{FooterKey: key})), "the file is encrypted"},
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
			_, err := Rows(c.content, same(Text, "question", "answer"), mebi)
			require.ErrorContains(t, err, c.want)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestBombs: what a file unpacks to is bounded by the limit, however it is made.
func TestBombs(t *testing.T) {
	long := strings.Repeat("x", 200<<10)
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"gzip":   {parquettest.Write(t, []pair2{{long, ""}, {long, ""}}, library.Compression(&library.Gzip)), "more than this file can have"},
		"brotli": {parquettest.Write(t, []pair2{{long, ""}, {long, ""}}, library.Compression(&library.Brotli)), "more than this file can have"},
		"zstd":   {parquettest.Write(t, []pair2{{long, ""}, {long, ""}}, library.Compression(&library.Zstd)), "more than this file can have"},
		"snappy": {parquettest.Write(t, []pair2{{long, ""}, {long, ""}}, library.Compression(&library.Snappy)), "more than this file can have"},
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
			return parquettest.Write(t, rows)
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
			return parquettest.Write(t, rows)
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
			return parquettest.Write(t, []row{r})
		}(), "record 1: 1001632 bytes of values, more than 300000"},
	} {
		t.Run(name, func(t *testing.T) {
			columns := same(Text, "question", "answer")
			if name == "dictionary in a row" {
				columns = append(columns, same(Texts, "many")...)
			}
			_, err := Rows(c.content, columns, 300000)
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err := Rows(parquettest.Write(t, make([]pair2, 90000)), same(Text, "question", "answer"), 300000)
	require.ErrorContains(t, err, "more values than this file can have")
}

// TestText: what is annotated as UTF-8 and is not is refused, as it is in text files.
func TestText(t *testing.T) {
	_, err := Rows(parquettest.Write(t, []pair2{{"Q", "A"}, {"\xe9", "A"}}), same(Text, "question", "answer"), mebi)
	require.EqualError(t, err, `record 2: column "question" is not valid UTF-8`)
	type row struct {
		List []string `parquet:"list,list"`
	}
	_, err = Rows(parquettest.Write(t, []row{{[]string{"a", "\xff"}}}), same(Texts, "list"), mebi)
	require.EqualError(t, err, `record 1: column "list" is not valid UTF-8`)
}

// TestPanics: a panic behind the boundary is one line.
func TestPanics(t *testing.T) {
	err := eachRecord(parquettest.Write(t, []pair2{{"Q", "A"}}), mebi, all, func(map[string]any) error { panic("one\ntwo\x1b[31m") })
	require.EqualError(t, err, "record 1: the Parquet reader failed: one two [31m")
	err = eachRecord(parquettest.Write(t, []pair2{{"Q", "A"}}), mebi, all, func(record map[string]any) error {
		return fmt.Errorf("%s", strings.Repeat("é\n", 500))
	})
	require.Error(t, err)
	assert.Less(t, len(err.Error()), 450)
}

// TestRuns: lengths that a page's data declare are compared with its header.
func TestRuns(t *testing.T) {
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

// TestPlain: plain values are as many as the header says.
func TestPlain(t *testing.T) {
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

// FuzzRows: whatever the bytes are, nothing but records or an error of one line comes out.

// shapeRow has what the published tables have: optional and repeated strings, dictionaries, structures, lists of structures.
type shapeRow struct {
	ID      string `parquet:"id,optional"`
	Title   string `parquet:"title,optional,dict"`
	Answers struct {
		Text  []string `parquet:"text,list"`
		Start []int32  `parquet:"answer_start,list"`
	} `parquet:"answers"`
	Turns []struct {
		Role string `parquet:"role,dict"`
		Text string `parquet:"text,delta"`
	} `parquet:"turns,list"`
}

func shapeRows(n int) []shapeRow {
	rows := make([]shapeRow, n)
	for i := range rows {
		r := &rows[i]
		r.ID, r.Title = fmt.Sprintf("id%024d", i), fmt.Sprintf("Article_%d", i/5)
		for j := range i % 3 {
			r.Answers.Text, r.Answers.Start = append(r.Answers.Text, fmt.Sprint("answer ", j)), append(r.Answers.Start, int32(i*j))
			r.Turns = append(r.Turns, struct {
				Role string `parquet:"role,dict"`
				Text string `parquet:"text,delta"`
			}{"user", r.ID})
		}
	}
	return rows
}

// shapes are columns of shapeRow in each kind, and those of a table of two.
func shapes() [][]Column {
	answers := append(same(Texts, "text"), same(Integers, "answer_start")...)
	return [][]Column{
		append(same(Text, "id", "title"), Column{Field: "answers", Source: "answers", Kind: Object, Fields: answers}),
		{
			{Field: "beside", Kind: Object, Fields: same(Text, "title")},
			{Field: "zipped", Source: "answers", Kind: Zipped, Fields: answers},
			{Field: "turns", Source: "turns", Kind: Objects, Fields: same(Text, "role", "text")},
		},
		same(Text, "question", "answer"),
	}
}

// TestShapes: every kind of column is read as it was written, in every page version.
func TestShapes(t *testing.T) {
	for version := 1; version <= 2; version++ {
		content := parquettest.Write(t, shapeRows(3), library.DataPageVersion(version))
		rows, err := Rows(content, shapes()[0], mebi)
		require.NoError(t, err)
		require.Len(t, rows, 3)
		assert.Equal(t, `{"id":"id000000000000000000000002","title":"Article_0","answers":{"text":["answer 0","answer 1"],"answer_start":[0,2]}}`, string(rows[2]))
		rows, err = Rows(content, shapes()[1], mebi)
		require.NoError(t, err)
		assert.Equal(t, `{"beside":{"title":"Article_0"},"zipped":[{"text":"answer 0","answer_start":0},{"text":"answer 1","answer_start":2}],`+
			`"turns":[{"role":"user","text":"id000000000000000000000002"},{"role":"user","text":"id000000000000000000000002"}]}`, string(rows[2]))
		assert.Equal(t, `{"beside":{"title":"Article_0"},"zipped":[],"turns":[]}`, string(rows[0]))
	}
}

func FuzzRows(f *testing.F) {
	f.Add([]byte("PAR1PAR1"))
	for version := 1; version <= 2; version++ {
		for _, c := range []codec.Codec{&library.Uncompressed, &library.Snappy, &library.Zstd, &library.Gzip} {
			f.Add(parquettest.Write(f, shapeRows(12), library.Compression(c), library.DataPageVersion(version)))
		}
		f.Add(parquettest.Write(f, []pair2{{"Q", "A"}, {"R", "B"}}, library.DataPageVersion(version)))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		for _, columns := range shapes() {
			rows, err := Rows(content, columns, mebi)
			if err != nil {
				require.NotContains(t, err.Error(), "\n")
			}
			for _, row := range rows {
				require.True(t, json.Valid(row))
			}
		}
		err := eachRecord(content, mebi, all, func(map[string]any) error { return nil })
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
		}
	})
}
