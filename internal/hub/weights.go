package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// WeightsIndex names the shards of a model that has several.
const WeightsIndex = "model.safetensors.index.json"

const maxIndex = 64 << 20

// modelTexts are the files beside the weights that decide what a model computes.
func modelTexts() []string {
	return []string{
		"config.json", "generation_config.json", WeightsIndex,
		"tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
		"vocab.json", "merges.txt", "chat_template.jinja", "chat_template.json",
	}
}

// ModelFiles chooses from a listing what an evaluation needs: configuration, tokenizer, and weights as safetensors. If
// the index is there, the weights are left to it (index is true and none is in files); else they are
// model.safetensors, or all safetensors files at the root that are not a second copy ("consolidated") or an adapter's. Whether
// a model with an adapter beside it is to be had at all is for a Step to say.
//
// A repository whose weights are only there as .bin, .pt, .pth, .ckpt, .h5 or .msgpack is ErrUnsafeWeights: those
// formats are read by running what is in them, or by code that this project does not have.
func ModelFiles(listing []File) (files []File, index bool, err error) {
	texts := modelTexts()
	var weights, refused, ggufs []File
	config := false
	for _, f := range listing {
		if strings.Contains(f.Path, "/") {
			continue
		}
		switch ext := strings.ToLower(filepath.Ext(f.Path)); {
		case slices.Contains(texts, f.Path):
			files = append(files, f)
			index = index || f.Path == WeightsIndex
			config = config || f.Path == "config.json"
		case ext == ".safetensors" && !strings.HasPrefix(f.Path, "consolidated") && !strings.HasPrefix(f.Path, "adapter_"):
			weights = append(weights, f)
		case ext == ".gguf":
			ggufs = append(ggufs, f)
		case slices.Contains([]string{".bin", ".pt", ".pth", ".ckpt", ".h5", ".msgpack"}, ext):
			refused = append(refused, f)
		}
	}
	if i := slices.IndexFunc(weights, func(f File) bool { return f.Path == "model.safetensors" }); i >= 0 {
		weights = weights[i : i+1]
	}
	switch {
	case (index || len(weights) > 0) && !config:
		return nil, false, fmt.Errorf("%w: config.json; this is not a model in Hugging Face layout", ErrNoFile)
	case index:
		return files, true, nil
	case len(weights) > 0:
		return append(files, weights...), false, nil
	case len(ggufs) > 0:
		return nil, false, fmt.Errorf("%w: safetensors; it holds %d GGUF files: name one of them behind the repository, such as .../%s",
			ErrNoFile, len(ggufs), printable(ggufs[0].Path))
	case len(refused) > 0:
		return nil, false, fmt.Errorf("%w: it has only %s, and reading that format means running code from it; look for a revision or a copy with safetensors (the hub's conversion bot proposes refs/pr/N), or convert it where it may do no harm",
			ErrUnsafeWeights, printable(refused[0].Path))
	}
	return nil, false, fmt.Errorf("%w: neither safetensors nor other weights", ErrNoFile)
}

// FetchModel brings a model into the cache and returns its snapshot folder: the files of ModelFiles and, if the weights
// have an index, exactly the shards that it names. The steps come first, each with its Check, so that a model that is of no
// use costs none of its weights.
func (c *Client) FetchModel(ctx context.Context, repo Repo, steps ...Step) (dir string, err error) {
	l, err := c.List(ctx, repo)
	if err != nil {
		return "", err
	}
	if err := names(l, steps); err != nil {
		return "", err
	}
	files, index, err := ModelFiles(l.Files)
	if errors.Is(err, ErrNoFile) && l.found {
		err = fmt.Errorf("%w: %w; fetch it once %s", ErrIncomplete, err, online)
	}
	if err != nil {
		return "", fmt.Errorf("hub: %s: %w", repo, err)
	}
	if err := c.steps(ctx, l, steps); err != nil {
		return "", err
	}
	if !index {
		return c.Fetch(ctx, l, files)
	}
	shards, err := c.shards(ctx, l, files)
	if err != nil {
		return "", fmt.Errorf("hub: %s: %s: %w", repo, WeightsIndex, err)
	}
	return c.Fetch(ctx, l, append(files, shards...))
}

