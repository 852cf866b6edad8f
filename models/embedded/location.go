package embedded

import (
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/models/chat"
)

// Location is where a model's files lie: Path, a directory in Hugging Face layout or a GGUF file, or where Files is not
// nil, a file system of such a directory's files, such as that of the program itself. Then errors call it Path.
type Location struct {
	Path  string
	Files fs.FS
	// IgnoreConfig are keys as in engine.Options, for all that reads the configuration.
	IgnoreConfig []string
	// Adapter is the folder of a LoRA adapter, as in engine.Options, and AdapterName what results call it.
	Adapter, AdapterName string
}

// Tokenizer reads the tokenizer alone, of what an engine would take for a model by the names of its files.
func (l Location) Tokenizer() (*tokenizer.Tokenizer, error) {
	if l.Files != nil {
		return tokenizer.LoadFS(l.Files)
	}
	if err := engine.CheckFolder(l.Path); err != nil {
		return nil, err
	}
	return tokenizer.Load(l.Path)
}

// Engine loads the weights alone.
func (l Location) Engine(o engine.Options) (*engine.Model, error) {
	o.Adapter = l.Adapter
	o.IgnoreConfig = slices.Concat(o.IgnoreConfig, l.IgnoreConfig)
	if l.Files != nil {
		return engine.LoadFS(l.Files, l.Path, o)
	}
	return engine.Load(l.Path, o)
}

// ChatTemplate finds the model's chat template; tok is its tokenizer.
func (l Location) ChatTemplate(tok *tokenizer.Tokenizer) (t *chat.Template, err error) {
	switch {
	case l.Files != nil:
		t, err = chat.FromFiles(l.Files, tok)
	case gguf.Is(l.Path):
		t, err = chat.FromGGUF(l.Path, tok)
	default:
		t, err = chat.FromFiles(os.DirFS(l.Path), tok)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Path, err)
	}
	return t, nil
}

// CheckConfig reads the configuration alone: an error says why the engine would not take the model, whatever its weights are.
// The same goes for the adapter.
func (l Location) CheckConfig() error {
	c, err := l.Config()
	if err == nil && l.Adapter != "" {
		err = engine.CheckAdapter(l.Adapter, c)
	}
	return err
}

// Config reads the configuration alone.
func (l Location) Config() (engine.Config, error) {
	if l.Files != nil {
		return engine.ReadConfigFS(l.Files, l.IgnoreConfig...)
	}
	return engine.ReadConfig(l.Path, l.IgnoreConfig...)
}

// generation is what the files would change about generating; a model within the program has no such file.
func (l Location) generation() ([]engine.GenerationSetting, error) {
	if l.Files != nil {
		return nil, nil
	}
	return engine.ReadGeneration(l.Path)
}
