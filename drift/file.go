package drift

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/swallow-eval/swallow-eval/internal/atomicfile"
	"github.com/swallow-eval/swallow-eval/results"
)

// schema is the version of the files that --save writes.
const schema = 1

// Save writes the head as one line of JSON and behind it the logits as little-endian float32.
func (r Logits) Save(path string) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<20)
		if err := json.NewEncoder(b).Encode(r.Head); err != nil {
			return err
		}
		word := make([]byte, 4)
		for _, v := range r.logits {
			binary.LittleEndian.PutUint32(word, math.Float32bits(v))
			if _, err := b.Write(word); err != nil {
				return err
			}
		}
		return b.Flush()
	})
}

// headLimit is the longest head: the tokens of a long text of one's own.
const headLimit = 64 << 20

// Read reads what Save wrote. The size of the file must be the head's.
func Read(path string) (r Logits, err error) {
	f, err := os.Open(path)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return r, err
	}
	b := bufio.NewReaderSize(f, 1<<20)
	line, err := bufio.NewReaderSize(io.LimitReader(b, headLimit), 1<<20).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &r.Head) != nil || r.Head.SchemaVersion < 1 {
		return r, fmt.Errorf("%s: not a file that drift --save wrote", path)
	}
	if r.Head.SchemaVersion > schema {
		return r, fmt.Errorf("%s: schema version %d: %w", path, r.Head.SchemaVersion, results.ErrNewer)
	}
	rows, columns := int64(r.Positions()), int64(r.Head.Vocabulary)
	body := info.Size() - int64(len(line))
	if rows < 1 || columns < 1 || columns > 1<<24 || body != 4*rows*columns {
		return r, fmt.Errorf("%s: %d bytes of logits, want those of %d positions of %d tokens", path, body, rows, columns)
	}
	if _, err := f.Seek(int64(len(line)), io.SeekStart); err != nil {
		return r, err
	}
	b.Reset(f)
	r.logits = make([]float32, rows*columns)
	word := make([]byte, 4)
	for i := range r.logits {
		if _, err := io.ReadFull(b, word); err != nil {
			return r, fmt.Errorf("%s: %w", path, err)
		}
		r.logits[i] = math.Float32frombits(binary.LittleEndian.Uint32(word))
	}
	return r, nil
}
