package tokenizer_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// record is one line of a golden file; testdata/README.md says who made which.
type record struct {
	Text     string
	IDs      []int32
	Pieces   []string
	Decoded  string
	Llama2   []int32
	Extended []int32
}

// records reads a golden file of testdata.
func records(t testing.TB, name string) []record {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	require.NoError(t, err)
	defer f.Close()
	var list []record
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var r record
		require.NoError(t, json.Unmarshal(lines.Bytes(), &r), "%s:%d", name, len(list)+1)
		list = append(list, r)
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, list)
	return list
}

// loadFile loads a tokenizer that must load.
func loadFile(t testing.TB, path string) *tokenizer.Tokenizer {
	t.Helper()
	tok, err := tokenizer.LoadFile(path)
	require.NoError(t, err)
	return tok
}

// small is the model of package tokenizertest.
func small(t testing.TB) *tokenizer.Tokenizer {
	t.Helper()
	return model(t, tokenizertest.Small())
}

// model writes and loads a model.
func model(t testing.TB, spec tokenizertest.Spec) *tokenizer.Tokenizer {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokenizer.model")
	require.NoError(t, os.WriteFile(path, spec.Bytes(), 0o600))
	return loadFile(t, path)
}

// goldenFile loads a tokenizer of the reference material.
func goldenFile(t testing.TB, name string) *tokenizer.Tokenizer {
	t.Helper()
	return loadFile(t, shared.Path(t, name))
}

const (
	llama2      = "goldens/tokenizers/llama2.tokenizer.model"
	llama2JSON  = "goldens/tokenizers/llama2_hf/tokenizer.json"
	extended    = "goldens/tokenizers/chinese-llama2.tokenizer.model"
	stories260k = "models/stories260k/tokenizer.model"
)

func TestSmallModelEqualsSentencePiece(t *testing.T) {
	tok := small(t)
	for _, r := range records(t, "small.sentencepiece.jsonl") {
		assert.Equal(t, r.IDs, tok.Encode(r.Text), "%q", r.Text)
	}
}

func TestTokenizerJSONEqualsTokenizers(t *testing.T) {
	for _, name := range []string{"small", "bytelevel"} {
		t.Run(name, func(t *testing.T) {
			tok := loadFile(t, filepath.Join("testdata", name+".tokenizer.json"))
			for _, r := range records(t, name+".tokenizers.jsonl") {
				assert.Equal(t, r.IDs, tok.Encode(r.Text), "%q", r.Text)
				assert.Equal(t, r.Decoded, tok.Decode(r.IDs), "%q", r.Text)
				if r.Pieces != nil {
					assert.Equal(t, r.Pieces, tok.Pieces(r.Text), "%q", r.Text)
				}
			}
			for _, r := range records(t, name+".decode.jsonl") {
				assert.Equal(t, r.Decoded, tok.Decode(r.IDs), "%v", r.IDs)
			}
		})
	}
}

func TestBothFilesOfOneVocabularyAgree(t *testing.T) {
	fromModel := small(t)
	fromJSON := loadFile(t, "testdata/small.tokenizer.json")
	require.Equal(t, fromModel.VocabSize(), fromJSON.VocabSize())
	for id := range int32(fromModel.VocabSize()) {
		require.Equal(t, fromModel.Piece(id), fromJSON.Piece(id))
		require.Equal(t, fromModel.IsByte(id), fromJSON.IsByte(id), "%d", id)
		require.Equal(t, fromModel.IsSpecial(id), fromJSON.IsSpecial(id), "%d", id)
	}
	for _, r := range records(t, "small.sentencepiece.jsonl") {
		assert.Equal(t, r.IDs, fromJSON.Encode(r.Text), "%q", r.Text)
	}
	for _, r := range records(t, "small.decode.jsonl") {
		assert.Equal(t, r.Decoded, fromModel.Decode(r.IDs), "%v", r.IDs)
	}
}

func TestLlama2EqualsSentencePiece(t *testing.T) {
	real, asJSON, wide := goldenFile(t, llama2), goldenFile(t, llama2JSON), goldenFile(t, extended)
	require.Equal(t, 32000, real.VocabSize())
	require.Equal(t, 32000, asJSON.VocabSize())
	require.Equal(t, 55296, wide.VocabSize())
	for _, r := range records(t, "llama2.sentencepiece.jsonl") {
		assert.Equal(t, r.Llama2, real.Encode(r.Text), "%q", r.Text)
		assert.Equal(t, r.Llama2, asJSON.Encode(r.Text), "tokenizer.json: %q", r.Text)
		assert.Equal(t, r.Extended, wide.Encode(r.Text), "extended: %q", r.Text)
	}
}

