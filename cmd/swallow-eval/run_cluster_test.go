package main

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// atBroker starts a broker that lives as long as the test.
func atBroker(t *testing.T) (address string) {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true})
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(20*time.Second))
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s.ClientURL()
}

// freePort is one that nobody listened at a moment ago.
func freePort(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}

// working starts workers that end with the test.
func working(t *testing.T, broker string, names ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Go(func() {
			root := newRoot(console{in: os.Stdin, out: &nowhere{}, err: &nowhere{}})
			root.SetArgs([]string{"worker", "--model", "smoke", "--threads", "1", "--cluster", broker, "--worker-name", name})
			assert.ErrorIs(t, root.ExecuteContext(ctx), context.Canceled)
		})
	}
	t.Cleanup(func() { cancel(); wg.Wait() })
}

// ofTheSmoke is a run of some tasks.
var ofTheSmoke = []string{"run", "--model", "smoke", "--data-dir", "smoke", "--tasks", "jcommonsenseqa,jemhopqa,openbookqa", "--limit", "6"}

// sameSamples compares two runs' samples byte for byte.
func sameSamples(t *testing.T, want, got string) {
	t.Helper()
	for _, task := range []string{"jcommonsenseqa", "jemhopqa", "openbookqa"} {
		a, err := os.ReadFile(filepath.Join(want, "samples_"+task+".jsonl"))
		require.NoError(t, err)
		b, err := os.ReadFile(filepath.Join(got, "samples_"+task+".jsonl"))
		require.NoError(t, err)
		assert.Equal(t, string(a), string(b))
	}
}

// TestARunOverWorkersIsTheEmbeddedRun: two workers, and the samples are the same bytes, whoever's the broker is.
func TestARunOverWorkersIsTheEmbeddedRun(t *testing.T) {
	isolated(t)
	dir := t.TempDir()
	own := filepath.Join(dir, "own")
	_, _, err := inWorld(t, console{}, append(slices.Clone(ofTheSmoke), "-o", own)...)
	require.NoError(t, err)
	for _, name := range []string{"elsewhere", "embedded"} {
		t.Run(name, func(t *testing.T) {
			workers := freePort(t)
			run := "embedded:" + workers
			if name == "elsewhere" {
				workers = atBroker(t)
				run = workers
			}
			working(t, workers, "one", "two")
			out := filepath.Join(dir, name)
			_, said, err := inWorld(t, console{}, append(slices.Clone(ofTheSmoke), "--cluster", run, "-o", out)...)
			require.NoError(t, err, said)
			assert.Regexp(t, "worker (one|two): [0-9]+ requests in", said)
			assert.Equal(t, name == "embedded", strings.Contains(said, "broker listening at "+strings.TrimPrefix(workers, "nats://")))
			sameSamples(t, own, out)
		})
	}
}

// TestAClusterThatCannotBe is refused in one line.
func TestAClusterThatCannotBe(t *testing.T) {
	isolated(t)
	for _, c := range []struct {
		says string
		args []string
	}{
		{"worker needs --cluster", []string{"worker", "--model", "smoke"}},
		{"run starts the broker", []string{"worker", "--model", "smoke", "--cluster", "embedded"}},
		{"go with --cluster", []string{"run", "--model", "smoke", "--cluster-creds", "x"}},
		{"go with --cluster", []string{"run", "--model", "smoke", "--cluster-token", "x"}},
		{"exclude each other", []string{"run", "--model", "smoke", "--cluster-token", "x", "--cluster-creds", "x", "--cluster", "nats://127.0.0.1:1"}},
		{"a broker of this process", []string{"run", "--model", "smoke", "--cluster", "embedded", "--cluster-ca", "x"}},
		{"a broker of this process", []string{"run", "--model", "smoke", "--cluster", "embedded", "--cluster-replicas", "3"}},
		{"other machines can reach it: a token is needed, give --cluster-token or $SWALLOW_EVAL_CLUSTER_TOKEN", []string{"run", "--model", "smoke", "--cluster", "embedded:0.0.0.0:0"}},
		{"missing port", []string{"run", "--model", "smoke", "--cluster", "embedded:127.0.0.1"}},
		{"the broker cannot be reached", []string{"run", "--model", "smoke", "--cluster", "nats://127.0.0.1:1"}},
	} {
		_, said, err := inWorld(t, console{}, c.args...)
		assert.ErrorContains(t, err, c.says, said)
	}
}

// TestACoordinatorIsKilled with SIGKILL again and again, alone or with the broker that is within it, and run again: its files are
// those of a run on one machine, and what was answered is not asked again.
func TestACoordinatorIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	isolated(t)
	dir := t.TempDir()
	line := append(slices.Clone(ofTheSmoke), "--use-cache", filepath.Join(dir, "calm"), "-o", filepath.Join(dir, "calm-out"))
	_, said, err := inWorld(t, console{}, line...)
	require.NoError(t, err, said)
	whole := sizeOf(t, filepath.Join(dir, "calm"))
	for _, name := range []string{"elsewhere", "embedded"} {
		workers := freePort(t)
		broker := "embedded:" + workers
		if name == "elsewhere" {
			workers = atBroker(t)
			broker = workers
		}
		working(t, workers, "one", "two")
		cache, out := filepath.Join(dir, name), filepath.Join(dir, name+"-out")
		killed := 0
		for round := int64(1); ; round++ {
			cmd := process(t, append(slices.Clone(ofTheSmoke), "--cluster", broker, "--use-cache", cache, "-o", out)...)
			var errs bytes.Buffer
			cmd.Stderr = &errs
			require.NoError(t, cmd.Start())
			ended := make(chan error, 1)
			go func() { ended <- cmd.Wait() }()
			err, alive := error(nil), true
			for alive {
				select {
				case err = <-ended:
					alive = false
				case <-time.After(time.Millisecond):
					if round < 5 && sizeOf(t, cache) > whole*(round-1)/5 {
						require.NoError(t, cmd.Process.Kill())
						err, alive = <-ended, false
						killed++
					}
				}
			}
			if err == nil {
				break
			}
			require.Less(t, round, int64(6), errs.String())
		}
		assert.Greater(t, killed, 1)
		assert.Equal(t, directory(t, filepath.Join(dir, "calm-out")), directory(t, out))
		sameSamples(t, filepath.Join(dir, "calm-out"), out)
	}
}

// nowhere takes what nobody reads.
type nowhere struct{}

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
