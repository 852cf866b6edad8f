package report

import (
	"bytes"
	"compress/flate"
	"encoding/ascii85"
	"encoding/json"
	"sync"
)

// squeezer makes blocks of the page, one at a time. Its buffers serve the next block: a page has hundreds, and what each
// would leave behind is more than the page.
type squeezer struct {
	plain, packed bytes.Buffer
	text          []byte
	deflate       *flate.Writer
}

// squeezers are those that no block is being made with.
type squeezers struct{ idle sync.Pool }

// squeeze is the Ascii85 of the raw DEFLATE of v's JSON.
func (s *squeezers) squeeze(v any) (string, error) {
	q, _ := s.idle.Get().(*squeezer)
	if q == nil {
		q = &squeezer{}
	}
	defer s.idle.Put(q)
	return q.squeeze(v)
}

func (q *squeezer) squeeze(v any) (string, error) {
	q.plain.Reset()
	q.packed.Reset()
	enc := json.NewEncoder(&q.plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	if q.deflate == nil {
		w, err := flate.NewWriter(&q.packed, flate.BestCompression)
		if err != nil {
			return "", err
		}
		q.deflate = w
	}
	q.deflate.Reset(&q.packed)
	if _, err := q.deflate.Write(q.plain.Bytes()); err != nil {
		return "", err
	}
	if err := q.deflate.Close(); err != nil {
		return "", err
	}
	return q.encode85(), nil
}

// encode85 is Ascii85 (encoding/ascii85) with "v" in place of "<", which could end the element it stands in. It takes five
// characters for four bytes where base64 takes four for three.
func (q *squeezer) encode85() string {
	b := q.packed.Bytes()
	if most := ascii85.MaxEncodedLen(len(b)); cap(q.text) < most {
		q.text = make([]byte, most)
	}
	out := q.text[:cap(q.text)]
	out = out[:ascii85.Encode(out, b)]
	for i, c := range out {
		if c == '<' {
			out[i] = 'v'
		}
	}
	return string(out)
}
