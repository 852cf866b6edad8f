package hub

import (
	"path"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func badNames() []string {
	return []string{
		"", ".", "..", "../x", "a/../x", "a/..", "./x", "a/./b", "a//b", "a/", "/x", "//x", "/", // leaving and empty
		`..\x`, `a\..\..\x`, `\x`, `\\host\share\x`, `//host/share`, `a\b`, // backslashes and UNC
		"C:x", "C:/x", `C:\x`, "c:", "a/C:/x", "file:x", "x.txt:stream", // drives and streams
		"a\x00b", "a\nb", "a\rb", "a\tb", "a\x1bb", "a\x7fb", "a\u0085b", "\xff", "a\xc0\xaf", // control characters and broken UTF-8
		strings.Repeat("x", 256), strings.Repeat("x", 300), "a/" + strings.Repeat("日", 86), strings.Repeat("a/", 600) + "a", // too long
		"CON", "con", "Con.txt", "a/NUL", "nul.tar.gz", "AUX.safetensors", "PRN", "COM1", "com9.json", "LPT1.x", "COM¹", "CONIN$", "CON .txt", "CLOCK$", // devices
		"x.", "x ", "a./b", "a /b", "...", // Windows drops dots and spaces at the end
	}
}

func goodNames() []string {
	return []string{
		"config.json", "sub/folder/tokenizer.model", ".gitattributes", "a..b", "..a", "日本語/データ.jsonl", "a b", "x#?%&.json", "-x", "CONFIG", "console.log", "COM10", "NULL",
		strings.Repeat("x", 255), "refs/pr/1", "e\u0301",
	}
}

func TestE7Names(t *testing.T) {
	for _, name := range badNames() {
		err := CheckName(name)
		require.ErrorIs(t, err, ErrName, "%q", name)
		assert.NotContains(t, err.Error(), "\n")
		assert.NotContains(t, err.Error(), "\x1b")
	}
	for _, name := range goodNames() {
		require.NoError(t, CheckName(name), "%q", name)
	}
}

func TestE7HostileListings(t *testing.T) {
	for _, name := range badNames() {
		if !utf8.ValidString(name) {
			continue // JSON cannot carry it
		}
		good := fakeFile{"config.json", []byte("{}"), false}
		h := newFakeHub(t, good, fakeFile{name, []byte("evil"), false})
		c := h.client()
		h.requireFails(c, h.repo(), ErrName)
		assert.Zero(t, h.count("hub", "/resolve/"), "%q: nothing is fetched of a hostile choice", name)
		h.requireNothingOutside(c)

		// Whoever does not want the odd file gets the others.
		_, err := c.Snapshot(t.Context(), h.repo(), func(p string) bool { return p == "config.json" })
		require.NoError(t, err, "%q", name)
		h.requireNothingOutside(c)
	}
}

// requireNothingOutside checks that the test's folder holds the cache and nothing beside it.
func (h *fakeHub) requireNothingOutside(c *Client) {
	h.t.Helper()
	found, err := filepath.Glob(filepath.Join(filepath.Dir(c.o.CacheDir), "*"))
	require.NoError(h.t, err)
	require.Subset(h.t, []string{c.o.CacheDir}, found)
	found, err = filepath.Glob(filepath.Join(c.o.CacheDir, "*"))
	require.NoError(h.t, err)
	require.Subset(h.t, []string{filepath.Join(c.o.CacheDir, "models--org--name")}, found)
}

func TestE7DuplicatesAfterCaseFolding(t *testing.T) {
	for _, pair := range [][2]string{{"Config.json", "config.json"}, {"a/B", "A/b"}, {"ſ.json", "S.json"}, {"x", "x"}, {"Kelvin", "Kelvin"}} {
		h := newFakeHub(t, fakeFile{pair[0], []byte("1"), false}, fakeFile{pair[1], []byte("2"), false})
		h.requireFails(h.client(), h.repo(), ErrName)
	}
	assert.NotEqual(t, foldName("a"), foldName("b"))
}

func TestE7RepositoriesAndRevisions(t *testing.T) {
	c, err := New(Options{CacheDir: t.TempDir(), Offline: true})
	require.NoError(t, err)
	for _, id := range []string{"", "/", "a/", "/a", "a/b/c", "..", "../x", "a/..", "a--b/c", "a/b--c", "-a/b", "a/b.", "a/.b", "a/b.git", "a b/c", "a/b\n", "a\\b", "日本/x", "https://huggingface.co/a/b", "a/" + strings.Repeat("x", 97)} {
		_, err := c.List(t.Context(), Repo{ID: id})
		require.ErrorIs(t, err, ErrName, "%q", id)
		_, ok := c.Cached(Repo{ID: id})
		assert.False(t, ok)
	}
	for _, id := range []string{"gpt2", "tokyotech-llm/Swallow-7b-hf", "meta-llama/Llama-2-7b-hf", "a_b/c.d", "a/b-v0.1"} {
		require.NoError(t, checkID(id), id)
	}
	for _, revision := range badNames()[1:] {
		_, err := c.List(t.Context(), Repo{ID: "org/name", Revision: revision})
		require.ErrorIs(t, err, ErrName, "%q", revision)
	}
	_, err = c.List(t.Context(), Repo{ID: "org/name", Kind: "../x"})
	require.ErrorContains(t, err, "kind of repository")
}

func TestE8DigestsAreNoPaths(t *testing.T) {
	hex64, hex40 := strings.Repeat("ab", 32), strings.Repeat("cd", 20)
	for _, text := range []string{"../../../etc/passwd", "", hex64 + "/..", "../" + hex64[3:], strings.ToUpper(hex64), hex64[1:], hex64 + "0", "sha256-" + hex64, "g" + hex64[1:], hex40, hex64 + "\n", "\x00" + hex64[1:]} {
		_, err := ParseSHA256(text)
		require.Error(t, err, "%q", text)
		assert.NotContains(t, err.Error(), "\n")
	}
	for _, text := range []string{hex64, "../" + hex40[3:], strings.ToUpper(hex40), ""} {
		_, err := ParseGitBlob(text)
		require.Error(t, err, "%q", text)
		_, err = ParseCommit(text)
		require.Error(t, err, "%q", text)
	}
	for text, want := range map[string]string{`"` + hex64 + `"`: "sha256:" + hex64, `W/"` + hex40 + `"`: "git:" + hex40, hex40: "git:" + hex40, "sha256:" + hex64: "sha256:" + hex64} {
		d, err := ParseETag(text)
		require.NoError(t, err)
		assert.Equal(t, want, d.String())
		assert.True(t, strings.HasSuffix(want, d.Hex()))
	}
	assert.Equal(t, "unknown", Digest{}.String())
	assert.Empty(t, Digest{}.Hex())
	// git hash-object of "hello\n" and sha256sum of it
	assert.Equal(t, "ce013625030ba8dba906f756967f9e9ca394464a", fakeFile{"", []byte("hello\n"), false}.digest().Hex())
	assert.Equal(t, "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03", fakeFile{"", []byte("hello\n"), true}.digest().Hex())
}

func TestE8HostileDigestsFromTheHub(t *testing.T) {
	for _, tree := range []string{
		`[{"type":"file","path":"a","size":1,"oid":"../../../../tmp/x"}]`,
		`[{"type":"file","path":"a","size":1,"oid":""}]`,
		`[{"type":"file","path":"a","size":1,"oid":"` + strings.Repeat("a", 40) + `","lfs":{"oid":"../x","size":1}}]`,
		`[{"type":"file","path":"a","size":1,"oid":"` + strings.Repeat("a", 40) + `","lfs":{}}]`,
		`[{"type":"file","path":"a","size":-1,"oid":"` + strings.Repeat("a", 40) + `"}]`,
		`[{"type":"file","path":"a","size":1e30,"oid":"` + strings.Repeat("a", 40) + `"}]`,
		`{}`, `"x"`, `[1]`,
	} {
		_, err := parseTree([]byte(tree))
		require.Error(t, err, tree)
	}
	h := newFakeHub(t)
	for _, sha := range []string{"../../../../../etc", "main", "", strings.Repeat("A", 40), testCommit + "/.."} {
		h.refs["main"] = sha
		c := h.client()
		_, err := c.List(t.Context(), h.repo())
		require.Error(t, err)
		h.requireNothingOutside(c)
	}
}

func FuzzPathName(f *testing.F) {
	for _, name := range append(badNames(), goodNames()...) {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		err := CheckName(name)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		const root = "/cache/models--a--b/snapshots/c"
		inside := path.Join(root, name)
		require.True(t, strings.HasPrefix(inside, root+"/"), name)
		require.Equal(t, root+"/"+name, inside, "a name has one spelling")
		require.True(t, filepath.IsLocal(filepath.FromSlash(name)))
		// Under the rules of Windows, too: nothing there that would begin a drive, a share, a stream or a parent.
		require.False(t, strings.ContainsAny(name, "\\:\x00\r\n"))
		for _, element := range strings.Split(name, "/") {
			require.NotContains(t, []string{"", ".", ".."}, strings.TrimRight(element, ". "))
			require.LessOrEqual(t, len(element), 255)
		}
		require.NotEmpty(t, foldName(name))
		require.Equal(t, foldName(name), foldName(foldName(name)))
	})
}

func FuzzListing(f *testing.F) {
	f.Add([]byte(`[{"type":"file","path":"a","size":1,"oid":"` + strings.Repeat("a", 40) + `"}]`))
	f.Add([]byte(`[{"type":"file","path":"a","size":135,"oid":"` + strings.Repeat("a", 40) + `","lfs":{"oid":"` + strings.Repeat("b", 64) + `","size":9,"pointerSize":135}},{"type":"directory","path":"x"}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		files, err := parseTree(raw)
		if err != nil {
			return
		}
		for _, file := range files {
			require.True(t, file.Digest.Known())
			require.GreaterOrEqual(t, file.Size, int64(0))
			require.True(t, isLowerHex(file.Digest.Hex()))
		}
		again, err := formatTree(files)
		require.NoError(t, err)
		back, err := parseTree(again)
		require.NoError(t, err)
		require.Equal(t, files, back, "what is stored is what was heard")
	})
}
