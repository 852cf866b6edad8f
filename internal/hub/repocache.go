package hub

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/internal/filesum"
)

// repoCache is the folder of one repository in the cache.
type repoCache struct {
	dir        string
	noSymlinks bool
	believed   bool // marks in it were made by this user, who alone can change the files
}

// repoCache names the folder of a repository, which need not exist, and refuses a cache that is not to be trusted.
func (c *Client) repoCache(repo Repo) (*repoCache, error) {
	name := string(repo.Kind) + "s--" + strings.ReplaceAll(repo.ID, "/", "--")
	s := &repoCache{dir: filepath.Join(c.o.CacheDir, name), noSymlinks: c.o.NoSymlinks, believed: true}
	for _, dir := range []string{c.o.CacheDir, s.dir, s.in("blobs"), s.in("refs"), s.in("snapshots"), s.in(".swallow")} {
		info, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("%s is not a folder", dir)
		}
		if o, ok := ownership(info); ok {
			if o.hostile() {
				return nil, fmt.Errorf("%w: %s belongs to another user (%d) and everybody may write there; set HF_HUB_CACHE to a folder of your own", ErrForeignCache, dir, o.uid)
			}
			s.believed = s.believed && o.private()
		}
	}
	return s, nil
}

// owner is what decides whether a folder's content can be exchanged behind our back.
type owner struct {
	uid, self int
	mode      fs.FileMode
}

func (o owner) everybodyWrites() bool { return o.mode&0o002 != 0 && o.mode&fs.ModeSticky == 0 }

// hostile folders are not even read.
func (o owner) hostile() bool { return o.uid != o.self && o.uid != 0 && o.everybodyWrites() }

// private folders change only when this user or the administrator changes them.
func (o owner) private() bool { return (o.uid == o.self || o.uid == 0) && !o.everybodyWrites() }

func (s *repoCache) in(elements ...string) string {
	return filepath.Join(append([]string{s.dir}, elements...)...)
}

func (s *repoCache) blob(d Digest) string { return s.in("blobs", d.Hex()) }

func (s *repoCache) snapshot(c Commit) string { return s.in("snapshots", c.String()) }

// pointer is the place of a file in a snapshot. Its name has been checked.
func (s *repoCache) pointer(c Commit, path string) string {
	return filepath.Join(s.snapshot(c), filepath.FromSlash(path))
}

// commitOf reads refs/<revision>, unless the revision is a commit itself.
func (s *repoCache) commitOf(revision string) (Commit, bool) {
	if commit, err := ParseCommit(revision); err == nil {
		return commit, true
	}
	text, err := readSmall(s.in("refs", filepath.FromSlash(revision)), 256)
	if err != nil {
		return Commit{}, false
	}
	commit, err := ParseCommit(strings.TrimSpace(string(text)))
	return commit, err == nil
}

// snapshotOf returns the commit of a revision if the cache has a snapshot of it with at least one entry.
func (s *repoCache) snapshotOf(repo Repo) (Commit, bool) {
	commit, ok := s.commitOf(repo.Revision)
	if !ok {
		return Commit{}, false
	}
	entries, err := os.ReadDir(s.snapshot(commit))
	return commit, err == nil && len(entries) > 0
}

// setRef remembers what a revision stood for.
func (s *repoCache) setRef(repo Repo, commit Commit) error {
	if now, ok := s.commitOf(repo.Revision); ok && now == commit {
		return nil
	}
	return writeSmall(s.in("refs", filepath.FromSlash(repo.Revision)), []byte(commit.String()))
}

func (s *repoCache) listingPath(c Commit) string { return s.in(".swallow", "tree-"+c.String()+".json") }

// cachedListing is the listing of a commit if it was asked for before.
func (s *repoCache) cachedListing(c Commit) ([]File, bool) {
	raw, err := readSmall(s.listingPath(c), maxAnswer)
	if err != nil {
		return nil, false
	}
	files, err := parseTree(raw)
	return files, err == nil
}

// storeListing keeps the listing of a commit. A cache that may only be read does without.
func (s *repoCache) storeListing(c Commit, files []File) error {
	raw, err := formatTree(files)
	if err != nil {
		return err
	}
	return unlessReadOnly(writeSmall(s.listingPath(c), raw))
}

// listing answers List offline: the stored listing of the commit, or what another client left in the snapshot.
func (s *repoCache) listing(repo Repo) (Listing, error) {
	commit, ok := s.snapshotOf(repo)
	if !ok {
		return Listing{}, fmt.Errorf("%w: the cache %s does not hold it; fetch it once %s", ErrOffline, s.dir, online)
	}
	if files, ok := s.cachedListing(commit); ok {
		return Listing{Repo: repo, Commit: commit, Files: files}, nil
	}
	l := Listing{Repo: repo, Commit: commit, found: true}
	root := s.snapshot(commit)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		f := File{Path: filepath.ToSlash(name)}
		if f.Digest, err = s.linked(path); err != nil {
			return fmt.Errorf("%q: %w", f.Path, err)
		}
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a link whose blob was removed: the file is not there
		}
		if err != nil {
			return err
		}
		if f.Size = info.Size(); info.Mode().IsRegular() {
			l.Files = append(l.Files, f)
		}
		return nil
	})
	return l, err
}

