// Package store keeps a model's answers on disk, so that an evaluation that dies goes on where it stopped and no
// question is asked twice.
//
// It promises that an answer served is the answer that was put, for the same model in the same arithmetic and the same
// request, whatever happened to the files in between; that an answer is safe from the death of the process once Put
// returns and safe from the loss of power once Flush returns, 64 answers are put, or a second has passed; and that any
// number of processes may use one cache directory at once, with nothing to lock and so nothing to break. Damage is
// never served and never an error: what cannot be believed is missing, is counted, and is asked again.
//
// Each process appends to a segment of its own, created with O_EXCL, and touches no other file. A segment's header
// names the model; each record's checksum covers the model and the request. docs/store.md describes the bytes.
//
// Why an append-only log and not an embedded engine: bbolt v1.5.0 was measured against a log with checksums and an
// index in memory, 20,000 answers of 770 bytes, everything synced. It puts 30,660 answers a second in batches of 64
// where the log puts 73,236, takes 32.0 MiB where the log takes 16.5, and locks its file against every other process,
// which is what concurrent runs on one cache must not have. It reads in 1.8 microseconds and opens in 0.6 ms, where the
// log must be scanned; both are far below what a model needs, since the scan checks a million records in well under
// a second. SQLite puts 15,769 a second and adds 5 MiB. A file of lines can also be read, repaired and counted without
// this program. Beyond some ten million answers of one model the index in memory (40 to 80 bytes an answer) would speak for
// a tree on disk.
package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// ErrClosed is returned for a Store that is closed.
var ErrClosed = errors.New("the answer store is closed")

// ErrConflict reports a second answer to a request that differs from the first: then something outside the identity
// moves the model's answers, and neither can be believed to be the model's.
var ErrConflict = errors.New("the model gave two different answers to one request")

const (
	// batch is the number of answers and linger the time after which what was put is synced.
	batch  = 64
	linger = time.Second
	// openSegments bounds the file handles held for reading.
	openSegments = 128
	// namesTried bounds the search for a free segment name among processes that start together.
	namesTried = 10_000
)

// delay bounds what the loss of power may take: so many answers, put so long ago at the most.
type delay struct {
	answers int
	time    time.Duration // 0: until the answers are that many
}

// promised is what docs/store.md says that the loss of power may take.
func promised() delay { return delay{answers: batch, time: linger} }

// Store holds the answers of one model. It is safe for concurrent use.
type Store struct {
	dir   string // of the identity
	id    Identity
	seed  uint32
	from  source
	to    sink
	delay delay

	mu       sync.Mutex // guards the fields below
	index    index
	segments []segment
	opened   []int // segments with a handle, the oldest first
	line     []byte
	stats    Stats
	damages  []Damage

	writing  sync.Mutex // guards the fields below; taken before mu
	next     int        // the number of the next segment to try
	out      appender
	own      int   // the segment written to
	end      int64 // its size
	unsynced int
	timer    *time.Timer
	failed   error
	record   []byte
}

// segment is a file of records, opened for reading when one is asked for.
type segment struct {
	path string
	file segmentFile
	// relied says that an answer was taken from it whose writer may have died before syncing it.
	relied, synced bool
}

// Stats counts what a Store has and did.
type Stats struct {
	// Segments and Answers are what was found when it was opened, with what was put since.
	Segments int `json:"segments"`
	Answers  int `json:"answers"`
	Hits     int `json:"hits"`
	Misses   int `json:"misses"`
	Put      int `json:"put"`
	// Torn counts segments whose writer died within a record, or writes it just now.
	Torn int `json:"torn"`
	// Damaged counts records and segments that were not believed; Damages names the first of them.
	Damaged int `json:"damaged"`
}

// damagesKept bounds the list of damages: a disk that rots wholesale must not fill the memory with messages.
const damagesKept = 100

// Damage is a record or a segment that was not believed.
type Damage struct {
	Segment string `json:"segment"`
	Offset  int64  `json:"offset"`
	Reason  string `json:"reason"`
}

func (d Damage) String() string {
	return fmt.Sprintf("%s: offset %d: %s", d.Segment, d.Offset, d.Reason)
}

// Open reads what the cache directory dir holds of the model's answers. A missing directory is an empty store; it is
// made when the first answer is put. Answers that other processes put later are not seen.
func Open(dir string, id Identity) (*Store, error) {
	return open(dir, id, disk{}, disk{}, promised())
}

