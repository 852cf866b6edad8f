// Package checkpoint opens the files that hold a model, safetensors beside config.json or GGUF, and shows their arrays
// under the names of Hugging Face's layout.
package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/lora"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

// Checkpoint is a model's configuration and where its weights come from.
type Checkpoint struct {
	Config  arch.Config
	Tensors graph.Tensors
	Files   Files
	// InMemory: there is no file behind the weights that could be read again.
	InMemory bool
	// Identify returns "sha256:" and the digest of what c computes with these weights. sum may be nil.
	Identify func(c arch.Config, sum Summer) (string, error)
	// AdapterDigest is that of the adapter that is merged into the weights; nil where there is none.
	AdapterDigest func(sum Summer) (string, error)
}

// Files is what weight files need while they are in use.
type Files interface {
	Bytes() int64
	// Warnings are doubts that do not prevent the files' use.
	Warnings() []string
	// Verify returns an error when a file has changed since it was opened.
	Verify() error
	Close() error
}

// Summer returns the SHA-256 of a weight file's content, which it may know from an earlier run: path and info say which
// file it is and in what state. It may be called from several goroutines.
type Summer = func(path string, info fs.FileInfo, content []byte) [sha256.Size]byte

// Open reads the configuration and opens the weights of a model: a directory in Hugging Face layout or a GGUF file. ignore
// are unknown keys of the configuration that the caller answers for.
func Open(path string, ignore []string) (*Checkpoint, error) {
	if gguf.Is(path) {
		return openGGUF(path, ignore)
	}
	config, err := arch.ReadDir(path, ignore)
	if err != nil {
		return nil, err
	}
	files, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	return ofSafetensors(config, files, false), nil
}

// OpenFS is Open for the files of a file system, which are read into memory.
func OpenFS(files fs.FS, ignore []string) (*Checkpoint, error) {
	config, err := arch.ReadFS(files, ignore)
	if err != nil {
		return nil, err
	}
	read, err := safetensors.OpenFS(files)
	if err != nil {
		return nil, err
	}
	return ofSafetensors(config, read, true), nil
}

// ReadConfig reads the configuration alone.
func ReadConfig(path string, ignore []string) (arch.Config, error) {
	if !gguf.Is(path) {
		return arch.ReadDir(path, ignore)
	}
	c, err := openGGUF(path, ignore)
	if err != nil {
		return arch.Config{}, err
	}
	return c.Config, c.Files.Close()
}

func ofSafetensors(config arch.Config, files *safetensors.Checkpoint, inMemory bool) *Checkpoint {
	return &Checkpoint{
		Config: config, Tensors: safetensorsTensors{files}, Files: files, InMemory: inMemory,
		Identify: func(c arch.Config, sum Summer) (string, error) { return identify(files, c, sum) },
	}
}

// safetensorsTensors are the arrays of safetensors, whose names are Hugging Face's.
type safetensorsTensors struct{ files *safetensors.Checkpoint }

func (s safetensorsTensors) Names() []string { return s.files.Names() }

func (s safetensorsTensors) Tensor(name string) (graph.Stored, bool, error) {
	t, ok := s.files.Tensor(name)
	if !ok {
		return graph.Stored{}, false, nil
	}
	stored, err := lora.Stored(t)
	return stored, true, err
}

// identify is the digest of engine.Model.Digest.
func identify(files *safetensors.Checkpoint, config arch.Config, sum Summer) (string, error) {
	config.StoredDType = ""
	text, err := json.Marshal(config)
	if err != nil {
		return "", fmt.Errorf("a configuration of plain numbers: %w", err) // they were finite when parsed
	}
	sums, err := files.Sums(context.Background(), sum)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte("swallow-eval model 1\n" + string(text) + "\n" + sums))
	return "sha256:" + hex.EncodeToString(digest[:]), nil
}
