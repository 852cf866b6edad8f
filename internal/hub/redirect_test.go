package hub

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// redirecting lets the hub answer every request for a file with that address.
func (h *fakeHub) redirecting(location string) {
	h.hub = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/resolve/") {
			return false
		}
		w.Header().Set("Location", location)
		w.WriteHeader(302)
		return true
	}
}

func TestE5TokenStaysAtHome(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	c := h.client(func(o *Options) { o.Token = NewToken(secret) })
	dir, err := c.Snapshot(t.Context(), h.repo(), everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
	assert.Positive(t, h.count("edge", ""), "newFakeHub checks that none of these had a token")

	// A detour over another host must not win the token back for an address that host chose.
	h = newFakeHub(t, fakeFile{"a.safetensors", noise(10, 1), true})
	h.cdn = func(w http.ResponseWriter, r *http.Request, _ fakeFile) bool {
		http.Redirect(w, r, h.server.URL+"/api/whoami-v2", http.StatusFound)
		return true
	}
	h.requireFails(h.client(func(o *Options) { o.Token = NewToken(secret) }), h.repo(), nil)
	seen := false
	for _, r := range h.requests() {
		if strings.HasSuffix(r.path, "whoami-v2") {
			seen = true
			assert.Empty(t, r.auth)
		}
	}
	assert.True(t, seen)

	// Another port, scheme or subdomain is another host.
	home, err := url.Parse("https://hub.example")
	require.NoError(t, err)
	for address, same := range map[string]bool{
		"https://hub.example/x": true, "https://HUB.example:443/x": true, "https://hub.example:444": false,
		"http://hub.example": false, "https://cdn.hub.example": false, "https://hub.example.evil": false,
	} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		assert.Equal(t, same, sameOrigin(home, u), address)
	}
}

func TestE5RenamedRepository(t *testing.T) {
	h := newFakeHub(t, modelFiles()...)
	h.hub = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/old/") {
			return false
		}
		http.Redirect(w, r, strings.Replace(r.URL.RequestURI(), "/old/id", "/org/name", 1), http.StatusTemporaryRedirect)
		return true
	}
	c := h.client(func(o *Options) { o.Token = NewToken(secret) })
	dir, err := c.Snapshot(t.Context(), Repo{ID: "old/id"}, everything)
	require.NoError(t, err)
	h.requireFetched(c, dir)
	assert.Contains(t, dir, "models--old--id", "found again under the name that was asked for")
}

func TestE5RefusedRedirects(t *testing.T) {
	for _, location := range []string{
		"file:///etc/passwd", "ftp://example.org/x", "javascript:alert(1)", "http://user:pw@127.0.0.1/x", "http://", "", "::", "https:///x",
	} {
		t.Run(location, func(t *testing.T) {
			var clock patience
			h := newFakeHub(t, modelFiles()...)
			h.redirecting(location)
			h.requireFails(h.client(func(o *Options) { o.Sleep = clock.sleep }), h.repo(), ErrRedirect)
			assert.Empty(t, clock.waited())
		})
	}
}

func TestE5RedirectLoop(t *testing.T) {
	h := newFakeHub(t, modelFiles()[:1]...)
	h.hub = func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/resolve/") {
			return false
		}
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
		return true
	}
	h.requireFails(h.client(), h.repo(), ErrRedirect)
	assert.Equal(t, maxRedirects+1, h.count("hub", "/resolve/"))
}

func TestE5ListingsAreBelievedFromTheEndpointOnly(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer other.Close()
	h := newFakeHub(t, modelFiles()...)
	h.hub = func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, other.URL, http.StatusFound)
		return true
	}
	h.requireFails(h.client(), h.repo(), ErrRedirect)
	h.hub = func(w http.ResponseWriter, r *http.Request) bool { // the same through the next page of a listing
		if !strings.Contains(r.URL.Path, "/tree/") {
			return false
		}
		w.Header().Set("Link", "<"+other.URL+`/x>; rel="next"`)
		fmt.Fprint(w, "[]")
		return true
	}
	h.requireFails(h.client(func(o *Options) { o.Token = NewToken(secret) }), h.repo(), ErrRedirect)
}

func TestE5PrivateAddresses(t *testing.T) {
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("reached a private host") }))
	defer inner.Close()
	port := inner.URL[strings.LastIndex(inner.URL, ":"):]
	for _, host := range []string{"127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "[fe80::1]"} {
		h := newFakeHub(t, modelFiles()...)
		h.redirecting("http://" + host + port + "/latest/meta-data")
		h.id = "org/name"
		// The endpoint has a public name; the transport stands for the way there.
		c := h.client(func(o *Options) {
			o.Endpoint = "http://hub.example"
			o.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.URL.Host == "hub.example" {
					r = r.Clone(r.Context())
					r.URL.Host = strings.TrimPrefix(h.server.URL, "http://")
				}
				return http.DefaultTransport.RoundTrip(r)
			})
		})
		err := h.requireFails(c, h.repo(), ErrRedirect)
		assert.Regexp(t, "which is a (private|link-local) address", err.Error(), host)
	}

	// A name is judged when its address is known. No request reaches the inner server: the connection is not made.
	rt := newTransport()
	public := &request{home: &url.URL{Scheme: "https", Host: "hub.example"}}
	ctx := t.Context()
	_, err := rt.DialContext(withRequest(ctx, public), "tcp", "localhost"+port)
	require.ErrorIs(t, err, ErrRedirect)
	_, err = rt.DialContext(ctx, "tcp", "localhost"+port)
	require.ErrorIs(t, err, ErrRedirect, "without a request nothing is known to be wanted")

	// An endpoint that is private itself may name other private hosts.
	atHome := &request{home: &url.URL{Scheme: "http", Host: "localhost" + port}}
	conn, err := rt.DialContext(withRequest(ctx, atHome), "tcp", "localhost"+port)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	assert.True(t, atHome.private.Load())
	conn, err = rt.DialContext(withRequest(ctx, atHome), "tcp", "127.0.0.1"+port)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
}

