package hub

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
)

// explain turns an answer that is not the wanted one into an error that says what to do. The codes are those of the
// hub's X-Error-Code header (huggingface_hub/utils/_http.py). The server's own text is not repeated: it is untrusted
// and adds nothing.
func (c *Client) explain(ctx context.Context, repo Repo, resp *http.Response) error {
	host := resp.Request.URL.Host
	if resp.StatusCode == http.StatusTooManyRequests {
		return &retryable{fmt.Errorf("%w by %s", ErrRateLimited, host), askedWait(resp.Header, c.o.Now())}
	}
	if worthRetrying(resp.StatusCode) {
		err := fmt.Errorf("%w: %w", ErrUnreachable, &StatusError{resp.StatusCode, host})
		return &retryable{err, askedWait(resp.Header, c.o.Now())}
	}
	if !sameOrigin(resp.Request.URL, c.endpoint) {
		// The address of a content network is signed for a short time; the hub gives a fresh one.
		return again(&StatusError{resp.StatusCode, host})
	}
	page := c.o.Endpoint + "/" + Repo{Kind: repo.Kind, ID: repo.ID}.String()
	code := resp.Header.Get("X-Error-Code")
	switch {
	case code == "GatedRepo" && resp.StatusCode == http.StatusUnauthorized && !c.o.Token.Given():
		return fmt.Errorf("%w: accept its conditions at %s, then set HF_TOKEN to a token of that account (%s/settings/tokens)",
			ErrGated, page, c.o.Endpoint)
	case code == "GatedRepo":
		return fmt.Errorf("%w: the account of the token in HF_TOKEN has no access: request it at %s and wait for the confirmation",
			ErrGated, page)
	case code == "RepoNotFound" || resp.StatusCode == http.StatusUnauthorized && !c.o.Token.Given():
		// The hub does not tell strangers whether a private repository exists.
		return fmt.Errorf("%w as %s: check the name; if it is private or gated, set HF_TOKEN to a token of an account that may read it",
			ErrNoRepo, page)
	case resp.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("%w: the hub does not accept the token in HF_TOKEN; make another at %s/settings/tokens or unset it",
			ErrDenied, c.o.Endpoint)
	case resp.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: the token in HF_TOKEN may not read %s; a fine-grained token needs the permission to read it (gated repositories have one of their own)",
			ErrDenied, page)
	case code == "RevisionNotFound":
		return fmt.Errorf("%w %.80q; its branches and tags are at %s/tree/main", ErrNoRevision, repo.Revision, page)
	case code == "EntryNotFound":
		return ErrNoFile
	case resp.StatusCode == http.StatusNotFound:
		return c.whatIsMissing(ctx, repo, page)
	}
	return &StatusError{resp.StatusCode, host}
}

// whatIsMissing finds out, where the hub does not say (mirrors do not), whether the repository or the revision does
// not exist.
func (c *Client) whatIsMissing(ctx context.Context, repo Repo, page string) error {
	r := &request{home: c.endpoint, token: c.o.Token, stay: true}
	resp, err := c.send(ctx, r, c.api(repo))
	if err != nil {
		return err
	}
	defer dismiss(resp)
	if resp.StatusCode == http.StatusOK {
		return fmt.Errorf("%w %.80q (or no such file in it); its branches and tags are at %s/tree/main", ErrNoRevision, repo.Revision, page)
	}
	return fmt.Errorf("%w as %s: check the name", ErrNoRepo, page)
}

// diagnosis recognises what often comes in place of a file.
func diagnosis(head []byte) string {
	text := bytes.ToLower(bytes.TrimLeft(head[:min(len(head), 512)], " \t\r\n\xef\xbb\xbf"))
	switch {
	case bytes.HasPrefix(text, []byte("version https://git-lfs.github.com/spec/")):
		return ": it is a Git LFS pointer, not the file it points to"
	case bytes.HasPrefix(text, []byte("<!doctype html")), bytes.HasPrefix(text, []byte("<html")):
		return ": it is an HTML page, as log-in pages of networks and proxies send"
	}
	return ""
}
