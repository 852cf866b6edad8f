// Package openai asks servers that speak the OpenAI protocol, under the rules that package wrapper applies: a server gets the
// tokens that the engine in this program would get, and its tokens are read by the same rules.
//
// Nothing is believed that can be checked: what a server can do is found out by asking it, an answer of the wrong length, for
// other tokens or without a number is an error about its request, and the weights behind it are never verified, which
// the identity says. Dialects are those of vLLM, SGLang, llama.cpp's server and this program's own (package serve).
package openai

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/pause"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// Prefix begins the name of a model that is a server: openai:http://host:8000/v1#served-name.
const Prefix = "openai:"

// Address is one server and the name of the model that it is asked for.
type Address struct {
	Root   string // without /v1
	Served string
}

// ParseAddress reads a name that begins with Prefix.
func ParseAddress(name string) (a Address, err error) {
	base, served, named := strings.Cut(strings.TrimPrefix(name, Prefix), "#")
	if !strings.HasPrefix(name, Prefix) || !named || served == "" {
		return a, fmt.Errorf("%s is not of the form %shttp://host:port/v1#served-name", name, Prefix)
	}
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" {
		return a, fmt.Errorf("%s: %q is not the address of a server", Prefix, base)
	}
	if u.User != nil { // it would be shown wherever the model is named
		return a, errors.New("openai: a password in the address would be written into results; give a key as OPENAI_API_KEY")
	}
	return Address{strings.TrimSuffix(strings.TrimRight(base, "/"), "/v1"), served}, nil
}

// Options say how servers are asked. The zero value of a field stands for its default.
type Options struct {
	// Key is sent with every request and appears nowhere else.
	Key string
	// Concurrent is the most requests to one server at one time; how many there are adapts to what it takes.
	Concurrent int
	// Attempts is how often one request is tried, Timeout how long one attempt may take.
	Attempts int
	Timeout  time.Duration
	// Wire is the network; nil is the default.
	Wire http.RoundTripper
	// Say tells the user that a server of a pool is given up; nil says nothing.
	Say func(format string, args ...any)
	// sleep waits between attempts; tests do not.
	sleep func(ctx context.Context, d time.Duration) error
}

func (o Options) filled() Options {
	if o.Concurrent == 0 {
		o.Concurrent = 64
	}
	if o.Attempts == 0 {
		o.Attempts = 8
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Minute
	}
	if o.Wire == nil {
		o.Wire = http.DefaultTransport
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	if o.sleep == nil {
		o.sleep = pause.For
	}
	return o
}

// Model is a pool of servers that answer as one model. It is an eval.Model.
type Model struct {
	wrapper.Encoder
	name     string
	servers  []*server
	pool     *fleet
	identity results.Model
	cannot   error // why log-likelihoods cannot be had, nil where they can
}

var _ eval.Model = (*Model)(nil)

// Open asks every server what it is and what it can do. All of them must give the same answers to a fixed probe.
func Open(ctx context.Context, addresses []Address, encoder *wrapper.Encoder, o Options) (*Model, error) {
	o = o.filled()
	m := &Model{Encoder: *encoder}
	var names []string
	var finger string
	for i, a := range addresses {
		s := newServer(a, o)
		names = append(names, Prefix+a.Root+"/v1#"+a.Served)
		found, err := s.meet(ctx, encoder)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", names[i], err)
		}
		if i == 0 {
			finger, m.cannot = found.fingerprint, found.cannot
		} else if found.fingerprint != finger {
			return nil, fmt.Errorf("%s answers the probe otherwise than %s: a pool must be of one model", names[i], names[0])
		}
		if m.cannot == nil {
			m.cannot = found.cannot
		}
		m.servers = append(m.servers, s)
	}
	m.pool = &fleet{alive: len(m.servers), say: o.Say}
	for _, s := range m.servers {
		s.pool = m.pool
	}
	m.name = strings.Join(names, " ")
	m.identify(names, finger)
	return m, nil
}

// DType stands in results for an arithmetic that nobody here knows.
const DType = "server"

// identify makes the identity: endpoint, served name, what the servers report, and the fingerprint of their answers.
func (m *Model) identify(names []string, finger string) {
	first := m.servers[0]
	about := results.Server{Endpoints: names, Dialect: first.dialect.name(), Reported: first.reported, Fingerprint: finger}
	b, err := json.Marshal(about)
	if err != nil {
		panic(err) // strings
	}
	sum := sha256.Sum256(b)
	m.identity = results.Model{
		Name: m.name, Digest: "server:" + hex.EncodeToString(sum[:]), TokenizerDigest: m.Tokenizer().Digest(),
		DType: DType, StoredDType: DType, Numerics: "server-" + first.dialect.name(),
		Window: m.Window(), Vocabulary: m.Tokenizer().VocabSize(), Pieces: m.Tokenizer().Tokens(), Server: &about,
	}
}

// Identity is what the answers depend on, as far as it can be known.
func (m *Model) Identity() results.Model { return m.identity }

// Notes are the sentences about the model that belong beside every number.
func (m *Model) Notes() []string { return notes.OfModel(m.identity) }

// CannotScore is why log-likelihoods cannot be had of these servers, nil where they can.
func (m *Model) CannotScore() error { return m.cannot }

// Close gives back connections.
func (m *Model) Close() error {
	for _, s := range m.servers {
		s.client.CloseIdleConnections()
	}
	return nil
}
