package cluster

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// brokerEnv names a nats-server to be tested with, in place of the library.
const brokerEnv = "SWALLOW_EVAL_TEST_NATS_SERVER"

// anyBroker is a broker within this process, or a nats-server.
type anyBroker struct {
	port int
	stop func()
}

func (b *anyBroker) ClientURL() string { return fmt.Sprintf("nats://127.0.0.1:%d", b.port) }

// startBroker starts a broker that keeps its messages in a folder. port is -1 for a free one.
func startBroker(t testing.TB, dir string, port int) *anyBroker {
	t.Helper()
	return startGuarded(t, dir, port, "")
}

// startGuarded starts one that wants a token.
func startGuarded(t testing.TB, dir string, port int, token string) *anyBroker {
	t.Helper()
	if program := os.Getenv(brokerEnv); program != "" {
		return startProgram(t, program, dir, port, token)
	}
	return startLibrary(t, server.Options{Port: port, StoreDir: dir, Authorization: token})
}

func startLibrary(t testing.TB, o server.Options) *anyBroker {
	t.Helper()
	o.Host, o.JetStream, o.NoSigs, o.NoLog = "127.0.0.1", true, true, true
	s, err := server.NewServer(&o)
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(20*time.Second))
	u, err := url.Parse(s.ClientURL())
	require.NoError(t, err)
	port, err := strconv.Atoi(u.Port())
	require.NoError(t, err)
	return &anyBroker{port, func() { s.Shutdown(); s.WaitForShutdown() }}
}

func startProgram(t testing.TB, program, dir string, port int, token string) *anyBroker {
	t.Helper()
	if port < 0 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		port = l.Addr().(*net.TCPAddr).Port
		require.NoError(t, l.Close())
	}
	args := []string{"-js", "-sd", dir, "-a", "127.0.0.1", "-p", strconv.Itoa(port)}
	if token != "" {
		args = append(args, "--auth", token)
	}
	c := exec.Command(program, args...)
	require.NoError(t, c.Start())
	b := &anyBroker{port, func() { _ = c.Process.Signal(os.Interrupt); _ = c.Wait() }}
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	return b
}

func stopBroker(b *anyBroker) { b.stop() }

// TestAWorkerWaitsForABrokerThatBreaksOff: a port where somebody listens and hangs up, as a broker that is ending does, is no
// reason to give up.
func TestAWorkerWaitsForABrokerThatBreaksOff(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	hungUp := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if n%2 == 0 {
				assert.NoError(t, c.(*net.TCPConn).SetLinger(0)) // a reset, not an end
			}
			_ = c.Close()
			if n == 3 {
				close(hungUp)
			}
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-hungUp; cancel() }()
	assert.ErrorIs(t, Work(ctx, "w", newOracle(encoder(t)), quick("nats://"+l.Addr().String())), context.Canceled)
}
