package tokenizer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// The files of a model directory that are read.
const (
	modelName  = "tokenizer.model"
	jsonName   = "tokenizer.json"
	configName = "tokenizer_config.json"
)

// largest is the size of a tokenizer file up to which it is read into memory; the largest known ones have some 40 MB.
const largest = 256 << 20

// Load reads the tokenizer of a model directory in Hugging Face layout: tokenizer.model or, only where there is none,
// tokenizer.json; and the names of special tokens from tokenizer_config.json where there is one. Where both are there, they
// must agree; added_tokens.json must agree with them. No other file is needed.
// dir may be a GGUF file, whose vocabulary is taken. Errors are one line and begin with the file's path.
func Load(dir string) (*Tokenizer, error) {
	if gguf.Is(dir) {
		return loadGGUF(dir)
	}
	for _, name := range []string{modelName, jsonName} {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		return loadDir(dir, name)
	}
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s: not a directory with %s or %s", dir, modelName, jsonName)
	}
	return nil, fmt.Errorf("%s: neither %s nor %s", dir, modelName, jsonName)
}

// loadDir reads that file of a model directory and what the files beside it say.
func loadDir(dir, name string) (*Tokenizer, error) {
	t, err := LoadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	if name == modelName {
		if err := t.checkBeside(dir); err != nil {
			return nil, err
		}
	}
	config := filepath.Join(dir, configName)
	content, err := read(config)
	if err == nil {
		if err = t.configure(content, name == modelName); err != nil {
			err = fmt.Errorf("%s: %w", config, err)
		}
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = t.readAddedFile(dir, name == modelName)
	}
	if err != nil {
		return nil, err
	}
	t.seal()
	return t, nil
}

// LoadFile reads one tokenizer file, a tokenizer.json if its name ends in .json and a SentencePiece model otherwise. The
// tokens that begin and end a text are those the file itself names. Errors are one line and begin with the path.
func LoadFile(path string) (*Tokenizer, error) {
	content, err := read(path)
	if err != nil {
		return nil, err
	}
	return parse(path, content)
}

// LoadFS reads tokenizer.model of a file system, such as that of a program's embedded files. Errors begin with the name.
func LoadFS(files fs.FS) (*Tokenizer, error) {
	content, err := fs.ReadFile(files, modelName)
	if err != nil {
		return nil, err
	}
	return parse(modelName, content)
}

func parse(path string, content []byte) (*Tokenizer, error) {
	load := loadModel
	if strings.EqualFold(filepath.Ext(path), ".json") {
		load = loadJSON
	}
	t, err := load(content)
	if err != nil {
		if what := impostor(content); what != "" {
			err = errors.New(what)
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	sum := sha256.Sum256(content)
	t.digest = "sha256:" + hex.EncodeToString(sum[:])
	return t, nil
}

// read returns a file's content. What is no file, empty or too large to be meant is an error. Errors name the path.
func read(path string) ([]byte, error) {
	// Asked before opening, since opening a pipe would wait for its writer.
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a regular file", path)
	case info.Size() > largest:
		return nil, fmt.Errorf("%s: %d bytes are too many for a tokenizer (limit %d)", path, info.Size(), largest)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, largest))
	if err == nil && len(content) == 0 {
		err = fmt.Errorf("%s: empty file", path)
	}
	return content, err
}

// impostor says what a file that is not what its name claims really is, or "" when it cannot tell. It is asked only
// about files that do not load, since any of these beginnings could in principle begin a good one.
func impostor(content []byte) string {
	head := bytes.TrimSpace(bytes.TrimPrefix(content[:min(len(content), 512)], []byte("\xef\xbb\xbf")))
	text := strings.ToLower(string(head))
	switch {
	case strings.HasPrefix(text, "version https://git-lfs"):
		return "a Git LFS pointer, not the file itself: fetch it with git lfs pull"
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return "an HTML page, not the file itself: the download was answered by a web page"
	case bytes.HasPrefix(head, []byte("GGUF")):
		return "a GGUF file under another name; name that file itself as the model"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return "compressed with gzip; decompress it first"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "a zip archive under another name"
	case bytes.HasPrefix(head, []byte("IQ== ")):
		return "a tiktoken rank list, not a SentencePiece model; use the model's " + jsonName
	}
	return ""
}

// quote shows untrusted text in an error message.
func quote(s string) string { return strictjson.Quote(s) }
