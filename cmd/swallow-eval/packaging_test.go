package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestReleases: the release configuration is well-formed, has no key that this test does not know, and names what is there.
// The tool itself does not run here.
func TestReleases(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, ".goreleaser.yaml"))
	require.NoError(t, err)
	type file struct {
		Src  string
		Info map[string]string
	}
	var c struct {
		Version     int
		ProjectName string `yaml:"project_name"`
		Before      struct{ Hooks []string }
		Builds      []struct {
			ID, Main, Binary    string
			Env, Flags, LDFlags []string
			ModTimestamp        string `yaml:"mod_timestamp"`
			GOOS, GOARCH        []string
		}
		Archives []struct {
			ID              string
			IDs             []string
			Formats         []string
			FormatOverrides []struct {
				GOOS    string
				Formats []string
			} `yaml:"format_overrides"`
			NameTemplate string            `yaml:"name_template"`
			BuildsInfo   map[string]string `yaml:"builds_info"`
			Files        []file
		}
		Checksum struct {
			NameTemplate string `yaml:"name_template"`
			Algorithm    string
		}
		Changelog map[string]string
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	require.NoError(t, d.Decode(&c))
	assert.Equal(t, 2, c.Version)
	require.Len(t, c.Builds, 1)
	b := c.Builds[0]
	assert.FileExists(t, filepath.Join(root, b.Main, "main.go"))
	assert.Contains(t, b.Env, "CGO_ENABLED=0")
	assert.Contains(t, b.Flags, "-trimpath")
	assert.Equal(t, "{{ .CommitTimestamp }}", b.ModTimestamp, "reproducible")
	for _, f := range c.Archives[0].Files {
		found, err := filepath.Glob(filepath.Join(root, f.Src))
		require.NoError(t, err)
		assert.NotEmpty(t, found, f.Src)
	}
}

// TestDockerfile: the image holds a static binary and runs as nobody in particular.
func TestDockerfile(t *testing.T) {
	root := filepath.Join("..", "..")
	text, err := os.ReadFile(filepath.Join(root, "Dockerfile"))
	require.NoError(t, err)
	build, last, ok := strings.Cut(string(text), "\nFROM scratch\n")
	require.True(t, ok, "the image starts from nothing")
	assert.Contains(t, build, "CGO_ENABLED=0")
	assert.Contains(t, build, "-trimpath")
	assert.Regexp(t, `(?m)^USER 65532:65532$`, last)
	assert.NotContains(t, last, "RUN", "there is no shell")
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(mod)
	require.NotNil(t, version)
	assert.Contains(t, build, "FROM golang:"+string(version[1])+" AS build")
	for _, m := range regexp.MustCompile(`(?m)^COPY ([A-Z]+) ([A-Z]+) `).FindAllStringSubmatch(last, -1) {
		assert.FileExists(t, filepath.Join(root, m[1]))
		assert.FileExists(t, filepath.Join(root, m[2]))
	}
	// What the build needs is not left out of it.
	ignored, err := os.ReadFile(filepath.Join(root, ".dockerignore"))
	require.NoError(t, err)
	for _, pattern := range strings.Fields(string(ignored)) {
		for _, needed := range []string{"results", "cmd", "go.mod", ".git", "LICENSE"} {
			matched, err := filepath.Match(strings.TrimPrefix(pattern, "/"), needed)
			require.NoError(t, err)
			assert.False(t, matched, "%s leaves out %s", pattern, needed)
		}
	}
}
