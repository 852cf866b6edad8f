package hub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Token is an access token of the hub. It prints as [token], and within values that fmt looks into without calling
// methods as an address: the text is behind a pointer. The zero Token is none.
type Token struct{ text *string }

// NewToken takes the text of a token; spaces and line ends around it, as files have them, are dropped.
func NewToken(text string) Token {
	if text = strings.TrimSpace(text); text == "" {
		return Token{}
	}
	return Token{&text}
}

// Given reports whether there is a token.
func (t Token) Given() bool { return t.text != nil }

// reveal is the text, for the Authorization header only.
func (t Token) reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

func (t Token) String() string {
	if t.text == nil {
		return ""
	}
	return "[token]"
}

// GoString keeps the token out of %#v.
func (t Token) GoString() string { return `"` + t.String() + `"` }

// Format keeps the token out of the other verbs.
func (t Token) Format(s fmt.State, _ rune) { fmt.Fprint(s, t.String()) }

// MarshalText keeps the token out of JSON.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// LogValue keeps the token out of structured logs.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Options say where the hub and the cache are. The zero value of every field but CacheDir has a meaning.
type Options struct {
	Endpoint string // default https://huggingface.co; may have a path
	Token    Token
	CacheDir string // the folder that holds models--*; required
	Offline  bool   // open no socket

	// InsecureToken lets the token travel to an http endpoint on another machine, where everybody on the way can read it.
	InsecureToken bool

	NoSymlinks bool // hard links or copies below snapshots/
	Quiet      bool // the user wants no progress bars; for whoever draws them, the client itself draws none

	HeaderTimeout time.Duration // to the headers of an answer; default 10 s
	IdleTimeout   time.Duration // without a single byte of a body; default 10 s. There is no limit on the whole
	Parallel      int           // files fetched at once; default 4
	Retries       int           // failures in a row that are survived; default 5, negative is none
	MaxWait       time.Duration // longest wait that a server may ask for; default 330 s, one window of the hub's limits

	// Transport replaces the network, for tests and unusual proxies. The default one speaks HTTP/1.1 (parallel files
	// get connections of their own), honours HTTPS_PROXY and friends, and does not connect to private addresses on
	// behalf of a redirect; a replacement only gets the checks that need no name resolution.
	Transport http.RoundTripper
	UserAgent string // default swallow-eval

	// Progress gets events one at a time, never two at once. It must not call back into the client.
	Progress func(Event)

	Now    func() time.Time                           // default time.Now
	Sleep  func(context.Context, time.Duration) error // default waits, or returns the context's error
	Random func() float64                             // in [0,1), for jitter; default math/rand/v2
}

// Kind is the kind of a repository.
type Kind string

// The kinds that hold what an evaluation needs.
const (
	Model   Kind = "model"
	Dataset Kind = "dataset"
)

// Repo names a state of a repository: the zero Kind is Model, the zero Revision is "main". A Revision is a branch, a
// tag, a reference such as "refs/pr/1" or a full commit id; only the last never moves.
type Repo struct {
	Kind     Kind
	ID       string
	Revision string
}

func (r Repo) String() string {
	s := r.ID
	if r.Kind == Dataset {
		s = "datasets/" + s
	}
	if r.Revision != "" {
		s += "@" + r.Revision
	}
	return s
}

// checked fills in the defaults and refuses names that must not become paths.
func (r Repo) checked() (Repo, error) {
	if r.Kind == "" {
		r.Kind = Model
	}
	if r.Revision == "" {
		r.Revision = "main"
	}
	if r.Kind != Model && r.Kind != Dataset {
		return r, fmt.Errorf("%.40q is not a kind of repository", string(r.Kind))
	}
	if err := checkID(r.ID); err != nil {
		return r, err
	}
	if why := unsafeName(r.Revision); why != "" {
		return r, fmt.Errorf("%w: revision %.120q %s", ErrName, r.Revision, why)
	}
	return r, nil
}

// Client fetches from one hub into one cache. It is safe for concurrent use.
type Client struct {
	o        Options
	endpoint *url.URL
	wire     http.RoundTripper
	telling  sync.Mutex
}

// New checks the options. It opens no socket and touches no file.
func New(o Options) (*Client, error) {
	if o.CacheDir == "" {
		return nil, errors.New("hub: no cache folder")
	}
	endpoint, err := o.endpoint()
	if err != nil {
		return nil, err
	}
	for _, c := range []byte(o.Token.reveal()) {
		if c <= ' ' || c > '~' {
			return nil, errors.New("hub: the token holds a space or a character outside ASCII")
		}
	}
	setDefault(&o.HeaderTimeout, 10*time.Second)
	setDefault(&o.IdleTimeout, 10*time.Second)
	setDefault(&o.MaxWait, 330*time.Second)
	setDefault(&o.Parallel, 4)
	setDefault(&o.Retries, 5)
	o.UserAgent = first(o.UserAgent, "swallow-eval")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	c := &Client{o: o, endpoint: endpoint, wire: o.Transport}
	if c.wire == nil {
		c.wire = newTransport()
	}
	return c, nil
}

// endpoint reads and normalises Endpoint. Errors call it by the variable that users set.
func (o *Options) endpoint() (*url.URL, error) {
	o.Endpoint = strings.TrimRight(first(o.Endpoint, defaultEndpoint), "/")
	u, err := url.Parse(o.Endpoint)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("hub: HF_ENDPOINT %q is not an http(s) address such as %s", discreet(o.Endpoint), defaultEndpoint)
	}
	if u.User != nil {
		return nil, fmt.Errorf("hub: HF_ENDPOINT %q holds a user name; give a token instead", discreet(o.Endpoint))
	}
	if u.Scheme == "http" && o.Token.Given() && !thisMachine(u.Hostname()) && !o.InsecureToken && !o.Offline {
		return nil, fmt.Errorf("hub: HF_ENDPOINT %s is not encrypted and not on this machine: everybody on the way could read the token; use https, HF_HUB_DISABLE_IMPLICIT_TOKEN=1 to send none, or --allow-insecure-token", o.Endpoint)
	}
	return u, nil
}

// discreet is an address without what may be a secret in it: what stands before an @, and the query.
func discreet(address string) string {
	address, _, _ = strings.Cut(address, "?")
	address, _, _ = strings.Cut(address, "#")
	scheme, rest, ok := strings.Cut(address, "//")
	if !ok {
		scheme, rest = "", address
	} else {
		scheme += "//"
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		rest = "…" + rest[at:]
	}
	if len(rest) > 120 {
		rest = strings.ToValidUTF8(rest[:120], "") + "…"
	}
	return scheme + rest
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
