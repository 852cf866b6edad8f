package datasets

import (
	"bytes"
	"compress/gzip"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// readFile returns a file's content, uncompressed when its name ends in .gz. It reads at most limit bytes of content,
// so a compressed bomb costs no more than an honest file.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
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

// notData recognises what a broken download leaves in place of a file, and text that no parser should see.
func notData(content []byte) error {
	head := bytes.ToLower(bytes.TrimSpace(content[:min(len(content), 512)]))
	switch {
	case len(content) == 0:
		return fmt.Errorf("%w: the file is empty", ErrMalformed)
	case bytes.HasPrefix(head, []byte("version https://git-lfs.github.com/spec/")):
		return fmt.Errorf("%w: this is a Git LFS pointer, not the data; fetch the file itself", ErrMalformed)
	case bytes.HasPrefix(head, []byte("<!doctype html")), bytes.HasPrefix(head, []byte("<html")):
		return fmt.Errorf("%w: this is an HTML page, not the data", ErrMalformed)
	case bytes.HasPrefix(content, []byte("\xef\xbb\xbf")):
		return fmt.Errorf("%w: the file begins with a byte order mark", ErrMalformed)
	case bytes.HasPrefix(content, []byte("\x1f\x8b")):
		return fmt.Errorf("%w: the content is compressed; name the file .gz", ErrMalformed)
	}
	if !utf8.Valid(content) {
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
	return nil
}

// verify compares content with the file's pins. It returns the sha256 and what the pins say of such content.
func (f File) verify(content []byte, allowUnpinned bool) (digest string, state State, err error) {
	sum := sha256.Sum256(content)
	digest = hex.EncodeToString(sum[:])
	for _, pin := range f.Pins {
		if pin.SHA256 == digest || pin.GitBlob != "" && pin.SHA256 == "" && pin.GitBlob == gitBlob(content) {
			return digest, pin.State, nil
		}
	}
	if allowUnpinned {
		return digest, Unpinned, nil
	}
	if len(f.Pins) == 0 {
		return digest, "", fmt.Errorf("%w: no digest of the original is known (this file: sha256 %s); --allow-unpinned-data uses it and says so", ErrMismatch, digest)
	}
	var want []string
	for _, pin := range f.Pins {
		want = append(want, pin.String())
	}
	return digest, "", fmt.Errorf("%w: sha256 %s, want %s%s; --allow-unpinned-data uses it and says so",
		ErrMismatch, digest, strings.Join(want, " or "), f.windows(content))
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

// gitBlob is the name git gives to content: the SHA-1 of a header and the content.
func gitBlob(content []byte) string {
	h := sha1.New()
	fmt.Fprintf(h, "blob %d\x00", len(content))
	h.Write(content)
	return hex.EncodeToString(h.Sum(nil))
}
