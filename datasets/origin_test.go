package datasets

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEverySplitCanBeHad: of every split there is a layout whose files can be fetched, pinned but for three data sets.
func TestEverySplitCanBeHad(t *testing.T) {
	unpinned := map[string]bool{}
	for _, split := range Manifest() {
		best := ""
		for _, l := range split.Layouts {
			origins, pinned, ok := l.Origins()
			if !ok {
				continue
			}
			require.Len(t, origins, len(l.Files))
			for i, o := range origins {
				assert.Positive(t, o.MaxSize)
				assert.NotContains(t, l.Files[i].Path, "synthetic")
				if strings.HasPrefix(o.URL, hubDatasets) {
					assert.NotEmpty(t, o.Repo)
					assert.NotEmpty(t, o.Path)
				}
			}
			if pinned {
				best = "pinned"
				break
			}
			if best == "" {
				best = "unpinned"
			}
		}
		assert.NotEmpty(t, best, "%s %s", split.Dataset, split.Name)
		if best == "unpinned" {
			unpinned[split.Dataset] = true
		}
	}
	assert.Equal(t, map[string]bool{"xlsum_ja": true, "xwinograd": true}, unpinned)
}

func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		name string
		file File
		ok   bool
	}{
		{"pinned", File{Path: "a/b.json", URL: "https://h/c.json", Pins: []Pin{official("00", "", 1)}}, true},
		{"copy that is published", File{Path: "a/b.json", URL: "https://h/b.json", Pins: []Pin{rebuilt("00", 1, "")}}, true},
		{"rebuilt", File{Path: "a/b.json", URL: "https://h/c.json", Pins: []Pin{rebuilt("00", 1, "")}}, false},
		{"unpinned", File{Path: "a/b.json", URL: "https://h/x/b.json"}, true},
		{"made from something else", File{Path: "a/b.json", URL: "https://h/x/c.json"}, false},
		{"member", File{Path: "a/b.json", URL: "https://h/x/b.json", Member: "b.json"}, false},
		{"no place", File{Path: "a/b.json"}, false},
	} {
		_, ok := c.file.Origin()
		assert.Equal(t, c.ok, ok, c.name)
	}
	o, ok := File{Path: "gsm8k/main/test/0000.parquet", URL: hubDatasets + "openai/gsm8k/resolve/refs%2Fconvert%2Fparquet/main/test/0000.parquet"}.Origin()
	require.True(t, ok)
	assert.Equal(t, [3]string{"openai/gsm8k", "refs/convert/parquet", "main/test/0000.parquet"}, [3]string{o.Repo, o.Revision, o.Path})
}