// Step is a small part of a model that is fetched, and looked at, ahead of the rest.
type Step struct {
	// Names, unless it is nil, gets the paths of all files of the commit before any is fetched. Its error, after the name of
	// the repository, ends the whole.
	Names func(paths []string) error
	// Want says which files of the commit belong to it. It may want none that is there.
	Want func(path string) bool
	// Check gets the snapshot folder once they are there. Its error, which is returned as it is, ends the whole.
	Check func(dir string) error
}

// names lets the steps look at the listing.
func names(l Listing, steps []Step) error {
	paths := make([]string, len(l.Files))
	for i, f := range l.Files {
		paths[i] = f.Path
	}
	for _, step := range steps {
		if step.Names == nil {
			continue
		}
		if err := step.Names(paths); err != nil {
			return fmt.Errorf("hub: %s: %w", l.Repo, err)
		}
	}
	return nil
}

// steps takes the steps of a model in turn.
func (c *Client) steps(ctx context.Context, l Listing, steps []Step) error {
	for _, step := range steps {
		var files []File
		for _, f := range l.Files {
			if step.Want(f.Path) {
				files = append(files, f)
			}
		}
		s, err := c.ahead(ctx, l, files)
		if err != nil {
			return fmt.Errorf("hub: %s: %w", l.Repo, err)
		}
		if err := step.Check(s.snapshot(l.Commit)); err != nil {
			return err
		}
	}
	return nil
}

// ahead fetches some files of a model before the rest. The display shows one job, the model; the reference to the
// revision does not move.
func (c *Client) ahead(ctx context.Context, l Listing, files []File) (*repoCache, error) {
	s, err := c.repoCache(l.Repo)
	if err != nil || len(files) == 0 {
		return s, err
	}
	silent := c.newMeter(l)
	silent.tell = func(Event) {}
	return s, c.fetch(ctx, s, l, files, silent)
}

// shards fetches the index and finds the files that it names in the listing.
func (c *Client) shards(ctx context.Context, l Listing, files []File) ([]File, error) {
	i := slices.IndexFunc(files, func(f File) bool { return f.Path == WeightsIndex })
	s, err := c.ahead(ctx, l, files[i:i+1])
	if err != nil {
		return nil, err
	}
	raw, err := readSmall(s.pointer(l.Commit, WeightsIndex), maxIndex)
	if err != nil {
		return nil, err
	}
	names, err := shardNames(raw)
	if err != nil {
		return nil, err
	}
	listed := map[string]File{}
	for _, f := range l.Files {
		listed[f.Path] = f
	}
	var shards []File
	for _, name := range names {
		f, ok := listed[name]
		if !ok && c.o.Offline {
			return nil, fmt.Errorf("%w: the shard %q; fetch it once %s", ErrIncomplete, name, online)
		}
		if !ok {
			return nil, fmt.Errorf("%w: it names the shard %q", ErrNoFile, name)
		}
		shards = append(shards, f)
	}
	return shards, nil
}

// shardNames lists the files an index names, sorted. Whatever is not a safetensors file is refused, as it would be if
// it lay there by itself.
func shardNames(raw []byte) ([]string, error) {
	var index struct {
		WeightMap map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, name := range index.WeightMap {
		seen[name] = true
	}
	names := []string{}
	for name := range seen {
		if err := CheckName(name); err != nil {
			return nil, err
		}
		if !strings.HasSuffix(name, ".safetensors") {
			return nil, fmt.Errorf("%w: the index names %q", ErrUnsafeWeights, name)
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%w: it names no weights", ErrNoFile)
	}
	slices.Sort(names)
	return names, nil
}
