package store

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Entry is one model's part of a cache directory.
type Entry struct {
	// Digest names the directory; Identity is what its segments say, empty where none can be read.
	Digest   string   `json:"digest"`
	Identity Identity `json:"identity"`
	Segments int      `json:"segments"`
	Bytes    int64    `json:"bytes"`
	// Changed is when a segment was last written to.
	Changed time.Time `json:"changed"`
}

// List tells what a cache directory holds, in the order of digests. It reads headers only.
func List(dir string) ([]Entry, error) {
	var entries []Entry
	err := eachModel(dir, func(digest, path string) error {
		files, _, err := segmentFiles(path)
		if err != nil || len(files) == 0 {
			return err
		}
		e := Entry{Digest: digest, Segments: len(files)}
		e.Identity, _ = identityOf(digest, files)
		for _, f := range files {
			e.Bytes += f.size
			if f.changed.After(e.Changed) {
				e.Changed = f.changed
			}
		}
		entries = append(entries, e)
		return nil
	})
	return entries, err
}

// eachModel visits the directories of a cache that are named as identities are, in order.
func eachModel(dir string, each func(digest, path string) error) error {
	if _, err := trusted(dir, os.Stat); err != nil {
		return fmt.Errorf("answer store: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("answer store: %w", err)
	}
	var sum digest
	for _, e := range entries {
		if len(e.Name()) != 2*len(sum) || !decodeHex(sum[:], []byte(e.Name())) || !e.IsDir() {
			continue
		}
		if err := each(e.Name(), filepath.Join(dir, e.Name())); err != nil {
			return fmt.Errorf("answer store: %w", err)
		}
	}
	return nil
}

// file is a segment as the directory shows it.
type file struct {
	path    string
	size    int64
	changed time.Time
}

func segmentFiles(dir string) ([]file, []Damage, error) {
	names, refused, err := disk{}.Segments(dir)
	if err != nil {
		return nil, nil, err
	}
	var files []file
	for _, name := range names {
		path := filepath.Join(dir, name)
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed by another process just now
		}
		if err != nil {
			return nil, nil, err
		}
		files = append(files, file{path, info.Size(), info.ModTime()})
	}
	return files, refused, nil
}

// identityOf finds the identity that a directory is named after in the headers of its segments.
func identityOf(digest string, files []file) (Identity, bool) {
	for _, f := range files {
		r, err := disk{}.Open(f.path)
		if err != nil {
			continue
		}
		line, err := newLines(r).next()
		if r.Close() != nil || err != nil {
			continue
		}
		id, err := parseHeader(line)
		if err != nil {
			continue
		}
		if d, err := id.Digest(); err == nil && d == digest {
			return id, true
		}
	}
	return Identity{}, false
}

// Report is what Verify found of one model.
type Report struct {
	Entry
	// Records counts those that can be believed, Answers the requests they answer.
	Records int `json:"records"`
	Answers int `json:"answers"`
	// Conflicts counts requests with answers that differ: the model's answers depend on more than its identity.
	Conflicts int `json:"conflicts"`
	// Torn counts segments that end within a record: their writer died there, or writes now. Nothing synced is lost.
	Torn    int      `json:"torn"`
	Damages []Damage `json:"damages"`
}

// Verify reads and checks every byte of a cache directory.
func Verify(dir string) ([]Report, error) {
	entries, err := List(dir)
	if err != nil {
		return nil, err
	}
	var reports []Report
	for _, e := range entries {
		r := Report{Entry: e, Damages: []Damage{}}
		files, refused, err := segmentFiles(filepath.Join(dir, e.Digest))
		if err != nil {
			return nil, fmt.Errorf("answer store: %w", err)
		}
		r.Damages = append(r.Damages, refused...)
		seen := map[digest]uint32{}
		conflicts := map[digest]bool{}
		for _, f := range files {
			damage := func(d Damage) { r.Damages = append(r.Damages, d) }
			torn, err := readSegment(disk{}, f.path, e.Identity, seed(e.Digest), visitor{
				damage: damage,
				record: func(rec record) {
					if _, err := decodeAnswer(rec.payload); err != nil {
						damage(Damage{f.path, rec.offset, err.Error()})
						return
					}
					r.Records++
					sum := crc32.Checksum(rec.payload, castagnoli())
					if first, ok := seen[rec.key]; !ok {
						seen[rec.key] = sum
					} else if first != sum {
						conflicts[rec.key] = true
					}
				},
			})
			if err != nil {
				damage(Damage{f.path, 0, err.Error()})
			}
			if torn {
				r.Torn++
			}
		}
		r.Answers, r.Conflicts = len(seen), len(conflicts)
		reports = append(reports, r)
	}
	return reports, nil
}

