// Package datasets finds the benchmarks' files under one folder, proves by digest that they are what the manifest
// names, and hands out their records.
//
// It promises that a parser only ever sees bytes whose digest was compared with the pinned manifest first, that a file
// which differs is refused unless the caller asked for unpinned data and is then always reported as such, that what is
// read is bounded by the manifest, and that every record comes out as one JSON object in one row schema, whether the
// split lies there as text, as the publisher's archive or as a Parquet table. Archives are read in place: nothing is
// unpacked into files. It checks files, not meaning: whether a record makes sense is for the task to say.
//
// It knows no task, no model and no network.
package datasets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/swallow-eval/swallow-eval/internal/parquet"
)

var (
	// ErrMissing is returned, wrapped, where a split's file is not in the folder.
	ErrMissing = errors.New("not found")
	// ErrMismatch is returned, wrapped, where a file is not one of those the manifest pins.
	ErrMismatch = errors.New("not the pinned data")
	// ErrMalformed is returned, wrapped, where a file cannot be read or parsed as what it should be.
	ErrMalformed = errors.New("malformed data")
)

// Dir is a folder of benchmark files laid out <dataset>/<file> as the manifest says. It is safe for concurrent use.
type Dir struct {
	root          string
	files         fs.FS             // in place of root where it is not nil
	places        map[string]string // where files lie that are not below root
	allowUnpinned bool
	free          bool // what has no pin is accepted as it is
	splits        []Split
	keep          string           // a folder for rows, "" for none
	now           func() time.Time // nil is time.Now

	mu sync.Mutex
	// recent keeps the parsed splits of the data set that was read last, since a task reads its splits together and
	// asks for them again when its documents are rebuilt; keeping all of them would hold hundreds of megabytes.
	recent map[string]parsed
	held   string
	// archives keeps what was taken from archives of that data set.
	archives map[string]*unpacked
}

// parsed is one split as it was read.
type parsed struct {
	file string
	rows []json.RawMessage
	used []Use
}

// Use is one file as it was read, for the record of a run.
type Use struct {
	Dataset string `json:"dataset"`
	Split   string `json:"split"`
	// Path is relative to the folder, with slashes, as the file was found (".gz" included).
	Path string `json:"path"`
	// SHA256 is the hex digest of the uncompressed content; of an archive it is the archive's own.
	SHA256 string `json:"sha256"`
	// Rows counts the records, Expected is the number that the original has.
	Rows     int   `json:"rows"`
	Expected int   `json:"expected_rows"`
	State    State `json:"state"`
}

// Open returns the folder dir. allowUnpinned accepts files that the manifest does not pin. The error says when dir is
// not a folder.
func Open(dir string, allowUnpinned bool) (*Dir, error) {
	return OpenAs(manifest(), dir, allowUnpinned)
}

// OpenAs is Open with another manifest.
func OpenAs(splits []Split, dir string, allowUnpinned bool) (*Dir, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("data folder %s: %w", dir, ErrMissing)
	case err != nil:
		return nil, fmt.Errorf("data folder: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("data folder %s is a file", dir)
	}
	return &Dir{root: dir, allowUnpinned: allowUnpinned, splits: splits}, nil
}

// OpenFS returns files that have a manifest of their own, which pins every one of them. name is what errors call the
// place. Archives are not read from there.
func OpenFS(files fs.FS, name string, splits []Split) *Dir {
	return &Dir{root: name, files: files, splits: splits}
}

// Splits returns the manifest of the folder.
func (d *Dir) Splits() []Split { return d.splits }

// Rows returns the records of one split in file order, each one JSON object, and the path of the file they came from.
// The records must not be changed. Errors are one line that names the file.
func (d *Dir) Rows(dataset, split string) (file string, rows []json.RawMessage, err error) {
	p, err := d.load(dataset, split)
	return p.file, p.rows, err
}

