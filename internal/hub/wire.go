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

// request is one question to a server with the redirects that follow it.
type request struct {
	home    *url.URL // the host whose redirects are followed and, if it is the endpoint, the only one to see the token
	token   Token
	stay    bool                    // do not leave home: what is read there is believed, such as listings
	header  http.Header             // sent on every hop
	heard   func(http.Header) error // headers that home itself sent, before a redirect is followed
	alive   func()                  // every hop is a sign of life
	private atomic.Bool             // home turned out to be a private address, so it may name others
}

type requestKey struct{}

// send asks for a URL and follows redirects to http(s) addresses: not from https to http, not to link-local addresses,
// not to other private ones unless home is one, and at most maxRedirects. The token is sent to home's origin and, once
// that was left, not any more. The answer is the first that is no redirect.
func (c *Client) send(ctx context.Context, r *request, u *url.URL) (*http.Response, error) {
	if c.o.Offline {
		return nil, ErrOffline
	}
	if literalPrivate(r.home.Hostname()) {
		r.private.Store(true)
	}
	ctx = context.WithValue(ctx, requestKey{}, r)
	left := false
	for range maxRedirects + 1 {
		left = left || !sameOrigin(u, r.home)
		resp, err := c.hop(ctx, r, u, !left)
		if err != nil {
			return nil, err
		}
		switch resp.StatusCode {
		case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
			http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		default:
			return resp, nil
		}
		location := resp.Header.Get("Location")
		dismiss(resp)
		if u, err = r.next(u, location); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: more than %d in a row", ErrRedirect, maxRedirects)
}

// hop asks one server. atHome says that home was never left on the way to it.
func (c *Client) hop(ctx context.Context, r *request, u *url.URL, atHome bool) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: malformed address", ErrRedirect)
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", c.o.UserAgent)
	// Transparent compression would hide the length of the body.
	req.Header.Set("Accept-Encoding", "identity")
	if atHome && r.token.Given() {
		req.Header.Set("Authorization", "Bearer "+r.token.reveal())
	}
	if r.alive != nil {
		r.alive()
	}
	resp, err := c.wire.RoundTrip(req)
	if err != nil {
		return nil, c.unreachable(ctx, u, err)
	}
	resp.Request = req
	if atHome && r.heard != nil && resp.StatusCode < 400 {
		if err := r.heard(resp.Header); err != nil {
			dismiss(resp)
			return nil, err
		}
	}
	return resp, nil
}

// next is the address a redirect leads to.
func (r *request) next(from *url.URL, location string) (*url.URL, error) {
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
	case r.stay && !sameOrigin(to, r.home):
		return refuse("another host, and listings are believed from the endpoint only; if that is where the hub is, set HF_ENDPOINT to it")
	case !sameOrigin(to, r.home) && literalLinkLocal(to.Hostname()):
		return refuse("which is a link-local address")
	case !sameOrigin(to, r.home) && literalPrivate(to.Hostname()) && !r.private.Load():
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
	// The endpoint is named as what the user set; other hosts are where data sets are published, or content networks.
	advice := "HTTPS_PROXY"
	where := u.Host
	if sameOrigin(u, c.endpoint) {
		advice = "HTTPS_PROXY, and HF_ENDPOINT"
		if c.o.Endpoint != defaultEndpoint {
			where += " (HF_ENDPOINT)"
		}
	}
	failed := fmt.Errorf("%w: %s: %s", ErrUnreachable, where, strings.ReplaceAll(err.Error(), "\n", " "))
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &certificate) {
		return fmt.Errorf("%w (check the network and %s)", failed, advice)
	}
	return again(failed)
}

// newTransport makes the default connection to the world.
func newTransport() *http.Transport {
	plain := net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second}
	g := &guard{plain: plain, inner: plain, public: plain}
	g.inner.Control = refuseLinkLocal
	g.public.Control = refusePrivate
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
	plain   net.Dialer // for what the user named
	inner   net.Dialer // for where a private host leads: anywhere but to link-local addresses
	public  net.Dialer // for where a public host leads
	proxies sync.Map   // host:port of proxies that the environment names, which may well be private
}

func (g *guard) proxy(req *http.Request) (*url.URL, error) {
	u, err := http.ProxyFromEnvironment(req)
	if u != nil {
		g.proxies.Store(hostPort(u), true)
	}
	return u, err
}

func (g *guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	r, _ := ctx.Value(requestKey{}).(*request)
	if _, ok := g.proxies.Load(addr); ok {
		return g.plain.DialContext(ctx, network, addr)
	}
	switch {
	case r != nil && strings.EqualFold(addr, hostPort(r.home)):
		conn, err := g.plain.DialContext(ctx, network, addr)
		if err == nil {
			if remote, perr := netip.ParseAddrPort(conn.RemoteAddr().String()); perr == nil && !public(remote.Addr()) {
				r.private.Store(true)
			}
		}
		return conn, err
	case r != nil && r.private.Load():
		return g.inner.DialContext(ctx, network, addr)
	}
	return g.public.DialContext(ctx, network, addr)
}

// refuseLinkLocal is the Control function of the inner dialer. Clouds hand out the credentials of their machines at
// link-local addresses, and no hub sends anybody there.
func refuseLinkLocal(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || linkLocal(ap.Addr()) {
		return fmt.Errorf("%w: the host is at the link-local address %s", ErrRedirect, address)
	}
	return nil
}

// refusePrivate is the Control function of the public dialer; it sees the address after name resolution.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !public(ap.Addr()) {
		return fmt.Errorf("%w: the host is at the private address %s", ErrRedirect, address)
	}
	return nil
}

// literalPrivate reports whether a host is known to be private without asking anybody.
func literalPrivate(host string) bool {
	if thisMachine(host) {
		return true
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(host, "."))
	return err == nil && !public(ip)
}

// literalLinkLocal is the same for link-local addresses.
func literalLinkLocal(host string) bool {
	ip, err := netip.ParseAddr(strings.TrimSuffix(host, "."))
	return err == nil && linkLocal(ip)
}

// thisMachine reports whether a host can only be the machine on which the program runs (RFC 6761 for the names).
func thisMachine(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// linkLocal reports whether an address is one of 169.254.0.0/16, fe80::/10, or of the former written in IPv6.
func linkLocal(ip netip.Addr) bool { return embedded(ip).IsLinkLocalUnicast() }

// embedded is the IPv4 address within an IPv6 one, or ip itself. Behind NAT64 every IPv4 host has such a name; what counts is the
// address inside.
func embedded(ip netip.Addr) netip.Addr {
	ip = ip.Unmap().WithZone("")
	if b := ip.As16(); netip.MustParsePrefix("64:ff9b::/96").Contains(ip) {
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return ip
}

// public reports whether an address belongs to the open internet. The prefixes are those of the IANA special-purpose
// registries that are not globally reachable; 6to4 and Teredo, which embed IPv4 addresses, are dead and refused whole.
func public(ip netip.Addr) bool {
	ip = embedded(ip)
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