func open(dir string, id Identity, from source, to sink, d delay) (*Store, error) {
	digest, err := id.Digest()
	if err != nil {
		return nil, err
	}
	s := &Store{
		dir: filepath.Join(dir, digest), id: id, seed: seed(digest), from: from, to: to, delay: d,
		next: 1, own: -1,
	}
	names, refused, err := from.Segments(s.dir)
	if err != nil {
		return nil, fmt.Errorf("answer store: %w", err)
	}
	for _, d := range refused {
		s.damage(d)
	}
	for _, name := range names {
		s.segments = append(s.segments, segment{path: filepath.Join(s.dir, name)})
		s.next = max(s.next, segmentNumber(name)+1)
	}
	s.load()
	return s, nil
}

// load builds the index. Of several records of one request the first counts.
func (s *Store) load() {
	for i, seg := range s.segments {
		torn, err := readSegment(s.from, seg.path, s.id, s.seed, visitor{
			record: func(r record) { s.index.add(short(r.key[:16]), location{int32(i), r.length, r.offset}) },
			damage: s.damage,
		})
		if err != nil {
			s.damage(Damage{seg.path, 0, err.Error()})
		}
		if torn {
			s.stats.Torn++
		}
	}
	s.stats.Segments, s.stats.Answers = len(s.segments), s.index.len()
}

func (s *Store) damage(d Damage) {
	s.stats.Damaged++
	if len(s.damages) < damagesKept {
		s.damages = append(s.damages, d)
	}
}

// Get returns the answer to a request, if the store has one that can be believed.
func (s *Store) Get(q tasks.Request) (tasks.Response, bool) {
	var r tasks.Response
	ok := s.recall(requestDigest(q), func(payload []byte) (err error) {
		r, err = decodeAnswer(payload)
		return err
	})
	return r, ok
}

// Recall returns what was remembered under the digest of a request that is not one of package tasks.
func (s *Store) Recall(request [sha256.Size]byte) (object []byte, ok bool) {
	ok = s.recall(request, func(payload []byte) error {
		object = bytes.Clone(payload)
		_, err := decodeAnswer(payload)
		return err
	})
	return object, ok
}

// recall shows take a record's answer, which it may disbelieve.
func (s *Store) recall(key digest, take func(payload []byte) error) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.index.get(short(key[:16])); e != nil {
		if payload, ok := s.read(key, e); ok {
			err := take(payload)
			if err == nil {
				s.stats.Hits++
				return true
			}
			s.disbelieve(e, err.Error())
		}
	}
	s.stats.Misses++
	return false
}

// read returns a record's answer as it is stored, valid until the next call. s.mu is held.
func (s *Store) read(key digest, e *entry) ([]byte, bool) {
	f, err := s.handle(int(e.at.segment))
	if err != nil {
		s.disbelieve(e, err.Error())
		return nil, false
	}
	if cap(s.line) < int(e.at.length) {
		s.line = make([]byte, 2*e.at.length)
	}
	line := s.line[:e.at.length]
	if _, err := f.ReadAt(line, e.at.offset); err != nil {
		s.disbelieve(e, err.Error())
		return nil, false
	}
	stored, payload, reason := parseRecord(line, s.seed)
	if reason == "" && stored != key {
		reason = "another request's record"
	}
	if reason != "" {
		s.disbelieve(e, reason)
		return nil, false
	}
	s.segments[e.at.segment].relied = true
	return payload, true
}

// disbelieve forgets a record that has changed since it was indexed, so that the request is asked again.
func (s *Store) disbelieve(e *entry, reason string) {
	s.damage(Damage{s.segments[e.at.segment].path, e.at.offset, reason})
	s.index.remove(e)
	s.stats.Answers = s.index.len()
}

// handle is the segment's file, opened if need be. s.mu is held.
func (s *Store) handle(i int) (segmentFile, error) {
	seg := &s.segments[i]
	if seg.file != nil {
		return seg.file, nil
	}
	if len(s.opened) >= openSegments {
		oldest := &s.segments[s.opened[0]]
		s.opened = s.opened[1:]
		err := oldest.file.Close()
		oldest.file = nil
		if err != nil {
			return nil, err
		}
	}
	f, err := s.from.Open(seg.path)
	if err != nil {
		return nil, err
	}
	seg.file = f
	s.opened = append(s.opened, i)
	return f, nil
}

// Stats returns the counts so far.
func (s *Store) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Damages returns the first hundred things that were not believed.
func (s *Store) Damages() []Damage {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Damage(nil), s.damages...)
}