// linked is the digest of the blob that a snapshot's link names. A plain file, as there are where links do not work,
// has an unknown one. A link that leads anywhere else is an error: following it would read files outside the cache.
func (s *repoCache) linked(pointer string) (Digest, error) {
	target, err := os.Readlink(pointer)
	if errors.Is(err, syscall.EINVAL) || isPlain(pointer) {
		return Digest{}, nil
	}
	if err != nil {
		return Digest{}, err
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(pointer), target)
	}
	digest, err := ParseETag(filepath.Base(target))
	if err != nil || filepath.Clean(target) != filepath.Clean(s.blob(digest)) {
		return Digest{}, fmt.Errorf("%w: the link in the snapshot does not lead to a blob of the repository", ErrMismatch)
	}
	return digest, nil
}

func isPlain(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}

// show gives a verified blob its name in the snapshot: a relative link, or where links are unwanted or impossible a
// hard link or a copy, in each case complete from the moment it is visible.
func (s *repoCache) show(ctx context.Context, c Commit, f File) error {
	pointer, blob := s.pointer(c, f.Path), s.blob(f.Digest)
	if d, err := s.linked(pointer); err == nil && d == f.Digest {
		return nil
	}
	if a, err := os.Lstat(pointer); err == nil {
		if b, err := os.Stat(blob); err == nil && os.SameFile(a, b) {
			return nil // renaming a hard link onto itself would leave the temporary name behind
		}
	}
	if err := os.MkdirAll(filepath.Dir(pointer), 0o755); err != nil {
		return err
	}
	if err := os.MkdirAll(s.in(".swallow"), 0o755); err != nil {
		return err
	}
	temporary := s.in(".swallow", "link-"+rand.Text())
	target, err := filepath.Rel(filepath.Dir(pointer), blob)
	if err != nil {
		return err
	}
	if s.noSymlinks || os.Symlink(target, temporary) != nil {
		if os.Link(blob, temporary) != nil {
			return s.copy(ctx, blob, pointer, f)
		}
	}
	if err := os.Rename(temporary, pointer); err != nil {
		return oneLine(err, os.Remove(temporary))
	}
	return atomicfile.SyncDir(filepath.Dir(pointer))
}

// copy is show for file systems without any links.
func (s *repoCache) copy(ctx context.Context, blob, pointer string, f File) error {
	in, err := os.Open(blob)
	if err != nil {
		return err
	}
	defer in.Close()
	p, err := newPartial(s.in("blobs"), f)
	if err != nil {
		return err
	}
	if _, err = io.Copy(p, contextReader{ctx, in}); err == nil {
		err = p.check()
	}
	if err != nil {
		return oneLine(err, p.discard())
	}
	return p.commit(pointer)
}

// mark is the file that says that a file of the repository was hashed.
func (s *repoCache) mark(path string) (string, error) {
	rel, err := filepath.Rel(s.dir, path)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(filepath.ToSlash(rel)))
	return s.in(".swallow", "verified", hex.EncodeToString(sum[:16])), nil
}

// markText says that a file in that state has the digest. Where the system tells inodes and times of change they belong to
// the state: size and time of modification alone could be put back by whoever changes a file.
func markText(f File, info fs.FileInfo) string {
	state, _ := filesum.State(info)
	return f.Digest.String() + " " + state + "\n"
}

// intact reports whether path holds the file: by a mark of an earlier check, or by hashing it now. A file that is
// absent, or has another size, is not intact; that is no error.
func (s *repoCache) intact(ctx context.Context, path string, f File, m *fileMeter) (bool, error) {
	mark, err := s.mark(path)
	if err != nil {
		return false, err
	}
	marked := func(info fs.FileInfo) bool {
		text, err := readSmall(mark, 256)
		return err == nil && s.believed && string(text) == markText(f, info)
	}
	info, err := holds(ctx, path, f, marked, m)
	if err != nil || info == nil || marked(info) {
		return info != nil, err
	}
	return true, unlessReadOnly(writeSmall(mark, []byte(markText(f, info))))
}

// remember makes the mark of a file that was just verified while it was written.
func (s *repoCache) remember(path string, f File) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	mark, err := s.mark(path)
	if err != nil {
		return err
	}
	return unlessReadOnly(writeSmall(mark, []byte(markText(f, info))))
}

// holds hashes what is at path, unless it is known, and returns its state before that if it is the file, else nil.
func holds(ctx context.Context, path string, f File, known func(fs.FileInfo) bool, m *fileMeter) (fs.FileInfo, error) {
	in, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() != f.Size && f.Size != UnknownSize {
		return nil, err
	}
	if known(info) {
		return info, nil
	}
	m.say(Verifying, 0, nil)
	h := f.Digest.newHash(info.Size())
	if err := hashAll(ctx, h, in); err != nil {
		return nil, err
	}
	if f.Digest.sumOf(h) != f.Digest {
		return nil, nil
	}
	return info, nil
}

func hashAll(ctx context.Context, h hash.Hash, r io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{h}, contextReader{ctx, r}, make([]byte, bufferSize))
	return err
}

// contextReader lets a long read of a file be interrupted.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(b []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	return r.r.Read(b)
}

func readSmall(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("%s is longer than %d bytes", path, limit)
	}
	return text, err
}

func writeSmall(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// unlessReadOnly forgives that a shared cache may only be read, for what merely saves time later.
func unlessReadOnly(err error) error {
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
		return nil
	}
	return err
}

// oneLine joins a failure and one of tidying up after it; errors.Join would make two lines of them.
func oneLine(err, tidying error) error {
	if tidying == nil {
		return err
	}
	return fmt.Errorf("%w; and %w", err, tidying)
}
