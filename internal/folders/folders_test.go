package folders

import (
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// homeless is an environment without a place for a cache.
func homeless(t *testing.T) {
	t.Helper()
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData", "home", "HF_DATASETS_CACHE", DataEnv, AnswersEnv, NagisaEnv, DigestsEnv, RowsEnv} {
		t.Setenv(name, "")
	}
}

// TestOrder: a flag before the environment, that before the user's cache, and without any of them an error that names the flag.
func TestOrder(t *testing.T) {
	for name, c := range map[string]struct {
		find func(string) (string, error)
		env  string
		flag string
	}{"data": {Data, DataEnv, "--data-dir"}, "answers": {Answers, AnswersEnv, "--use-cache"}, "nagisa": {Nagisa, NagisaEnv, "--nagisa-dir"}} {
		homeless(t)
		_, err := c.find("")
		require.ErrorContains(t, err, c.flag)
		if runtime.GOOS == "linux" {
			t.Setenv("XDG_CACHE_HOME", "/cache")
			got, err := c.find("")
			require.NoError(t, err)
			assert.Equal(t, filepath.Join("/cache", "swallow-eval", name), got)
		}
		t.Setenv(c.env, "env")
		got, err := c.find("")
		require.NoError(t, err)
		assert.Equal(t, "env", got)
		got, err = c.find("given")
		require.NoError(t, err)
		assert.Equal(t, "given", got)
	}
}

// TestRemembered: what only saves time has no place rather than an error.
func TestRemembered(t *testing.T) {
	homeless(t)
	assert.Empty(t, Digests())
	assert.Empty(t, Rows())
	t.Setenv(DigestsEnv, "d")
	t.Setenv(RowsEnv, "r")
	assert.Equal(t, []string{"d", "r"}, []string{Digests(), Rows()})
}

// TestDataSetsCache is the hub's own variable, which ours and the flag go before.
func TestDataSetsCache(t *testing.T) {
	homeless(t)
	t.Setenv("HF_DATASETS_CACHE", "sets")
	got, err := Data("")
	require.NoError(t, err)
	assert.Equal(t, filepath.Join("sets", "swallow-eval"), got)
	t.Setenv(DataEnv, "env")
	got, err = Data("")
	require.NoError(t, err)
	assert.Equal(t, "env", got)
	t.Setenv(DataEnv, "")
	got, err = Data("given")
	require.NoError(t, err)
	assert.Equal(t, "given", got)
}
