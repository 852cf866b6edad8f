package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// File is one file of a commit as the hub's listing announces it.
type File struct {
	Path   string // as the hub gave it: only after CheckName more than a text
	Size   int64
	Digest Digest // sha256 for LFS files, else the git blob id

	// MaxSize bounds a file for Download whose Size is UnknownSize.
	MaxSize int64
}

// UnknownSize is the Size of a file whose length only the server knows.
const UnknownSize = -1

// Listing is what a revision stands for: a commit and its files.
type Listing struct {
	Repo   Repo
	Commit Commit
	Files  []File

	found bool // what somebody left in the cache, which need not be all
}

const (
	maxAnswer = 64 << 20 // bytes of one page of JSON
	maxPages  = 2000
)

// List resolves the revision and lists the files of its commit. Listings of commits are kept in the cache. Offline the
// answer comes from there; for a snapshot that another client downloaded, it is the files that are there.
func (c *Client) List(ctx context.Context, repo Repo) (Listing, error) {
	repo, err := repo.checked()
	if err != nil {
		return Listing{}, fmt.Errorf("hub: %w", err)
	}
	cache, err := c.repoCache(repo)
	if err != nil {
		return Listing{}, fmt.Errorf("hub: %s: %w", repo, err)
	}
	l, err := c.list(ctx, repo, cache)
	if err != nil {
		return Listing{}, fmt.Errorf("hub: %s: %w", repo, err)
	}
	return l, nil
}

func (c *Client) list(ctx context.Context, repo Repo, s *repoCache) (Listing, error) {
	if c.o.Offline {
		return s.listing(repo)
	}
	commit, err := ParseCommit(repo.Revision)
	if err != nil {
		if commit, err = c.resolve(ctx, repo); err != nil {
			return Listing{}, c.suggestCache(err, repo, s)
		}
	}
	if files, ok := s.cachedListing(commit); ok {
		return Listing{Repo: repo, Commit: commit, Files: files}, nil
	}
	files, err := c.tree(ctx, repo, commit)
	if err != nil {
		return Listing{}, c.suggestCache(err, repo, s)
	}
	if err := s.storeListing(commit, files); err != nil {
		return Listing{}, err
	}
	return Listing{Repo: repo, Commit: commit, Files: files}, nil
}

// suggestCache adds to a network failure what could be done without network.
func (c *Client) suggestCache(err error, repo Repo, s *repoCache) error {
	if commit, ok := s.snapshotOf(repo); ok && (errors.Is(err, ErrUnreachable) || errors.Is(err, ErrRateLimited)) {
		return fmt.Errorf("%w; the cache holds commit %s of it: use it with HF_HUB_OFFLINE=1", err, commit)
	}
	return err
}

// resolve asks which commit a revision is.
func (c *Client) resolve(ctx context.Context, repo Repo) (Commit, error) {
	var info struct{ SHA string }
	if _, err := c.json(ctx, repo, c.api(repo, "revision", repo.Revision), &info); err != nil {
		return Commit{}, err
	}
	commit, err := ParseCommit(info.SHA)
	if err != nil {
		return Commit{}, fmt.Errorf("%w: the hub's answer for the revision: %w", ErrMismatch, err)
	}
	return commit, nil
}

// tree asks for the files of a commit, page by page.
func (c *Client) tree(ctx context.Context, repo Repo, commit Commit) ([]File, error) {
	files := []File{}
	page := c.api(repo, "tree", commit.String())
	page.RawQuery = "recursive=true"
	for range maxPages {
		var raw json.RawMessage
		header, err := c.json(ctx, repo, page, &raw)
		if err != nil {
			return nil, err
		}
		more, err := parseTree(raw)
		if err != nil {
			return nil, fmt.Errorf("%w: the hub's listing: %w", ErrMismatch, err)
		}
		files = append(files, more...)
		link := nextPage(header)
		if link == "" {
			return files, nil
		}
		if page, err = page.Parse(link); err != nil || !sameOrigin(page, c.endpoint) {
			return nil, fmt.Errorf("%w: the next page of the listing is on another host", ErrRedirect)
		}
	}
	return nil, fmt.Errorf("%w: the listing does not end", ErrMismatch)
}

// nextPage is the address in a header like: Link: <https://...>; rel="next".
func nextPage(h http.Header) string {
	for link := range strings.SplitSeq(strings.Join(h.Values("Link"), ","), ",") {
		target, parameters, ok := strings.Cut(strings.TrimSpace(link), ">")
		if ok && strings.HasPrefix(target, "<") && strings.Contains(strings.ReplaceAll(parameters, `"`, ""), "rel=next") {
			return target[1:]
		}
	}
	return ""
}

// treeEntry is an element of api/models/<id>/tree/<commit>.
type treeEntry struct {
	Type string   `json:"type"`
	Path string   `json:"path"`
	Size int64    `json:"size"`
	OID  string   `json:"oid,omitempty"` // git blob id, of the pointer if the file is in LFS
	LFS  *lfsInfo `json:"lfs,omitempty"`
}

