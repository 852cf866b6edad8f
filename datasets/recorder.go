package datasets

import (
	"encoding/json"
	"slices"
	"sync"
)

// Recorder hands out a folder's records and remembers which files they came from. One Recorder serves one task, so a
// run can say what each of its numbers rests on.
type Recorder struct {
	dir *Dir

	mu   sync.Mutex
	used []Use
}

// Recorder returns a Recorder of d that has recorded nothing.
func (d *Dir) Recorder() *Recorder { return &Recorder{dir: d} }

// Rows is Dir.Rows, recorded.
func (r *Recorder) Rows(dataset, split string) (file string, rows []json.RawMessage, err error) {
	p, err := r.dir.load(dataset, split)
	if err != nil {
		return p.file, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, u := range p.used {
		if !slices.Contains(r.used, u) {
			r.used = append(r.used, u)
		}
	}
	return p.file, p.rows, nil
}

// Files returns the files used so far, in order of first use.
func (r *Recorder) Files() []Use {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.used)
}
