package engine_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
)

// smallDisk is a disk of its own of some megabytes. The test is skipped where none can be had, which takes root.
func smallDisk(t *testing.T, mebibytes int64) string {
	t.Helper()
	dir := t.TempDir()
	image, place := filepath.Join(dir, "image"), filepath.Join(dir, "disk")
	require.NoError(t, os.Mkdir(place, 0o755))
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, mebibytes<<20))
	for _, command := range [][]string{{"mkfs.ext4", "-q", image}, {"mount", "-o", "loop", image, place}} {
		if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("no disk of its own for this test: %v: %v: %s", command, err, out)
		}
	}
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(place, unix.MNT_DETACH)) })
	return place
}

// fill leaves nothing free on a disk, and returns the file that it fills.
func fill(t *testing.T, disk string) string {
	t.Helper()
	f, err := os.Create(filepath.Join(disk, "filler"))
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	at := int64(0)
	for size := int64(64 << 20); size >= 4<<10; {
		if unix.Fallocate(int(f.Fd()), 0, at, size) == nil {
			at += size
		} else {
			size /= 2
		}
	}
	return f.Name()
}

// TestSpillOnAFullDisk: a disk that others have filled ends a call in one line that says so. What had been answered has been, and
// with room again the same model answers everything.
func TestSpillOnAFullDisk(t *testing.T) {
	disk := smallDisk(t, 200)
	// Wide heads: many keys and values, and little arithmetic.
	shape := enginetest.Shape{Hidden: 32, Intermediate: 48, Layers: 5, Heads: 6, KVHeads: 6, HeadDim: 64, Vocab: 130, MaxPositions: 128}
	dir := model(t, shape, 51)
	o := budgets(t, dir, engine.Options{Threads: 2, MaxBatchTokens: 70}, 110)[0]
	o.SpillDir = disk
	var prompts []engine.Prompt
	for i, s := range tokenSequences(shape.Vocab, 25, 10) {
		most := 100
		if i < 5 {
			most = 1 + i
		}
		prompts = append(prompts, engine.Prompt{Tokens: s.Tokens, MaxTokens: most, IgnoreEOS: true})
	}
	want := generate(t, load(t, dir, engine.Options{Threads: 1}), prompts)
	m := load(t, dir, o)
	require.Equal(t, want[:5], generate(t, m, prompts[:5])) // with keys and values in a first file, and then there is no room for a second
	filler := fill(t, disk)
	answered := 0
	err := m.Generate(t.Context(), prompts, func(i int, g engine.Generated, err error) error {
		assert.Equal(t, want[i], g)
		answered++
		return err
	})
	require.ErrorIs(t, err, unix.ENOSPC)
	assert.Regexp(t, `^keys and values that memory has no room for: temporary file of \d+ bytes in `+disk+`: no space left on device$`, err.Error())
	assert.Positive(t, answered)
	assert.Less(t, answered, len(prompts))
	require.NoError(t, os.Remove(filler))
	assert.Equal(t, want, generate(t, m, prompts))
}
