package safetensors

import (
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
)

// file is one opened weight file.
type file struct {
	*mapfile.File
	entries []entry
	data    int // where the data begin in its content
}

// openFile opens dir/name and checks its structure; everything is released again when that fails.
func openFile(dir, name string) (*file, error) {
	opened, err := mapfile.Open(dir, name)
	if err != nil {
		return nil, err
	}
	return parse(opened)
}

// parse checks the structure of an opened file and releases it when that fails.
func parse(opened *mapfile.File) (_ *file, err error) {
	f := &file{File: opened}
	err = mapfile.Guarded(f.Verify, func() (err error) {
		if f.entries, f.data, err = parseFile(f.Content); err != nil {
			if what := Impostor(f.Content); what != "" {
				err = errors.New(what)
			}
			err = fmt.Errorf("%s: %w", f.Name, err)
		}
		return err
	})
	if err != nil {
		return nil, mapfile.Both(err, f.Close())
	}
	return f, nil
}
