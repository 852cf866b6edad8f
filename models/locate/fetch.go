package locate

import (
	"context"
	"fmt"
	"path"
	"path/filepath"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/internal/hub"
)

// Fetching is how a model of the hub is brought here.
type Fetching struct {
	Client *hub.Client
	// Checks look at the model before its weights are fetched.
	Checks []hub.Step
	// Weights are wanted too, not only what turns text into tokens.
	Weights bool
}

// Fetch brings a model of the hub to this machine where it is not there yet, and returns its folder or file and the name that results
// call it by: the hub id with the commit it stood for. given is the name as it was written,
// with which errors begin.
func (a Address) Fetch(ctx context.Context, f Fetching, given string) (dir, name string, err error) {
	switch {
	case a.File != "":
		return a.file(ctx, f.Client, given)
	case f.Weights:
		dir, err = f.Client.FetchModel(ctx, a.Repo, f.Checks...)
	default:
		dir, err = f.Client.Snapshot(ctx, a.Repo, EncoderFiles, f.Checks...)
	}
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", given, err)
	}
	return dir, a.Repo.ID + "@" + path.Base(filepath.ToSlash(dir)), nil
}

// file brings one GGUF file of a repository, and with the first of several parts all of them.
func (a Address) file(ctx context.Context, client *hub.Client, given string) (dir, name string, err error) {
	if first, ok := gguf.FirstPart(a.File); ok && first != a.File {
		return "", "", fmt.Errorf("%s: a later part of a model: name the first one, %s", given, first)
	}
	var others []string
	if parts := gguf.Parts(a.File); parts != nil {
		others = parts[1:]
	}
	if dir, err = client.Files(ctx, a.Repo, a.File, others...); err != nil {
		return "", "", fmt.Errorf("%s: %w", given, err)
	}
	return dir, a.Repo.ID + "/" + a.File + "@" + hub.CommitOf(dir, a.File), nil
}
