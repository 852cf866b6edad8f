package gguf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

// File is an opened GGUF file. Its methods may be called from several goroutines, Close excepted.
type File struct {
	file  *mapfile.File   // the first part, which has the metadata
	parts []*mapfile.File // the others, in order
	*parsed
}

// Is reports whether path names a file, as GGUF models are, and not a directory. Whether it is a good one says Open.
func Is(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// Open opens a file and checks its whole structure. Of a model in parts it is the first, and the others lie beside it.
// Errors begin with the file's name.
func Open(path string) (*File, error) {
	dir, name := filepath.Split(path)
	opened, p, err := open(dir, name)
	if err != nil {
		return nil, err
	}
	f := &File{file: opened, parsed: p}
	if err := f.openParts(dir); err != nil {
		return nil, mapfile.Both(err, f.release())
	}
	return f, nil
}

// open opens one file.
func open(dir, name string) (*mapfile.File, *parsed, error) {
	opened, err := mapfile.Open(filepath.Clean(dir), name)
	if err != nil {
		return nil, nil, err
	}
	var p *parsed
	err = mapfile.Guarded(opened.Verify, func() (err error) {
		if p, err = parse(opened.Content); err != nil {
			if what := impostor(opened); what != "" {
				err = errors.New(what)
			}
			err = fmt.Errorf("%s: %w", opened.Name, err)
		}
		return err
	})
	if err != nil {
		return nil, nil, mapfile.Both(err, opened.Close())
	}
	for name, t := range p.tensors {
		t.file = opened
		p.tensors[name] = t
	}
	return opened, p, nil
}

// impostor says what a file that is no GGUF is.
func impostor(f *mapfile.File) string {
	if strings.HasPrefix(string(f.Content[:min(len(f.Content), 4)]), "GGUF") {
		return ""
	}
	if what := safetensors.Impostor(f.Content); what != "" {
		return what
	}
	switch ext := strings.ToLower(filepath.Ext(f.Name)); ext {
	case ".safetensors":
		return "one file of a checkpoint: name the directory that holds it beside its config.json and tokenizer"
	case ".gguf", "":
		return ""
	default:
		return safetensors.WhyNot(ext)
	}
}

// Name is the file's name, without its folder.
func (f *File) Name() string { return f.file.Name }

// Bytes returns the size of the file, of all its parts.
func (f *File) Bytes() int64 {
	n := f.file.Info().Size()
	for _, part := range f.parts {
		n += part.Info().Size()
	}
	return n
}

// Warnings returns doubts about the file that do not prevent its use: none so far.
func (f *File) Warnings() []string { return nil }

// Quantisation names what the weights were rounded to, as llama.cpp calls it, such as "Q4_K_M"; "" where no tensor is
// stored in blocks. It is the name that the file has for its mixture (general.file_type, enum llama_ftype) or, without one,
// the type of most elements.
func (f *File) Quantisation() string {
	elements := make(map[Type]int64)
	var most Type
	for _, t := range f.tensors {
		if !t.Quantised() {
			continue
		}
		elements[t.Type] += t.Elements()
		if n := elements[t.Type]; n > elements[most] || n == elements[most] && t.Type < most {
			most = t.Type
		}
	}
	if len(elements) == 0 {
		return ""
	}
	names := map[uint64]string{
		2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M", 13: "Q3_K_L", 14: "Q4_K_S",
		15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 21: "Q2_K_S", 25: "IQ4_NL", 30: "IQ4_XS",
	}
	if v, ok := f.values["general.file_type"]; ok {
		if n, err := v.uint(); err == nil && names[n] != "" {
			return names[n]
		}
	}
	return most.String()
}

// Names returns the names of all tensors, sorted.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.tensors))
	for name := range f.tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Tensor returns the tensor of that name.
func (f *File) Tensor(name string) (Tensor, bool) {
	t, ok := f.tensors[name]
	return t, ok
}

// SHA256 returns the digest of the whole file in hexadecimal, from sum unless that is nil. That of a model in parts is the
// digest of the lines that sha256sum would print for them, without their names.
func (f *File) SHA256(ctx context.Context, sum mapfile.Summer) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	first, err := f.file.Sum(sum)
	if err != nil {
		return "", err
	}
	if len(f.parts) == 0 {
		return hex.EncodeToString(first[:]), nil
	}
	lines := hex.EncodeToString(first[:]) + "\n"
	for _, part := range f.parts {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		digest, err := part.Sum(sum)
		if err != nil {
			return "", err
		}
		lines += hex.EncodeToString(digest[:]) + "\n"
	}
	whole := sha256.Sum256([]byte(lines))
	return hex.EncodeToString(whole[:]), nil
}

// Verify returns an error when the file, or a part of it, has changed since it was opened.
func (f *File) Verify() error {
	err := f.file.Verify()
	for _, part := range f.parts {
		err = mapfile.Both(err, part.Verify())
	}
	return err
}

// Close verifies the file a last time and releases it; no tensor's data may be used afterwards.
func (f *File) Close() error { return mapfile.Both(f.Verify(), f.release()) }

func (f *File) release() error {
	err := f.file.Close()
	for _, part := range f.parts {
		err = mapfile.Both(err, part.Close())
	}
	return err
}
