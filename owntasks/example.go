package owntasks

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/tasks/file"
)

// WriteExample writes a commented example that runs at once: name.yaml, and before it its questions name.jsonl. Nothing is written over
// but what an earlier call has left.
func WriteExample(name string) error {
	base := filepath.Base(name)
	if strings.ContainsAny(base, " :,*?[]\\") || base == "." {
		return fmt.Errorf("%q is no name for a task", name)
	}
	text, rows := file.Example(base)
	files := []struct {
		path    string
		content []byte
	}{{name + ".jsonl", rows}, {name + ".yaml", text}} // a task file has its questions
	for _, f := range files {
		found, err := os.ReadFile(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist) || err == nil && bytes.Equal(found, f.content):
		case err == nil:
			return fmt.Errorf("%s exists", f.path)
		default:
			return err
		}
	}
	for _, f := range files {
		if err := atomicfile.Write(f.path, func(w io.Writer) error { _, err := w.Write(f.content); return err }); err != nil {
			return err
		}
	}
	return nil
}
