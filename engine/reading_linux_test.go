package engine_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/engine/internal/shorttest"
)

// withMapping calls do with the content of a file, which is mapped as long as that takes.
func withMapping(t *testing.T, path string, do func(content []byte)) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	info, err := f.Stat()
	require.NoError(t, err)
	content, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	require.NoError(t, err)
	defer func() { require.NoError(t, unix.Munmap(content)) }()
	do(content)
}

// forget has the system drop what it has of a file in its page cache.
func forget(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	require.NoError(t, f.Sync())
	require.NoError(t, unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED))
}

// resident is how many bytes of a file the system has in its page cache.
func resident(t *testing.T, path string) (n int64) {
	t.Helper()
	withMapping(t, path, func(content []byte) {
		page := os.Getpagesize()
		there := make([]byte, (len(content)+page-1)/page)
		_, _, errno := syscall.Syscall(unix.SYS_MINCORE, uintptr(unsafe.Pointer(&content[0])), uintptr(len(content)), uintptr(unsafe.Pointer(&there[0])))
		require.Zero(t, errno)
		for _, p := range there {
			n += int64(p&1) * int64(page)
		}
	})
	return n
}

// readsAhead tells whether the system brings more of a mapped file than what is read, although it is told not to: an emulator may not pass
// that on.
func readsAhead(t *testing.T, path string) (ahead bool) {
	t.Helper()
	forget(t, path)
	require.Zero(t, resident(t, path))
	withMapping(t, path, func(content []byte) {
		require.NoError(t, unix.Madvise(content, unix.MADV_RANDOM))
		t.Logf("a byte in the middle: %d", content[len(content)/2])
		ahead = resident(t, path) > int64(os.Getpagesize())
	})
	return ahead
}

// fromDisk is how many bytes the process has had from disks.
func fromDisk(t *testing.T) (n int64) {
	t.Helper()
	content, err := os.ReadFile("/proc/self/io")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(content), "\nread_bytes: ")
	line, _, _ := strings.Cut(rest, "\n")
	n, err = strconv.ParseInt(line, 10, 64)
	require.NoError(t, err)
	return n
}

// TestEveryPageIsReadOnce: each batch reads the pages of weights that are not kept once, and but for what readers have ahead no
// others; and readers leave nothing of the file in the page cache, which the mapping does.
func TestEveryPageIsReadOnce(t *testing.T) {
	dir := model(t, enginetest.Shape{Hidden: 256, Intermediate: 1024, Layers: 12, Heads: 4, KVHeads: 2, Vocab: 300, MaxPositions: 256, DType: "BF16"}, 61)
	path := filepath.Join(dir, weightsName)
	if readsAhead(t, path) {
		t.Skip("this machine reads ahead of whoever asks it not to")
	}
	batches := int64(shorttest.Few(8, 2))
	seqs := tokenSequences(300, 1, shorttest.Few(100, 4))
	inMemory, err := engine.Load(dir, engine.Options{})
	require.NoError(t, err)
	want := score(t, inMemory, seqs)
	require.NoError(t, inMemory.Close()) // what is mapped is not dropped
	for _, way := range engine.Readings() {
		t.Run(way, func(t *testing.T) {
			forget(t, path)
			require.Zero(t, resident(t, path))
			m, err := engine.Load(dir, engine.Options{MemoryLimit: 9 << 20, MaxBatchTokens: 128, Threads: 2, Reading: way})
			require.NoError(t, err)
			require.Equal(t, way, m.Reading())
			streamed, all := m.StreamedBytes(), m.WeightBytes()
			require.Greater(t, streamed, all/2)
			if way != "mapped" {
				require.Less(t, resident(t, path), all/4, "what loading has brought is gone")
			}
			before := fromDisk(t)
			for range batches {
				require.Equal(t, want, score(t, m, seqs))
			}
			require.NoError(t, m.Close()) // no reader goes on
			kept, read := resident(t, path), m.ReadBytes()
			if way == "mapped" {
				assert.Greater(t, kept, all/2)
				return
			}
			assert.Less(t, kept, all/4, "of %d bytes", all)
			// The steps' pages, one of which may be its neighbour's, too, once a batch; two steps and eight parts ahead.
			pages, ahead := int64(24*2*4096), all/4
			assert.GreaterOrEqual(t, read, batches*streamed)
			assert.LessOrEqual(t, read, batches*(streamed+pages)+ahead)
			if disk := fromDisk(t) - before; disk > 0 { // or else the file lies in memory
				assert.LessOrEqual(t, disk, read+kept+1<<20, "the rest is what stays mapped")
			}
		})
	}
}
