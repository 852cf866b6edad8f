package datasets

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/internal/filesum"
)

// keptLeast is the size in bytes from which a split's rows are kept: smaller ones are parsed faster than asked for.
const keptLeast = 64 << 10

// Keep makes d remember the rows of its splits in a folder, and take them from there as long as nothing has changed: the
// program, what the manifest says of the split, and of each file the absolute path, device, inode, size, time of modification
// and time of change. Only an administrator can give a changed file its old time of change. A file that changed within two
// seconds before it was read is not remembered, and nothing is where the system tells no inode or another user may write to
// the folder. What was remembered has a checksum; digests are compared with the manifest as if the files had been hashed.
//
// Remembering may fail, which costs time later and nothing else.
func (d *Dir) Keep(folder string) {
	if d.files == nil {
		d.keep = folder
	}
}

// kept is the head of a file of rows: one line of JSON, after which come the rows' lengths, each in four bytes, little end
// first, the rows, and the CRC-32C of all that.
type kept struct {
	// Program and Layout name what made the rows of the files.
	Program string     `json:"program"`
	Layout  string     `json:"layout"`
	Files   []keptFile `json:"files"`
	// File is what messages call the place of the rows.
	File string `json:"file"`
	Rows int    `json:"rows"`
}

type keptFile struct {
	Path  string `json:"path"`
	State string `json:"state"`
	Sums  sums   `json:"sums"`
}

// readKept is readLayout, or what it returned when the files were as they are now.
func (d *Dir) readKept(split Split, layout Layout, paths []string) (parsed, error) {
	place, now, settled := d.current(split, layout, paths)
	if place == "" {
		r, err := d.readLayout(split, layout, paths)
		return r.parsed, err
	}
	if p, ok := d.recall(place, now, split, layout, paths); ok {
		return p, nil
	}
	r, err := d.readLayout(split, layout, paths)
	if err != nil || !settled {
		return r.parsed, err
	}
	if _, after, _ := d.current(split, layout, paths); after.same(now) && size(r.rows) >= keptLeast {
		_ = d.remember(place, now, r) // see Keep
	}
	return r.parsed, nil
}

func size(rows []json.RawMessage) (n int) {
	for _, row := range rows {
		n += len(row)
	}
	return n
}

// current is where the rows of a layout are kept, "" for nowhere, the head they have if they were made of the files as they
// are now, and whether the files have been as they are for long enough.
func (d *Dir) current(split Split, layout Layout, paths []string) (place string, k kept, settled bool) {
	if d.keep == "" || d.places != nil {
		return "", k, false
	}
	said, err := json.Marshal(layout)
	program, known := programState()
	root, aerr := filepath.Abs(d.root)
	if err != nil || !known || aerr != nil {
		return "", k, false
	}
	at := time.Now()
	if d.now != nil {
		at = d.now()
	}
	settled = true
	k.Program, k.Layout = program, digestOf(said)
	for _, path := range paths {
		info, err := os.Stat(d.at(path))
		if err != nil {
			return "", k, false
		}
		state, known := filesum.State(info)
		if !known || !info.Mode().IsRegular() {
			return "", k, false
		}
		settled = settled && filesum.Settled(info, at)
		k.Files = append(k.Files, keptFile{Path: filepath.Join(root, filepath.FromSlash(path)), State: state})
	}
	name := digestOf([]byte(root + "\x00" + split.Dataset + "\x00" + split.Name))
	return filepath.Join(d.keep, split.Dataset+"-"+split.Name+"-"+name[:16]), k, settled
}

// programState tells this program from another that reads files in another way.
func programState() (string, bool) {
	path, err := os.Executable()
	if err != nil {
		return "", false
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", false
	}
	return filesum.State(info)
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// same says whether rows with the head k are those that files in the state now would give.
func (k kept) same(now kept) bool {
	if k.Program != now.Program || k.Layout != now.Layout || len(k.Files) != len(now.Files) {
		return false
	}
	for i, f := range now.Files {
		if k.Files[i].Path != f.Path || k.Files[i].State != f.State {
			return false
		}
	}
	return true
}

// recall returns the rows that are kept at a place, if they are those of the files as they are and may be used. What is wrong
// with files is left to be said by who reads them.
func (d *Dir) recall(place string, now kept, split Split, layout Layout, paths []string) (p parsed, ok bool) {
	if !filesum.Private(d.keep) {
		return p, false
	}
	content, err := os.ReadFile(place)
	if err != nil {
		return p, false
	}
	k, rows, ok := decodeKept(content, now)
	if !ok || !d.permits(len(rows), layout) {
		return p, false
	}
	p = parsed{file: k.File, rows: rows}
	for i, f := range layout.Files {
		use := Use{Dataset: split.Dataset, Split: split.Name, Path: paths[i], Rows: len(rows), Expected: layout.Rows}
		if use.SHA256, use.State, err = f.matchPins(k.Files[i].Sums, func() string { return "" }, d.allowUnpinned); err != nil {
			return p, false
		}
		p.used = append(p.used, use)
	}
	return p, true
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// decodeKept reads what encodeKept wrote, if its head is that of now.
func decodeKept(content []byte, now kept) (k kept, rows []json.RawMessage, ok bool) {
	head, rest, found := bytes.Cut(content, []byte("\n"))
	if !found || json.Unmarshal(head, &k) != nil || !k.same(now) || len(rest) < 4 {
		return k, nil, false
	}
	if crc32.Checksum(content[:len(content)-4], castagnoli) != binary.LittleEndian.Uint32(content[len(content)-4:]) {
		return k, nil, false
	}
	rest = rest[:len(rest)-4]
	if k.Rows < 0 || k.Rows > len(rest)/4 {
		return k, nil, false
	}
	lengths, rest := rest[:4*k.Rows], rest[4*k.Rows:]
	rows = make([]json.RawMessage, k.Rows)
	for i := range rows {
		n := int(binary.LittleEndian.Uint32(lengths[4*i:]))
		if n > len(rest) {
			return k, nil, false
		}
		rows[i], rest = rest[:n:n], rest[n:]
	}
	return k, rows, len(rest) == 0
}

// remember keeps the rows that were read of files in the state now.
func (d *Dir) remember(place string, now kept, r reading) error {
	if err := os.MkdirAll(d.keep, 0o700); err != nil {
		return err
	}
	if !filesum.Private(d.keep) {
		return fmt.Errorf("%s: others may write there", d.keep)
	}
	now.File, now.Rows = r.file, len(r.rows)
	for i := range now.Files {
		now.Files[i].Sums = r.sums[i]
	}
	return atomicfile.Write(place, func(w io.Writer) error { return encodeKept(w, now, r.rows) })
}

// encodeKept writes rows with their head and checksum.
func encodeKept(w io.Writer, k kept, rows []json.RawMessage) error {
	head, err := json.Marshal(k)
	if err != nil {
		return err
	}
	sum := crc32.New(castagnoli)
	w = io.MultiWriter(w, sum)
	lengths := make([]byte, 0, 4*len(rows))
	for _, row := range rows {
		if uint64(len(row)) > math.MaxUint32 {
			return fmt.Errorf("a record of %d bytes", len(row))
		}
		lengths = binary.LittleEndian.AppendUint32(lengths, uint32(len(row)))
	}
	if _, err := w.Write(slices.Concat(head, []byte("\n"), lengths)); err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
	return binary.Write(w, binary.LittleEndian, sum.Sum32())
}
