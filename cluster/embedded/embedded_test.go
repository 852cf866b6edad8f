package embedded

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/cluster"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
)

func quiet(string, ...any) {}

func TestAddress(t *testing.T) {
	for name, want := range map[string]string{"embedded": Default, "embedded:0.0.0.0:4222": "0.0.0.0:4222", "embedded:[::1]:7": "[::1]:7"} {
		address, ok := Address(name)
		assert.True(t, ok, name)
		assert.Equal(t, want, address)
	}
	for _, name := range []string{"", "nats://embedded:4222", "embeddedx"} {
		_, ok := Address(name)
		assert.False(t, ok, name)
	}
	assert.Equal(t, "127.0.0.1:5", reach("0.0.0.0:5"))
	assert.Equal(t, "127.0.0.1:5", reach("[::]:5"))
	assert.Equal(t, "[::1]:5", reach("[::1]:5"))
}

// TestFoldersOfTheDead: what a broker of a process that was killed left is gone when the next begins; what a living one has stays, and so
// does what no lock speaks of. The temporary directory may have any name.
func TestFoldersOfTheDead(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b*")
	require.NoError(t, os.Mkdir(dir, 0o700))
	t.Setenv("TMPDIR", dir)
	dead, unlocked := filepath.Join(dir, folderPrefix+"1"), filepath.Join(dir, folderPrefix+"2")
	require.NoError(t, os.MkdirAll(filepath.Join(dead, "store", "jetstream"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dead, atomicfile.LockFile), nil, 0o600))
	require.NoError(t, os.Mkdir(unlocked, 0o700))
	require.NoError(t, os.Symlink(unlocked, filepath.Join(dir, folderPrefix+"3")))
	first, err := Start("127.0.0.1:0", "", quiet)
	require.NoError(t, err)
	assert.NoDirExists(t, dead)
	second, err := Start("127.0.0.1:0", "", quiet)
	require.NoError(t, err)
	assert.DirExists(t, first.dir)
	assert.DirExists(t, unlocked)
	require.NoError(t, second.Close())
	require.NoError(t, first.Close())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "the folder without a lock and the link to it")
}

// TestFoldersAreMadeWhileOthersSweep: who takes a folder that is not locked yet for one of the dead ends no broker.
func TestFoldersAreMadeWhileOthersSweep(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	done := make(chan struct{})
	var sweeping sync.WaitGroup
	for range 2 {
		sweeping.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					atomicfile.RemoveAbandonedFolders(os.TempDir(), folderPrefix)
				}
			}
		})
	}
	for range 150 {
		dir, lock, err := folder()
		require.NoError(t, err)
		assert.DirExists(t, dir)
		require.NoError(t, lock.Unlock())
		require.NoError(t, os.RemoveAll(dir))
	}
	close(done)
	sweeping.Wait()
}

// TestABrokerOfOnesOwn asks for its token, takes a free port, and leaves nothing behind.
func TestABrokerOfOnesOwn(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	b, err := Start("127.0.0.1:0", "secret", quiet)
	require.NoError(t, err)
	_, err = nats.Connect(b.URL())
	assert.ErrorIs(t, err, nats.ErrAuthorization)
	nc, err := nats.Connect(b.URL(), nats.Token("secret"))
	require.NoError(t, err)
	js, err := nc.JetStream()
	require.NoError(t, err)
	_, err = js.AddStream(&nats.StreamConfig{Name: "S", Subjects: []string{"s"}})
	require.NoError(t, err)
	_, err = js.Publish("s", []byte("x"), nats.AckWait(10*time.Second))
	assert.NoError(t, err)
	nc.Close()
	_, err = Start(b.Listening(), "", quiet)
	assert.ErrorContains(t, err, "address already in use")
	require.NoError(t, b.Close())
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	assert.Empty(t, left)
	_, err = net.Dial("tcp", b.url[len("nats://"):])
	assert.Error(t, err)
}

// TestNobodyElseWithoutAToken: addresses that others reach are refused before anything listens.
func TestNobodyElseWithoutAToken(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:4222", "head:4222"} {
		_, err := Start(address, "", quiet)
		assert.ErrorIs(t, err, ErrOpen, address)
	}
	for address, says := range map[string]string{"127.0.0.1": "missing port", "127.0.0.1:x": "is not a port", "127.0.0.1:70000": "is not a port", "192.0.2.1:4222": "assign requested address"} {
		_, err := Start(address, "t", quiet)
		assert.ErrorContains(t, err, says)
	}
	b, err := Start("0.0.0.0:0", "t", quiet)
	require.NoError(t, err)
	nc, err := nats.Connect(b.URL(), nats.Token("t"))
	require.NoError(t, err)
	nc.Close()
	require.NoError(t, b.Close())
	t.Setenv("TMPDIR", "/nowhere")
	_, err = Start("127.0.0.1:0", "", quiet)
	assert.ErrorContains(t, err, "/nowhere")
}

// TestACoordinatorThatCannotBe ends the broker that it has started, and says which address was the trouble.
func TestACoordinatorThatCannotBe(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, tokenizertest.WriteModel(filepath.Join(dir, "tokenizer.model")))
	tok, err := tokenizer.Load(dir)
	require.NoError(t, err)
	e := wrapper.NewEncoder(tok, 512)
	t.Setenv("TMPDIR", t.TempDir())

	_, err = Open(t.Context(), e, results.Model{}, cluster.Options{URL: "embedded:0.0.0.0:0", Say: quiet})
	require.ErrorIs(t, err, ErrOpen)
	assert.ErrorContains(t, err, "--cluster embedded:0.0.0.0:0: ")

	ctx, cancel := context.WithCancel(t.Context())
	var said []string
	_, err = Open(ctx, e, results.Model{}, cluster.Options{URL: "embedded:127.0.0.1:0", Say: func(format string, args ...any) {
		said = append(said, fmt.Sprintf(format, args...))
		cancel() // the broker is there, and nobody waits any more
	}})
	require.Error(t, err)
	require.NotEmpty(t, said)
	address, ok := strings.CutPrefix(said[0], "broker listening at ")
	require.True(t, ok)
	_, err = net.Dial("tcp", address)
	assert.Error(t, err, "nobody listens")
}
