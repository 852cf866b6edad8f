package store

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// benchRequest is a few-shot prompt of about 2 KB, half of it Japanese.
func benchRequest(i int) tasks.Request {
	return tasks.Request{
		Kind: tasks.LogLikelihood, Protocol: tasks.HarnessEN,
		Prompt:       strings.Repeat("質問：日本で一番高い山は何ですか？\n", 20) + strings.Repeat("Question: how high is it?\n", 40) + fmt.Sprint(i),
		Continuation: " 富士山",
	}
}

func benchResponse(i int) tasks.Response {
	return tasks.Response{LogProb: -1.234567890123456 * float64(i+1), PromptTokens: 700 + i%9, OutputTokens: 3, Greedy: i%3 == 0}
}

// BenchmarkPut stores durably in batches of 64.
func BenchmarkPut(b *testing.B) {
	for _, c := range []struct {
		name     string
		response func(int) tasks.Response
	}{
		{"score", benchResponse},
		{"text770B", func(i int) tasks.Response {
			return tasks.Response{Text: fmt.Sprintf("%0770d", i), Finish: "stop", PromptTokens: 700, OutputTokens: 300}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, err := Open(b.TempDir(), model)
			require.NoError(b, err)
			i := 0
			for b.Loop() {
				if err := s.Put(benchRequest(i), c.response(i)); err != nil {
					b.Fatal(err)
				}
				i++
			}
			require.NoError(b, s.Close())
			b.ReportMetric(float64(s.end)/float64(i), "bytes/record")
			b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "puts/s")
		})
	}
}

func BenchmarkGet(b *testing.B) {
	const n = 100_000
	s, err := Open(b.TempDir(), model)
	require.NoError(b, err)
	var qs []tasks.Request
	for i := range n {
		q := benchRequest(i)
		q.Prompt = q.Prompt[len(q.Prompt)-1000:]
		require.NoError(b, s.Put(q, benchResponse(i)))
		qs = append(qs, q)
	}
	for b.Loop() {
		for i := range 1000 {
			if _, ok := s.Get(qs[i*97%n]); !ok {
				b.Fatal("missing")
			}
		}
	}
	b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "gets/s")
	require.NoError(b, s.Close())
}

func BenchmarkDigest(b *testing.B) {
	q := benchRequest(1)
	b.SetBytes(int64(len(q.Prompt)))
	for b.Loop() {
		requestDigest(q)
	}
}

// BenchmarkOpen reads a segment of a million answers.
func BenchmarkOpen(b *testing.B) {
	const n = 1_000_000
	for _, text := range []int{0, 300} {
		b.Run(fmt.Sprintf("text%d", text), func(b *testing.B) {
			dir := b.TempDir()
			bytes := writeMillion(b, dir, n, text)
			for b.Loop() {
				s, err := Open(dir, model)
				require.NoError(b, err)
				require.Equal(b, n, s.Stats().Answers)
				require.NoError(b, s.Close())
			}
			b.ReportMetric(float64(bytes)/n, "bytes/record")
			b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/million")
		})
	}
}

// writeMillion writes n records straight into a segment, since syncing them is not what is measured.
func writeMillion(b *testing.B, dir string, n, text int) int64 {
	b.Helper()
	id, err := model.Digest()
	require.NoError(b, err)
	require.NoError(b, os.Mkdir(filepath.Join(dir, id), 0o755))
	f, err := os.Create(filepath.Join(dir, id, segmentName(1)))
	require.NoError(b, err)
	buf := appendHeader(nil, model)
	q := tasks.Request{Kind: tasks.Generate, Protocol: tasks.HarnessEN}
	for i := range n {
		q.Prompt = fmt.Sprint(i)
		r := benchResponse(i)
		r.Text = strings.Repeat("x", text)
		buf, err = appendAnswer(buf, seed(id), q, r)
		require.NoError(b, err)
		if len(buf) > 1<<20 {
			_, err = f.Write(buf)
			require.NoError(b, err)
			buf = buf[:0]
		}
	}
	_, err = f.Write(buf)
	require.NoError(b, err)
	info, err := f.Stat()
	require.NoError(b, err)
	require.NoError(b, f.Close())
	return info.Size()
}
