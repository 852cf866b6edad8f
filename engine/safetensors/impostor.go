package safetensors

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Impostor says what a file that is not what its name claims really is, in one line, or "" when it cannot tell. These
// are what failed downloads and mistaken copies leave behind; the errors they cause as weights or JSON would be
// nonsense.
func Impostor(content []byte) string {
	head := content[:min(len(content), 512)]
	text := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(string(head), "\ufeff")))
	switch {
	case strings.HasPrefix(text, "version https://git-lfs"):
		return "a Git LFS pointer, not the file itself: fetch it with git lfs pull"
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return "an HTML page, not the file itself: the download was answered by a web page"
	case bytes.HasPrefix(head, []byte("GGUF")):
		return "a GGUF file under another name: name the file itself as the model"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("\x80\x02")):
		return "a PyTorch pickle under another name: " + WhyNot(".bin")
	}
	return ""
}

// WhyNot gives the reason for refusing a file of another format that checkpoints come in, by its lower-case extension;
// "" for everything else.
func WhyNot(ext string) string {
	switch ext {
	case ".bin", ".pt", ".pth", ".ckpt":
		return "a pickle runs code when it is loaded; convert it to safetensors"
	case ".gguf":
		return "a GGUF model is one file: name the file itself, not its directory"
	case ".ggml":
		return "GGML files of before GGUF are not supported"
	case ".h5", ".msgpack":
		return "TensorFlow and Flax weights are not supported; use safetensors"
	}
	return ""
}

// noWeights explains a directory that has neither model.safetensors nor its index by what it has instead.
func noWeights(dir string) error {
	list, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var others []string
	for _, e := range list {
		name := e.Name()
		ext := strings.ToLower(filepath.Ext(name))
		if reason := WhyNot(ext); reason != "" {
			return fmt.Errorf("no %s, and %s is refused: %s", singleName, name, reason)
		}
		if ext == ".safetensors" {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		slices.Sort(others)
		return fmt.Errorf("neither %s nor %s, only %s", singleName, indexName, strings.Join(others, ", "))
	}
	return fmt.Errorf("neither %s nor %s", singleName, indexName)
}
