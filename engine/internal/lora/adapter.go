package lora

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/arch"
	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
	"github.com/swallow-eval/swallow-eval/engine/safetensors"
)

// Adapter is an opened adapter.
type Adapter struct {
	Config Config
	Files  *safetensors.Checkpoint

	pairs map[string]pair               // by the base model's tensor
	whole map[string]safetensors.Tensor // what takes the place of the base model's tensor
}

// pair is the two matrices of a module.
type pair struct {
	module string
	a, b   safetensors.Tensor // (r, inputs), (outputs, r)
}

// Open reads an adapter's folder. Errors name its files, not the folder.
func Open(dir string) (*Adapter, error) {
	content, err := arch.ReadFile(dir, ConfigName)
	if err != nil {
		return nil, err
	}
	a := &Adapter{pairs: map[string]pair{}, whole: map[string]safetensors.Tensor{}}
	if a.Config, err = ParseConfig(content); err != nil {
		return nil, fmt.Errorf("%s: %w", ConfigName, err)
	}
	if a.Files, err = safetensors.OpenFile(dir, WeightsName); err != nil {
		return nil, err
	}
	if err := a.sort(); err != nil {
		return nil, mapfile.Both(fmt.Errorf("%s: %w", WeightsName, err), a.Files.Close())
	}
	return a, nil
}

// Names of tensors: a prefix of PEFT's wrapper, the module, and what is stored of it, with or without the adapter's name.
const wrapper = "base_model.model."

// sort gives every tensor its place.
func (a *Adapter) sort() error {
	for _, name := range slices.Sorted(slices.Values(a.Files.Names())) {
		t, _ := a.Files.Tensor(name)
		rest, ok := strings.CutPrefix(name, wrapper)
		if !ok {
			return fmt.Errorf("tensor %s: not of an adapter that PEFT wrote: its name does not begin with %s", strictjson.Quote(name), wrapper)
		}
		rest = strings.ReplaceAll(rest, ".default.", ".")
		part := ""
		for _, p := range []string{".lora_A.weight", ".lora_B.weight"} {
			if m, ok := strings.CutSuffix(rest, p); ok {
				rest, part = m, p
			}
		}
		switch {
		case part != "":
			p := a.pairs[rest+".weight"]
			if p.module = rest; part == ".lora_A.weight" {
				p.a = t
			} else {
				p.b = t
			}
			a.pairs[rest+".weight"] = p
		case strings.Contains(rest, ".lora_magnitude_vector"):
			return fmt.Errorf("tensor %s: DoRA is not implemented", strictjson.Quote(name))
		case strings.Contains(rest, ".lora_embedding_"):
			return fmt.Errorf("tensor %s: adapters of embeddings are not implemented", strictjson.Quote(name))
		case strings.Contains(rest, ".lora_"):
			return fmt.Errorf("tensor %s: this variant of LoRA is not implemented", strictjson.Quote(name))
		default:
			rest = strings.Replace(rest, ".modules_to_save.", ".", 1)
			if !a.saved(rest) {
				return fmt.Errorf("tensor %s: neither of a LoRA matrix nor of a module in modules_to_save", strictjson.Quote(name))
			}
			a.whole[rest] = t
		}
	}
	return a.checkPairs()
}

// saved tells whether modules_to_save has the module of a tensor.
func (a *Adapter) saved(tensor string) bool {
	module := tensor
	if i := strings.LastIndexByte(tensor, '.'); i >= 0 {
		module = tensor[:i]
	}
	return slices.ContainsFunc(a.Config.Saved, func(name string) bool { return isOrEnds(module, name) })
}

