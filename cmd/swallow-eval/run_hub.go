package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	pathpkg "path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/pflag"

	"github.com/swallow-eval/swallow-eval/engine/gguf"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/internal/nearest"
	"github.com/swallow-eval/swallow-eval/internal/terminal"
	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
)

// network is what the user permits of it.
type network struct {
	offline       bool
	insecureToken bool
}

func (n *network) register(f *pflag.FlagSet) {
	f.BoolVar(&n.offline, "offline", false, "open no network connection")
	f.BoolVar(&n.insecureToken, "allow-insecure-token", false, "send the hub's token to an HF_ENDPOINT that is not encrypted and not on this machine")
}

// hubClient talks to the hub, and to the places the data sets are published at, as the environment says.
// The second result tells that no connection may be opened.
func hubClient(c console, n network) (*hub.Client, bool, error) {
	o, err := hub.FromEnv(os.Getenv)
	if err != nil {
		return nil, false, err
	}
	o.Offline = o.Offline || n.offline
	o.InsecureToken = n.insecureToken
	o.UserAgent = "swallow-eval/" + tool().Version
	o.Transport = c.wire
	if !o.Quiet {
		o.Progress = newDownloadProgress(c.err)
	}
	client, err := hub.New(o)
	return client, o.Offline, err
}

// modelAddress says what --model names: a directory or a GGUF file here, or a repository of the hub or a GGUF file in it.
type modelAddress struct {
	dir  string
	repo hub.Repo
	file string // of the repository
	// within are the files of a model that this program carries.
	within fs.FS
	// checks look at a model of the hub before its weights are fetched.
	checks []hub.Step
	// announced tells that the user knows what the name stands for.
	announced bool
}

// hubName is a repository as users write it: org/name, or org/name@revision.
var hubName = regexp.MustCompile(`^[A-Za-z0-9][\w.-]*/[\w.-]+(@[^@\s]+)?$`)

// hubFile is a GGUF file of a repository: org/name/file.gguf, or org/name/file.gguf@revision.
var hubFile = regexp.MustCompile(`^([A-Za-z0-9][\w.-]*/[\w.-]+)/([^@\s]+\.gguf)(?:@([^@\s]+))?$`)

// findModel reads the value of --model.
func findModel(model string) (modelAddress, error) {
	if model == "" {
		return modelAddress{}, errors.New("no --model given: name a directory in Hugging Face layout, a GGUF file, an alias (swallow-eval list models), a hub id org/name[@revision], or smoke for the model within this program")
	}
	if isServer(model) {
		return modelAddress{}, errServer(model)
	}
	// The names of the program's own models come first, so that they mean the same everywhere.
	if files, ok, err := smokemodel.Files(model); ok {
		return modelAddress{within: files}, err
	}
	if _, err := os.Stat(model); err == nil {
		return modelAddress{dir: model}, nil
	}
	if id, revision, ok := aliases.hubID(model); ok {
		return modelAddress{repo: hub.Repo{Kind: hub.Model, ID: id, Revision: revision}}, nil
	}
	if mixture(model) {
		return modelAddress{}, fmt.Errorf("--model %s: a mixture of experts, which the engine does not compute", model)
	}
	if slices.Contains(engineBackends, model) {
		return modelAddress{}, fmt.Errorf("--model %s is another harness's backend: the engine is built in, name a model, or --model_args pretrained=MODEL beside it", model)
	}
	if err := serverBackend(model); err != nil {
		return modelAddress{}, err
	}
	if m := hubFile.FindStringSubmatch(model); m != nil {
		return modelAddress{repo: hub.Repo{Kind: hub.Model, ID: m[1], Revision: m[3]}, file: m[2]}, nil
	}
	if hubName.MatchString(model) && !strings.HasSuffix(model, ".gguf") {
		id, revision, _ := strings.Cut(model, "@")
		return modelAddress{repo: hub.Repo{Kind: hub.Model, ID: id, Revision: revision}}, nil
	}
	if near := nearest.Of(strings.ToLower(model), append(aliases.names(), ownModels()...)); near != nil {
		return modelAddress{}, fmt.Errorf("--model %s: no such directory or file, no alias and no hub id org/name; did you mean %s?", model, strings.Join(near, " or "))
	}
	return modelAddress{}, fmt.Errorf("--model %s: no such directory or file, no alias and no hub id org/name (swallow-eval list models)", model)
}

// engineBackends are other harnesses' words for computing here, serverBackends for asking somebody else.
var (
	engineBackends = []string{"hf", "hf-auto", "huggingface", "hf-causal", "hf-causal-experimental", "vllm", "sglang"}
	serverBackends = []string{"local-completions", "local-chat-completions", "openai", "openai-completions", "openai-chat-completions", "anthropic-completions",
		"anthropic-chat", "gguf", "ggml", "sglang-generate", "textsynth", "watsonx_llm"}
)

// serverBackend refuses a backend that asks a server, whatever model arguments stand beside it.
func serverBackend(model string) error {
	if slices.Contains(serverBackends, model) {
		return fmt.Errorf("--model %s asks a server in the harness that has it: this build computes with its own engine only, name a model", model)
	}
	return nil
}

// encoderFiles are what a command needs that turns text into tokens and computes nothing.
func encoderFiles(name string) bool {
	switch name {
	case "config.json", "generation_config.json", "tokenizer.model", "tokenizer.json", "tokenizer_config.json",
		"chat_template.jinja":
		return true
	}
	return false
}

// modelPart is how much of a model a command needs.
type modelPart int

