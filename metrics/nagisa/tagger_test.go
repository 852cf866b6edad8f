package nagisa

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// tagged is a line of tagged.jsonl, which testdata/README.md describes.
type tagged struct {
	Text   string    `json:"text"`
	Tags   []int     `json:"tags"`
	Words  []string  `json:"words"`
	Scores []float64 `json:"scores"`
}

func taggedTexts(t testing.TB, model string) []tagged {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", model, "tagged.jsonl"))
	require.NoError(t, err)
	var all []tagged
	for sc := bufio.NewScanner(bytes.NewReader(b)); sc.Scan(); {
		var line tagged
		require.NoError(t, json.Unmarshal(sc.Bytes(), &line))
		all = append(all, line)
	}
	require.Greater(t, len(all), 80)
	return all
}

func smallTagger(t testing.TB, model string) *Tagger {
	t.Helper()
	tagger, err := LoadUnpinned(filepath.Join("testdata", model))
	require.NoError(t, err)
	return tagger
}

// features of a text as Words computes them.
func (t *Tagger) features(text string) []features {
	return t.vocabulary.extract(characters(pytext.Lower(preprocess(text))), t.network.h.window)
}

func TestTaggerEqualsDyNet(t *testing.T) {
	for _, model := range []string{"small", "deep"} {
		tagger := smallTagger(t, model)
		seen := make(map[int]bool)
		scored := 0
		for _, line := range taggedTexts(t, model) {
			scores := tagger.network.scores(tagger.features(line.Text))
			require.Len(t, scores, len(line.Tags), "%q", line.Text)
			if line.Scores != nil {
				require.Len(t, slices.Concat(scores...), len(line.Scores))
				// DyNet's float32 error and the rounding of the file.
				assert.InDeltaSlice(t, line.Scores, slices.Concat(scores...), 1e-4, "%q", line.Text)
				scored++
			}
			assert.Equal(t, line.Tags, tagger.network.best(scores), "%q", line.Text)
			assert.Equal(t, line.Words, tagger.Words(line.Text), "%q", line.Text)
			for _, tag := range line.Tags {
				seen[tag] = true
			}
		}
		assert.Len(t, seen, numTags, "the model shows every tag")
		assert.Greater(t, scored, 20)
	}
}

func TestTaggerName(t *testing.T) {
	assert.Equal(t, "nagisa-unpinned", smallTagger(t, "small").Name())
}

func TestTaggerConcurrentUse(t *testing.T) {
	tagger := smallTagger(t, "small")
	all := taggedTexts(t, "small")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, line := range all {
				assert.Equal(t, line.Words, tagger.Words(line.Text))
			}
		})
	}
	group.Wait()
}

// What nagisa prepares a text to can be read off its published words: joined, they are all of it.
func TestExamplesArePreparedTexts(t *testing.T) {
	for _, e := range Examples() {
		assert.Equal(t, preprocess(e.Text), strings.Join(e.Words, ""))
	}
}

func TestExamplesMatchReferenceMaterial(t *testing.T) {
	var file struct {
		Examples []Example `json:"examples"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/metrics/nagisa_published_examples.json"), &file))
	require.NotEmpty(t, file.Examples)
	for _, e := range file.Examples {
		assert.Contains(t, Examples(), e)
	}
}

func TestSelfCheckFailsOnOtherModels(t *testing.T) {
	err := smallTagger(t, "small").SelfCheck()
	require.Error(t, err)
	assert.ErrorContains(t, err, `"こんばんは😀" is cut into`)
	assert.ErrorContains(t, err, `published is ["こんばんは" "😀"]`)
}

// The published model is not part of this project: the test runs where $SWALLOW_EVAL_NAGISA names a folder with it.
func TestPublishedModel(t *testing.T) {
	dir := os.Getenv("SWALLOW_EVAL_NAGISA")
	if dir == "" {
		t.Skip("no published model: $SWALLOW_EVAL_NAGISA names no folder with nagisa_v001.{hp,dict,model}")
	}
	tagger, err := Load(dir)
	require.NoError(t, err)
	assert.Equal(t, "nagisa-0.2.x", tagger.Name())
	assert.NoError(t, tagger.SelfCheck())
}

func FuzzWords(f *testing.F) {
	tagger := smallTagger(f, "small")
	for _, line := range taggedTexts(f, "small")[:20] {
		f.Add(line.Text)
	}
	f.Add("\xff\xc0")
	f.Add("ΑΣ\u0130\u0345")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1000 {
			return
		}
		prepared := preprocess(text)
		words := tagger.Words(text)
		require.NotContains(t, words, "")
		require.LessOrEqual(t, utf8.RuneCountInString(strings.Join(words, "")), utf8.RuneCountInString(prepared))
		for _, c := range strings.Join(words, "") {
			require.Contains(t, prepared, string(c))
		}
	})
}

func BenchmarkWords(b *testing.B) {
	// As large as the published network, but with a small vocabulary.
	toy := newToy(1, hyperparameters{
		layers: 1, window: 3, dimChar: 32, dimPair: 16, dimType: 8, dimWord: 16, dimPOS: 16, dimHidden: 100, numPOS: 24,
	})
	tagger, err := LoadUnpinned(toy.write(b))
	require.NoError(b, err)
	text := strings.Repeat("計算機の名前はまだ無い。", 5)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		tagger.Words(text)
	}
}