// load reads, verifies and parses a split, or returns it from the last reading.
func (d *Dir) load(dataset, name string) (parsed, error) {
	split, ok := find(d.splits, dataset, name)
	if !ok {
		return parsed{}, fmt.Errorf("the manifest has no split %q of a data set %q", name, dataset)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.held != dataset {
		d.held, d.recent, d.archives = dataset, map[string]parsed{}, nil
	}
	if p, ok := d.recent[name]; ok {
		return p, nil
	}
	p, err := d.read(split)
	if err != nil {
		return parsed{file: p.file}, err
	}
	d.recent[name] = p
	return p, nil
}

// read takes the first layout of a split that is there.
func (d *Dir) read(split Split) (parsed, error) {
	for _, layout := range split.Layouts {
		paths, err := d.locate(layout)
		if err != nil {
			return parsed{}, err
		}
		if paths != nil {
			return d.readKept(split, layout, paths)
		}
	}
	first := split.Layouts[0].Files[0]
	var others []string
	for _, layout := range split.Layouts[1:] {
		others = append(others, layout.Files[0].Path)
	}
	or := ""
	if len(others) > 0 {
		or = " (nor " + strings.Join(others, ", ") + ")"
	}
	return parsed{}, fmt.Errorf("%s: %w in %s%s%s", first.Path, ErrMissing, d.root, or, first.published())
}

// locate returns the paths of all files of a layout, or nil where the first is absent.
func (d *Dir) locate(layout Layout) ([]string, error) {
	var paths []string
	for i, f := range layout.Files {
		path := ""
		for _, candidate := range f.names() {
			if _, err := d.stat(candidate); err == nil {
				path = candidate
				break
			} else if !errors.Is(err, os.ErrNotExist) {
				return nil, fmt.Errorf("%s: %w", candidate, err)
			}
		}
		if path == "" {
			if i == 0 {
				return nil, nil
			}
			return nil, fmt.Errorf("%s: %w in %s, where %s is%s", f.Path, ErrMissing, d.root, paths[0], f.published())
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// Free accepts files without a pin and splits without a number of records as they are. Those that have one must be what it says.
func (d *Dir) Free() { d.free = true }

// Place tells where files lie that are not below the folder: by the path that the manifest gives them, a path of this machine.
// It must be called before anything is
// read, and such a folder remembers no rows (Keep).
func (d *Dir) Place(places map[string]string) { d.places = places }

func (d *Dir) at(path string) string {
	if place, ok := d.places[path]; ok {
		return place
	}
	return filepath.Join(d.root, filepath.FromSlash(path))
}

func (d *Dir) stat(path string) (fs.FileInfo, error) {
	if d.files != nil {
		return fs.Stat(d.files, path)
	}
	return os.Stat(d.at(path))
}

func (d *Dir) open(path string) (fs.File, error) {
	if d.files != nil {
		return d.files.Open(path)
	}
	return os.Open(d.at(path))
}

// reading is a layout on its way to be parsed.
type reading struct {
	parsed
	// sums are the digests of the files.
	sums []sums
	// names are what messages call the contents.
	names    []string
	contents [][]byte
}

// readLayout reads, verifies and parses the files of one layout.
func (d *Dir) readLayout(split Split, layout Layout, paths []string) (reading, error) {
	r := reading{parsed: parsed{file: paths[0]}}
	for i, f := range layout.Files {
		use := Use{Dataset: split.Dataset, Split: split.Name, Path: paths[i]}
		read := d.readWhole
		if f.Members != nil {
			read = d.readMembers
		}
		if err := read(&r, &use, layout, f); err != nil {
			return r, fmt.Errorf("%s: %w", paths[i], err)
		}
		r.used = append(r.used, use)
	}
	var err error
	switch {
	case layout.Format == TriviaQA && layout.Files[0].Members != nil: // the rows were read from the stream
	case layout.Format == Parquet:
		if layout.Columns == nil {
			r.rows, err = parquet.Table(r.contents[0], layout.Files[0].limit())
		} else {
			r.rows, err = parquet.Rows(r.contents[0], layout.Columns, layout.Files[0].limit())
		}
		if err != nil {
			return r, fmt.Errorf("%s: %w: %w", paths[0], ErrMalformed, err)
		}
	default:
		if r.rows, err = parse(layout.Format, r.names, r.contents); err != nil {
			return r, err
		}
	}
	if n := len(r.rows); !d.permits(n, layout) {
		return r, fmt.Errorf("%s: %w: %d records, the manifest says %d", strings.Join(paths, " and "), ErrMalformed, n, layout.Rows)
	}
	for i := range r.used {
		r.used[i].Rows, r.used[i].Expected = len(r.rows), layout.Rows
	}
	return r, nil
}

// permits says whether a split may have n records. Content that was permitted to differ may have fewer or more: a subset is a
// fair use of that permission, and every report of the run says how many there were.
func (d *Dir) permits(n int, layout Layout) bool {
	return n > 0 && (n == layout.Rows || d.allowUnpinned || d.free && layout.Rows == 0)
}

// readWhole adds a file that is read as it lies there.
func (d *Dir) readWhole(r *reading, use *Use, layout Layout, f File) error {
	content, err := d.readFile(use.Path, f.limit())
	if err == nil {
		err = notFile(content)
	}
	if err == nil {
		err = layout.Format.check(content)
	}
	if err == nil {
		var s sums
		if s, err = f.sums(bytes.NewReader(content), int64(len(content))); err == nil {
			use.SHA256, use.State, err = f.matchPins(s, func() string { return f.windows(content) }, d.allowUnpinned || d.free && f.Pins == nil)
		}
		r.sums = append(r.sums, s)
	}
	r.names, r.contents = append(r.names, use.Path), append(r.contents, content)
	return err
}

// readMembers adds what an archive holds of the layout.
func (d *Dir) readMembers(r *reading, use *Use, layout Layout, f File) error {
	u, err := d.archive(use.Dataset, layout, f, use.Path)
	if err != nil {
		return err
	}
	list, err := u.pick(f)
	if err != nil {
		return err
	}
	use.SHA256, use.State = u.sums.SHA256, u.state
	r.sums = append(r.sums, u.sums)
	for i, m := range list {
		r.names, r.contents = append(r.names, use.Path+"/"+f.Members[i].Name), append(r.contents, m.content)
		r.rows = append(r.rows, m.rows...)
	}
	if len(list) == 1 {
		r.file = r.names[0]
	}
	return nil
}

// archive returns what was taken from an archive, which is opened once for all splits of a data set.
func (d *Dir) archive(dataset string, layout Layout, f File, path string) (*unpacked, error) {
	if u := d.archives[path]; u != nil {
		return u, nil
	}
	u, err := unpack(d.at(path), f, members(d.splits, dataset, layout, f.Path), d.allowUnpinned)
	if err != nil {
		return nil, err
	}
	if d.archives == nil {
		d.archives = map[string]*unpacked{}
	}
	d.archives[path] = u
	return u, nil
}