// The parts, from the smallest to the whole.
const (
	tokenizerOnly modelPart = iota
	encoderOnly             // configuration and tokenizer
	engineOnly              // configuration and weights; the tokenizer may be anything
	wholeModel
)

// configFiles decide what a model computes.
func configFiles(name string) bool { return name == "config.json" || name == "generation_config.json" }

// local brings the model to this machine where it is not there yet, and returns its directory and the name that the
// results call it by: the path as given, or the hub id with the commit it stood for.
func (a modelAddress) local(ctx context.Context, c console, given string, n network, need modelPart) (place embedded.Location, name string, err error) {
	if a.within != nil {
		return embedded.Location{Path: given, Files: a.within}, given, nil
	}
	place.Path, name, err = a.path(ctx, c, given, n, need)
	return place, name, err
}

func (a modelAddress) path(ctx context.Context, c console, given string, n network, need modelPart) (dir, name string, err error) {
	if a.dir != "" {
		return a.dir, filepath.ToSlash(filepath.Clean(given)), nil
	}
	client, _, err := hubClient(c, n)
	if err != nil {
		return "", "", err
	}
	if given != a.repo.ID && !a.announced {
		if _, err := fmt.Fprintf(c.err, "model %s is %s\n", textsafe.Terminal(given), textsafe.Terminal(a.repo.String())); err != nil {
			return "", "", err
		}
	}
	switch {
	case a.file != "":
		return a.localFile(ctx, client, given)
	case need >= engineOnly:
		dir, err = client.FetchModel(ctx, a.repo, a.checks...)
	default:
		dir, err = client.Snapshot(ctx, a.repo, encoderFiles, a.checks...)
	}
	if err != nil {
		return "", "", fmt.Errorf("--model %s: %w", given, err)
	}
	return dir, a.repo.ID + "@" + pathpkg.Base(filepath.ToSlash(dir)), nil
}

// localFile brings one GGUF file of a repository, and with the first of several parts all of them.
func (a modelAddress) localFile(ctx context.Context, client *hub.Client, given string) (path, name string, err error) {
	if first, ok := gguf.FirstPart(a.file); ok && first != a.file {
		return "", "", fmt.Errorf("--model %s: a later part of a model: name the first one, %s", given, first)
	}
	var others []string
	if parts := gguf.Parts(a.file); parts != nil {
		others = parts[1:]
	}
	if path, err = client.Files(ctx, a.repo, a.file, others...); err != nil {
		return "", "", fmt.Errorf("--model %s: %w", given, err)
	}
	return path, a.repo.ID + "/" + a.file + "@" + hub.CommitOf(path, a.file), nil
}

// newDownloadProgress shows downloads on w: a bar where it is a terminal, lines where it is not.
func newDownloadProgress(w io.Writer) func(hub.Event) {
	if terminal.IsTerminal(w) {
		d := &downloadBar{w: w}
		return d.show
	}
	d := &downloadLines{w: w, now: time.Now}
	return d.show
}

// downloadLines tells of a download for a log: each file, and in between how far it is.
type downloadLines struct {
	w    io.Writer
	now  func() time.Time
	last time.Time
}

// lineEvery is how often a line says how far a download is.
const lineEvery = 15 * time.Second

func (d *downloadLines) show(e hub.Event) {
	switch e.Kind {
	case hub.Resolved:
		d.last = d.now()
	case hub.Fetched:
		fmt.Fprintf(d.w, "%s: %s\n", textsafe.Terminal(e.Path), terminal.MiB(max(e.FileSize, e.FileDone)))
	case hub.Retrying:
		fmt.Fprintf(d.w, "%s: %s; again in %s\n", textsafe.Terminal(e.Path), oneLine(e.Err), e.Wait.Round(time.Second))
	case hub.Progress:
		if d.now().Sub(d.last) < lineEvery {
			return
		}
		d.last = d.now()
		what := e.Repo.String()
		if e.Repo.ID == "" {
			what = e.Path
		}
		line := textsafe.Terminal(what) + ": " + terminal.MiB(e.Done)
		if e.Total > 0 {
			line += " of " + terminal.MiB(e.Total)
		}
		if e.Rate > 0 {
			line += ", " + terminal.MiB(int64(e.Rate)) + "/s"
		}
		if e.ETA > 0 {
			line += ", " + e.ETA.Round(time.Second).String() + " left"
		}
		fmt.Fprintln(d.w, line)
	}
}

// downloadBar is one bar for all files of a download.
type downloadBar struct {
	w   io.Writer
	bar *progressbar.ProgressBar
}

func (d *downloadBar) show(e hub.Event) {
	switch e.Kind {
	case hub.Resolved:
		d.bar = progressbar.NewOptions64(e.Total,
			progressbar.OptionSetWriter(d.w), progressbar.OptionShowBytes(true), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetDescription(textsafe.Terminal(e.Repo.String())))
	case hub.Progress:
		if d.bar != nil && e.Total > 0 && d.bar.GetMax64() < 0 {
			d.bar.ChangeMax64(e.Total) // only now has the server said it
		}
	case hub.Retrying:
		fmt.Fprintf(d.w, "\n%s: %s; again in %s\n", textsafe.Terminal(e.Path), oneLine(e.Err), e.Wait.Round(time.Second))
	case hub.Complete:
		if d.bar != nil {
			_ = d.bar.Finish()
		}
	}
	if d.bar != nil && (e.Kind == hub.Progress || e.Kind == hub.Fetched) {
		// The bar's only errors are those of the terminal it draws on.
		_ = d.bar.Set64(e.Done)
	}
}
