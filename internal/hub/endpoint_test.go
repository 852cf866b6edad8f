package hub

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestE5NoTokenInPlainText(t *testing.T) {
	for endpoint, refused := range map[string]bool{
		"":                            false,
		"https://hub.example":         false,
		"http://localhost:8080":       false,
		"http://hub.localhost":        false,
		"http://127.0.0.1:8080":       false,
		"http://127.9.9.9":            false,
		"http://[::1]:8080":           false,
		"http://[::ffff:127.0.0.1]":   false,
		"http://hub.example":          true,
		"http://10.0.0.1":             true,
		"http://192.168.1.1:8080":     true,
		"http://localhost.example":    true,
		"http://127.0.0.1.example":    true,
		"http://notlocalhost":         true,
		"http://[fe80::1]":            true,
		"http://169.254.169.254/path": true,
		"http://0.0.0.0":              true,
	} {
		o := Options{Endpoint: endpoint, CacheDir: "x", Token: NewToken(secret)}
		_, err := New(o)
		if !refused {
			require.NoError(t, err, endpoint)
			continue
		}
		require.Error(t, err, endpoint)
		for _, text := range []string{"HF_ENDPOINT " + endpoint, "--allow-insecure-token", "HF_HUB_DISABLE_IMPLICIT_TOKEN"} {
			assert.ErrorContains(t, err, text)
		}
		requireDiscreet(t, err)
		for _, permit := range []func(*Options){
			func(o *Options) { o.InsecureToken = true },
			func(o *Options) { o.Offline = true },
			func(o *Options) { o.Token = Token{} },
		} {
			permitted := o
			permit(&permitted)
			_, err := New(permitted)
			assert.NoError(t, err, endpoint)
		}
	}
}

func TestEndpointIsNamed(t *testing.T) {
	for bad, want := range map[string]string{
		"huggingface.co":                     `HF_ENDPOINT "huggingface.co" is not an http(s) address such as https://huggingface.co`,
		"htps://huggingface.co":              `HF_ENDPOINT "htps://huggingface.co" is not`,
		"https://u:password@hub.example":     `HF_ENDPOINT "https://…@hub.example" holds a user name`,
		"https://u:pass@word@hub.example":    `HF_ENDPOINT "https://…@hub.example" holds`,
		"https://hub.example?token=password": `HF_ENDPOINT "https://hub.example" is not`,
		"https://hub.example#password":       `HF_ENDPOINT "https://hub.example" is not`,
		"u:password@hub.example":             `HF_ENDPOINT "…@hub.example" is not`,
		"https://hub.example:port":           `HF_ENDPOINT "https://hub.example:port" is not`,
		"https://\x1b[2J\n":                  `HF_ENDPOINT "https://\x1b[2J\n" is not`,
	} {
		_, err := New(Options{Endpoint: bad, CacheDir: "x"})
		require.Error(t, err, bad)
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "pass", bad)
	}
	// One that looks well and leads nowhere is named, too; the hub's own name says it already.
	nobody := roundTrip(func(r *http.Request) (*http.Response, error) { return nil, errors.New("refused") })
	for endpoint, want := range map[string]string{
		"https://hub.example": "not reachable: hub.example (HF_ENDPOINT): refused",
		"":                    "not reachable: huggingface.co: refused",
	} {
		c, err := New(Options{Endpoint: endpoint, CacheDir: t.TempDir(), Transport: nobody, Retries: -1})
		require.NoError(t, err)
		_, err = c.List(t.Context(), Repo{ID: "org/name"})
		require.ErrorIs(t, err, ErrUnreachable)
		assert.ErrorContains(t, err, want)
	}
}

// TestOtherHostsAreNotTheHub wants no message about a host that publishes data to speak of the hub or its variables.
func TestOtherHostsAreNotTheHub(t *testing.T) {
	file := File{Path: "a.json", Size: 3, Digest: fakeFile{"", []byte("abc"), true}.digest()}
	status := func(code int) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			w.WriteHeader(code)
			return w.Result(), nil
		})
	}
	for name, wire := range map[string]http.RoundTripper{
		"refused": roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }),
		"no such host": roundTrip(func(*http.Request) (*http.Response, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "data.example", IsNotFound: true}
		}),
		"absent": status(404), "forbidden": status(403), "busy": status(429), "down": status(503), "teapot": status(418), "wrong": status(200),
	} {
		c, err := New(Options{CacheDir: t.TempDir(), Transport: wire, Retries: -1})
		require.NoError(t, err)
		for _, err := range []error{
			c.Download(t.Context(), "https://data.example/a.json", file, filepath.Join(t.TempDir(), "a.json")),
			c.DownloadUnverified(t.Context(), "https://data.example/a.json", File{Size: UnknownSize, MaxSize: 2}, filepath.Join(t.TempDir(), "a.json")),
		} {
			if err == nil && name == "wrong" {
				continue // an empty file of which nothing is known
			}
			require.ErrorContains(t, err, "data.example", name)
			for _, word := range []string{"hub", "HF_", "endpoint"} {
				assert.NotContains(t, err.Error(), word, name)
			}
		}
	}
}

