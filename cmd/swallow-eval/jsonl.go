package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/swallow-eval/swallow-eval/internal/terminal"
)

// openInput opens --input: a file, or standard input for "" and "-".
func openInput(c console, name string) (io.ReadCloser, string, error) {
	if name == "" || name == "-" {
		return io.NopCloser(c.in), "standard input", nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, name, fmt.Errorf("--input: %w", err)
	}
	return f, name, nil
}

// readRecords reads a whole JSONL file of T. check, where not nil, may refuse a record.
func readRecords[T any](c console, input string, check func(*T) error) ([]T, error) {
	r, name, err := openInput(c, input)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var records []T
	err = terminal.EachLine(name, r, func(line []byte) error {
		var v T
		if err := json.Unmarshal(line, &v); err != nil {
			return err
		}
		if check != nil {
			if err := check(&v); err != nil {
				return err
			}
		}
		records = append(records, v)
		return nil
	})
	return records, err
}

// flushed writes out the lines that there are, whatever went wrong before.
func flushed(err error, out terminal.Lines) error {
	if ferr := out.Flush(); ferr != nil && !errors.Is(err, ferr) {
		return errors.Join(err, ferr)
	}
	return err
}
