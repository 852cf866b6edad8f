package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestARunOverWorkersIsTheEmbeddedRun: two workers, and the samples are the same bytes.
func TestARunOverWorkersIsTheEmbeddedRun(t *testing.T) {
	isolated(t)
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(20*time.Second))
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for _, name := range []string{"one", "two"} {
		wg.Go(func() {
			root := newRoot(console{in: os.Stdin, out: &nowhere{}, err: &nowhere{}})
			root.SetArgs([]string{"worker", "--model", "smoke", "--threads", "1", "--cluster", s.ClientURL(), "--worker-name", name})
			assert.ErrorIs(t, root.ExecuteContext(ctx), context.Canceled)
		})
	}
	defer wg.Wait()
	defer cancel()
	dir := t.TempDir()
	line := []string{"run", "--model", "smoke", "--data-dir", "smoke", "--tasks", "jcommonsenseqa,jemhopqa,openbookqa", "--limit", "6"}
	_, _, err = inWorld(t, console{}, append(line, "-o", filepath.Join(dir, "own"))...)
	require.NoError(t, err)
	_, said, err := inWorld(t, console{}, append(line, "--cluster", s.ClientURL(), "-o", filepath.Join(dir, "workers"))...)
	require.NoError(t, err, said)
	assert.Regexp(t, "worker (one|two): [0-9]+ requests in", said)
	for _, task := range []string{"jcommonsenseqa", "jemhopqa", "openbookqa"} {
		want, err := os.ReadFile(filepath.Join(dir, "own", "samples_"+task+".jsonl"))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(dir, "workers", "samples_"+task+".jsonl"))
		require.NoError(t, err)
		assert.Equal(t, string(want), string(got))
	}
	_, said, err = inWorld(t, console{}, "worker", "--model", "smoke")
	assert.ErrorContains(t, err, "worker needs --cluster", said)
	_, said, err = inWorld(t, console{}, "run", "--model", "smoke", "--cluster-creds", "x")
	assert.ErrorContains(t, err, "go with --cluster", said)
	_, said, err = inWorld(t, console{}, "run", "--model", "smoke", "--cluster", "nats://127.0.0.1:1")
	assert.ErrorContains(t, err, "the broker cannot be reached", said)
}

// nowhere takes what nobody reads.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
