package hub

import (
	"math"
	"sync"
	"time"
)

// EventKind says what happened.
type EventKind string

// The events of one Snapshot, in the order in which they begin. Progress comes at most ten times a second.
const (
	Resolved  EventKind = "resolved"  // the revision is a commit, and it is known what is to be had
	Verifying EventKind = "verifying" // a cached file or the kept part of one is being hashed
	Progress  EventKind = "progress"  // bytes arrived
	Retrying  EventKind = "retrying"  // Err happened; the next attempt follows after Wait
	Fetched   EventKind = "fetched"   // a file is in the cache, verified
	Complete  EventKind = "complete"  // so is everything
)

// Event is what a progress display needs. Counts and sizes are of the files wanted in this call; Done includes what
// was in the cache already, Rate only what came over the network.
type Event struct {
	Kind      EventKind
	Repo      Repo
	Commit    Commit
	Path      string // of the file concerned; empty for Resolved and Complete
	FileDone  int64  // bytes of that file
	FileSize  int64
	Done      int64 // bytes of all files
	Total     int64
	FilesDone int
	Files     int
	Rate      float64       // bytes per second, smoothed over some seconds; 0 until known
	ETA       time.Duration // to the end of all files at that rate; -1 unknown
	Wait      time.Duration
	Err       error
}

const (
	progressEvery = 100 * time.Millisecond
	rateMemory    = 5 * time.Second
)

// meter turns bytes into events.
type meter struct {
	mu     sync.Mutex
	tell   func(Event)
	now    func() time.Time
	e      Event // what all events have in common
	since  time.Time
	before int64 // network bytes when the rate was last computed
	net    int64
}

func (c *Client) newMeter(l Listing) *meter {
	return &meter{tell: c.tell, now: c.o.Now, since: c.o.Now(), e: Event{Repo: l.Repo, Commit: l.Commit, ETA: -1}}
}

// tell passes an event on, one at a time even when several calls are fetching.
func (c *Client) tell(e Event) {
	if c.o.Progress == nil {
		return
	}
	c.telling.Lock()
	defer c.telling.Unlock()
	c.o.Progress(e)
}

// emit sends an event of that kind about a file.
func (m *meter) emit(kind EventKind, change func(*Event)) {
	e := m.e
	e.Kind = kind
	if change != nil {
		change(&e)
	}
	m.tell(e)
}

// begin sets the totals: of all files, total bytes, of which done seem to be there.
func (m *meter) begin(files int, total, done int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.e.Files, m.e.Total, m.e.Done = files, total, done
	m.emit(Resolved, nil)
}

// fileMeter counts one file.
type fileMeter struct {
	*meter
	path       string
	size, done int64
}

func (f *fileMeter) say(kind EventKind, wait time.Duration, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sayLocked(kind, wait, err)
}

func (f *fileMeter) sayLocked(kind EventKind, wait time.Duration, err error) {
	f.emit(kind, func(e *Event) {
		e.Path, e.FileDone, e.FileSize, e.Wait, e.Err = f.path, f.done, f.size, wait, err
	})
}

// expect sets the file's size once the server has said it.
func (f *fileMeter) expect(size int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.size >= 0 || size < 0 {
		return
	}
	f.size = size
	if f.e.Total < 0 {
		f.e.Total = size // the only file of its download
	}
}

// at says how much of the file is there, without the network having brought it.
func (f *fileMeter) at(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.e.Done += n - f.done
	f.done = n
}

// add counts bytes that the network brought.
func (f *fileMeter) add(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done += n
	f.e.Done += n
	f.net += n
	now := f.now()
	passed := now.Sub(f.since)
	if passed < progressEvery {
		return
	}
	rate := float64(f.net-f.before) / passed.Seconds()
	if f.e.Rate == 0 {
		f.e.Rate = rate
	} else {
		f.e.Rate += (1 - math.Exp(-passed.Seconds()/rateMemory.Seconds())) * (rate - f.e.Rate)
	}
	f.since, f.before = now, f.net
	f.e.ETA = -1
	if left := float64(f.e.Total-f.e.Done) / f.e.Rate; f.e.Total >= 0 && left >= 0 && left < 1e9 {
		f.e.ETA = time.Duration(left * float64(time.Second))
	}
	f.sayLocked(Progress, 0, nil)
}

// finish says that the file is in the cache.
func (f *fileMeter) finish() {
	if f.size >= 0 {
		f.at(f.size)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.e.FilesDone++
	f.sayLocked(Fetched, 0, nil)
}

func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.emit(Complete, nil)
}
