package gguf

import "github.com/swallow-eval/swallow-eval/engine/internal/mapfile"

// Parse is Open without a file.
func Parse(content []byte) (*File, error) {
	p, err := parse(content)
	if err != nil {
		return nil, err
	}
	return &File{file: &mapfile.File{Name: "x.gguf", Content: content}, parsed: p}, nil
}