type lfsInfo struct {
	OID    string `json:"oid,omitempty"`    // sha256 in the tree API
	SHA256 string `json:"sha256,omitempty"` // the same in the model API
	Size   int64  `json:"size"`
}

// parseTree reads one page of the listing. Names are not checked here, so that one odd name in a corner of a
// repository does not hide the rest; whoever wants a file checks its name.
func parseTree(raw []byte) ([]File, error) {
	var entries []treeEntry
	if err := json.Unmarshal(raw, &entries); err != nil {
		return nil, err
	}
	files := []File{}
	for _, e := range entries {
		if e.Type != "file" {
			continue
		}
		f := File{Path: e.Path, Size: e.Size}
		var err error
		switch {
		case e.LFS != nil:
			f.Size = e.LFS.Size
			f.Digest, err = ParseSHA256(first(e.LFS.OID, e.LFS.SHA256))
		default:
			f.Digest, err = ParseGitBlob(e.OID)
		}
		if err != nil {
			return nil, fmt.Errorf("file %.120q: %w", e.Path, err)
		}
		if f.Size < 0 {
			return nil, fmt.Errorf("file %.120q: size %d", e.Path, f.Size)
		}
		files = append(files, f)
	}
	return files, nil
}

// formatTree is the inverse of parseTree.
func formatTree(files []File) ([]byte, error) {
	entries := make([]treeEntry, len(files))
	for i, f := range files {
		entries[i] = treeEntry{Type: "file", Path: f.Path, Size: f.Size}
		if f.Digest.SHA256() {
			entries[i].LFS = &lfsInfo{OID: f.Digest.Hex(), Size: f.Size}
		} else {
			entries[i].OID = f.Digest.Hex()
		}
	}
	return json.Marshal(entries)
}

// api is the address <endpoint>/api/models/<id>/<elements>, each element escaped whole: the slash in a revision
// "refs/pr/1" belongs to it.
func (c *Client) api(repo Repo, elements ...string) *url.URL {
	return c.address(append([]string{"api", string(repo.Kind) + "s"}, append(strings.Split(repo.ID, "/"), elements...)...))
}

// fileURL is the address <endpoint>/<id>/resolve/<commit>/<path>.
func (c *Client) fileURL(repo Repo, commit Commit, path string) *url.URL {
	elements := strings.Split(repo.ID, "/")
	if repo.Kind == Dataset {
		elements = append([]string{"datasets"}, elements...)
	}
	elements = append(elements, "resolve", commit.String())
	return c.address(append(elements, strings.Split(path, "/")...))
}

func (c *Client) address(elements []string) *url.URL {
	u := *c.endpoint
	escaped := strings.TrimRight(u.EscapedPath(), "/")
	u.Path = strings.TrimRight(u.Path, "/")
	for _, e := range elements {
		u.Path += "/" + e
		escaped += "/" + url.PathEscape(e)
	}
	u.RawPath = escaped
	return &u
}

// json gets one answer of the API, with retries.
func (c *Client) json(ctx context.Context, repo Repo, u *url.URL, into any) (http.Header, error) {
	m := c.newMeter(Listing{Repo: repo})
	var header http.Header
	err := c.persist(ctx, func(err error, wait time.Duration) {
		m.emit(Retrying, func(e *Event) { e.Wait, e.Err = wait, err })
	}, func() (int64, error) {
		h, body, err := c.get(ctx, repo, u)
		if err != nil {
			return 0, err
		}
		if err := json.Unmarshal(body, into); err != nil {
			return 0, again(fmt.Errorf("%w: %s answered something that is not the hub's JSON%s", ErrMismatch, place(u), diagnosis(body)))
		}
		header = h
		return 0, nil
	})
	return header, err
}

// get is one attempt of json.
func (c *Client) get(ctx context.Context, repo Repo, u *url.URL) (http.Header, []byte, error) {
	ctx, w := watch(ctx, c.o.HeaderTimeout)
	defer w.stop()
	r := &request{home: c.endpoint, token: c.o.Token, stay: true, alive: w.alive, header: http.Header{"Accept": {"application/json"}}}
	resp, err := c.send(ctx, r, u)
	if err != nil {
		return nil, nil, err
	}
	defer dismiss(resp)
	if resp.StatusCode != http.StatusOK {
		return nil, nil, c.explain(ctx, repo, resp)
	}
	w.allow(c.o.IdleTimeout)
	var body bytes.Buffer
	if _, err := io.Copy(&body, io.LimitReader(w.reading(resp.Body), maxAnswer+1)); err != nil {
		return nil, nil, c.unreachable(ctx, u, err)
	}
	if body.Len() > maxAnswer {
		return nil, nil, fmt.Errorf("%w: %s answered with more than %d MiB", ErrMismatch, place(u), maxAnswer>>20)
	}
	return resp.Header, body.Bytes(), nil
}
