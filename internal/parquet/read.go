// Package parquet reads columns of a Parquet file as JSON rows. It is what stands between the Parquet library and files
// from outside: whatever a header declares is compared with what is there before it is believed.
package parquet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"unicode/utf8"

	library "github.com/parquet-go/parquet-go"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
)

// Rows reads the columns of every record, one JSON object each. A column that is not there or is something else is an
// error in one line, and so is everything else that is wrong with the file. limit bounds what the file may unpack to and what the rows may take,
// in bytes.
func Rows(content []byte, columns []Column, limit int64) (rows []json.RawMessage, err error) {
	return rowsOf(content, limit, func(root *element) error { return root.match(columns) },
		func(row []byte, record map[string]any) ([]byte, error) { return appendRow(row, columns, record) })
}

// rowsOf makes a JSON object of every record with put, which appends it; choose is as for eachRecord.
func rowsOf(content []byte, limit int64, choose func(*element) error, put func(row []byte, record map[string]any) ([]byte, error)) (rows []json.RawMessage, err error) {
	var row []byte
	total := int64(0)
	err = eachRecord(content, limit, choose, func(record map[string]any) error {
		var err error
		if row, err = put(row[:0], record); err != nil {
			return err
		}
		if total += int64(len(row)); total > limit {
			return fmt.Errorf("the records take more than %d bytes", limit)
		}
		rows = append(rows, bytes.Clone(row))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// eachRecord passes every record to each: structures as maps, lists as []any, absent values as nil. choose marks the
// leaves of the schema that are to be read.
//
// This is the one place where the Parquet library meets a file. The library trusts what it reads: it panics, allocates
// what a header says, and is silently wrong about pages of some compressions. So the file is taken apart, checked and
// put together again without compression first (repack), memory faults and panics of what remains are turned into an
// error here, in the goroutine in which they happen, and nothing of the library leaves this function.
func eachRecord(content []byte, limit int64, choose func(*element) error, each func(record map[string]any) error) (err error) {
	record := int64(0)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the Parquet reader failed: %s", oneLine(fmt.Sprint(p)))
		} else if err != nil {
			err = errors.New(oneLine(err.Error()))
		}
		if err != nil && record > 0 {
			err = fmt.Errorf("record %d: %w", record, err)
		}
	}()
	plain, err := repack(content, limit, choose)
	if err != nil {
		return err
	}
	file, err := library.OpenFile(bytes.NewReader(plain), int64(len(plain)), library.SkipPageIndex(true), library.SkipBloomFilters(true))
	if err != nil {
		return err
	}
	reader := library.NewGenericReader[any](file)
	defer reader.Close()
	schema, want := reader.Schema(), reader.NumRows()
	batch := make([]library.Row, 64)
	for {
		n, err := reader.ReadRows(batch)
		for _, row := range batch[:n] {
			record++
			// The generic reader copies the values, so what a dictionary repeats is counted before it is copied.
			if size := rowSize(row); size > limit {
				return fmt.Errorf("%d bytes of values, more than %d", size, limit)
			}
			var value any
			if err := schema.Reconstruct(&value, row); err != nil {
				return err
			}
			object, ok := value.(map[string]any)
			if !ok {
				return fmt.Errorf("the reader gave a %T", value)
			}
			if err := each(object); err != nil {
				return err
			}
		}
		switch {
		case err == io.EOF && record == want:
			record = 0
			return nil
		case err == io.EOF || n == 0 && err == nil:
			return fmt.Errorf("the records end; the file says there are %d", want)
		case err != nil:
			return err
		case record > want:
			return fmt.Errorf("the file says there are %d", want)
		}
	}
}

func rowSize(row library.Row) int64 {
	size := int64(0)
	for _, v := range row {
		size += 16
		if v.Kind() == library.ByteArray {
			size += int64(len(v.ByteArray()))
		}
	}
	return size
}

// oneLine makes a library's message fit for a line.
func oneLine(message string) string {
	message = strings.Join(strings.FieldsFunc(message, func(r rune) bool { return r < 0x20 || r == 0x7f }), " ")
	if len(message) > 400 {
		message = strings.ToValidUTF8(message[:400], "") + "…"
	}
	return strings.ToValidUTF8(message, "\ufffd")
}

// appendText writes a string, which must be UTF-8: Parquet's annotation promises it and nothing enforces it.
func appendText(b []byte, c Column, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return b, fmt.Errorf("column %q is not valid UTF-8", c.Source)
	}
	return jsonscan.AppendString(slices.Grow(b, len(s)+2), s), nil
}
