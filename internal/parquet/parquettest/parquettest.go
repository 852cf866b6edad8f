// Package parquettest writes Parquet files for tests.
package parquettest

import (
	"bytes"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
	"github.com/stretchr/testify/require"
)

// Write returns rows as a Parquet file.
func Write[T any](t testing.TB, rows []T, options ...parquet.WriterOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[T](&b, options...)
	_, err := w.Write(rows)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// StreamedZstd is zstd as arrow-rs and others write it: frames that do not say how long their content is.
func StreamedZstd() compress.Codec { return streamed{&parquet.Zstd} }

type streamed struct{ compress.Codec }

// Encode writes in pieces, so that the library's writer cannot know the size.
func (streamed) Encode(dst, src []byte) ([]byte, error) {
	b := bytes.NewBuffer(dst[:0])
	w, err := zstd.NewWriter(b)
	if err != nil {
		return nil, err
	}
	for len(src) > 0 {
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
	return b.Bytes(), err
}
