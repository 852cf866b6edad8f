package datasets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// folder writes files below a temporary folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return root
}

func open(t *testing.T, allowUnpinned bool, files map[string]string) *Dir {
	t.Helper()
	d, err := Open(folder(t, files), allowUnpinned)
	require.NoError(t, err)
	return d
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func compress(t *testing.T, content string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.String()
}

const toyContent = `{"a":1}` + "\n" + `{"a":2}` + "\n"

// toy is a split of two records with one accepted content.
func toy() Split {
	return Split{Dataset: "toy", Name: "test", Layouts: []Layout{one(JSONL, 2, File{
		Path: "toy/test.jsonl", URL: "https://example.invalid/toy",
		Pins: []Pin{{SHA256: digest(toyContent), Size: int64(len(toyContent)), State: Official}},
	})}}
}

func TestOpen(t *testing.T) {
	root := folder(t, map[string]string{"file": "x"})
	_, err := Open(filepath.Join(root, "absent"), false)
	require.ErrorIs(t, err, ErrMissing)
	_, err = Open(filepath.Join(root, "file"), false)
	require.ErrorContains(t, err, "is a file")
}

func TestAcceptedContent(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"plain":             {"toy/test.jsonl": toyContent},
		"gzip":              {"toy/test.jsonl.gz": compress(t, toyContent)},
		"plain before gzip": {"toy/test.jsonl": toyContent, "toy/test.jsonl.gz": "broken"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := open(t, false, files).read(toy())
			require.NoError(t, err)
			assert.Equal(t, []json.RawMessage{[]byte(`{"a":1}`), []byte(`{"a":2}`)}, p.rows)
			want := Use{"toy", "test", p.file, digest(toyContent), 2, 2, Official}
			assert.Equal(t, []Use{want}, p.used)
		})
	}
}

