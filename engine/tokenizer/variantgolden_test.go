package tokenizer_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// variantFile is a tokenizer.json, given as changes to one of the small ones, with what tokenizers 0.23.2 makes of some
// texts. tokenizers finds special tokens in text, as EncodeSpecial does.
type variantFile struct {
	Name, Base string
	Changes    []struct {
		Value any
		Path  []any
	}
	Texts []record
}

func variants(t *testing.T) []variantFile {
	t.Helper()
	f, err := os.Open("testdata/variants.tokenizers.jsonl")
	require.NoError(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	var list []variantFile
	for lines.Scan() {
		var v variantFile
		require.NoError(t, json.Unmarshal(lines.Bytes(), &v))
		list = append(list, v)
	}
	require.NoError(t, lines.Err())
	require.Len(t, list, 19)
	return list
}

// Every splitting expression that is matched by hand, every behavior of Split, tokens that look at their neighbours,
// Unigram models.
func TestVariantsEqualTokenizers(t *testing.T) {
	for _, v := range variants(t) {
		t.Run(v.Name, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("testdata", v.Base+".tokenizer.json"))
			require.NoError(t, err)
			for _, c := range v.Changes {
				content = editBytes(t, content, c.Value, c.Path...)
			}
			path := filepath.Join(t.TempDir(), "tokenizer.json")
			require.NoError(t, os.WriteFile(path, content, 0o600))
			tok := loadFile(t, path)
			for _, r := range v.Texts {
				if v.Name == "Metaspace first with tokens" && strings.HasPrefix(r.Text, " ") {
					continue // the package comment says what is different there, and why
				}
				assert.Equal(t, r.IDs, tok.EncodeSpecial(r.Text), "%q", r.Text)
				assert.Equal(t, r.Decoded, tok.Decode(r.IDs), "%q", r.Text)
			}
		})
	}
}