// checkPairs compares the matrices with the configuration.
func (a *Adapter) checkPairs() error {
	used := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(a.pairs)) {
		p := a.pairs[name]
		if p.a.Name == "" || p.b.Name == "" {
			return fmt.Errorf("module %s has only one of the matrices lora_A and lora_B", strictjson.Quote(p.module))
		}
		if !a.Config.changes(p.module) {
			return fmt.Errorf("module %s is none of target_modules in %s", strictjson.Quote(p.module), ConfigName)
		}
		if len(p.a.Shape) != 2 || len(p.b.Shape) != 2 || p.a.Shape[0] != p.b.Shape[1] {
			return fmt.Errorf("module %s: shapes %v and %v of lora_A and lora_B do not fit", strictjson.Quote(p.module), p.a.Shape, p.b.Shape)
		}
		if r := a.Config.rank(p.module); p.a.Shape[0] != r {
			return fmt.Errorf("module %s has rank %d, %s says %d", strictjson.Quote(p.module), p.a.Shape[0], ConfigName, r)
		}
		for _, t := range a.Config.Targets.names {
			used[t] = used[t] || isOrEnds(p.module, t)
		}
	}
	for _, t := range a.Config.Targets.names {
		if !used[t] {
			return fmt.Errorf("target_modules has %s, but no tensor is of such a module", strictjson.Quote(t))
		}
	}
	for _, name := range a.Config.Saved {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(a.whole)), func(tensor string) bool { return isOrEnds(tensor[:max(0, strings.LastIndexByte(tensor, '.'))], name) }) {
			return fmt.Errorf("modules_to_save has %s, but no tensor is of such a module", strictjson.Quote(name))
		}
	}
	if len(a.pairs)+len(a.whole) == 0 {
		return fmt.Errorf("no tensors")
	}
	return nil
}

// Check compares the adapter with the model that it is to be merged into.
func (a *Adapter) Check(c arch.Config) error {
	shapes := c.Shapes()
	architecture := c.Architecture()
	for _, name := range slices.Sorted(maps.Keys(a.pairs)) {
		p, shape := a.pairs[name], shapes[name]
		switch {
		case name == architecture.Head && c.TieEmbeddings:
			return fmt.Errorf("%s: module %s shares its matrix with the embedding in the base model: not implemented", WeightsName, strictjson.Quote(p.module))
		case len(shape) != 2 || name == architecture.Embedding:
			return fmt.Errorf("%s: the base model has no linear layer %s", WeightsName, strictjson.Quote(p.module))
		case p.a.Shape[1] != shape[1] || p.b.Shape[0] != shape[0]:
			return fmt.Errorf("%s: module %s is for a matrix of %v, the base model's is %v", WeightsName, strictjson.Quote(p.module), []int{p.b.Shape[0], p.a.Shape[1]}, shape)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.whole)) {
		t, shape := a.whole[name], shapes[name]
		switch {
		case shape == nil:
			return fmt.Errorf("%s: the base model has no tensor %s", WeightsName, strictjson.Quote(name))
		case (name == architecture.Head || name == architecture.Embedding) && c.TieEmbeddings:
			return fmt.Errorf("%s: %s shares its matrix with the other end of the base model: not implemented", WeightsName, strictjson.Quote(name))
		case (name == architecture.Head || name == architecture.Embedding) && len(t.Shape) == 2 && t.Shape[0] != shape[0]:
			return fmt.Errorf("%s: %s has %d rows where the base model has %d: resized embeddings are not implemented", WeightsName, strictjson.Quote(name), t.Shape[0], shape[0])
		case !slices.Equal(t.Shape, shape):
			return fmt.Errorf("%s: %s has shape %v, the base model's %v", WeightsName, strictjson.Quote(name), t.Shape, shape)
		}
	}
	return nil
}

// Digest is "sha256:" and the digest of what the merge depends on: the numbers of the configuration and the weights. sum may
// be nil.
func (a *Adapter) Digest(ctx context.Context, sum mapfile.Summer) (string, error) {
	c := a.Config
	text, err := json.Marshal(map[string]any{"r": c.Rank, "lora_alpha": c.Alpha, "use_rslora": c.RSLoRA, "rank_pattern": c.Ranks, "alpha_pattern": c.Alphas})
	if err != nil {
		return "", fmt.Errorf("a configuration of plain numbers: %w", err)
	}
	sums, err := a.Files.Sums(ctx, sum)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte("swallow-eval adapter 1\n" + string(text) + "\n" + sums))
	return "sha256:" + hex.EncodeToString(digest[:]), nil
}
