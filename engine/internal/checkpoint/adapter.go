package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/graph"
	"github.com/swallow-eval/swallow-eval/engine/internal/lora"
)

// Adapt merges the LoRA adapter of a folder into the checkpoint. On an error the checkpoint is as it was.
func (c *Checkpoint) Adapt(dir string) error {
	a, err := openAdapter(dir, c.Config)
	if err != nil {
		return err
	}
	base := *c
	c.Tensors, c.Files = a.Merge(base.Tensors), adapted{base.Files, a.Files}
	c.Identify = func(config arch.Config, sum Summer) (string, error) {
		of, err := base.Identify(config, sum)
		if err != nil {
			return "", err
		}
		with, err := a.Digest(context.Background(), sum)
		if err != nil {
			return "", err
		}
		digest := sha256.Sum256([]byte("swallow-eval adapted model 1\n" + of + "\n" + with + "\n"))
		return "sha256:" + hex.EncodeToString(digest[:]), nil
	}
	c.AdapterDigest = func(sum Summer) (string, error) { return a.Digest(context.Background(), sum) }
	return nil
}

// CheckAdapter says whether an adapter can be merged into a model of that configuration.
func CheckAdapter(dir string, c arch.Config) error {
	a, err := openAdapter(dir, c)
	if err != nil {
		return err
	}
	return a.Files.Close()
}

// AdapterBase is the base model that an adapter's folder names, "" where it names none. It reads the configuration alone.
func AdapterBase(dir string) (string, error) {
	content, err := arch.ReadFile(dir, lora.ConfigName)
	if err != nil {
		return "", fmt.Errorf("adapter %s: %w", dir, err)
	}
	c, err := lora.ParseConfig(content)
	if err != nil {
		return "", fmt.Errorf("adapter %s: %s: %w", dir, lora.ConfigName, err)
	}
	return c.Base, nil
}

func openAdapter(dir string, c arch.Config) (*lora.Adapter, error) {
	a, err := lora.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("adapter %s: %w", dir, err)
	}
	if err := a.Check(c); err != nil {
		return nil, fmt.Errorf("adapter %s: %w", dir, graph.Joined(err, a.Files.Close()))
	}
	return a, nil
}

// adapted are the files of a model and its adapter.
type adapted struct{ base, adapter Files }

func (f adapted) Bytes() int64 { return f.base.Bytes() + f.adapter.Bytes() }

func (f adapted) Warnings() []string { return slices.Concat(f.base.Warnings(), f.adapter.Warnings()) }

func (f adapted) Verify() error { return graph.Joined(f.base.Verify(), f.adapter.Verify()) }

func (f adapted) Close() error { return graph.Joined(f.base.Close(), f.adapter.Close()) }