// Keep says what GC spares. The zero value keeps everything.
type Keep struct {
	// Age is how long ago a segment may have been written to last; 0 is no limit.
	Age time.Duration
	// Bytes is how much of the newest segments of all models together may stay; 0 is no limit.
	Bytes int64
	// Now is the time that ages are measured from.
	Now time.Time
}

// spared is how long a segment is safe from GC after its last write: a run in progress may be writing to it.
const spared = time.Hour

// GC removes whole segments, the oldest first, until what stays satisfies keep, and returns their paths. A segment
// that was written to within the last hour, or in the future, always stays. Stores that are open elsewhere lose
// nothing but the answers.
func GC(dir string, keep Keep) ([]string, error) { return gc(dir, keep, disk{}) }

func gc(dir string, keep Keep, to sink) ([]string, error) {
	var files []file
	err := eachModel(dir, func(_, path string) error {
		list, _, err := segmentFiles(path)
		files = append(files, list...)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(files, func(a, b file) int { return b.changed.Compare(a.changed) })
	var removed []string
	var goners []file
	var kept int64
	full := false
	for _, f := range files {
		age := keep.Now.Sub(f.changed)
		old := keep.Age > 0 && age > keep.Age
		full = full || keep.Bytes > 0 && kept+f.size > keep.Bytes
		if age <= spared || !old && !full {
			kept += f.size
			continue
		}
		goners = append(goners, f)
	}
	for _, f := range slices.Backward(goners) {
		if err := to.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return removed, fmt.Errorf("answer store: %w", err)
		}
		removed = append(removed, f.path)
	}
	return removed, nil
}

// exported is one line of Export.
type exported struct {
	Model   string          `json:"model"`
	Request string          `json:"request"`
	Answer  json.RawMessage `json:"answer"`
}

// Export writes every answer of a cache directory that can be believed as a line of JSON: before the first answer of
// each model {"model","identity"}, then {"model","request","answer"} with the digests of both and the answer as it is
// stored, each request once.
func Export(dir string, w io.Writer) error {
	entries, err := List(dir)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<20)
	line := func(v any) error {
		b, err := marshal(v)
		if err != nil {
			return err
		}
		_, err = out.Write(append(b, '\n'))
		return err
	}
	for _, e := range entries {
		err := line(struct {
			Model    string   `json:"model"`
			Identity Identity `json:"identity"`
		}{e.Digest, e.Identity})
		if err != nil {
			return err
		}
		files, _, err := segmentFiles(filepath.Join(dir, e.Digest))
		if err != nil {
			return fmt.Errorf("answer store: %w", err)
		}
		seen := map[digest]bool{}
		for _, f := range files {
			var failed error
			visit := visitor{damage: func(Damage) {}, record: func(r record) {
				if _, err := decodeAnswer(r.payload); err != nil || seen[r.key] || failed != nil {
					return
				}
				seen[r.key] = true
				failed = line(exported{e.Digest, hex.EncodeToString(r.key[:]), r.payload})
			}}
			// What cannot be read is not exported, and Verify tells what that is: only the writer's error counts here.
			if _, err := readSegment(disk{}, f.path, e.Identity, seed(e.Digest), visit); err != nil && failed == nil {
				continue
			}
			if failed != nil {
				return failed
			}
		}
	}
	return out.Flush()
}
