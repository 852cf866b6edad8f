package hub

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// source is where the bytes of a file come from.
type source struct {
	url    *url.URL
	home   *url.URL // whose redirects are followed
	repo   Repo     // of a repository's file; an empty ID for any other address
	commit Commit
}

// fill downloads what the partial file lacks and returns when size and digest are right. Failures of the network are
// survived as persist says. A whole file with a wrong digest is fetched once more from the beginning: the error may
// have been in the part that an earlier process left, or in a content network's broken copy.
func (c *Client) fill(ctx context.Context, src source, p *partial, m *fileMeter) error {
	for restarted := false; ; restarted = true {
		err := c.persist(ctx, func(err error, wait time.Duration) { m.say(Retrying, wait, err) }, func() (int64, error) {
			before := p.n
			err := c.attempt(ctx, src, p, m)
			return p.n - before, err
		})
		if err != nil {
			return err
		}
		if err = p.check(); err == nil {
			return nil
		}
		if rerr := p.restart(); rerr != nil {
			return oneLine(err, rerr)
		}
		if restarted {
			return err
		}
		m.at(0)
		m.say(Retrying, 0, err)
	}
}

// attempt is one request for the rest of the file, and its body.
func (c *Client) attempt(ctx context.Context, src source, p *partial, m *fileMeter) error {
	if p.n == p.file.Size {
		return nil
	}
	ctx, w := watch(ctx, c.o.HeaderTimeout)
	defer w.stop()
	r := &request{home: src.home, alive: w.alive, header: http.Header{}}
	if src.repo.ID != "" {
		r.token = c.o.Token
		r.heard = func(h http.Header) error { return announced(h, src.commit, p.file) }
	}
	if p.n > 0 && p.etag == "" && !p.file.Digest.Known() {
		if err := p.restart(); err != nil { // nothing would tell that the rest is another file's
			return err
		}
	}
	if p.n > 0 {
		r.header.Set("Range", fmt.Sprintf("bytes=%d-", p.n))
		if p.etag != "" {
			r.header.Set("If-Range", p.etag)
		}
	}
	resp, err := c.send(ctx, r, src.url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := c.begin(ctx, src, p, resp, m); err != nil {
		return err
	}
	m.at(p.n)
	w.allow(c.o.IdleTimeout)
	return c.pour(ctx, p, resp, w, m)
}

// announced checks what the hub says about the file before it sends it, or sends us elsewhere.
func announced(h http.Header, commit Commit, file File) error {
	if got := h.Get("X-Repo-Commit"); got != "" && got != commit.String() {
		return fmt.Errorf("%w: the hub offers it from commit %.80q", ErrMismatch, got)
	}
	if got := h.Get("X-Linked-Size"); got != "" && got != strconv.FormatInt(file.Size, 10) {
		return fmt.Errorf("%w: the hub offers %.80q bytes instead of %d", ErrMismatch, got, file.Size)
	}
	// An entity tag that is no digest says nothing: mirrors have tags of their own.
	if got, err := ParseETag(h.Get("X-Linked-Etag")); err == nil && got.kind == file.Digest.kind && got != file.Digest {
		return fmt.Errorf("%w: the hub offers the digest %s instead of %s", ErrMismatch, got, file.Digest)
	}
	return nil
}

// begin looks at the headers of the answer and puts the partial file where the body begins.
func (c *Client) begin(ctx context.Context, src source, p *partial, resp *http.Response, m *fileMeter) error {
	etag := strongETag(resp.Header.Get("ETag"))
	from := p.n
	switch {
	case resp.StatusCode == http.StatusOK:
		from = 0 // the file changed since (If-Range), or the server knows no ranges
	case resp.StatusCode == http.StatusPartialContent && p.n > 0:
		start, total, ok := contentRange(resp.Header.Get("Content-Range"))
		if p.learn(total); !ok || start != p.n || total >= 0 && total != p.file.Size || etag != "" && p.etag != "" && etag != p.etag {
			return p.again("the server continues another file")
		}
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && p.n > 0:
		return p.again("the server has less than is here already")
	case src.repo.ID == "":
		return plainStatus(resp, c.o.Now())
	case resp.StatusCode == http.StatusNotFound && resp.Header.Get("X-Error-Code") == "" && sameOrigin(resp.Request.URL, src.home):
		return fmt.Errorf("%w, although the commit lists it", ErrNoFile)
	default:
		return c.explain(ctx, src.repo, resp)
	}
	if from == 0 && p.n > 0 {
		if err := p.restart(); err != nil {
			return err
		}
	}
	if coding := resp.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return again(fmt.Errorf("%w: %s compresses it although asked not to", ErrMismatch, resp.Request.URL.Host))
	}
	p.etag = etag
	if p.file.Size < 0 && resp.ContentLength < 0 && !slices.Contains(resp.TransferEncoding, "chunked") {
		return fmt.Errorf("%w: %s does not say how long the file is", ErrMismatch, resp.Request.URL.Host)
	}
	if resp.ContentLength >= 0 {
		p.learn(from + resp.ContentLength)
	}
	if p.file.Size > p.want.most() {
		return fmt.Errorf("%w: %s sends %d bytes, more than %d are not expected", ErrMismatch, resp.Request.URL.Host, p.file.Size, p.want.most())
	}
	m.expect(p.file.Size)
	if resp.ContentLength >= 0 && resp.ContentLength != p.file.Size-from {
		head, err := io.ReadAll(io.LimitReader(resp.Body, headSize))
		if err != nil {
			head = nil // the length is the news; the head would only have explained it
		}
		return again(fmt.Errorf("%w: %s sends %d bytes instead of %d%s",
			ErrMismatch, resp.Request.URL.Host, resp.ContentLength, p.file.Size-from, diagnosis(head)))
	}
	return nil
}