func TestLlama2EqualsLlamaCpp(t *testing.T) {
	texts := strings.Split(string(shared.Bytes(t, "goldens/tokenizers/ggml-vocab-llama-spm.gguf.inp")), "\n__ggml_vocab_test__\n")
	lines := strings.Split(string(shared.Bytes(t, "goldens/tokenizers/ggml-vocab-llama-spm.gguf.out")), "\n")
	require.Equal(t, len(texts), len(lines))
	for _, name := range []string{llama2, llama2JSON} {
		tok := goldenFile(t, name)
		for i, text := range texts {
			want := []int32{}
			for _, field := range strings.Fields(lines[i]) {
				id, err := strconv.Atoi(field)
				require.NoError(t, err)
				want = append(want, int32(id))
			}
			assert.Equal(t, want, tok.Encode(text), "%s: %q", name, text)
		}
	}
}

func TestLlama2PublishedVectors(t *testing.T) {
	var encoded struct {
		Text        string   `json:"text"`
		BPETokens   []string `json:"bpe_tokens"`
		TokenIDs    []int32  `json:"token_ids"`
		DecodedText string   `json:"decoded_text"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/tokenizers/llama_encoded.json"), &encoded))
	var vectors map[string][]struct {
		Input   json.RawMessage
		Encoded struct {
			InputIDs json.RawMessage `json:"input_ids"`
		}
		Plain string `json:"decoded_without_special"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "goldens/tokenizers/tokenizer_tests.json"), &vectors))
	for _, name := range []string{llama2, llama2JSON} {
		tok := goldenFile(t, name)
		assert.Equal(t, encoded.BPETokens, tok.Pieces(encoded.Text))
		ids := tok.Encode(encoded.Text)
		if len(encoded.TokenIDs) == len(ids)+1 {
			ids = append([]int32{1}, ids...) // recorded with the token that begins a text
		}
		assert.Equal(t, encoded.TokenIDs, ids)
		assert.Equal(t, encoded.Text, tok.Decode(ids))

		n := 0
		for _, v := range vectors["coreml-projects/Llama-2-7b-chat-coreml"] {
			var text string
			var ids []int32
			require.NoError(t, json.Unmarshal(v.Input, &text))
			require.NoError(t, json.Unmarshal(v.Encoded.InputIDs, &ids))
			assert.Equal(t, ids, append([]int32{1}, tok.Encode(text)...), "%s: %q", name, text)
			assert.Equal(t, v.Plain, tok.Decode(ids))
			n++
		}
		require.Positive(t, n)
	}
}

func TestPairsAsTheHarnessScoresThem(t *testing.T) {
	for _, name := range []string{llama2, llama2JSON} {
		tok := goldenFile(t, name)
		for i, line := range shared.Lines(t, "goldens/tokenizers/token_boundary.jsonl.gz") {
			var r struct {
				Context, Continuation string
				Kind                  string
				ContextIDs            []int32 `json:"context_ids"`
				ContinuationIDs       []int32 `json:"continuation_ids"`
			}
			require.NoError(t, json.Unmarshal(line, &r))
			if r.Kind == "generate" {
				assert.Equal(t, r.ContextIDs, tok.Encode(r.Context), "%s: line %d", name, i+1)
				continue
			}
			ctx, cont := tok.EncodePair(r.Context, r.Continuation)
			assert.Equal(t, r.ContextIDs, ctx, "%s: line %d: %q %q", name, i+1, r.Context, r.Continuation)
			assert.Equal(t, r.ContinuationIDs, cont, "%s: line %d: %q %q", name, i+1, r.Context, r.Continuation)
		}
	}
}

func TestStoriesDecodesItsGoldenText(t *testing.T) {
	tok := goldenFile(t, stories260k)
	var golden struct {
		IDs []int32 `json:"expected_greedy_ids"`
	}
	require.NoError(t, json.Unmarshal(shared.Bytes(t, "models/stories260k/golden.json"), &golden))
	want := strings.TrimSpace(string(shared.Bytes(t, "models/stories260k/expected_greedy_200.txt")))
	got := tok.Decode(golden.IDs)
	assert.Equal(t, want[:200], strings.TrimSpace(got)[:200])
}

func TestEngineModelsEncodeTheirPrompts(t *testing.T) {
	for _, name := range []string{"mha-bf16", "gqa-f16-tied", "llama3rope-f32-sharded"} {
		tok, err := tokenizer.Load(shared.Path(t, "goldens/engine/"+name))
		require.NoError(t, err)
		assert.Equal(t, 32000, tok.VocabSize())
		assert.Equal(t, "</s>", tok.EOSText())
		assert.Equal(t, "sha256:9e556afd44213b6bd1be2b850ebbbd98f5481437a8021afaf58ee7fb1818d347", tok.Digest())
	}
}

// Real texts, whole files of them, come back as they went in.
func TestRealTextsComeBack(t *testing.T) {
	data := shared.Path(t, "data")
	toks := []*tokenizer.Tokenizer{goldenFile(t, llama2), goldenFile(t, extended)}
	files := 0
	err := filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".json") && !strings.HasSuffix(path, ".tsv") && !strings.HasSuffix(path, ".xml") {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := strings.ToValidUTF8(string(content[:min(len(content), 1<<18)]), "")
		for _, tok := range toks {
			require.Equal(t, strings.ReplaceAll(text, "▁", " "), tok.Decode(tok.Encode(text)), path)
		}
		files++
		return nil
	})
	require.NoError(t, err)
	require.Positive(t, files)
}
