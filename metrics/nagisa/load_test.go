package nagisa

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics/nagisa/internal/pickle"
)

// copyModel copies the small model to a new folder.
func copyModel(t *testing.T) string {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/small")))
	return dir
}

// replaceIn replaces text in one of a model's files, which is unpacked for that where it is packed.
func replaceIn(t *testing.T, path, old, replacement string) {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	packed := bytes.HasPrefix(b, []byte("\x1f\x8b"))
	if packed {
		z, err := gzip.NewReader(bytes.NewReader(b))
		require.NoError(t, err)
		var out bytes.Buffer
		_, err = out.ReadFrom(z)
		require.NoError(t, err)
		b = out.Bytes()
	}
	require.Contains(t, string(b), old)
	b = []byte(strings.Replace(string(b), old, replacement, 1))
	if packed {
		var out bytes.Buffer
		z := gzip.NewWriter(&out)
		_, err := z.Write(b)
		require.NoError(t, err)
		require.NoError(t, z.Close())
		b = out.Bytes()
	}
	require.NoError(t, os.WriteFile(path, b, 0o600))
}

func TestLoadRefusesOtherFiles(t *testing.T) {
	_, err := Load("testdata/small")
	assert.EqualError(t, err, filepath.FromSlash("testdata/small/nagisa_v001.hp")+
		": not the published file: git blob id faeb050a7404fdf5473b583e7b3685775fb85eaf, want 9421bd673e7e1dda235a2afc0ef46e0c828e42de")
}

func TestCheckBlob(t *testing.T) {
	// git hash-object of a file with "hello" and a line feed.
	const id = "ce013625030ba8dba906f756967f9e9ca394464a"
	assert.NoError(t, checkBlob(strings.NewReader("hello\n"), 6, id))
	assert.ErrorContains(t, checkBlob(strings.NewReader("hallo\n"), 6, id), "not the published file")
}

func TestLoadNamesMissingFile(t *testing.T) {
	for _, f := range Files() {
		dir := copyModel(t)
		require.NoError(t, os.Remove(filepath.Join(dir, f.Name)))
		_, err := LoadUnpinned(dir)
		assert.ErrorIs(t, err, os.ErrNotExist)
		assert.ErrorContains(t, err, f.Name)
	}
	_, err := Load(t.TempDir())
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestLoadErrors(t *testing.T) {
	const hp, dict, model = "nagisa_v001.hp", "nagisa_v001.dict", "nagisa_v001.model"
	for _, c := range []struct{ name, file, old, replacement, want string }{
		{"no key", hp, "DIM_BI", "DIM_XX", "no DIM_BI"},
		{"size of no int", hp, "WINDOW_SIZEq\x05K\x03", "WINDOW_SIZEq\x05N", "WINDOW_SIZE is <nil>, not an int from 1 to 31"},
		{"size out of bounds", hp, "LAYERSq\x01K\x01", "LAYERSq\x01K\x00", "LAYERS is 0, not an int from 1 to 8"},
		{"even window", hp, "WINDOW_SIZEq\x05K\x03", "WINDOW_SIZEq\x05K\x04", "WINDOW_SIZE is 4, not odd"},
		{"odd hidden", hp, "DIM_HIDDENq\x0bK\x0a", "DIM_HIDDENq\x0bK\x0b", "DIM_HIDDEN is 11, not even"},
		{"odd characters", hp, "DIM_UNIq\x06K\x06", "DIM_UNIq\x06K\x07", "DIM_UNI is 7, not even"},
		{"code in a pickle", hp, "\x80\x02}", "\x80\x02cos\nsystem\n}", "pickle: byte 2: instruction 0x63 is not plain data"},
		{"more layers than the model has", hp, "LAYERSq\x01K\x01", "LAYERSq\x01K\x02",
			"line 13: #Parameter# /birnn_1/vanilla-lstm-builder/_0 (segmentation LSTM, layer 2 forward, input weights) has the shape {20,12}, want {20,10}"},
		{"id beyond the embeddings", hp, "VOCAB_SIZE_BIq\x0fMa\x01", "VOCAB_SIZE_BIq\x0fM\x03\x00", "not one of 0 to 2"},
		{"vocabulary without oov", dict, "X\x03\x00\x00\x00oov", "X\x03\x00\x00\x00oox", `vocabulary of characters: no entry "oov"`},
		{"four vocabularies", dict, "e.", "e](]]]]e.", "not a list of five vocabularies"},
		{"vocabulary of no dict", dict, "e.", "e](]]]]]e.", "vocabulary of characters: not a dict"},
		{"key of no str", dict, "e.", "e](}K\x01K\x01s]]]]e.", "a dict key is a int64, not a str"},
		{"id of no int", dict, "e.", "e](}U\x03oovNs]]]]e.", `vocabulary of characters: "oov" has the id <nil>, not one of 0 to 179`},
		{"negative id", dict, "e.", "e](}U\x03oovJ\xff\xff\xff\xffs]]]]e.", `"oov" has the id -1`},
		{"number of no number", model, "-2.08111614e-01", "-2.08x11614e-01", `line 2: #Parameter# /birnn/vanilla-lstm-builder/_0 (segmentation LSTM, layer 1 forward, input weights): number 1: "-2.08x11614e-01" is no number`},
	} {
		dir := copyModel(t)
		path := filepath.Join(dir, c.file)
		replaceIn(t, path, c.old, c.replacement)
		_, err := LoadUnpinned(dir)
		assert.ErrorContains(t, err, c.want, c.name)
		assert.NotContains(t, err.Error(), "\n", c.name)
		assert.ErrorContains(t, err, "nagisa_v001.", c.name)
	}
}

func TestLoadRefusesDamagedPacking(t *testing.T) {
	dir := copyModel(t)
	path := filepath.Join(dir, "nagisa_v001.dict")
	packed, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, c := range []struct {
		name    string
		content []byte
		want    string
	}{
		{"not packed", []byte("\x80\x02]q\x00(K\x01K\x02e."), "gzip: gzip: invalid header"},
		{"empty", nil, "gzip: unexpected EOF"},
		{"cut", packed[:len(packed)/2], "unexpected EOF"},
		{"wrong checksum", append(packed[:len(packed)-8:len(packed)-8], make([]byte, 8)...), "gzip: invalid checksum"},
	} {
		require.NoError(t, os.WriteFile(path, c.content, 0o600))
		_, err := LoadUnpinned(dir)
		assert.ErrorContains(t, err, c.want, c.name)
		assert.ErrorContains(t, err, path, c.name)
	}
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Mkdir(path, 0o700))
	_, err = LoadUnpinned(dir)
	assert.ErrorContains(t, err, "not a file of at most")
}

func TestVocabularyNeedsPadding(t *testing.T) {
	_, err := newVocabulary(&pickle.Dict{}, 1)
	assert.EqualError(t, err, "no embedding for padding")
}