func TestRefusedFiles(t *testing.T) {
	edited := strings.Replace(toyContent, "2", "3", 1)
	windows := strings.ReplaceAll(toyContent, "\n", "\r\n")
	whole := compress(t, toyContent)
	for name, c := range map[string]struct {
		files    map[string]string
		is       error
		contains string
	}{
		"missing": {nil, ErrMissing, "toy/test.jsonl: not found in"},
		"C1 edited": {map[string]string{"toy/test.jsonl": edited}, ErrMismatch,
			"sha256 " + digest(edited) + ", want " + digest(toyContent) + " (official); --allow-unpinned-data"},
		"C7 Windows line ends": {map[string]string{"toy/test.jsonl": windows}, ErrMismatch, "with LF alone it is the pinned file"},
		"A13 HTML page":        {map[string]string{"toy/test.jsonl": "\n<!DOCTYPE html><html>"}, ErrMalformed, "HTML page"},
		"A13 LFS pointer": {map[string]string{"toy/test.jsonl": "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"},
			ErrMalformed, "Git LFS pointer"},
		"empty":                     {map[string]string{"toy/test.jsonl": ""}, ErrMalformed, "empty"},
		"byte order mark":           {map[string]string{"toy/test.jsonl": "\ufeff{}"}, ErrMalformed, "byte order mark"},
		"Latin-1":                   {map[string]string{"toy/test.jsonl": "{}\n{\"a\":\"\xe9\"}"}, ErrMalformed, "line 2 is not valid UTF-8"},
		"gzip without the name":     {map[string]string{"toy/test.jsonl": whole}, ErrMalformed, "name the file .gz"},
		"C2 not gzip":               {map[string]string{"toy/test.jsonl.gz": toyContent}, ErrMalformed, "not a gzip file"},
		"C2 cut gzip":               {map[string]string{"toy/test.jsonl.gz": whole[:len(whole)-9]}, ErrMalformed, "cut short"},
		"C2 cut in the gzip header": {map[string]string{"toy/test.jsonl.gz": whole[:4]}, ErrMalformed, "not a gzip file"},
		"C2 garbage after gzip":     {map[string]string{"toy/test.jsonl.gz": whole + "garbage, and more"}, ErrMalformed, "invalid header"},
		"C2 flipped bit": {map[string]string{"toy/test.jsonl.gz": whole[:len(whole)-5] + "\x00" + whole[len(whole)-4:]},
			ErrMalformed, "checksum"},
		"too large":     {map[string]string{"toy/test.jsonl": strings.Repeat(toyContent, 5)}, ErrMalformed, "more than 64 bytes"},
		"C2 bomb":       {map[string]string{"toy/test.jsonl.gz": compress(t, strings.Repeat("{}\n", 30000))}, ErrMalformed, "more than 64 bytes"},
		"C2 small bomb": {map[string]string{"toy/test.jsonl.gz": compress(t, strings.Repeat(" ", 65))}, ErrMalformed, "more than 64 bytes"},
		"folder":        {map[string]string{"toy/test.jsonl/x": ""}, ErrMalformed, "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := open(t, false, c.files).read(toy())
			require.ErrorIs(t, err, c.is)
			assert.ErrorContains(t, err, "toy/test.jsonl")
			assert.ErrorContains(t, err, c.contains)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// TestC3RowCount: a pinned file has the manifest's number of records, or the manifest is wrong about one of the two.
func TestC3RowCount(t *testing.T) {
	split := toy()
	split.Layouts[0].Rows = 3
	_, err := open(t, false, map[string]string{"toy/test.jsonl": toyContent}).read(split)
	require.ErrorIs(t, err, ErrMalformed)
	assert.ErrorContains(t, err, "toy/test.jsonl: malformed data: 2 records, the manifest says 3")
}

// TestBrokenDownloadsStayRefused: asking for unpinned data does not make an HTML page data.
func TestBrokenDownloadsStayRefused(t *testing.T) {
	for _, content := range []string{"<html>", "version https://git-lfs.github.com/spec/v1", ""} {
		_, err := open(t, true, map[string]string{"toy/test.jsonl": content}).read(toy())
		assert.ErrorIs(t, err, ErrMalformed, content)
	}
}

func TestUnpinnedContent(t *testing.T) {
	edited := strings.Replace(toyContent, "2", "3", 1)
	p, err := open(t, true, map[string]string{"toy/test.jsonl": edited}).read(toy())
	require.NoError(t, err)
	assert.Equal(t, []Use{{"toy", "test", "toy/test.jsonl", digest(edited), 2, 2, Unpinned}}, p.used)

	p, err = open(t, true, map[string]string{"toy/test.jsonl": toyContent}).read(toy())
	require.NoError(t, err)
	assert.Equal(t, Official, p.used[0].State, "pinned content is called what it is")

	p, err = open(t, true, map[string]string{"toy/test.jsonl": "{}\n"}).read(toy())
	require.NoError(t, err, "a subset is permitted with the rest")
	assert.Equal(t, 1, p.used[0].Rows)
	assert.Equal(t, 2, p.used[0].Expected)
	_, err = open(t, true, map[string]string{"toy/test.jsonl": "\n"}).read(toy())
	require.ErrorIs(t, err, ErrMalformed)

	_, err = open(t, true, map[string]string{"toy/test.jsonl": "{}\n{\"a\":}\n"}).read(toy())
	require.ErrorIs(t, err, ErrMalformed)
	assert.ErrorContains(t, err, "toy/test.jsonl:2: malformed data: invalid character '}'")
}

func TestFilesWithoutPinsNeedPermission(t *testing.T) {
	line := `{"sentence":"_","option1":"a","option2":"b","answer":"1"}` + "\n"
	files := map[string]string{"xwinograd/en.jsonl": strings.Repeat(line, 2325)}
	_, _, err := open(t, false, files).Rows("xwinograd", "test")
	require.ErrorIs(t, err, ErrMismatch)
	assert.ErrorContains(t, err, "xwinograd/en.jsonl: not the pinned data: no digest of the original is known")
	_, rows, err := open(t, true, files).Rows("xwinograd", "test")
	require.NoError(t, err)
	assert.Len(t, rows, 2325)
}

func TestGitBlobPins(t *testing.T) {
	f := File{Pins: []Pin{{GitBlob: "ce013625030ba8dba906f756967f9e9ca394464a", State: Official}}}
	_, state, err := f.verify([]byte("hello\n"), false)
	require.NoError(t, err)
	assert.Equal(t, Official, state)
	_, _, err = f.verify([]byte("hello"), false)
	require.ErrorIs(t, err, ErrMismatch)
}

func TestLayoutsInOrder(t *testing.T) {
	split := toy()
	split.Layouts = append(split.Layouts, one(JSONArray, 1, File{Path: "toy/other.json", MaxSize: 100}))
	p, err := open(t, true, map[string]string{"toy/other.json": `[{"a":3}]`}).read(split)
	require.NoError(t, err)
	assert.Equal(t, "toy/other.json", p.file)
	p, err = open(t, true, map[string]string{"toy/other.json": `[{"a":3}]`, "toy/test.jsonl": toyContent}).read(split)
	require.NoError(t, err)
	assert.Equal(t, "toy/test.jsonl", p.file)
}

func TestHalfAPair(t *testing.T) {
	d := open(t, true, map[string]string{"wmt20/wmt20.en-ja.en": "a\n"})
	_, _, err := d.Rows("wmt20", "en-ja")
	require.ErrorIs(t, err, ErrMissing)
	assert.ErrorContains(t, err, "wmt20/wmt20.en-ja.ja: not found")
}

func TestUnknownSplit(t *testing.T) {
	_, _, err := open(t, true, nil).Rows("gsm8k", "dev")
	require.ErrorContains(t, err, `no split "dev" of a data set "gsm8k"`)
}

func TestRecorder(t *testing.T) {
	d, err := Open(shared.Path(t, "data"), false)
	require.NoError(t, err)
	r := d.Recorder()
	for range 2 {
		_, _, err := r.Rows("mgsm", "test")
		require.NoError(t, err)
		_, _, err = r.Rows("mgsm", "train")
		require.NoError(t, err)
	}
	_, _, err = r.Rows("xwinograd", "test")
	require.ErrorIs(t, err, ErrMismatch)
	files := r.Files()
	require.Len(t, files, 2)
	assert.Equal(t, Use{"mgsm", "test", "mgsm/mgsm_ja.tsv", "59a2b50debe77981fd784cb3b2bef1505e3abf2a37116dc9d7a366ab029b4637", 250, 250, Official}, files[0])
	assert.Equal(t, Rebuilt, files[1].State)
	assert.Empty(t, d.Recorder().Files(), "another task's recorder starts empty")
}

// TestRealFiles reads every split that is at hand.
func TestRealFiles(t *testing.T) {
	d, err := Open(shared.Path(t, "data"), true)
	require.NoError(t, err)
	unpinned := map[string]bool{
		"xlsum_ja test": true, "xlsum_ja train": true, "trivia_qa validation": true, "trivia_qa train": true,
		"hellaswag train": true, "squad_v2 train": true, "xwinograd test": true,
	}
	for _, s := range Manifest() {
		r := d.Recorder()
		_, rows, err := r.Rows(s.Dataset, s.Name)
		require.NoError(t, err, "%s %s", s.Dataset, s.Name)
		assert.NotEmpty(t, rows)
		for _, u := range r.Files() {
			assert.Equal(t, unpinned[s.Dataset+" "+s.Name], u.State == Unpinned, "%s %s: %s", s.Dataset, s.Name, u.State)
		}
	}
}

func TestManifestIsWellFormed(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Manifest() {
		key := s.Dataset + " " + s.Name
		assert.False(t, seen[key], key)
		seen[key] = true
		assert.NotEmpty(t, s.Licence, key)
		assert.NotEmpty(t, s.Home, key)
		for _, l := range s.Layouts {
			assert.Positive(t, l.Rows, key)
			parts := len(l.Files) // what the parser is given
			for _, f := range l.Files {
				if f.Members != nil {
					parts += len(f.Members) - 1
					assert.Len(t, l.Files, 1, key)
				}
			}
			if subjects := map[Format]int{JMMLU: 53, MMLU: 57, BBH: 27, TextFiles: 27}; subjects[l.Format] > 0 {
				assert.Equal(t, subjects[l.Format], parts, key)
			} else {
				assert.Equal(t, map[bool]int{true: 2, false: 1}[l.Format == LinePairs || l.Format == SGM || l.Format == TriviaQA], parts, key)
			}
			assert.Equal(t, l.Format == Parquet, len(l.Columns) > 0, key)
			assert.Equal(t, l.Format == Parquet, strings.HasSuffix(l.Files[0].Path, ".parquet"), key)
			for _, f := range l.Files {
				archive := strings.HasSuffix(f.Path, ".zip") || strings.HasSuffix(f.Path, "gz")
				assert.Equal(t, archive, f.Members != nil, f.Path)
				assert.Equal(t, strings.HasSuffix(f.Path, "gz"), f.MaxUnpacked > 0, f.Path)
				for _, m := range f.Members {
					assert.Positive(t, m.MaxSize, f.Path)
					name, err := memberName(m.Name)
					require.NoError(t, err)
					assert.Equal(t, m.Name, name)
				}
				assert.NotEmpty(t, f.URL, key)
				assert.Positive(t, f.limit(), key)
				assert.True(t, filepath.IsLocal(filepath.FromSlash(f.Path)), f.Path)
				for _, p := range f.Pins {
					assert.True(t, len(p.SHA256) == 64 || p.SHA256 == "" && len(p.GitBlob) == 40 || p.SHA256 == "" && p.GitBlob == "" && len(p.MD5) == 32, f.Path)
					assert.True(t, p.MD5 == "" || p.Note != "", "%s: a pin that is md5 alone says why", f.Path)
					assert.NotEqual(t, Unpinned, p.State, f.Path)
					assert.True(t, p.State == Official || p.Note != "", "%s: a pin that is not official says why", f.Path)
				}
			}
		}
	}
	a, err := ManifestDigest()
	require.NoError(t, err)
	b, err := ManifestDigest()
	require.NoError(t, err)
	assert.Equal(t, a, b)
	assert.Regexp(t, "^sha256:[0-9a-f]{64}$", a)
}

// TestMissingNamesAllLayouts: the message says every form in which the data would have been taken.
func TestMissingNamesAllLayouts(t *testing.T) {
	_, _, err := open(t, false, nil).Rows("openbookqa", "test")
	require.ErrorIs(t, err, ErrMissing)
	assert.ErrorContains(t, err, "openbookqa/test.jsonl: not found in")
	assert.ErrorContains(t, err, " (nor openbookqa/OpenBookQA-V1-Sep2018.zip, openbookqa/main/test-00000-of-00001.parquet, "+
		"openbookqa/main/test/0000.parquet); its source is https://")
}

// TestOriginalsBeforeCopies: what nothing vouches for is taken only where no pinned layout is there.
func TestOriginalsBeforeCopies(t *testing.T) {
	for _, s := range Manifest() {
		unpinned := false
		for _, l := range s.Layouts {
			pinned := len(l.Files[0].Pins) > 0 && l.Files[0].Pins[0].State != StandIn
			assert.False(t, unpinned && pinned, "%s %s: %s", s.Dataset, s.Name, l.Files[0].Path)
			unpinned = unpinned || !pinned
		}
	}
}

// TestEveryDataSetHasItsOriginal: the forms in which the publishers give the data are among the layouts.
func TestEveryDataSetHasItsOriginal(t *testing.T) {
	want := map[string][]Format{
		"xlsum_ja test": {Parquet}, "xlsum_ja train": {Parquet}, "mgsm test": {Parquet}, "mgsm train": {Parquet}, "gsm8k test": {Parquet}, "gsm8k train": {Parquet},
		"openbookqa test": {JSONL, Parquet}, "openbookqa train": {JSONL, Parquet}, "trivia_qa validation": {TriviaQA, Parquet}, "trivia_qa train": {TriviaQA, Parquet},
		"hellaswag validation": {JSONL, Parquet}, "hellaswag train": {JSONL, Parquet}, "squad_v2 validation": {SQuAD, Parquet}, "squad_v2 train": {SQuAD, Parquet},
		"xwinograd test": {Parquet}, "wmt20 en-ja": {SGM}, "wmt20 ja-en": {SGM},
	}
	for _, s := range Manifest() {
		for _, format := range want[s.Dataset+" "+s.Name] {
			found := false
			for _, l := range s.Layouts {
				found = found || l.Format == format
			}
			assert.True(t, found, "%s %s: %s", s.Dataset, s.Name, format)
		}
		delete(want, s.Dataset+" "+s.Name)
	}
	assert.Empty(t, want)
}