// TestE5LinkLocalAddresses are refused even where the endpoint is private: there a cloud gives out credentials.
func TestE5LinkLocalAddresses(t *testing.T) {
	for _, host := range []string{"169.254.169.254", "169.254.0.1", "[fe80::1]", "[fe80::a9fe:a9fe]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "169.254.169.254."} {
		h := newFakeHub(t, modelFiles()...) // at a private address
		h.redirecting("http://" + host + "/latest/meta-data")
		err := h.requireFails(h.client(), h.repo(), ErrRedirect)
		assert.ErrorContains(t, err, "link-local", host)
	}
	// A name that turns out to be link-local is refused at the moment of connecting.
	for address, refused := range map[string]bool{
		"169.254.169.254:80": true, "[fe80::1%eth0]:80": true, "[64:ff9b::a9fe:1]:80": true, "no address": true,
		"10.0.0.1:80": false, "127.0.0.1:80": false, "[fd00::1]:80": false, "8.8.8.8:80": false,
	} {
		err := refuseLinkLocal("tcp", address, nil)
		assert.Equal(t, refused, errors.Is(err, ErrRedirect), address)
	}
	rt := newTransport()
	r := &request{home: &url.URL{Scheme: "http", Host: "10.0.0.1"}}
	r.private.Store(true)
	_, err := rt.DialContext(withRequest(t.Context(), r), "tcp", "169.254.169.254:80")
	require.ErrorIs(t, err, ErrRedirect)
	assert.False(t, linkLocal(netip.MustParseAddr("169.253.255.255")))
}

// TestSchemeIsPartOfTheOrigin has the same host and port speak http in place of https: it is another origin.
func TestSchemeIsPartOfTheOrigin(t *testing.T) {
	secure, err := url.Parse("https://hub.example:80")
	require.NoError(t, err)
	for address, same := range map[string]bool{"https://hub.example:80/x": true, "http://hub.example:80": false, "http://hub.example": false} {
		u, err := url.Parse(address)
		require.NoError(t, err)
		assert.Equal(t, same, sameOrigin(secure, u), address)
	}
	var seen []string
	c, err := New(Options{Endpoint: "http://127.0.0.1:443", CacheDir: t.TempDir(), Token: NewToken(secret), Retries: -1,
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			seen = append(seen, r.URL.Scheme+" "+r.Header.Get("Authorization"))
			w := httptest.NewRecorder()
			if strings.HasPrefix(r.URL.Path, "/from") {
				http.Redirect(w, r, "https://127.0.0.1:443/to", http.StatusFound)
			}
			return w.Result(), nil
		})})
	require.NoError(t, err)
	from, err := url.Parse("http://127.0.0.1:443/from")
	require.NoError(t, err)
	resp, err := c.send(t.Context(), &request{home: c.endpoint, token: c.o.Token}, from)
	require.NoError(t, err)
	dismiss(resp)
	assert.Equal(t, []string{"http Bearer " + secret, "https "}, seen)
}

// TestFinishedMeanwhileIsNotClaimed: a partial file that got its name between the look into the folder and the lock is a
// blob by now, or another file; it must not be appended to.
func TestFinishedMeanwhileIsNotClaimed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	assert.True(t, sameFile(f, path))
	require.NoError(t, os.Rename(path, filepath.Join(dir, "blob")))
	assert.False(t, sameFile(f, path), "gone")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	assert.False(t, sameFile(f, path), "another file has the name")
	require.NoError(t, os.Remove(path))
	require.NoError(t, os.Symlink("blob", path))
	assert.False(t, sameFile(f, path), "a link is not the file")

	file := File{Digest: fakeFile{"", []byte("content"), true}.digest(), Size: 7}
	p, err := newPartial(dir, file)
	require.NoError(t, err)
	_, err = p.Write([]byte("con"))
	require.NoError(t, err)
	require.NoError(t, p.keep())
	left, err := claim(dir, file, openExisting)
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.NoError(t, left[0].Close())
	left, err = claim(dir, file, func(path string) (*os.File, bool, error) {
		f, ok, err := openExisting(path)
		return f, ok, errors.Join(err, os.Rename(path, filepath.Join(dir, file.Digest.Hex()))) // its owner was quicker
	})
	require.NoError(t, err)
	assert.Empty(t, left)
}

// TestNoNameBeforeTheContentIsOnTheDisk: a download whose bytes could not be made durable gets no name; what is there may be
// continued.
func TestNoNameBeforeTheContentIsOnTheDisk(t *testing.T) {
	dir := t.TempDir()
	file := fakeFile{"", []byte("content"), true}
	p, err := newPartial(dir, File{Path: "a", Size: 7, Digest: file.digest()})
	require.NoError(t, err)
	_, err = p.Write(file.data)
	require.NoError(t, err)
	require.NoError(t, p.check())
	broken := errors.New("the disk is broken")
	p.sync = func() error { return broken }
	require.ErrorIs(t, p.commit(filepath.Join(dir, "a")), broken)
	assert.NoFileExists(t, filepath.Join(dir, "a"))
}
