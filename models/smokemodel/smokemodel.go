// Package smokemodel is the model smoke, which the binary carries: a Llama of about a million parameters that this
// project trained on questions like those of the data set smoke. It shows that a build works; it knows nothing of the
// world. docs/smoke.md says how it was made.
package smokemodel

import (
	"bytes"
	"embed"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Name is what users call the model, Damaged the name of the variant with a known fault.
const (
	Name    = "smoke"
	Damaged = "smoke-damaged"
)

// Names are what users call the models within this program.
func Names() []string { return []string{Name, Damaged} }

// Title says what a model of this package is.
func Title(name string) string {
	if name == Damaged {
		return "smoke with its feed-forward weights rounded to powers of four"
	}
	return "1.18 million parameters, trained on invented questions"
}

//go:embed files
var files embed.FS

const weightsName = "model.safetensors"

// Files returns the model's files in Hugging Face layout; ok is false where name is not a model of this package.
func Files(name string) (list fs.FS, ok bool, err error) {
	switch name {
	case Name:
		list, err = fs.Sub(files, "files")
		return list, true, err
	case Damaged:
		list, err = damaged()
		return list, true, err
	}
	return nil, false, nil
}

// damagedPart is what the tensors that are damaged have in their names: the feed-forward matrices of all blocks. Each of
// their values loses its mantissa and the last bit of its exponent. A model that was quantised badly looks like that: it
// loads, answers fluently, and is worse.
const damagedPart = ".mlp."

// damaged returns the model with coarse feed-forward matrices.
func damaged() (fs.FS, error) {
	whole, err := fs.Sub(files, "files")
	if err != nil {
		return nil, err
	}
	content, err := fs.ReadFile(whole, weightsName)
	if err != nil {
		return nil, err
	}
	if content, err = damage(content); err != nil {
		return nil, fmt.Errorf("%s: %w", Damaged, err)
	}
	return edited{whole, content}, nil
}

// edited is a file system with other weights of the same size.
type edited struct {
	fs.FS
	weights []byte
}

// Open opens a file.
func (e edited) Open(name string) (fs.File, error) {
	f, err := e.FS.Open(name)
	if err != nil || name != weightsName {
		return f, err
	}
	return editedFile{f, bytes.NewReader(e.weights)}, nil
}

type editedFile struct {
	fs.File
	content *bytes.Reader
}

// Read reads the edited content.
func (f editedFile) Read(p []byte) (int, error) { return f.content.Read(p) }

// damage edits a copy of a safetensors file of bfloat16 values.
func damage(content []byte) ([]byte, error) {
	content = bytes.Clone(content)
	if len(content) < 8 {
		return nil, errors.New("no header")
	}
	n := binary.LittleEndian.Uint64(content)
	if n > uint64(len(content)-8) {
		return nil, errors.New("the header is cut short")
	}
	var header map[string]struct {
		DType   string `json:"dtype"`
		Offsets [2]int `json:"data_offsets"`
	}
	if err := json.Unmarshal(content[8:8+n], &header); err != nil {
		return nil, err
	}
	data, done := content[8+n:], 0
	for name, t := range header {
		if !strings.Contains(name, damagedPart) {
			continue
		}
		if t.DType != "BF16" || t.Offsets[0] < 0 || t.Offsets[1] > len(data) {
			return nil, fmt.Errorf("tensor %s is not what this package carries", name)
		}
		for at := t.Offsets[0]; at+2 <= t.Offsets[1]; at += 2 {
			binary.LittleEndian.PutUint16(data[at:], coarse(binary.LittleEndian.Uint16(data[at:])))
		}
		done++
	}
	if done == 0 {
		return nil, errors.New("no tensor was damaged")
	}
	return content, nil
}

// coarse keeps a bfloat16's sign and the upper seven bits of its exponent.
func coarse(bits uint16) uint16 { return bits & 0xff00 }
