package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	pathpkg "path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/locate"
	"github.com/swallow-eval/swallow-eval/results"
)

const adapterConfig = "adapter_config.json"

// registerAdapter is for commands that have weights.
func (f *modelFlags) registerAdapter(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.adapter, "adapter", "", "LoRA adapter, merged into the weights at load: a folder as PEFT writes it, or a hub id org/name[@revision] (recorded with every number)")
}

// checkAdapter finds what is wrong with the name of the adapter, and with what a folder says of itself.
func (f *modelFlags) checkAdapter() error {
	if f.adapter == "" {
		return nil
	}
	info, err := os.Stat(f.adapter)
	switch {
	case strings.HasSuffix(f.adapter, ".gguf"):
		return fmt.Errorf("--adapter %s: adapters in GGUF files are not supported, only folders as PEFT writes them", f.adapter)
	case err == nil && !info.IsDir():
		return fmt.Errorf("--adapter %s: not a folder: name the one that holds adapter_config.json", f.adapter)
	case err != nil && !locate.HubName.MatchString(f.adapter):
		return fmt.Errorf("--adapter %s: no such folder, and no hub id org/name", f.adapter)
	case err != nil && f.model == "":
		return errors.New("--adapter is merged into a base model: name that with --model")
	case err != nil:
		return nil
	}
	base, err := engine.AdapterBase(f.adapter)
	if err != nil {
		return fmt.Errorf("--adapter: %w", err)
	}
	if f.model == "" {
		if base != "" {
			return fmt.Errorf("--adapter %s is for the model %s: name that with --model", f.adapter, textsafe.Terminal(base))
		}
		return errors.New("--adapter is merged into a base model: name that with --model")
	}
	return nil
}

// localAdapter brings the adapter to this machine, where a command reads weights or judges them.
func (f *modelFlags) localAdapter(ctx context.Context, c console, need modelPart) (place embedded.Location, err error) {
	if f.adapter == "" || need == tokenizerOnly {
		return place, nil
	}
	if err := f.checkAdapter(); err != nil {
		return place, err
	}
	if _, err := os.Stat(f.adapter); err == nil {
		place.Adapter, place.AdapterName = f.adapter, filepath.ToSlash(filepath.Clean(f.adapter))
		return place, nil
	}
	client, _, err := hubClient(c, f.network)
	if err != nil {
		return place, err
	}
	id, revision, _ := strings.Cut(f.adapter, "@")
	first := hub.Step{Want: func(name string) bool { return name == adapterConfig }, Check: func(dir string) error {
		_, err := engine.AdapterBase(dir)
		return err
	}}
	wanted := func(name string) bool { return name == adapterConfig || name == "adapter_model.safetensors" }
	place.Adapter, err = client.Snapshot(ctx, hub.Repo{Kind: hub.Model, ID: id, Revision: revision}, wanted, first)
	if err != nil {
		return place, fmt.Errorf("--adapter %s: %w", f.adapter, err)
	}
	place.AdapterName = id + "@" + pathpkg.Base(filepath.ToSlash(place.Adapter))
	return place, nil
}

// adapterOf is the adapter of a place, as notes name it.
func adapterOf(place embedded.Location) *results.Adapter {
	if place.Adapter == "" {
		return nil
	}
	return &results.Adapter{Name: place.AdapterName}
}
