package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
)

const (
	bufferSize = 256 << 10 // small enough for the second-level cache, where the hash finds what the network left
	headSize   = 512
	// partialMark tells our partial files from those of the Python client, which locks otherwise.
	partialMark   = ".swallow-"
	partialSuffix = ".incomplete"
)

// partial is a file on its way: bytes are hashed as they are written, and it gets its name only when size and digest
// are right. Its temporary name is <digest>.swallow-<random>.incomplete.
type partial struct {
	f    *os.File
	sync func() error // f.Sync, but for tests
	want File         // what was asked for
	file File         // the same with what the server said of it
	n    int64        // bytes written and hashed
	h    hash.Hash
	head []byte // the first bytes, for the diagnosis
	etag string // entity tag of the bytes so far, from the server that sent them; for If-Range
}

func newPartial(dir string, file File) (*partial, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	f, _, err := openOwn(filepath.Join(dir, file.Digest.Hex()+partialMark+rand.Text()+partialSuffix), true)
	if err != nil {
		return nil, err
	}
	p := &partial{f: f, sync: f.Sync, want: file}
	p.forget()
	return p, nil
}

// most is the largest size that a file may turn out to have.
func (f File) most() int64 {
	if f.Size < 0 {
		return f.MaxSize
	}
	return f.Size
}

// openPartial takes over the longest partial file of the same digest that no living process works on, or begins one. What
// was left of a file without a digest is of no use: nothing would tell that it belongs to another.
func openPartial(ctx context.Context, dir string, file File, m *fileMeter) (*partial, error) {
	if !file.Digest.Known() {
		return newPartial(dir, file)
	}
	left, err := claim(dir, file, openExisting)
	if err != nil {
		return nil, err
	}
	var best *os.File
	var size int64
	for _, f := range left {
		info, err := f.Stat()
		if err != nil || info.Size() <= size || info.Size() > file.most() {
			if err := oneLineOrNil(err, f.Close()); err != nil {
				return nil, err
			}
			continue
		}
		if best != nil {
			if err := best.Close(); err != nil {
				return nil, err
			}
		}
		best, size = f, info.Size()
	}
	if best == nil {
		return newPartial(dir, file)
	}
	p := &partial{f: best, sync: best.Sync, want: file}
	if err := p.adopt(ctx, m); err != nil {
		return nil, oneLine(err, p.keep())
	}
	return p, nil
}

// openExisting opens and locks a file that nobody else has locked.
func openExisting(path string) (*os.File, bool, error) { return openOwn(path, false) }

// claim opens, with open, all partial files of the digest whose owners are gone.
func claim(dir string, file File, open func(path string) (f *os.File, ok bool, err error)) ([]*os.File, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files []*os.File
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), file.Digest.Hex()+partialMark) || !strings.HasSuffix(e.Name(), partialSuffix) ||
			!e.Type().IsRegular() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, ok, err := open(path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || err == nil && !ok {
			continue // finished, or another user's, or somebody works on it
		}
		if err != nil {
			return nil, err
		}
		// Its owner may have finished between the look into the folder and the lock; then this is a blob by now.
		if !sameFile(f, path) {
			if err := f.Close(); err != nil {
				return nil, err
			}
			continue
		}
		files = append(files, f)
	}
	return files, nil
}

func sameFile(f *os.File, path string) bool {
	a, err := f.Stat()
	if err != nil {
		return false
	}
	b, err := os.Lstat(path)
	return err == nil && os.SameFile(a, b)
}

// adopt hashes what an earlier process wrote.
func (p *partial) adopt(ctx context.Context, m *fileMeter) error {
	p.forget()
	m.say(Verifying, 0, nil)
	buf := make([]byte, bufferSize)
	for {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := p.f.Read(buf)
		p.account(buf[:n])
		if err == io.EOF {
			m.at(p.n)
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// forget takes the state of an empty file.
func (p *partial) forget() {
	p.file = p.want
	p.n, p.h, p.head, p.etag = 0, p.file.Digest.newHash(p.file.Size), nil, ""
	if p.file.Digest.kind == gitDigest {
		// Files outside LFS come from the hub itself, whose entity tag is the digest.
		p.etag = `"` + p.file.Digest.Hex() + `"`
	}
}

// restart throws away what is there.
func (p *partial) restart() error {
	p.forget()
	if err := p.f.Truncate(0); err != nil {
		return err
	}
	_, err := p.f.Seek(0, io.SeekStart)
	return err
}

// learn takes the size that the server says, if none is known.
func (p *partial) learn(size int64) {
	if p.file.Size >= 0 || size < 0 {
		return
	}
	if p.file.Size = size; p.n == 0 {
		p.h = p.file.Digest.newHash(size)
	}
}

func (p *partial) account(b []byte) {
	if p.h != nil {
		p.h.Write(b)
	}
	p.n += int64(len(b))
	if room := headSize - len(p.head); room > 0 {
		p.head = append(p.head, b[:min(room, len(b))]...)
	}
}

// Write appends. What could not be written is not counted either.
func (p *partial) Write(b []byte) (int, error) {
	n, err := p.f.Write(b)
	p.account(b[:n])
	return n, err
}

// check compares size and digest with the announced ones.
func (p *partial) check() error {
	if p.n != p.file.Size {
		return fmt.Errorf("%w: %d bytes instead of %d%s", ErrMismatch, p.n, p.file.Size, diagnosis(p.head))
	}
	if what := diagnosis(p.head); what != "" && !p.file.Digest.Known() {
		return fmt.Errorf("%w%s", ErrMismatch, what)
	}
	if p.h == nil { // a digest that begins with the size, which came last
		p.h = p.file.Digest.newHash(p.n)
		if _, err := io.Copy(p.h, io.NewSectionReader(p.f, 0, p.n)); err != nil {
			return err
		}
	}
	if got := p.file.Digest.sumOf(p.h); p.file.Digest.Known() && got != p.file.Digest {
		return fmt.Errorf("%w: the bytes have the digest %s instead of %s%s", ErrMismatch, got, p.file.Digest, diagnosis(p.head))
	}
	return nil
}

// commit gives the checked file its name, after it reached the disk. If another process finished the same file and
// removed this one meanwhile, that is as good.
func (p *partial) commit(to string) error {
	if err := p.f.Chmod(0o644); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return oneLine(err, p.keep())
	}
	if err := p.sync(); err != nil {
		return oneLine(err, p.keep())
	}
	err := renameOwn(p.f, to)
	if info, serr := os.Stat(to); err != nil && serr == nil && info.Size() == p.file.Size {
		err = unlessGone(err)
	}
	if err != nil {
		return err
	}
	return atomicfile.SyncDir(filepath.Dir(to))
}

// keep leaves what there is to a later attempt; nothing is not worth a file.
func (p *partial) keep() error {
	if p.n == 0 {
		return p.discard()
	}
	return p.f.Close()
}

func (p *partial) discard() error {
	return removeOwn(p.f)
}

// sweep removes the partial files of a finished digest that nobody works on.
func sweep(dir string, file File) error {
	left, err := claim(dir, file, openExisting)
	for _, f := range left {
		if rerr := removeOwn(f); err == nil {
			err = rerr
		}
	}
	return err
}

func unlessGone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// oneLineOrNil is the first error, with the second behind it if there are two.
func oneLineOrNil(err, second error) error {
	if err == nil {
		return second
	}
	return oneLine(err, second)
}
