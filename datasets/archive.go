package datasets

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// unpacked is what was taken from one archive. A tar archive can only be passed through from its beginning, so the
// members of all splits of a data set are taken in one go.
type unpacked struct {
	sums    sums
	state   State
	members map[string]taken
}

// taken is one member: its content, or its rows where the format is read from the stream.
type taken struct {
	content []byte
	rows    []json.RawMessage
	err     error
}

// wanted is a member and the format in which it is read.
type wanted struct {
	Member
	format Format
}

// members are what every split of a data set in a manifest reads of the archive at path, in addition to layout's own.
func members(all []Split, dataset string, layout Layout, path string) []wanted {
	var list []wanted
	seen := map[string]bool{}
	add := func(l Layout) {
		for _, f := range l.Files {
			for _, m := range f.Members {
				if f.Path == path && !seen[m.Name] {
					seen[m.Name] = true
					list = append(list, wanted{m, l.Format})
				}
			}
		}
	}
	add(layout)
	for _, split := range all {
		if split.Dataset == dataset {
			for _, l := range split.Layouts {
				add(l)
			}
		}
	}
	return list
}

// unpack verifies the archive f at path and takes what want names out of it. Nothing is written anywhere. An archive of
// no known digest is read to its end, so that what is wrong behind the last member is found; one that is the
// publisher's is left when everything was taken.
func unpack(path string, f File, want []wanted, allowUnpinned bool) (*unpacked, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, plain(err)
	}
	defer file.Close()
	before, err := file.Stat()
	switch {
	case err != nil:
		return nil, plain(err)
	case !before.Mode().IsRegular():
		return nil, fmt.Errorf("%w: not a regular file", ErrMalformed)
	case before.Size() > f.limit():
		return nil, tooLarge(f.limit())
	}
	head := make([]byte, 512)
	n, err := io.ReadFull(file, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, plain(err)
	}
	if err := notFile(head[:n]); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, plain(err)
	}
	u := &unpacked{members: map[string]taken{}}
	if u.sums, err = f.sums(file, before.Size()); err != nil {
		return nil, plain(err)
	}
	if _, u.state, err = f.matchPins(u.sums, func() string { return "" }, allowUnpinned); err != nil {
		return nil, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, plain(err)
	}
	if strings.HasSuffix(f.Path, ".zip") {
		err = u.zip(file, before.Size(), want)
	} else {
		err = u.tar(file, f.MaxUnpacked, want, u.state != Unpinned)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if err := unchanged(file, before); err != nil {
		return nil, err
	}
	return u, nil
}

// unchanged makes sure that nobody wrote into the file since before: what was parsed is then what was hashed.
func unchanged(file *os.File, before os.FileInfo) error {
	after, err := file.Stat()
	if err != nil {
		return plain(err)
	}
	if after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
		return fmt.Errorf("%w: the file changed while it was read", ErrMismatch)
	}
	return nil
}

var errCutArchive = errors.New("the archive is cut short")

