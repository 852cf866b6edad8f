package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/local"
	"github.com/swallow-eval/swallow-eval/results"
)

// registerAdapter is for commands that have weights.
func (f *modelFlags) registerAdapter(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.adapter, "adapter", "", "LoRA adapter, merged into the weights at load: a folder as PEFT writes it, or a hub id org/name[@revision] (recorded with every number)")
}

// checkAdapter finds what is wrong with the name of the adapter, and with what a folder says of itself.
func (f *modelFlags) checkAdapter() error {
	if f.adapter == "" {
		return nil
	}
	return local.CheckAdapter(f.adapter, f.model)
}

// localAdapter brings the adapter to this machine, where a command reads weights or judges them.
func (f *modelFlags) localAdapter(ctx context.Context, c console, need local.Part) (dir, name string, err error) {
	if f.adapter == "" || need == local.Tokenizer {
		return "", "", nil
	}
	if err := f.checkAdapter(); err != nil {
		return "", "", err
	}
	return local.Adapter(ctx, f.adapter, func() (*hub.Client, error) {
		client, _, err := hubClient(c, f.network)
		return client, err
	})
}

// adapterOf is the adapter of a place, as notes name it.
func adapterOf(place embedded.Location) *results.Adapter {
	if place.Adapter == "" {
		return nil
	}
	return &results.Adapter{Name: place.AdapterName}
}
