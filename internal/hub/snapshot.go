package hub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"
)

// Snapshot brings the wanted files of a revision into the cache and returns the folder snapshots/<commit> where they
// are. want gets every file name of the commit, also those that cannot be stored safely; wanting one of these is an
// error. Files that are there are verified, unless they were before and have not changed since. Offline nothing is
// fetched, and a wanted file that is missing is ErrIncomplete.
//
// The steps come first, each with its Check. When it fails, files that were finished stay, and what was begun is continued by the next call. The reference to the
// revision moves only when everything is there.
func (c *Client) Snapshot(ctx context.Context, repo Repo, want func(path string) bool, steps ...Step) (dir string, err error) {
	l, err := c.List(ctx, repo)
	if err != nil {
		return "", err
	}
	var files []File
	for _, f := range l.Files {
		if want(f.Path) {
			files = append(files, f)
		}
	}
	if len(files) == 0 && l.found {
		return "", fmt.Errorf("hub: %s: %w: nothing of what is wanted is there; fetch it once %s", l.Repo, ErrIncomplete, online)
	}
	if err := names(l, steps); err != nil {
		return "", err
	}
	if err := c.steps(ctx, l, steps); err != nil {
		return "", err
	}
	return c.Fetch(ctx, l, files)
}

// File brings one file into the cache and returns its path there.
func (c *Client) File(ctx context.Context, repo Repo, path string) (local string, err error) {
	return c.Files(ctx, repo, path)
}

// Files brings files that belong together into the cache, and returns the path of the first there. Unless the commit has
// every one of them none is fetched.
func (c *Client) Files(ctx context.Context, repo Repo, first string, others ...string) (local string, err error) {
	paths := append([]string{first}, others...)
	for _, path := range paths {
		if err := CheckName(path); err != nil {
			return "", fmt.Errorf("hub: %s: %w", repo, err)
		}
	}
	l, err := c.List(ctx, repo)
	if err != nil {
		return "", err
	}
	listed := make(map[string]File, len(l.Files))
	for _, f := range l.Files {
		listed[f.Path] = f
	}
	files := make([]File, len(paths))
	for i, path := range paths {
		f, ok := listed[path]
		switch {
		case ok:
			files[i] = f
		case l.found:
			return "", fmt.Errorf("hub: %s: %s: %w: it is not there; fetch it once %s", l.Repo, path, ErrIncomplete, online)
		default:
			return "", fmt.Errorf("hub: %s: %s: %w in this commit", repo, path, ErrNoFile)
		}
	}
	dir, err := c.Fetch(ctx, l, files)
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, filepath.FromSlash(first)), nil
}

// Cached looks for a revision without network, also among what the Python client downloaded, and returns its snapshot
// folder. It looks at names only: whether all wanted files are there and right is what Snapshot with Options.Offline
// answers.
func (c *Client) Cached(repo Repo) (dir string, ok bool) {
	repo, err := repo.checked()
	if err != nil {
		return "", false
	}
	s, err := c.repoCache(repo)
	if err != nil {
		return "", false
	}
	commit, ok := s.snapshotOf(repo)
	if !ok {
		return "", false
	}
	return s.snapshot(commit), true
}

var errNoneWanted = fmt.Errorf("%w: nothing of what is wanted is in this commit", ErrNoFile)

// Fetch is Snapshot for files chosen from a listing.
func (c *Client) Fetch(ctx context.Context, l Listing, files []File) (dir string, err error) {
	repo, err := l.Repo.checked()
	if err != nil {
		return "", fmt.Errorf("hub: %w", err)
	}
	l.Repo = repo
	s, err := c.repoCache(repo)
	if err == nil {
		err = c.fetch(ctx, s, l, files, c.newMeter(l))
	}
	if err == nil && !c.o.Offline {
		err = s.setRef(repo, l.Commit)
	}
	if err != nil {
		return "", fmt.Errorf("hub: %s: %w", repo, err)
	}
	return s.snapshot(l.Commit), nil
}

