package hub

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

func TestFromEnvCache(t *testing.T) {
	for _, tc := range []struct {
		want string
		env  []string
	}{
		{"/h/.cache/huggingface/hub", []string{"HOME", "/h"}},
		{"/x/huggingface/hub", []string{"HOME", "/h", "XDG_CACHE_HOME", "/x"}},
		{"/hf/hub", []string{"HOME", "/h", "XDG_CACHE_HOME", "/x", "HF_HOME", "/hf"}},
		{"/old", []string{"HOME", "/h", "HF_HOME", "/hf", "HUGGINGFACE_HUB_CACHE", "/old"}},
		{"/new", []string{"HOME", "/h", "HF_HOME", "/hf", "HUGGINGFACE_HUB_CACHE", "/old", "HF_HUB_CACHE", "/new"}},
		{"/h/c", []string{"HOME", "/h", "HF_HUB_CACHE", "~/c"}},
		{"/s/c", []string{"HF_HUB_CACHE", "$SCRATCH/c", "SCRATCH", "/s"}},
		{"/only", []string{"HF_HUB_CACHE", "/only"}},
	} {
		o, err := FromEnv(env(tc.env...))
		require.NoError(t, err)
		assert.Equal(t, filepath.FromSlash(tc.want), o.CacheDir, tc.env)
		assert.False(t, o.Token.Given())
		_, err = New(o)
		require.NoError(t, err)
	}
	_, err := FromEnv(env())
	require.ErrorContains(t, err, "HF_HUB_CACHE")
}

func TestFromEnvSwitches(t *testing.T) {
	for _, name := range []string{"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"} {
		for value, want := range map[string]bool{"1": true, "ON": true, "yes": true, "True": true, "tRuE": true, "0": false, "": false, "off": false, "2": false, " 1": false} {
			o, err := FromEnv(env("HOME", "/h", name, value))
			require.NoError(t, err)
			assert.Equal(t, want, o.Offline, "%s=%q", name, value)
		}
	}
	o, err := FromEnv(env("HOME", "/h", "HF_HUB_DISABLE_SYMLINKS", "1", "HF_HUB_DISABLE_PROGRESS_BARS", "on",
		"HF_HUB_ETAG_TIMEOUT", "3", "HF_HUB_DOWNLOAD_TIMEOUT", "2.5", "HF_ENDPOINT", "https://m.example/"))
	require.NoError(t, err)
	assert.True(t, o.NoSymlinks)
	assert.True(t, o.Quiet)
	assert.Equal(t, 3*time.Second, o.HeaderTimeout)
	assert.Equal(t, 2500*time.Millisecond, o.IdleTimeout)
	c, err := New(o)
	require.NoError(t, err)
	assert.Equal(t, "https://m.example", c.endpoint.String())
	for _, bad := range []string{"x", "0", "-1", "NaN", "Inf", "1e9"} {
		_, err := FromEnv(env("HOME", "/h", "HF_HUB_DOWNLOAD_TIMEOUT", bad))
		require.ErrorContains(t, err, "HF_HUB_DOWNLOAD_TIMEOUT")
	}
}

func TestFromEnvToken(t *testing.T) {
	home := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(home, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	token := func(pairs ...string) string {
		o, err := FromEnv(env(append(pairs, "HF_HOME", home)...))
		require.NoError(t, err)
		return o.Token.reveal()
	}
	assert.Empty(t, token())
	write("token", "hf_file\r\n")
	other := write("other", " hf_other ")
	assert.Equal(t, "hf_file", token())
	assert.Equal(t, "hf_other", token("HF_TOKEN_PATH", other))
	assert.Equal(t, "hf_old", token("HUGGING_FACE_HUB_TOKEN", "hf_old", "HF_TOKEN_PATH", other))
	assert.Equal(t, "hf_env", token("HF_TOKEN", "hf_env\n", "HUGGING_FACE_HUB_TOKEN", "hf_old"))
	assert.Equal(t, "hf_file", token("HF_TOKEN", "  "), "blank is unset")
	assert.Empty(t, token("HF_TOKEN_PATH", filepath.Join(home, "absent")))
	assert.Empty(t, token("HF_TOKEN", "hf_env", "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"))
	_, err := FromEnv(env("HF_HOME", home, "HF_TOKEN_PATH", home))
	require.ErrorContains(t, err, "token file", "a folder is not a token")
}
