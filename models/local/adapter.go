package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	pathpkg "path"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/locate"
)

const adapterConfig = "adapter_config.json"

// CheckAdapter finds what is wrong with the name of an adapter, and with what a folder says of itself. model is the name of the model
// that it is merged into, "" where none was given. Errors name the flags --adapter and --model.
func CheckAdapter(adapter, model string) error {
	info, err := os.Stat(adapter)
	switch {
	case strings.HasSuffix(adapter, ".gguf"):
		return fmt.Errorf("--adapter %s: adapters in GGUF files are not supported, only folders as PEFT writes them", adapter)
	case err == nil && !info.IsDir():
		return fmt.Errorf("--adapter %s: not a folder: name the one that holds adapter_config.json", adapter)
	case err != nil && !locate.HubName.MatchString(adapter):
		return fmt.Errorf("--adapter %s: no such folder, and no hub id org/name", adapter)
	case err != nil && model == "":
		return errors.New("--adapter is merged into a base model: name that with --model")
	case err != nil:
		return nil
	}
	base, err := engine.AdapterBase(adapter)
	if err != nil {
		return fmt.Errorf("--adapter: %w", err)
	}
	if model == "" {
		if base != "" {
			return fmt.Errorf("--adapter %s is for the model %s: name that with --model", adapter, textsafe.Terminal(base))
		}
		return errors.New("--adapter is merged into a base model: name that with --model")
	}
	return nil
}

// Adapter brings an adapter, checked already, to this machine, and returns its folder and the name that results call it by. client is
// asked for where it lies on the hub. Errors name the flag --adapter.
func Adapter(ctx context.Context, adapter string, client func() (*hub.Client, error)) (dir, name string, err error) {
	if _, err := os.Stat(adapter); err == nil {
		return adapter, filepath.ToSlash(filepath.Clean(adapter)), nil
	}
	hubClient, err := client()
	if err != nil {
		return "", "", err
	}
	id, revision, _ := strings.Cut(adapter, "@")
	first := hub.Step{Want: func(name string) bool { return name == adapterConfig }, Check: func(dir string) error {
		_, err := engine.AdapterBase(dir)
		return err
	}}
	wanted := func(name string) bool { return name == adapterConfig || name == "adapter_model.safetensors" }
	dir, err = hubClient.Snapshot(ctx, hub.Repo{Kind: hub.Model, ID: id, Revision: revision}, wanted, first)
	if err != nil {
		return "", "", fmt.Errorf("--adapter %s: %w", adapter, err)
	}
	return dir, id + "@" + pathpkg.Base(filepath.ToSlash(dir)), nil
}
