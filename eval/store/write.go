package store

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Put stores an answer. When it returns nil the answer survives the death of this process; see Flush for the loss of
// power. After a failure of the disk every further Put fails: what lies behind it in the segment is unknown. An answer
// that is put again is stored once; a different one is ErrConflict.
func (s *Store) Put(q tasks.Request, r tasks.Response) error {
	return s.put(requestDigest(q), func() ([]byte, error) { return encodeAnswer(r) })
}

// Remember is Put for a request that is not one of package tasks, under the digest of a form that is none of theirs
// (docs/store.md). object is one line of JSON without line feed, whose fields mean what those of other answers do.
func (s *Store) Remember(request [sha256.Size]byte, object []byte) error {
	return s.put(request, func() ([]byte, error) {
		if _, err := decodeAnswer(object); err != nil || bytes.IndexByte(object, '\n') >= 0 {
			return nil, errors.Join(errNoAnswer, err)
		}
		return object, nil
	})
}

// errNoAnswer refuses what could not be read back.
var errNoAnswer = errors.New("an answer that is not one line of JSON")

func (s *Store) put(key digest, encode func() ([]byte, error)) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.failed != nil {
		return s.failed
	}
	payload, err := encode()
	if err == nil {
		s.record, err = appendRecord(s.record[:0], s.seed, key, payload)
	}
	if err != nil {
		return fmt.Errorf("answer store: %w", err)
	}
	if known, err := s.known(key); known || err != nil {
		return err
	}
	if s.out == nil {
		if err := s.begin(); err != nil {
			return s.fail(err)
		}
	}
	if err := write(s.out, s.record); err != nil {
		return s.fail(err)
	}
	s.mu.Lock()
	s.index.add(short(key[:16]), location{int32(s.own), int32(len(s.record)), s.end})
	s.stats.Put++
	s.stats.Answers = s.index.len()
	s.mu.Unlock()
	s.end += int64(len(s.record))
	if s.unsynced++; s.unsynced >= s.delay.answers {
		return s.sync()
	}
	if s.timer == nil && s.delay.time > 0 {
		s.timer = time.AfterFunc(s.delay.time, s.late)
	}
	return nil
}

// known says whether s.record's answer is stored already, and fails if another one is.
func (s *Store) known(key digest) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.index.get(short(key[:16]))
	if e == nil {
		return false, nil
	}
	old, ok := s.read(key, e)
	if !ok {
		return false, nil
	}
	if !bytes.Equal(old, recordPayload(s.record)) {
		return false, fmt.Errorf("answer store: %w (the first: %s, offset %d)", ErrConflict, s.segments[e.at.segment].path, e.at.offset)
	}
	return true, nil
}

// begin creates this process's segment.
func (s *Store) begin() error {
	if err := s.to.MakeDir(s.dir); err != nil {
		return err
	}
	for range namesTried {
		path := filepath.Join(s.dir, segmentName(s.next))
		s.next++
		f, err := s.to.Create(path)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return err
		}
		s.out = f
		header := appendHeader(nil, s.id)
		s.end = int64(len(header))
		if err := write(f, header); err != nil {
			return err
		}
		s.mu.Lock()
		s.own = len(s.segments)
		s.segments = append(s.segments, segment{path: path, synced: true})
		s.stats.Segments++
		s.mu.Unlock()
		return s.to.SyncDir(s.dir)
	}
	return fmt.Errorf("%s: no free segment name after %d tries", s.dir, namesTried)
}

// write is io.Writer's contract held to: a short write is an error.
func write(f appender, b []byte) error {
	n, err := f.Write(b)
	if err == nil && n < len(b) {
		err = fmt.Errorf("%d of %d bytes written", n, len(b))
	}
	return err
}

// fail makes an error stick. What is on disk behind a failed write or sync is unknown, so the segment ends here.
func (s *Store) fail(err error) error {
	s.failed = fmt.Errorf("answer store: %w", err)
	return s.failed
}

// Flush makes everything durable that was put, and everything that was served: another process may have died between
// writing and syncing it.
func (s *Store) Flush() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.flush()
}

// flush is Flush with s.writing held.
func (s *Store) flush() error {
	if s.failed != nil {
		return s.failed
	}
	if err := s.sync(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.segments {
		seg := &s.segments[i]
		if !seg.relied || seg.synced {
			continue
		}
		f, err := s.handle(i)
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed since: nothing is left to be made durable
		}
		if err == nil {
			err = f.Sync()
		}
		if err != nil {
			return s.fail(err)
		}
		seg.synced = true
	}
	return nil
}

// sync syncs this process's segment. s.writing is held.
func (s *Store) sync() error {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if s.unsynced == 0 {
		return nil
	}
	if err := s.out.Sync(); err != nil {
		return s.fail(err)
	}
	s.unsynced = 0
	return nil
}

// late syncs what no further Put has. A failure is told by whatever is called next.
func (s *Store) late() {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.timer = nil
	if s.failed == nil && s.sync() != nil {
		return // s.failed holds it
	}
}

// Close makes everything durable and releases the files. It returns the error that Put or Flush met, if any.
func (s *Store) Close() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if errors.Is(s.failed, ErrClosed) {
		return nil
	}
	err := s.flush()
	if s.timer != nil {
		s.timer.Stop()
	}
	if s.out != nil {
		err = errors.Join(err, s.out.Close())
	}
	s.failed = ErrClosed
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.opened {
		err = errors.Join(err, s.segments[i].file.Close())
	}
	s.opened, s.index = nil, index{}
	return err
}
