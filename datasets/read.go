package datasets

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
)

// readFile returns a file's content, uncompressed when its name ends in .gz. It reads at most limit bytes of content,
// so a compressed bomb costs no more than an honest file.
func (d *Dir) readFile(path string, limit int64) ([]byte, error) {
	f, err := d.open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, plain(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%w: not a regular file", ErrMalformed)
	}
	if info.Size() > limit {
		return nil, tooLarge(limit)
	}
	var r io.Reader = f
	size := info.Size()
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%w: not a gzip file: %w", ErrMalformed, err)
		}
		r = z
		size *= 4
	}
	var content bytes.Buffer
	content.Grow(int(min(size, limit)) + bytes.MinRead)
	switch _, err := content.ReadFrom(io.LimitReader(r, limit+1)); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("%w: the file is cut short", ErrMalformed)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrMalformed, plain(err))
	}
	if int64(content.Len()) > limit {
		return nil, tooLarge(limit)
	}
	return content.Bytes(), nil
}

// plain drops the absolute path from an error of package os; the caller names the file.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func tooLarge(limit int64) error {
	return fmt.Errorf("%w: more than %d bytes, which is beyond anything this file can be", ErrMalformed, limit)
}

// notFile recognises what a broken download leaves in place of a file by its beginning.
func notFile(content []byte) error {
	head := bytes.ToLower(bytes.TrimSpace(content[:min(len(content), 512)]))
	switch {
	case len(content) == 0:
		return fmt.Errorf("%w: the file is empty", ErrMalformed)
	case bytes.HasPrefix(head, []byte("version https://git-lfs.github.com/spec/")):
		return fmt.Errorf("%w: this is a Git LFS pointer, not the data; fetch the file itself", ErrMalformed)
	case bytes.HasPrefix(head, []byte("<!doctype html")), bytes.HasPrefix(head, []byte("<html")):
		return fmt.Errorf("%w: this is an HTML page, not the data", ErrMalformed)
	}
	return nil
}

// check refuses content that no parser of the format should see.
func (f Format) check(content []byte) error {
	switch f {
	case Parquet:
		return nil
	case JMMLU: // most of the files begin with a mark
		return notUTF8(content)
	case SGM: // a mark at the beginning is in no segment
		return notUTF8(content)
	}
	switch {
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		return fmt.Errorf("%w: the file begins with a byte order mark", ErrMalformed)
	case bytes.HasPrefix(content, []byte("\x1f\x8b")):
		return fmt.Errorf("%w: the content is compressed; name the file .gz", ErrMalformed)
	}
	return notUTF8(content)
}

// notUTF8 names the first line that is not text.
func notUTF8(content []byte) error {
	if utf8.Valid(content) {
		return nil
	}
	line, rest := 1, content
	for len(rest) > 0 {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		rest = rest[n:]
	}
	return fmt.Errorf("%w: line %d is not valid UTF-8", ErrMalformed, line)
}

// sums are the digests of a content, in hex; git's and md5 only where a pin knows nothing better.
type sums struct {
	SHA256  string `json:"sha256"`
	GitBlob string `json:"git_blob,omitempty"`
	MD5     string `json:"md5,omitempty"`
}

// sums reads a content of size bytes to its end.
func (f File) sums(r io.Reader, size int64) (sums, error) {
	var git, weak hash.Hash
	strong := sha256.New()
	all := []io.Writer{strong}
	for _, pin := range f.Pins {
		switch {
		case pin.SHA256 != "":
		case pin.GitBlob != "" && git == nil:
			git = sha1.New()
			fmt.Fprintf(git, "blob %d\x00", size)
			all = append(all, git)
		case pin.MD5 != "" && weak == nil:
			weak = md5.New()
			all = append(all, weak)
		}
	}
	if _, err := io.CopyBuffer(io.MultiWriter(all...), struct{ io.Reader }{r}, make([]byte, 256<<10)); err != nil {
		return sums{}, err
	}
	s := sums{SHA256: hex.EncodeToString(strong.Sum(nil))}
	if git != nil {
		s.GitBlob = hex.EncodeToString(git.Sum(nil))
	}
	if weak != nil {
		s.MD5 = hex.EncodeToString(weak.Sum(nil))
	}
	return s, nil
}

// has reports whether a content of these digests is the pin's.
func (p Pin) has(s sums) bool {
	switch {
	case p.SHA256 != "":
		return p.SHA256 == s.SHA256
	case p.GitBlob != "":
		return p.GitBlob == s.GitBlob
	default:
		return p.MD5 != "" && p.MD5 == s.MD5
	}
}

// verify compares content with the file's pins. It returns the sha256 and what the pins say of such content.
func (f File) verify(content []byte, allowUnpinned bool) (digest string, state State, err error) {
	s, err := f.sums(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return "", "", err
	}
	return f.matchPins(s, func() string { return f.windows(content) }, allowUnpinned)
}

// matchPins compares digests with the file's pins; hint adds to what is said of a content that is not pinned.
func (f File) matchPins(s sums, hint func() string, allowUnpinned bool) (digest string, state State, err error) {
	for _, pin := range f.Pins {
		if pin.has(s) {
			return s.SHA256, pin.State, nil
		}
	}
	if allowUnpinned {
		return s.SHA256, Unpinned, nil
	}
	if len(f.Pins) == 0 {
		return s.SHA256, "", fmt.Errorf("%w: no digest of the original is known (this file: sha256 %s); --allow-unpinned-data uses it and says so", ErrMismatch, s.SHA256)
	}
	var want []string
	for _, pin := range f.Pins {
		want = append(want, pin.String())
	}
	return s.SHA256, "", fmt.Errorf("%w: sha256 %s, want %s%s; --allow-unpinned-data uses it and says so",
		ErrMismatch, s.SHA256, strings.Join(want, " or "), hint())
}

// windows says so when a file differs from a pinned one in its line ends only: git and editors do that silently.
func (f File) windows(content []byte) string {
	if !bytes.Contains(content, []byte("\r\n")) {
		return ""
	}
	unix := bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	if _, _, err := f.verify(unix, false); err != nil {
		return ""
	}
	return " (the lines end in CR LF; with LF alone it is the pinned file)"
}
