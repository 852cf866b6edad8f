// Package local brings the model that a user names to this machine: what of it a command needs, checked before its weights are
// fetched, with the adapter that is merged into it and the smaller model that guesses for it.
package local

import (
	"context"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/locate"
)

// Part is how much of a model a command needs.
type Part int

// The parts, from the smallest to the whole.
const (
	Tokenizer Part = iota
	Encoder        // configuration and tokenizer
	Engine         // configuration and weights; the tokenizer may be anything
	Whole
)

// Model is a model that was found by its name.
type Model struct {
	// Given is the name as the user has it, Address what it stands for.
	Given   string
	Address locate.Address
	// Adapter is the folder of an adapter, "" for none.
	Adapter string
	// IgnoreConfig are keys of config.json that change nothing on the user's word; Window is 0 for the model's own.
	IgnoreConfig []string
	Window       int
}

// Remote says whether anything may have to be fetched.
func (m Model) Remote() bool { return m.Address.Within == nil && m.Address.Dir == "" }

// Bring returns where the model lies, and the name that results call it by: the path as given, or the hub id with the commit it stood
// for. client is needed where the model is Remote.
func (m Model) Bring(ctx context.Context, client *hub.Client, need Part) (place embedded.Location, name string, err error) {
	place = embedded.Location{IgnoreConfig: m.IgnoreConfig}
	switch a := m.Address; {
	case a.Within != nil:
		place.Path, place.Files, name = m.Given, a.Within, m.Given
	case a.Dir != "":
		place.Path, name = a.Dir, filepath.ToSlash(filepath.Clean(m.Given))
	default:
		place.Path, name, err = a.Fetch(ctx, locate.Fetching{Client: client, Checks: m.checks(need), Weights: need >= Engine}, m.Given)
	}
	return place, name, err
}

// checks look at a model's small files, the smallest first, before the larger ones are fetched.
func (m Model) checks(need Part) (steps []hub.Step) {
	if need == Tokenizer {
		steps = append(steps, hub.Step{Names: engine.CheckNames, Want: func(string) bool { return false }, Check: func(string) error { return nil }})
	}
	if need > Tokenizer {
		steps = append(steps, hub.Step{Names: engine.CheckNames, Want: locate.ConfigFiles, Check: func(dir string) error {
			return embedded.Location{Path: dir, IgnoreConfig: m.IgnoreConfig, Adapter: m.Adapter}.CheckConfig()
		}})
	}
	if need == Whole {
		steps = append(steps, hub.Step{Want: locate.EncoderFiles, Check: func(dir string) error {
			_, err := embedded.OpenEncoderAt(embedded.Location{Path: dir, IgnoreConfig: m.IgnoreConfig}, m.Window)
			return err
		}})
	}
	return steps
}
