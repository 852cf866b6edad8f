package cluster

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// TestASlowReader: a run that takes answers slowly, and not at all for longer than workers have patience, loses none, and no more
// batches lie at the broker than it allows.
func TestASlowReader(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	workers := []*oracle{newOracle(encoder(t)), newOracle(encoder(t))}
	m := open(t, s.ClientURL(), results.Model{}, workers...)
	m.options.Outstanding = 3
	b, err := connect(t.Context(), "counter", quick(s.ClientURL()).filled())
	require.NoError(t, err)
	defer b.nc.Close()
	qs := questions(1500)
	times := make([]int, len(qs))
	got := 0
	require.NoError(t, m.Do(t.Context(), qs, func(i int, r tasks.Response) error {
		times[i]++
		assert.Equal(t, reply(qs[i]), r)
		if got++; got%300 == 0 {
			time.Sleep(2 * m.options.Patience / 3)
			work, err := b.js.Stream(t.Context(), workStream)
			require.NoError(t, err)
			assert.LessOrEqual(t, work.CachedInfo().State.Msgs, uint64(3))
		}
		return nil
	}))
	for i, n := range times {
		assert.Equal(t, 1, n, "request %d", i)
	}
	assert.EqualValues(t, len(qs), workers[0].calls.Load()+workers[1].calls.Load(), "nobody was taken for dead")
}

// TestTheBrokersClockIsSetForward: the broker counts its patience by its clock, and after a step takes everybody for dead who is
// not. Batches are then computed twice, and counted once.
func TestTheBrokersClockIsSetForward(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	list := []*oracle{newOracle(encoder(t)), newOracle(encoder(t)), newOracle(encoder(t))}
	var begun atomic.Int64
	for _, w := range list {
		w.asked = func(tasks.Request) { begun.Add(1); time.Sleep(3 * time.Millisecond) }
	}
	m := open(t, s.ClientURL(), results.Model{}, list...)
	b, err := connect(t.Context(), "clock", quick(s.ClientURL()).filled())
	require.NoError(t, err)
	defer b.nc.Close()
	step := func(patience time.Duration) {
		kind := kindOf(list[0].about)
		_, err := b.js.UpdateConsumer(t.Context(), workStream, jetstream.ConsumerConfig{
			Durable: "workers-" + kind, FilterSubject: workSubject + kind + ".*", AckPolicy: jetstream.AckExplicitPolicy, AckWait: patience,
		})
		assert.NoError(t, err)
	}
	qs := questions(900)
	var wg sync.WaitGroup
	wg.Go(func() {
		for begun.Load() < 100 {
			time.Sleep(time.Millisecond)
		}
		step(time.Millisecond) // what a step forward does to everything that is under way
		time.Sleep(120 * time.Millisecond)
		step(600 * time.Millisecond)
	})
	answered(t, m, qs)
	wg.Wait()
	assert.Greater(t, begun.Load(), int64(len(qs)), "some were computed twice")
	answered(t, m, questions(100))
}

// TestWhoIsTurnedAway: a broker that comes back and knows the token no more ends workers and run with what it says, and neither
// waits for ever.
func TestWhoIsTurnedAway(t *testing.T) {
	s := startGuarded(t, t.TempDir(), -1, "old")
	o := quick(s.ClientURL())
	o.Token = "old"
	w := newOracle(encoder(t))
	started := make(chan struct{})
	var once sync.Once
	w.asked = func(tasks.Request) { once.Do(func() { close(started) }); time.Sleep(20 * time.Millisecond) }
	worked := make(chan error, 1)
	go func() { worked <- Work(context.Background(), "w", w, o) }()
	m, err := Open(t.Context(), encoder(t), results.Model{}, o)
	require.NoError(t, err)
	asked := make(chan error, 1)
	go func() {
		asked <- m.Do(context.Background(), questions(500), func(int, tasks.Response) error { return nil })
	}()
	<-started
	stopBroker(s)
	s = startGuarded(t, t.TempDir(), s.port, "new")
	defer stopBroker(s)
	for _, ended := range []chan error{worked, asked} {
		select {
		case err := <-ended:
			assert.ErrorContains(t, err, "the broker wants no more of this connection: nats: Authorization Violation")
		case <-time.After(20 * time.Second):
			assert.Fail(t, "it waits")
		}
	}
	_ = m.Close()
	assert.ErrorContains(t, Work(t.Context(), "w", w, o), "the broker cannot be reached: nats: Authorization Violation")
	assert.Equal(t, "nats://h:1,tls://k:2", shown("nats://user:secret@h:1,tls://k:2"))
}

