package store

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzStoreSegment reads arbitrary bytes, alone and behind a valid segment: nothing panics, the valid part is
// recovered in full, and what is visited is a record to the last bit.
func FuzzStoreSegment(f *testing.F) {
	id, err := model.Digest()
	if err != nil {
		f.Fatal(err)
	}
	start := seed(id)
	segment := func(from, to int) []byte {
		b := appendHeader(nil, model)
		for i := from; i < to; i++ {
			if b, err = appendAnswer(b, start, question(i), reply(i)); err != nil {
				f.Fatal(err)
			}
		}
		return b
	}
	whole := segment(0, 4)
	f.Add(uint8(3), whole)
	f.Add(uint8(0), whole[:len(whole)-5])
	f.Add(uint8(1), []byte("00000000 {}\n"))
	f.Add(uint8(2), bytes.Repeat([]byte{0}, 300))
	f.Add(uint8(2), append(bytes.Repeat([]byte("x"), 300), '\n'))
	f.Add(uint8(5), bytes.Replace(whole, []byte("stop"), []byte("eos"), 1))
	f.Add(uint8(4), []byte("\n\n \n"))
	f.Fuzz(func(t *testing.T, n uint8, tail []byte) {
		visit := func(b []byte) (records []record, damages []Damage, torn bool, err error) {
			torn, err = scan(bytes.NewReader(b), "s", model, start, visitor{
				record: func(r record) {
					require.Equal(t, int64(r.length), int64(len(b[r.offset:])-len(bytes.SplitN(b[r.offset:], []byte("\n"), 2)[1])))
					key, payload, reason := parseRecord(b[r.offset:r.offset+int64(r.length)], start)
					require.Empty(t, reason)
					require.Equal(t, r.key, key)
					require.Equal(t, r.payload, payload)
					if a, err := decodeAnswer(payload); err == nil {
						_, err = encodeAnswer(a)
						require.NoError(t, err)
					}
					records = append(records, r)
				},
				damage: func(d Damage) {
					require.Less(t, d.Offset, int64(len(b)))
					damages = append(damages, d)
				},
			})
			return records, damages, torn, err
		}
		_, _, torn, err := visit(tail)
		if torn {
			require.NoError(t, err)
			require.NotEqual(t, byte('\n'), append([]byte{0}, tail...)[len(tail)])
		}

		valid := int(n % 8)
		b := append(segment(0, valid), tail...)
		records, damages, torn, err := visit(b)
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(records), valid)
		for i := range valid {
			require.Equal(t, requestDigest(question(i)), records[i].key)
		}
		lines := bytes.Count(tail, []byte("\n"))
		require.Equal(t, lines, len(records)-valid+len(damages), "every line is a record or damage")
		require.Equal(t, len(tail) > 0 && tail[len(tail)-1] != '\n', torn)
	})
}

// TestLongLines reads lines around the buffer's size and the longest that may be.
func TestLongLines(t *testing.T) {
	for _, n := range []int{64<<10 - 1, 64 << 10, 64<<10 + 1, 1 << 20, maxLine + 1, maxLine + 200<<10} {
		text := append(append(bytes.Repeat([]byte("x"), n), '\n'), "end\nrest"...)
		l := newLines(bytes.NewReader(text))
		line, err := l.next()
		if n > maxLine {
			require.ErrorIs(t, err, errLong)
		} else {
			require.NoError(t, err)
			require.Len(t, line, n+1)
		}
		require.Equal(t, int64(n+1), l.offset)
		line, err = l.next()
		require.NoError(t, err)
		require.Equal(t, "end\n", string(line))
		_, err = l.next()
		require.ErrorContains(t, err, "EOF")
		require.Equal(t, int64(len(text)), l.offset)
		require.Less(t, cap(l.spill), 2*maxLine)
	}
}

func TestIndex(t *testing.T) {
	var x index
	key := func(i int) short { return short(bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 8)) }
	require.Nil(t, x.get(key(1)))
	for i := range 5000 {
		x.add(key(i), location{1, 1, int64(i)})
		x.add(key(i), location{2, 2, 0})
	}
	require.Equal(t, 5000, x.len())
	for i := range 5000 {
		require.Equal(t, location{1, 1, int64(i)}, x.get(key(i)).at, "the first counts")
		if i%3 == 0 {
			x.remove(x.get(key(i)))
			require.Nil(t, x.get(key(i)))
		}
	}
	require.Equal(t, 3333, x.len())
	for i := 0; i < 9000; i++ {
		x.add(key(i), location{3, 3, 0})
	}
	require.Equal(t, 9000, x.len())
	require.Equal(t, int32(3), x.get(key(3)).at.segment)
	require.Equal(t, int32(1), x.get(key(4)).at.segment)
}
