package hub

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	maxRedirects = 8
	drainLimit   = 64 << 10 // of a body nobody reads, to keep the connection
)

// journey is one request with the redirects that follow it.
type journey struct {
	home    *url.URL // the host whose redirects are followed and, if it is the endpoint, the only one to see the token
	token   Token
	stay    bool                    // do not leave home: what is read there is believed, such as listings
	header  http.Header             // sent on every hop
	heard   func(http.Header) error // headers that home itself sent, before a redirect is followed
	alive   func()                  // every hop is a sign of life
	private atomic.Bool             // home turned out to be a private address, so it may name others
}

type journeyKey struct{}

// send asks for a URL and follows redirects to http(s) addresses: not from https to http, not to private addresses
// unless home is one, and at most maxRedirects. The token is sent to home's origin and, once that was left, not any
// more. The answer is the first that is no redirect.
func (c *Client) send(ctx context.Context, j *journey, u *url.URL) (*http.Response, error) {
	if c.o.Offline {
		return nil, ErrOffline
	}
	if literalPrivate(j.home.Hostname()) {
		j.private.Store(true)
	}
	ctx = context.WithValue(ctx, journeyKey{}, j)
	left := false
	for range maxRedirects + 1 {
		left = left || !sameOrigin(u, j.home)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
		if err != nil {
			return nil, fmt.Errorf("%w: malformed address", ErrRedirect)
		}
		for name, values := range j.header {
			req.Header[name] = values
		}
		req.Header.Set("User-Agent", c.o.UserAgent)
		// Transparent compression would hide the length of the body.
		req.Header.Set("Accept-Encoding", "identity")
		if !left && j.token.Given() {
			req.Header.Set("Authorization", "Bearer "+j.token.reveal())
		}
		if j.alive != nil {
			j.alive()
		}
		resp, err := c.wire.RoundTrip(req)
		if err != nil {
			return nil, c.unreachable(ctx, u, err)
		}
		resp.Request = req
		if !left && j.heard != nil && resp.StatusCode < 400 {
			if err := j.heard(resp.Header); err != nil {
				dismiss(resp)
				return nil, err
			}
		}
		switch resp.StatusCode {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
			http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		default:
			return resp, nil
		}
		location := resp.Header.Get("Location")
		dismiss(resp)
		if u, err = j.next(u, location); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: more than %d in a row", ErrRedirect, maxRedirects)
}

// next is the address a redirect leads to.
func (j *journey) next(from *url.URL, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	if err != nil || location == "" {
		return nil, fmt.Errorf("%w: %s gives no usable address", ErrRedirect, from.Host)
	}
	refuse := func(why string) (*url.URL, error) {
		return nil, fmt.Errorf("%w: %s leads to %.100q, %s", ErrRedirect, from.Host, to.Scheme+"://"+to.Host, why)
	}
	switch {
	case to.Scheme != "https" && to.Scheme != "http" || to.Hostname() == "":
		return refuse("which is not an http(s) address")
	case to.Scheme == "http" && from.Scheme == "https":
		return refuse("which is not encrypted")
	case to.User != nil:
		return refuse("which holds a user name")
	case j.stay && !sameOrigin(to, j.home):
		return refuse("another host, and listings are believed from the endpoint only; if that is where the hub is, set HF_ENDPOINT to it")
	case !sameOrigin(to, j.home) && literalPrivate(to.Hostname()) && !j.private.Load():
		return refuse("which is a private address")
	}
	to.Fragment = ""
	return to, nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && hostPort(a) == hostPort(b)
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// dismiss gives up a body whose content does not matter, and the connection with it if the body is long.
func dismiss(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, drainLimit) // best effort: failing costs a connection, nothing else
	_ = resp.Body.Close()                              // nothing was written that could be lost
}

// unreachable explains why an answer did not come.
func (c *Client) unreachable(ctx context.Context, u *url.URL, err error) error {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, ErrStalled):
		return again(fmt.Errorf("%w: %s: %w", ErrUnreachable, u.Host, cause))
	case cause != nil:
		return cause
	}
	if errors.Is(err, ErrRedirect) {
		return err
	}
	failed := fmt.Errorf("%w: %s: %s", ErrUnreachable, u.Host, strings.ReplaceAll(err.Error(), "\n", " "))
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &certificate) {
		return fmt.Errorf("%w (check the network, HTTPS_PROXY and HF_ENDPOINT)", failed)
	}
	return again(failed)
}

// newTransport makes the default connection to the world.
func newTransport() *http.Transport {
	g := &guard{plain: net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second}}
	g.careful = g.plain
	g.careful.Control = refusePrivate
	return &http.Transport{
		Proxy:                 g.proxy,
		DialContext:           g.dial,
		TLSHandshakeTimeout:   15 * time.Second,
		MaxIdleConnsPerHost:   16,
		IdleConnTimeout:       30 * time.Second,
		ExpectContinueTimeout: time.Second,
		ReadBufferSize:        64 << 10,
		DisableCompression:    true,
		// An empty map rather than nil keeps HTTP/2 away, whose one connection per host shares one window.
		TLSNextProto: map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}

// guard decides at the last moment, when the address is known, whether to connect: a name that a redirect leads to may
// resolve to an address behind the user's own firewall.
type guard struct {
	plain, careful net.Dialer
	proxies        sync.Map // host:port of proxies that the environment names, which may well be private
}

func (g *guard) proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if u != nil {
		g.proxies.Store(hostPort(u), true)
	}
	return u, err
}

func (g *guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	j, _ := ctx.Value(journeyKey{}).(*journey)
	if _, ok := g.proxies.Load(addr); ok {
		return g.plain.DialContext(ctx, network, addr)
	}
	switch {
	case j != nil && strings.EqualFold(addr, hostPort(j.home)):
		conn, err := g.plain.DialContext(ctx, network, addr)
		if err == nil {
			if remote, perr := netip.ParseAddrPort(conn.RemoteAddr().String()); perr == nil && !public(remote.Addr()) {
				j.private.Store(true)
			}
		}
		return conn, err
	case j != nil && j.private.Load():
		return g.plain.DialContext(ctx, network, addr)
	}
	return g.careful.DialContext(ctx, network, addr)
}

// refusePrivate is the Control function of the careful dialer; it sees the address after name resolution.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !public(ap.Addr()) {
		return fmt.Errorf("%w: the host is at the private address %s", ErrRedirect, address)
	}
	return nil
}

// literalPrivate reports whether a host is known to be private without asking anybody.
func literalPrivate(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && !public(ip)
}

// public reports whether an address belongs to the open internet. The prefixes are those of the IANA special-purpose
// registries that are not globally reachable; 6to4 and Teredo, which embed IPv4 addresses, are dead and refused whole.
func public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	// Behind NAT64 every IPv4 host has such a name; what counts is the address inside.
	if b := ip.As16(); netip.MustParsePrefix("64:ff9b::/96").Contains(ip) {
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range [...]string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
		"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		if netip.MustParsePrefix(p).Contains(ip) {
			return false
		}
	}
	return true
}
