package datasets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"

	reader "github.com/swallow-eval/swallow-eval/internal/parquet"
	"github.com/swallow-eval/swallow-eval/internal/parquet/parquettest"
)

func BenchmarkSQuADParquet(b *testing.B) {
	content := parquettest.Write(b, squadRows(130319), parquet.Compression(&parquet.Snappy))
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		rows, err := reader.Rows(content, squadTables().columns, gibi)
		require.NoError(b, err)
		require.Len(b, rows, 130319)
	}
}

func BenchmarkTriviaQAParquet(b *testing.B) {
	content := parquettest.Write(b, triviaRows(138384), parquet.Compression(&parquet.Snappy))
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		rows, err := reader.Rows(content, triviaTables().columns, gibi)
		require.NoError(b, err)
		require.Len(b, rows, 138384)
	}
}

// BenchmarkTriviaQAJSON reads the training split of TriviaQA's own size and shape, without the archive around it.
func BenchmarkTriviaQAJSON(b *testing.B) {
	content := triviaJSON(b, triviaRows(138384))
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		rows, err := readTriviaQA(strings.NewReader(content))
		require.NoError(b, err)
		require.Len(b, rows, 138384)
	}
}

// BenchmarkTriviaQAArchive is everything: digest, gzip, tar and JSON, with evidence that is passed over.
func BenchmarkTriviaQAArchive(b *testing.B) {
	web, wikipedia := triviaJSON(b, triviaRows(10000)), triviaJSON(b, triviaRows(5000))
	content := tarGz(b, entry{"qa/web-dev.json", web}, entry{"evidence/x.txt", strings.Repeat(web, 4)}, entry{"qa/wikipedia-dev.json", wikipedia})
	path := filepath.Join(b.TempDir(), "triviaqa-rc.tar.gz")
	require.NoError(b, os.WriteFile(path, []byte(content), 0o644))
	f := triviaArchive("dev", 15000).Files[0]
	want := []wanted{{f.Members[0], TriviaQA}, {f.Members[1], TriviaQA}}
	b.SetBytes(int64(5*len(web) + len(wikipedia)))
	b.ReportAllocs()
	for b.Loop() {
		u, err := unpack(path, f, want, true)
		require.NoError(b, err)
		require.Len(b, u.members["qa/web-dev.json"].rows, 10000)
	}
}

func BenchmarkSGM(b *testing.B) {
	content := []byte(strings.Repeat("<doc>\n<p>\n<seg id=\"1\">An invented  sentence　of the usual length, with a “quotation”.</seg>\n</p>\n", 1000))
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		require.Len(b, sgmLines(content), 1000)
	}
}
