package parquet

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/parquet/parquettest"
)

func TestTable(t *testing.T) {
	type pair struct {
		Text  []string `parquet:"text,list"`
		Start []int32  `parquet:"start,list"`
	}
	type choice struct {
		Label string  `parquet:"label"`
		Score float64 `parquet:"score"`
	}
	type row struct {
		ID      int64          `parquet:"id"`
		Text    *string        `parquet:"q,optional"`
		Share   float32        `parquet:"share"`
		Right   bool           `parquet:"right"`
		Answers pair           `parquet:"answers"`
		Choices []choice       `parquet:"choices,list"`
		Image   []byte         `parquet:"image"`
		Day     time.Time      `parquet:"day,timestamp"`
		Map     map[string]int `parquet:"map"`
	}
	text := "問い"
	file := parquettest.Write(t, []row{
		{ID: 7, Text: &text, Share: 0.5, Right: true, Answers: pair{[]string{"a", "b"}, []int32{1, 2}}, Choices: []choice{{"A", 1}, {"B", 1e300}}, Image: []byte{1}},
		{ID: -1, Share: 2},
	})
	rows, err := Table(file, 1<<20)
	require.NoError(t, err)
	require.Len(t, rows, 2)
	assert.Equal(t, `{"id":7,"q":"問い","share":0.5,"right":true,"answers":{"text":["a","b"],"start":[1,2]},"choices":[{"label":"A","score":1.0},{"label":"B","score":1e+300}]}`,
		string(rows[0]))
	assert.Equal(t, `{"id":-1,"q":null,"share":2.0,"right":false,"answers":{"text":[],"start":[]},"choices":[]}`, string(rows[1]))

	type number struct {
		X float64 `parquet:"x"`
	}
	_, err = Table(parquettest.Write(t, []number{{1}, {math.NaN()}}), 1<<20)
	assert.EqualError(t, err, `record 2: column "x" holds NaN, which JSON has no number for`)
	type bytesOnly struct {
		X []byte `parquet:"x"`
	}
	_, err = Table(parquettest.Write(t, []bytesOnly{{[]byte{1}}}), 1<<20)
	assert.ErrorContains(t, err, "no columns are read")
	_, err = Table(file[:len(file)-3], 1<<20)
	assert.ErrorContains(t, err, "cut short")
	type long struct {
		X int32 `parquet:"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"`
	}
	_, err = Table(parquettest.Write(t, make([]long, 200)), 20_000)
	assert.ErrorContains(t, err, "the records take more than 20000 bytes")
}

// FuzzTable: files from anywhere end in rows that are JSON or in an error of one line.
func FuzzTable(f *testing.F) {
	type row struct {
		ID    int64    `parquet:"id"`
		Text  string   `parquet:"q"`
		List  []string `parquet:"list,list"`
		Share float64  `parquet:"share"`
	}
	f.Add(parquettest.Write(f, []row{{1, "a", []string{"b", "c"}, 0.5}, {2, "d", nil, 2}}))
	f.Fuzz(func(t *testing.T, content []byte) {
		rows, err := Table(content, 1<<20)
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Fatalf("an error of several lines: %q", err)
		}
		for _, r := range rows {
			if !json.Valid(r) {
				t.Fatalf("no JSON: %q", r)
			}
		}
	})
}
