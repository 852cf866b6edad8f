package local

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/gguf/gguftest"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/internal/hub"
	"github.com/swallow-eval/swallow-eval/models/embedded"
	"github.com/swallow-eval/swallow-eval/models/locate"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
)

// bring brings a model that needs no network.
func bring(t *testing.T, m Model, need Part) (embedded.Location, string) {
	t.Helper()
	var err error
	m.Address, err = locate.Find(m.Given)
	require.NoError(t, err)
	require.False(t, m.Remote())
	place, name, err := m.Bring(t.Context(), nil, need)
	require.NoError(t, err)
	return place, name
}

// TestWhatIsHere: a folder goes by its cleaned path, a model within the program by its name; what the user says of the configuration
// goes along.
func TestWhatIsHere(t *testing.T) {
	dir := t.TempDir()
	place, name := bring(t, Model{Given: dir + "/./", IgnoreConfig: []string{"k"}}, Whole)
	assert.Equal(t, filepath.ToSlash(dir), name)
	assert.Equal(t, []string{"k"}, place.IgnoreConfig)
	assert.Nil(t, place.Files)
	place, name = bring(t, Model{Given: smokemodel.Name}, Whole)
	assert.Equal(t, smokemodel.Name, name)
	assert.NotNil(t, place.Files)
	a, err := locate.Find("org/name")
	require.NoError(t, err)
	assert.True(t, Model{Given: "org/name", Address: a}.Remote())
}

// TestChecks: they go from the smallest file to the largest, and none looks at what the command does not need.
func TestChecks(t *testing.T) {
	wants := func(need Part) (names []string) {
		for _, step := range (Model{}).checks(need) {
			for _, name := range []string{"config.json", "tokenizer.model", "model.safetensors"} {
				if step.Want(name) {
					names = append(names, name)
				}
			}
		}
		return names
	}
	assert.Empty(t, wants(Tokenizer))
	assert.Equal(t, []string{"config.json"}, wants(Encoder))
	assert.Equal(t, []string{"config.json"}, wants(Engine))
	whole := wants(Whole)
	require.NotEmpty(t, whole)
	assert.Equal(t, "config.json", whole[0])
	assert.Contains(t, whole, "tokenizer.model")
	assert.NotContains(t, whole, "model.safetensors")

	broken := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "config.json"), []byte(`{"model_type":"none"}`), 0o600))
	assert.Error(t, Model{}.checks(Encoder)[0].Check(broken))
}

// TestAdapters: what is wrong with one is said before anything is loaded; one here goes by its path, and one on the hub needs a client.
func TestAdapters(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lora")
	require.NoError(t, enginetest.WriteAdapter(dir, enginetest.Tiny(), enginetest.Adapter{Rank: 4, Targets: []string{"q_proj"}}, 9))
	file := filepath.Join(dir, adapterConfig)
	for _, c := range []struct{ adapter, model, want string }{
		{dir, "m", ""},
		{"org/name", "m", ""},
		{dir, "", "--adapter " + dir + " is for the model org/base: name that with --model"},
		{"org/name", "", "--adapter is merged into a base model: name that with --model"},
		{"x.gguf", "m", "--adapter x.gguf: adapters in GGUF files are not supported, only folders as PEFT writes them"},
		{file, "m", "--adapter " + file + ": not a folder: name the one that holds adapter_config.json"},
		{"no such", "m", "--adapter no such: no such folder, and no hub id org/name"},
	} {
		err := CheckAdapter(c.adapter, c.model)
		if c.want == "" {
			assert.NoError(t, err)
		} else {
			assert.EqualError(t, err, c.want)
		}
	}
	assert.ErrorContains(t, CheckAdapter(t.TempDir(), "m"), "--adapter: ")
	got, name, err := Adapter(t.Context(), dir+"/", nil)
	require.NoError(t, err)
	assert.Equal(t, dir+"/", got)
	assert.Equal(t, filepath.ToSlash(dir), name)
	offline := errors.New("offline")
	_, _, err = Adapter(t.Context(), "org/name", func() (*hub.Client, error) { return nil, offline })
	assert.ErrorIs(t, err, offline)
}

// TestSameTokens: a model that guesses tokens must number them as the other does, whatever files say so.
func TestSameTokens(t *testing.T) {
	small, smaller := t.TempDir(), t.TempDir()
	path := filepath.Join(small, "tokenizer.model")
	require.NoError(t, tokenizertest.WriteModel(path))
	spec := tokenizertest.Small()
	spec.Pieces = spec.Pieces[:len(spec.Pieces)-1]
	require.NoError(t, os.WriteFile(filepath.Join(smaller, "tokenizer.model"), spec.Bytes(), 0o600))
	f, err := gguftest.Vocabulary(path, 1, 2)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "small.gguf")
	require.NoError(t, os.WriteFile(file, f.Bytes(), 0o600))
	a, b, c := embedded.Location{Path: small}, embedded.Location{Path: smaller}, embedded.Location{Path: file}
	for _, pair := range [][2]embedded.Location{{a, a}, {a, c}, {c, a}} {
		assert.NoError(t, SameTokens(pair[0], pair[1]))
	}
	assert.EqualError(t, SameTokens(b, a), "its vocabulary is another than that of --model: it has 500 tokens, not 501")
	assert.EqualError(t, SameTokens(c, b), "its vocabulary is another than that of --model: it has 501 tokens, not 500")
	none := embedded.Location{Path: t.TempDir()}
	assert.ErrorContains(t, SameTokens(none, a), "neither tokenizer.model nor")
	assert.ErrorContains(t, SameTokens(a, none), "neither tokenizer.model nor")
}

// TestADraftTakesHalf of the memory that is allowed, and says how much the whole would have to be where that is too little.
func TestADraftTakesHalf(t *testing.T) {
	place, _ := bring(t, Model{Given: smokemodel.Name}, Whole)
	_, err := OpenDraft(place, "smoke", engine.Options{Threads: 1, ProcessLimit: 1 << 20})
	require.ErrorContains(t, err, "--draft smoke: a model that guesses may take half of the memory, and this one needs ")
	m, err := OpenDraft(place, "smoke", engine.Options{Threads: 1})
	require.NoError(t, err)
	require.NoError(t, m.Close())
	_, err = OpenDraft(embedded.Location{Path: t.TempDir()}, "x", engine.Options{Threads: 1})
	assert.ErrorContains(t, err, "--draft: ")
}
