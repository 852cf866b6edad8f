package store

import (
	"bytes"
	"errors"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
)

// errKilled is what a dead process sees of its disk.
var errKilled = errors.New("killed")

// faultDisk is a file system in memory that fails as told and that knows which bytes and names would survive the loss
// of power: bytes by a sync of their file, names by a sync of their directory.
type faultDisk struct {
	mu    sync.Mutex
	dirs  map[string]bool
	files map[string]*faultFile
	// names are the files that would be found under each name after the loss of power.
	names map[string]*faultFile
	// ops counts the operations that change something; calls lists them.
	ops   int
	calls []string
	// failAt is the operation that fails with failWith, -1 for none. A failing write writes half of its bytes.
	failAt   int
	failWith error
	failOn   bool // and every one after it fails, too, but for those that free space
	// dieAt is the operation, counted from 1, before which the process dies; 0 for never.
	dieAt int
	// budget is the number of bytes after which the process dies, -1 for never.
	budget int
	dead   bool
}

type faultFile struct {
	disk  *faultDisk
	path  string
	data  []byte
	safe  int  // bytes that survive the loss of power
	lost  bool // a sync failed: the kernel may have dropped what it could not write, and says so only once
	alive bool // its writer is, and has not closed it
}

func newFaultDisk() *faultDisk {
	return &faultDisk{dirs: map[string]bool{}, files: map[string]*faultFile{}, names: map[string]*faultFile{}, failAt: -1, budget: -1}
}

// failNext makes the next operation fail, while others may be at work.
func (d *faultDisk) failNext(with error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failAt, d.failWith = d.ops, with
}

// seen lists the operations so far.
func (d *faultDisk) seen() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.calls)
}

// op begins an operation that changes something.
func (d *faultDisk) op(name string) error {
	if d.dead {
		return errKilled
	}
	d.calls = append(d.calls, name)
	d.ops++
	if d.ops == d.dieAt {
		d.dead = true
		return errKilled
	}
	if d.ops-1 == d.failAt || d.failOn && d.failAt >= 0 && d.ops > d.failAt && name != "remove" {
		return &fs.PathError{Op: name, Path: "segment", Err: d.failWith}
	}
	return nil
}

func (d *faultDisk) MakeDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.op("mkdir"); err != nil {
		return err
	}
	d.dirs[dir] = true
	return nil
}

func (d *faultDisk) Create(path string) (appender, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.op("create"); err != nil {
		return nil, err
	}
	if !d.dirs[filepath.Dir(path)] {
		return nil, fs.ErrNotExist
	}
	if d.files[path] != nil {
		return nil, fs.ErrExist
	}
	f := &faultFile{disk: d, path: path, alive: true}
	d.files[path] = f
	return f, nil
}

func (d *faultDisk) SyncDir(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.op("syncdir"); err != nil {
		return err
	}
	for _, names := range []map[string]*faultFile{d.files, d.names} {
		for path := range names {
			if filepath.Dir(path) == dir {
				keep(d.names, path, d.files[path])
			}
		}
	}
	return nil
}

// keep makes a name stand for a file, nil for none.
func keep(names map[string]*faultFile, path string, f *faultFile) {
	if names[path] = f; f == nil {
		delete(names, path)
	}
}

func (d *faultDisk) Remove(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.op("remove"); err != nil {
		return err
	}
	if d.files[path] == nil {
		return fs.ErrNotExist
	}
	delete(d.files, path)
	return nil
}

func (f *faultFile) Write(b []byte) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.op("write"); err != nil {
		if !f.disk.dead {
			f.data = append(f.data, b[:len(b)/2]...)
		}
		return len(b) / 2, err
	}
	if f.disk.budget >= 0 && len(b) > f.disk.budget {
		n := f.disk.budget
		f.data = append(f.data, b[:n]...)
		f.disk.dead = true
		return n, errKilled
	}
	if f.disk.budget >= 0 {
		f.disk.budget -= len(b)
	}
	f.data = append(f.data, b...)
	return len(b), nil
}

func (f *faultFile) Sync() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.op("sync"); err != nil {
		f.lost = true
		return err
	}
	if !f.lost {
		f.safe = len(f.data)
	}
	return nil
}

func (f *faultFile) Name() string { return f.path }

func (f *faultFile) Close() error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	f.alive = false
	return nil
}

func (d *faultDisk) Segments(dir string) ([]string, []Damage, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for path := range d.files {
		if filepath.Dir(path) == dir {
			names = append(names, filepath.Base(path))
		}
	}
	slices.Sort(names)
	return names, nil, nil
}

// reading is a view of a file as it is at the time of each read.
type reading struct{ f *faultFile }

func (r reading) ReadAt(b []byte, off int64) (int, error) {
	r.f.disk.mu.Lock()
	defer r.f.disk.mu.Unlock()
	return bytes.NewReader(r.f.data).ReadAt(b, off)
}

// Sync is the writer's: it is one file.
func (r reading) Sync() error { return r.f.Sync() }

func (reading) Close() error { return nil }

// lostSome says whether a sync failed and the kernel may hold bytes in memory that it will not write.
func (d *faultDisk) lostSome() bool {
	for _, f := range d.files {
		if f.lost {
			return true
		}
	}
	return false
}

func (d *faultDisk) Open(path string) (segmentFile, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := d.files[path]
	if f == nil {
		return nil, fs.ErrNotExist
	}
	return reading{f}, nil
}

// afterKill is the disk as the next process finds it: everything written is there.
func (d *faultDisk) afterKill() *faultDisk {
	n := newFaultDisk()
	for dir := range d.dirs {
		n.dirs[dir] = true
	}
	copies := map[*faultFile]*faultFile{}
	for _, names := range []struct{ from, to map[string]*faultFile }{{d.files, n.files}, {d.names, n.names}} {
		for path, f := range names.from {
			if copies[f] == nil {
				copies[f] = &faultFile{disk: n, path: f.path, data: bytes.Clone(f.data), safe: f.safe, lost: f.lost}
			}
			names.to[path] = copies[f]
		}
	}
	return n
}

// The ways in which the loss of power treats what was not synced.
const (
	dropAll = iota
	dropSome
	zeroTail
	garbageTail
	powerCuts
)

// afterPowerCut is the disk after the loss of power.
func (d *faultDisk) afterPowerCut(how int, random *rand.Rand) *faultDisk {
	n := d.afterKill()
	// A change of a name that was not synced may have happened or not, each for itself.
	for _, names := range []map[string]*faultFile{d.files, d.names} {
		for path := range names {
			if n.files[path] != n.names[path] && (how == dropAll || random.IntN(2) == 0) {
				keep(n.files, path, n.names[path])
			}
		}
	}
	cut := map[*faultFile]bool{}
	for path, f := range n.files {
		n.names[path] = f
		if cut[f] {
			continue
		}
		cut[f] = true
		tail := f.data[f.safe:]
		switch how {
		case dropAll:
			tail = nil
		case dropSome:
			tail = tail[:random.IntN(len(tail)+1)]
		case zeroTail:
			clear(tail[random.IntN(len(tail)+1):])
		case garbageTail:
			for i := random.IntN(len(tail) + 1); i < len(tail); i++ {
				tail[i] = byte(random.Uint32())
			}
		}
		f.data = append(f.data[:f.safe:f.safe], tail...)
		f.safe, f.lost = len(f.data), false
	}
	for path := range n.names {
		keep(n.names, path, n.files[path])
	}
	return n
}