func (u *unpacked) zip(r io.ReaderAt, size int64, want []wanted) error {
	z, err := zip.NewReader(r, size)
	switch {
	case errors.Is(err, zip.ErrFormat), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return errors.New("the archive is cut short or not a zip archive")
	case err != nil:
		return err
	}
	for _, f := range z.File {
		name, err := memberName(f.Name)
		if err != nil {
			return err
		}
		for _, w := range want {
			if w.Name != name {
				continue
			}
			switch {
			case f.Flags&1 != 0:
				return fmt.Errorf("the member %q is encrypted", name)
			case f.UncompressedSize64 > uint64(w.MaxSize):
				return memberTooLarge(w.Member, f.UncompressedSize64)
			}
			if err := u.claim(w.Member, f.Mode().IsRegular()); err != nil {
				return err
			}
			content, err := f.Open()
			if err != nil {
				return fmt.Errorf("the member %q: %w", name, err)
			}
			err = u.take(w, content)
			content.Close()
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// tar passes through a compressed tar archive. It stops when everything was taken if known says that the archive is a
// pinned one.
func (u *unpacked) tar(r io.Reader, limit int64, want []wanted, known bool) error {
	z, err := gzip.NewReader(bufio.NewReaderSize(r, mebi))
	switch {
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return errCutArchive
	case err != nil:
		return fmt.Errorf("not a gzip file: %w", err)
	}
	defer z.Close()
	counted := &limitReader{r: z, left: limit}
	t := tar.NewReader(counted)
	for {
		h, err := t.Next()
		if err == io.EOF {
			// The archive's end is not the file's: what is left is read so that its checksum is compared.
			if _, err := io.Copy(io.Discard, counted); err != nil {
				return cutArchive(err)
			}
			return nil
		}
		if err != nil {
			return cutArchive(err)
		}
		name, err := memberName(h.Name)
		if err != nil {
			return err
		}
		for _, w := range want {
			if w.Name != name {
				continue
			}
			if h.Size > w.MaxSize {
				return memberTooLarge(w.Member, uint64(h.Size))
			}
			if err := u.claim(w.Member, h.FileInfo().Mode().IsRegular() && h.Typeflag != tar.TypeLink); err != nil {
				return err
			}
			if err := u.take(w, t); err != nil {
				return err
			}
		}
		if known && len(u.members) == len(want) {
			return nil
		}
	}
}

// claim notes that a member is there, once and as a file.
func (u *unpacked) claim(m Member, regular bool) error {
	if _, twice := u.members[m.Name]; twice {
		return fmt.Errorf("the member %q is there twice", m.Name)
	}
	if !regular {
		return fmt.Errorf("the member %q is not a regular file", m.Name)
	}
	u.members[m.Name] = taken{}
	return nil
}

// take reads a member. The error is of the archive; what is wrong with the member itself is kept with it, since another
// split's member need not concern this one.
func (u *unpacked) take(w wanted, r io.Reader) error {
	source := &faultReader{r: r}
	bounded := &limitReader{r: source, left: w.MaxSize}
	var got taken
	if w.format == TriviaQA {
		got.rows, got.err = readTriviaQA(bounded)
	} else {
		got.content, got.err = io.ReadAll(bounded)
	}
	if source.err != nil {
		return fmt.Errorf("the member %q: %w", w.Name, cutArchive(source.err))
	}
	if got.err == nil {
		got.err = w.format.check(got.content)
	}
	u.members[w.Name] = got
	return nil
}

// faultReader remembers the error with which a reader ended.
type faultReader struct {
	r   io.Reader
	err error
}

func (f *faultReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// limitReader fails, other than io.LimitReader, where there is more than it lets pass.
type limitReader struct {
	r    io.Reader
	left int64
}

var errUnpacked = errors.New("it unpacks to more than the manifest allows")

func (l *limitReader) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, errUnpacked
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left+1)])
	if l.left -= int64(n); l.left < 0 {
		return 0, errUnpacked
	}
	return n, err
}

// memberName cleans the name of a member and refuses what would leave the folder in which somebody unpacked the
// archive. This package unpacks nothing; an archive with such a name is no benchmark.
func memberName(name string) (string, error) {
	clean := strings.TrimPrefix(name, "./")
	switch {
	case name == "", strings.ContainsRune(name, 0):
		return "", fmt.Errorf("a member has the name %q", name)
	case name[0] == '/', name[0] == '\\', drive.MatchString(name):
		return "", fmt.Errorf("the member %q has an absolute name", name)
	}
	for _, element := range strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' }) {
		if element == ".." {
			return "", fmt.Errorf("the member %q has a name that leaves the folder", name)
		}
	}
	return clean, nil
}

// drive is how Windows names begin.
var drive = regexp.MustCompile(`^[A-Za-z]:`)

func memberTooLarge(m Member, size uint64) error {
	return fmt.Errorf("the member %q says it has %d bytes, more than %d, which is beyond anything it can be", m.Name, size, m.MaxSize)
}

// cutArchive names the commonest of a decompressor's errors.
func cutArchive(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errCutArchive
	}
	return err
}

// pick returns the members of f, in order, from u.
func (u *unpacked) pick(f File) ([]taken, error) {
	list := make([]taken, len(f.Members))
	for i, m := range f.Members {
		got, ok := u.members[m.Name]
		if !ok {
			return nil, fmt.Errorf("%w: the archive has no member %q", ErrMalformed, m.Name)
		}
		if got.err != nil {
			if !errors.Is(got.err, ErrMalformed) {
				got.err = fmt.Errorf("%w: %w", ErrMalformed, got.err)
			}
			return nil, fmt.Errorf("the member %q: %w", m.Name, got.err)
		}
		list[i] = got
	}
	return list, nil
}
