package safetensors

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/engine/internal/mapfile"
	"github.com/swallow-eval/swallow-eval/engine/internal/strictjson"
)

// index is the content of model.safetensors.index.json.
type index struct {
	shards    []string          // distinct shard names in the order of first mention
	shardOf   map[string]string // tensor name to shard name
	totalSize json.RawMessage   // as written; nil when absent
}

// readIndex reads and checks an index; shard names are plain file names afterwards.
func readIndex(dir, name string) (index, error) {
	content, err := readSmall(filepath.Join(dir, name), maxHeader)
	if err != nil {
		return index{}, mapfile.Bare(name, err)
	}
	x, err := parseIndex(content)
	if err != nil {
		if what := Impostor(content); what != "" {
			err = errors.New(what)
		}
		return index{}, fmt.Errorf("%s: %w", name, err)
	}
	return x, nil
}

func parseIndex(content []byte) (x index, err error) {
	members, err := strictjson.Object(content)
	if err != nil {
		return x, err
	}
	var weights []strictjson.Member
	for _, m := range members {
		switch m.Key {
		case "weight_map":
			if weights, err = strictjson.Object(m.Value); err != nil {
				return x, fmt.Errorf("weight_map: %w", err)
			}
		case "metadata":
			if m.Null() {
				continue
			}
			metadata, err := strictjson.Object(m.Value)
			if err != nil {
				return x, fmt.Errorf("metadata: %w", err)
			}
			for _, d := range metadata {
				if d.Key == "total_size" {
					x.totalSize = d.Value
				}
			}
		default:
			return x, fmt.Errorf("unknown key %s", strictjson.Quote(m.Key))
		}
	}
	if len(weights) == 0 {
		return x, errors.New("weight_map: missing or empty")
	}
	x.shardOf = make(map[string]string, len(weights))
	seen := make(map[string]bool)
	for _, m := range weights {
		shard, err := strictjson.String(m.Value)
		if err == nil {
			err = checkShardName(shard)
		}
		if err != nil {
			return x, fmt.Errorf("weight_map: %s: %w", strictjson.Quote(m.Key), err)
		}
		x.shardOf[m.Key] = shard
		if !seen[shard] {
			seen[shard] = true
			x.shards = append(x.shards, shard)
		}
	}
	return x, nil
}

// checkShardName accepts plain names only, under the rules of every operating system at once: what is a harmless name
// on one is a path or a stream on another.
func checkShardName(name string) error {
	switch {
	case strings.ContainsAny(name, "/\\:\x00"), name == "..", name == ".", name == "":
		return fmt.Errorf("shard name %s is not a plain file name", strictjson.Quote(name))
	case !strings.HasSuffix(name, ".safetensors"):
		return fmt.Errorf("shard name %s does not end in .safetensors", strictjson.Quote(name))
	}
	return nil
}

// readSmall reads a regular file of at most limit bytes.
func readSmall(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%d bytes, at most %d are allowed", info.Size(), limit)
	}
	return os.ReadFile(path)
}
