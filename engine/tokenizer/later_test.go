package tokenizer_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// unpacked loads a directory of the reference material whose files are compressed.
func unpacked(t testing.TB, name string) *tokenizer.Tokenizer {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"tokenizer.json", "tokenizer_config.json"} {
		content := shared.Bytes(t, "goldens/tokenizers/"+name+"/"+file+".gz")
		require.NoError(t, os.WriteFile(filepath.Join(dir, file), content, 0o600))
	}
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	return tok
}

func encoded(t testing.TB, name string) []record {
	t.Helper()
	var list []record
	for _, line := range shared.Lines(t, "goldens/tokenizers/"+name+"/encoded.jsonl.gz") {
		var r record
		require.NoError(t, json.Unmarshal(line, &r))
		list = append(list, r)
	}
	require.NotEmpty(t, list)
	return list
}

// Every text of the reference has the ids of Hugging Face's tokenizers. Where it spells a special token that is the
// token only for EncodeSpecial; Encode leaves it text, whose ids are never special.
func TestLaterModelsEqualTokenizers(t *testing.T) {
	for name, special := range map[string][]string{
		"llama3": {"<|begin_of_text|>", "<|eot_id|>", "<|end_header_id|>"},
		"qwen3":  {"<|im_start|>", "<|im_end|>", "<|endoftext|>"},
		"gemma3": {"<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tok := unpacked(t, name)
			with := 0
			for _, r := range encoded(t, name) {
				require.Equal(t, r.IDs, tok.EncodeSpecial(r.Text), "%q", r.Text)
				plain := tok.Encode(r.Text)
				spelled := false
				for _, id := range r.IDs {
					spelled = spelled || tok.IsSpecial(id)
				}
				if !spelled {
					require.Equal(t, r.IDs, plain, "%q", r.Text)
					continue
				}
				with++
				for _, id := range plain {
					require.False(t, tok.IsSpecial(id), "%q: %d", r.Text, id)
				}
				require.Equal(t, r.Text, tok.Decode(plain))
			}
			for _, s := range special {
				id, ok := tok.ID(s)
				require.True(t, ok, s)
				assert.Equal(t, []int32{id}, tok.EncodeSpecial(s))
				assert.Greater(t, len(tok.Encode(s)), 1, s)
			}
			if name != "gemma3" { // whose texts spell special tokens of other models only
				assert.Positive(t, with)
			}
		})
	}
}

const unigramModel = "goldens/tokenizers/llm-jp-v2.1/code10k_en20k_ja30k.ver2.1.model"

func TestUnigramEqualsSentencePiece(t *testing.T) {
	tok := goldenFile(t, unigramModel)
	require.Equal(t, 50570, tok.VocabSize())
	for _, r := range encoded(t, "llm-jp-v2.1") {
		require.Equal(t, r.IDs, tok.Encode(r.Text), "%q", r.Text)
		require.Equal(t, r.Decoded, tok.Decode(r.IDs), "%q", r.Text)
	}
}

// tokenizers adds up scores in float64: for one text of the set two cuts are so close that it decides the other way.
func TestUnigramJSONEqualsTokenizers(t *testing.T) {
	tok, err := tokenizer.Load(shared.Path(t, "goldens/tokenizers/llm-jp-v2.1"))
	require.NoError(t, err)
	assert.Equal(t, "<EOD|LLM-jp>", tok.EOSText())
	differ := 0
	for _, r := range encoded(t, "llm-jp-v2.1") {
		ids := tok.Encode(r.Text)
		if assert.ObjectsAreEqual(r.IDs, ids) {
			continue
		}
		differ++
		require.True(t, strings.HasPrefix(r.Text, "👧ﾞ.s"), "%q", r.Text)
		i := 26 // … [2179, 319] … for SentencePiece's [319, 2179]
		assert.Equal(t, []int32{r.IDs[i], r.IDs[i+1]}, []int32{ids[i+1], ids[i]})
		assert.Equal(t, r.Decoded, tok.Decode(ids))
	}
	assert.LessOrEqual(t, differ, 1)
}