// again starts the file over with the next attempt.
func (p *partial) again(why string) error {
	if err := p.restart(); err != nil {
		return err
	}
	return again(fmt.Errorf("%w: %s; starting over", ErrMismatch, why))
}

// pour moves the body into the partial file.
func (c *Client) pour(ctx context.Context, p *partial, resp *http.Response, w *watchdog, m *fileMeter) error {
	buf := make([]byte, bufferSize)
	for {
		n, err := resp.Body.Read(buf)
		if n > 0 {
			w.alive()
			if int64(n) > p.file.most()-p.n {
				return p.again("the body is longer than announced")
			}
			if _, err := p.Write(buf[:n]); err != nil {
				return err
			}
			m.add(int64(n))
		}
		switch {
		case err == io.EOF && (p.n == p.file.Size || p.file.Size < 0):
			p.file.Size = p.n
			return nil
		case err == io.EOF:
			return again(fmt.Errorf("%w after %d of %d bytes", ErrTruncated, p.n, p.file.Size))
		case errors.Is(err, io.ErrUnexpectedEOF):
			return again(fmt.Errorf("%w after %d of %d bytes: the connection broke", ErrTruncated, p.n, p.file.Size))
		case err != nil:
			return c.unreachable(ctx, resp.Request.URL, err)
		}
	}
}

// plainStatus is explain for an address that is not the hub's.
func plainStatus(resp *http.Response, now time.Time) error {
	err := error(&StatusError{resp.StatusCode, resp.Request.URL.Host})
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		return &retryable{fmt.Errorf("%w by %s", ErrRateLimited, resp.Request.URL.Host), askedWait(resp.Header, now)}
	case worthRetrying(resp.StatusCode):
		return &retryable{fmt.Errorf("%w: %w", ErrUnreachable, err), askedWait(resp.Header, now)}
	case resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone:
		return fmt.Errorf("%w: %w", ErrNoFile, err)
	}
	return err
}

// strongETag is the tag if it may be used in If-Range, which wants a strong one.
func strongETag(tag string) string {
	if len(tag) < 2 || len(tag) > 256 || tag[0] != '"' || tag[len(tag)-1] != '"' {
		return ""
	}
	for _, c := range []byte(tag[1 : len(tag)-1]) {
		if c <= ' ' || c > '~' || c == '"' {
			return ""
		}
	}
	return tag
}

// contentRange reads "bytes 100-199/200"; total is -1 for "*".
func contentRange(text string) (start, total int64, ok bool) {
	span, size, ok1 := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	from, _, ok2 := strings.Cut(span, "-")
	first, err := strconv.ParseUint(from, 10, 63) // no signs
	total = -1
	if err == nil && size != "*" {
		var all uint64
		all, err = strconv.ParseUint(size, 10, 63)
		total = int64(all)
	}
	return int64(first), total, ok1 && ok2 && err == nil && strings.HasPrefix(text, "bytes ")
}
