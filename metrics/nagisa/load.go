package nagisa

import (
	"compress/gzip"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/metrics/nagisa/internal/dynet"
	"github.com/swallow-eval/swallow-eval/metrics/nagisa/internal/pickle"
)

// Source is the repository, the commit and the folder the published model's files are in.
const (
	SourceRepository = "taishi-i/nagisa"
	SourceCommit     = "7b760c57493f1f09c96d5642e238dae9875dbdaa"
	SourceFolder     = "nagisa/data"
)

// File is one of the files that make up a model.
type File struct {
	Name string
	// Blob is the git blob id of the published file: the SHA-1 of "blob ", the size in decimal, a zero byte and the
	// content.
	Blob string
}

// Places in Files.
const (
	fileHyperparameters = iota
	fileVocabularies
	fileModel
)

// Files returns the files of the published model.
func Files() []File {
	return []File{
		fileHyperparameters: {"nagisa_v001.hp", "9421bd673e7e1dda235a2afc0ef46e0c828e42de"},
		fileVocabularies:    {"nagisa_v001.dict", "7b84ce78f322af5e8f7c92047fd4e13375a1d7c1"},
		fileModel:           {"nagisa_v001.model", "b97b6e3e6c19e4fb978c989dace5861149a24b50"},
	}
}

// Bounds of a model's files. The published ones stay far below.
const maxFile = 1 << 28

var (
	hyperparameterLimits = pickle.Limits{Bytes: 1 << 20, Objects: 1 << 12}
	vocabularyLimits     = pickle.Limits{Bytes: 1 << 28, Objects: 1 << 25}
)

// Load reads the published model from the folder that holds its Files. A file with another git blob id is refused, as
// is one that is missing or damaged; the error names it.
func Load(dir string) (*Tagger, error) {
	for _, f := range Files() {
		path := filepath.Join(dir, f.Name)
		if err := read(path, func(r io.Reader, size int64) error { return checkBlob(r, size, f.Blob) }); err != nil {
			return nil, err
		}
	}
	t, err := LoadUnpinned(dir)
	if err != nil {
		return nil, err
	}
	t.name = pinnedName
	return t, nil
}

// LoadUnpinned is Load for a model of one's own in files of the same names and formats.
func LoadUnpinned(dir string) (*Tagger, error) {
	t := &Tagger{name: unpinnedName}
	var h hyperparameters
	for i, parse := range []func(io.Reader) error{
		fileHyperparameters: func(r io.Reader) (err error) {
			value, err := unpickle(r, hyperparameterLimits)
			if err == nil {
				h, err = newHyperparameters(value)
			}
			return err
		},
		fileVocabularies: func(r io.Reader) (err error) {
			value, err := unpickle(r, vocabularyLimits)
			if err == nil {
				t.vocabulary, err = newVocabularies(value, h)
			}
			return err
		},
		fileModel: func(r io.Reader) error {
			m, err := dynet.Read(r, h.shapes())
			if err == nil {
				t.network = newNetwork(h, m)
			}
			return err
		},
	} {
		path := filepath.Join(dir, Files()[i].Name)
		if err := read(path, func(r io.Reader, _ int64) error { return parse(r) }); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// read opens a file, of bounded size, and passes it on. Errors that do not name the file come to do so.
func read(path string, parse func(r io.Reader, size int64) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() || info.Size() > maxFile {
		return fmt.Errorf("%s: not a file of at most %d bytes", path, maxFile)
	}
	if err := parse(f, info.Size()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// checkBlob compares the git blob id of what r holds, size bytes, with the wanted one.
func checkBlob(r io.Reader, size int64, want string) error {
	hash := sha1.New()
	fmt.Fprintf(hash, "blob %d\x00", size)
	if _, err := io.Copy(hash, r); err != nil {
		return err
	}
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		return fmt.Errorf("not the published file: git blob id %s, want %s", got, want)
	}
	return nil
}

// unpickle reads a pickle of plain data compressed with gzip.
func unpickle(r io.Reader, limits pickle.Limits) (any, error) {
	z, err := gzip.NewReader(r)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return pickle.Read(z, limits)
}