// content is a digest with all the names it has in the snapshot.
type content struct {
	File
	names []File
}

// contents groups files by digest, so that equal files are fetched once, and refuses names that cannot be stored.
func contents(files []File) ([]content, error) {
	folded := map[string]string{}
	known := map[Digest]int{}
	var out []content
	for _, f := range files {
		if err := CheckName(f.Path); err != nil {
			return nil, err
		}
		if other, ok := folded[foldName(f.Path)]; ok {
			return nil, fmt.Errorf("%w: %q and %q are one file where case does not count", ErrName, other, f.Path)
		}
		folded[foldName(f.Path)] = f.Path
		i, ok := known[f.Digest]
		if !ok || !f.Digest.Known() {
			i = len(out)
			known[f.Digest] = i
			out = append(out, content{File: f})
		}
		if out[i].Size != f.Size {
			return nil, fmt.Errorf("%w: %q and %q have one digest and two sizes", ErrMismatch, out[i].Path, f.Path)
		}
		out[i].names = append(out[i].names, f)
	}
	if len(out) == 0 {
		return nil, errNoneWanted
	}
	return out, nil
}

func (c *Client) fetch(ctx context.Context, s *repoCache, l Listing, files []File, m *meter) error {
	parts, err := contents(files)
	if err != nil {
		return err
	}
	var total, done int64
	meters := make([]*fileMeter, len(parts))
	for i, p := range parts {
		total += p.Size
		meters[i] = &fileMeter{meter: m, path: p.Path, size: p.Size}
		for _, path := range []string{s.blob(p.Digest), s.pointer(l.Commit, p.Path)} {
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() == p.Size {
				meters[i].done = p.Size
			}
		}
		done += meters[i].done
	}
	m.begin(len(parts), total, done)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(c.o.Parallel)
	for i, p := range parts {
		group.Go(func() error {
			if err := c.ensure(ctx, s, l, p, meters[i]); err != nil {
				return fmt.Errorf("%s: %w", printable(p.Path), err)
			}
			meters[i].finish()
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	m.end()
	return nil
}

// printable is a checked name as it is written in messages: quoted only where it needs to be.
func printable(name string) string {
	if quoted := fmt.Sprintf("%q", name); quoted[1:len(quoted)-1] != name {
		return quoted
	}
	return name
}

// ensure brings one content into the snapshot under all its names.
func (c *Client) ensure(ctx context.Context, s *repoCache, l Listing, p content, m *fileMeter) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !p.Digest.Known() {
		return s.acceptUnknown(l.Commit, p.File)
	}
	missing := []File{}
	for _, f := range p.names {
		// Without links, as on Windows, the Python client puts the file itself into the snapshot.
		if pointer := s.pointer(l.Commit, f.Path); isPlain(pointer) {
			ok, err := s.intact(ctx, pointer, f, m)
			if err != nil {
				return err
			}
			if ok {
				continue
			}
		}
		missing = append(missing, f)
	}
	if len(missing) == 0 {
		return nil
	}
	if err := c.blob(ctx, s, l, p.File, m); err != nil {
		return err
	}
	for _, f := range missing {
		if c.o.Offline {
			// Nothing is repaired offline: a cache that may only be read serves as well.
			if d, err := s.linked(s.pointer(l.Commit, f.Path)); err != nil || d != f.Digest {
				return fmt.Errorf("%w: the snapshot does not name it; fetch it once %s", ErrIncomplete, online)
			}
			continue
		}
		if err := s.show(ctx, l.Commit, f); err != nil {
			return err
		}
	}
	return nil
}

// acceptUnknown is for files that lie in a snapshot as themselves and were listed by looking there: nothing says what
// they should be, and they are only reached offline.
func (s *repoCache) acceptUnknown(commit Commit, f File) error {
	info, err := os.Stat(s.pointer(commit, f.Path))
	if err == nil && info.Size() != f.Size {
		err = fmt.Errorf("%w: it changes while being used", ErrMismatch)
	}
	return err
}

// blob makes sure that the blob of a file is there and right.
func (c *Client) blob(ctx context.Context, s *repoCache, l Listing, f File, m *fileMeter) error {
	path := s.blob(f.Digest)
	before, beforeErr := os.Stat(path)
	ok, err := s.intact(ctx, path, f, m)
	if err != nil || ok {
		return err
	}
	// What was absent then and is there now is another process's, and so is what has been replaced since: both are right.
	now, nowErr := os.Stat(path)
	damaged := beforeErr == nil && nowErr == nil && os.SameFile(before, now)
	if c.o.Offline {
		if damaged {
			return fmt.Errorf("%w: %s is damaged; fetch it once %s", ErrMismatch, path, online)
		}
		return fmt.Errorf("%w; fetch it once %s", ErrIncomplete, online)
	}
	if damaged {
		// Its name says what it should be, so nothing is lost, and no snapshot may go on naming it.
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	m.at(0)
	src := source{url: c.fileURL(l.Repo, l.Commit, f.Path), home: c.endpoint, repo: l.Repo, commit: l.Commit}
	if err := c.deliver(ctx, src, s.in("blobs"), path, f, m); err != nil {
		return err
	}
	return s.remember(path, f)
}

// deliver downloads a file, verified, to the path to, with its partial files in dir.
func (c *Client) deliver(ctx context.Context, src source, dir, to string, f File, m *fileMeter) error {
	p, err := openPartial(ctx, dir, f, m)
	if err != nil {
		return err
	}
	if err := c.fill(ctx, src, p, m); err != nil {
		return oneLine(err, p.keep())
	}
	if err := p.commit(to); err != nil {
		return err
	}
	return sweep(dir, f)
}

// Download brings the file at any http(s) address to the path to, with the same care as a file of the hub: resumed,
// verified against its pinned digest, and size where it is known, before it gets its name, never with the token. A file that
// is there and right stays. Redirects to private addresses are followed only if the address itself is one.
func (c *Client) Download(ctx context.Context, address string, f File, to string) error {
	if !f.Digest.Known() {
		return fmt.Errorf("%s: %w: no pinned digest to verify it against", printable(f.Path), ErrMismatch)
	}
	return c.download(ctx, address, f, to)
}

// DownloadUnverified is Download for a file of which no digest is known: what the server sends whole is the file. A file that
// is there stays. Nothing that an earlier process left is continued, for nothing would tell whether it belongs together.
func (c *Client) DownloadUnverified(ctx context.Context, address string, f File, to string) error {
	f.Digest = Digest{}
	if info, err := os.Stat(to); err == nil && info.Mode().IsRegular() {
		return nil
	}
	return c.download(ctx, address, f, to)
}

func (c *Client) download(ctx context.Context, address string, f File, to string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return errors.New("download: not an http(s) address")
	}
	fail := func(err error) error { return fmt.Errorf("%s: %w", place(u), err) }
	if f.Size < 0 && (f.Size != UnknownSize || f.MaxSize <= 0) {
		return fail(fmt.Errorf("%w: neither its size nor the largest is known", ErrMismatch))
	}
	if f.Path == "" {
		f.Path = filepath.Base(to)
	}
	m := &fileMeter{meter: c.newMeter(Listing{}), path: f.Path, size: f.Size}
	dir := filepath.Dir(to)
	if f.Digest.Known() {
		there, err := holds(ctx, to, f, func(fs.FileInfo) bool { return false }, m)
		if err != nil {
			return fail(err)
		}
		if there != nil {
			return nil
		}
	}
	if c.o.Offline {
		return fail(fmt.Errorf("%w: %s is not there", ErrOffline, to))
	}
	m.begin(1, f.Size, 0)
	if err := c.deliver(ctx, source{url: u, home: u}, dir, to, f, m); err != nil {
		return fail(err)
	}
	m.finish()
	m.end()
	return nil
}