func TestE5NoStepBackFromEncryption(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed to http") }))
	defer plain.Close()
	data := noise(100, 1)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/good" {
			_, _ = w.Write(data)
			return
		}
		http.Redirect(w, r, plain.URL, http.StatusFound)
	}))
	defer secure.Close()
	c, err := New(Options{CacheDir: t.TempDir(), Transport: secure.Client().Transport})
	require.NoError(t, err)
	file := File{Size: 100, Digest: fakeFile{"", data, true}.digest()}
	require.NoError(t, c.Download(t.Context(), secure.URL+"/good", file, filepath.Join(t.TempDir(), "x")))
	err = c.Download(t.Context(), secure.URL+"/bad?Signature=1", file, filepath.Join(t.TempDir(), "x"))
	require.ErrorIs(t, err, ErrRedirect)
	assert.ErrorContains(t, err, "not encrypted")
	requireDiscreet(t, err)
}

func TestPublicAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "64:ff9b::808:808": true, "::ffff:8.8.8.8": true, "172.15.0.1": true, "100.63.255.255": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.0.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.0.0.0": false, "255.255.255.255": false, "224.0.0.1": false, "198.18.0.1": false, "240.0.0.1": false, "::": false, "::1": false,
		"fe80::1%eth0": false, "fc00::1": false, "ff02::1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "::ffff:10.0.0.1": false,
		"::10.0.0.1": false, "2001:db8::1": false, "fec0::1": false,
	} {
		assert.Equal(t, want, public(netip.MustParseAddr(text)), text)
	}
	require.NoError(t, refusePrivate("tcp4", "8.8.8.8:443", nil))
	require.ErrorIs(t, refusePrivate("tcp6", net.JoinHostPort("fd00::1", "443"), nil), ErrRedirect)
	require.ErrorIs(t, refusePrivate("tcp", "not an address", nil), ErrRedirect)
}

func TestTokenNeverPrints(t *testing.T) {
	o := Options{Token: NewToken(secret), CacheDir: "x"}
	c, err := New(o)
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "options", o.Token)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", o.Token)
	raw, err := json.Marshal(map[string]any{"t": o.Token})
	require.NoError(t, err)
	log.Write(raw)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&log, verb, o.Token)
		fmt.Fprintf(&log, verb, struct{ T Token }{o.Token})
		fmt.Fprintf(&log, verb, &o)
	}
	fmt.Fprintf(&log, "%+v %#v", c, *c.endpoint)
	fmt.Fprintf(&log, "%+v %#v", struct{ o Options }{o}, struct{ o Options }{o})
	for _, form := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), strings.TrimPrefix(secret, "hf_")} {
		assert.NotContains(t, log.String(), form)
	}
	assert.Contains(t, log.String(), "[token]")
	for _, bad := range []string{"hf_a\r\nX: y", "hf_a b", "hf_é", "hf\x00"} {
		_, err := New(Options{Token: NewToken(bad), CacheDir: "x"})
		require.Error(t, err)
		assert.NotContains(t, err.Error(), bad)
	}
}

func TestEndpoints(t *testing.T) {
	for _, bad := range []string{"huggingface.co", "ftp://x", "file:///x", "https://", "https://u:password@x", "https://x?y", "https://x#y", ":", "//x"} {
		_, err := New(Options{Endpoint: bad, CacheDir: "x"})
		require.Error(t, err, bad)
		assert.NotContains(t, err.Error(), "password")
	}
	c, err := New(Options{Endpoint: "https://mirror.example/api/hf/", CacheDir: "x"})
	require.NoError(t, err)
	repo := Repo{Kind: Dataset, ID: "org/name"}
	commit := Commit{testCommit}
	assert.Equal(t, "https://mirror.example/api/hf/api/datasets/org/name/revision/refs%2Fpr%2F1", c.api(repo, "revision", "refs/pr/1").String())
	assert.Equal(t, "https://mirror.example/api/hf/datasets/org/name/resolve/"+testCommit+"/a%20b/%E6%97%A5%3F%23%25.json", c.fileURL(repo, commit, "a b/日?#%.json").String())
	assert.Equal(t, "https://mirror.example/api/hf/gpt2/resolve/"+testCommit+"/x", c.fileURL(Repo{Kind: Model, ID: "gpt2"}, commit, "x").String())
	_, err = New(Options{})
	require.ErrorContains(t, err, "cache")
}