// TestTLSAndCredentials: a broker whose certificate an authority of one's own has signed, and that knows users by their keys.
func TestTLSAndCredentials(t *testing.T) {
	dir := t.TempDir()
	ca, certificate := certificates(t, dir)
	o, creds := account(t, dir)
	o.Port, o.StoreDir = -1, filepath.Join(dir, "js")
	o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s := startLibrary(t, o)
	defer stopBroker(s)
	with := quick(fmt.Sprintf("tls://127.0.0.1:%d", s.port))
	with.CA, with.Credentials = ca, creds
	for says, change := range map[string]func(*Options){
		"certificate signed by unknown authority": func(o *Options) { o.CA = "" },
		"Authorization Violation":                 func(o *Options) { o.Credentials = "" },
		"no such file":                            func(o *Options) { o.CA = "missing" },
		"missing.creds":                           func(o *Options) { o.Credentials = "missing.creds" },
	} {
		o := with
		change(&o)
		assert.ErrorContains(t, Work(t.Context(), "w", newOracle(encoder(t)), o), says)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Work(ctx, "w", newOracle(encoder(t)), with) }()
	m, err := Open(t.Context(), encoder(t), results.Model{}, with)
	require.NoError(t, err)
	answered(t, m, questions(200))
	assert.NoError(t, m.Close())
	cancel()
	assert.ErrorIs(t, <-ended, context.Canceled)
}

// certificates makes an authority, whose file it names, and a certificate of this machine's.
func certificates(t *testing.T, dir string) (ca string, certificate tls.Certificate) {
	t.Helper()
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		return k
	}
	authority, own := key(), key()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, &authority.PublicKey, authority)
	require.NoError(t, err)
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), NotBefore: root.NotBefore, NotAfter: root.NotAfter, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, &own.PublicKey, authority)
	require.NoError(t, err)
	ca = filepath.Join(dir, "ca.pem")
	require.NoError(t, os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), 0o600))
	return ca, tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: own}
}

// account makes an operator with one account and a user of it, whose credentials file it names.
func account(t *testing.T, dir string) (o server.Options, creds string) {
	t.Helper()
	pair := func(make func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
		k, err := make()
		require.NoError(t, err)
		public, err := k.PublicKey()
		require.NoError(t, err)
		return k, public
	}
	operator, operatorKey := pair(nkeys.CreateOperator)
	accounts, accountKey := pair(nkeys.CreateAccount)
	user, userKey := pair(nkeys.CreateUser)
	known := &server.MemAccResolver{}
	system, systemKey := pair(nkeys.CreateAccount)
	sys, err := jwt.NewAccountClaims(systemKey).Encode(operator)
	require.NoError(t, err)
	require.NoError(t, known.Store(systemKey, sys))
	system.Wipe()
	claims := jwt.NewAccountClaims(accountKey)
	claims.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	signed, err := claims.Encode(operator)
	require.NoError(t, err)
	require.NoError(t, known.Store(accountKey, signed))
	trusted, err := jwt.NewOperatorClaims(operatorKey).Encode(operator)
	require.NoError(t, err)
	read, err := jwt.DecodeOperatorClaims(trusted)
	require.NoError(t, err)
	token, err := jwt.NewUserClaims(userKey).Encode(accounts)
	require.NoError(t, err)
	seed, err := user.Seed()
	require.NoError(t, err)
	file, err := jwt.FormatUserConfig(token, seed)
	require.NoError(t, err)
	creds = filepath.Join(dir, "user.creds")
	require.NoError(t, os.WriteFile(creds, file, 0o600))
	return server.Options{TrustedOperators: []*jwt.OperatorClaims{read}, AccountResolver: known, SystemAccount: systemKey}, creds
}

// TestTheNextPartComesEarly: what comes next is being answered while a request of the first part is not, and no more of it is taken
// than may be kept.
func TestTheNextPartComesEarly(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	list := []*oracle{newOracle(encoder(t)), newOracle(encoder(t))}
	enough := make(chan struct{})
	var late atomic.Int64
	for _, w := range list {
		w.asked = func(q tasks.Request) {
			switch {
			case q.Prompt == "the slow one":
				<-enough
			case strings.HasPrefix(q.Prompt, "late") && late.Add(1) == 3*64:
				close(enough)
			}
		}
	}
	m := open(t, s.ClientURL(), results.Model{}, list...)
	taken, done := 0, map[int]int{}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	require.NoError(t, m.DoParts(ctx, func() ([]tasks.Request, error) {
		if taken++; taken > 10 {
			return nil, nil
		}
		if taken > partsAhead && len(done) < 1+(taken-partsAhead-1)*64 {
			assert.Fail(t, "more than may be kept")
		}
		part := make([]tasks.Request, 64)
		for i := range part {
			part[i] = tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: fmt.Sprintf("late %d %d", taken, i)}
		}
		if taken == 1 {
			part = []tasks.Request{{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "the slow one"}}
		}
		return part, nil
	}, func(i int, r tasks.Response) error { done[i]++; return nil }))
	assert.Len(t, done, 9*64+1)
	for i, n := range done {
		assert.Equal(t, 1, n, "request %d", i)
	}
}
