package build

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestVersion: a module's version goes before the commit, of which the beginning is enough.
func TestVersion(t *testing.T) {
	const commit = "0123456789abcdef"
	for _, c := range []struct {
		module, commit, modified, want string
	}{
		{"v1.2.3", commit, "true", "v1.2.3"}, {"(devel)", commit, "false", "devel+0123456789ab"}, {"", commit, "true", "devel+0123456789ab-dirty"},
		{"", "abc", "", "devel+abc"}, {"", "", "true", "devel"},
	} {
		info := &debug.BuildInfo{Main: debug.Module{Version: c.module}, Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: c.commit}, {Key: "vcs.modified", Value: c.modified}}}
		assert.Equal(t, c.want, version(info))
	}
	assert.NotEmpty(t, Version())
}
