package graph

import (
	"errors"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel"
)

// file is a source that notes what is read of it. Byte i is i%251.
type file struct {
	size               int64
	refuses, fails     error // opening past the page cache, and reading there
	breaks             int64 // the byte that cannot be read, if it is not 0
	mutex              sync.Mutex
	direct, through    [][2]int64
	dropped, scattered int
}

func (f *file) Unbuffered() error { return f.refuses }

func (f *file) ReadAt(dst []byte, at int64, unbuffered bool) (int, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if unbuffered && f.fails != nil {
		return 0, f.fails
	}
	n := min(int64(len(dst)), f.size-at)
	if f.breaks >= at && f.breaks < at+n && f.breaks > 0 {
		return 0, io.ErrUnexpectedEOF
	}
	list := &f.through
	if unbuffered {
		list = &f.direct
	}
	*list = append(*list, [2]int64{at, at + n})
	if f.size < 1<<24 {
		for i := range n {
			dst[i] = byte((at + i) % 251)
		}
	}
	return int(n), nil
}

func (f *file) Drop(int64, int64) { f.mutex.Lock(); f.dropped++; f.mutex.Unlock() }

func (f *file) Stream() { f.scattered++ }

// stored is a matrix of a file from a byte on.
func (f *file) stored(at int64, rows, cols int) *matrix {
	return &matrix{format: kernel.BF16, mode: kernel.ModeBF16, rows: rows, cols: cols, source: f, at: at, group: 1}
}

// twoUnits are matrices that lie in their file in another order than the steps have them, at odd places.
func twoUnits(f *file) []*unit {
	a, b, c := f.stored(10_007+2*300*64+5, 200, 64), f.stored(10_007, 300, 64), f.stored(120_001, 77, 200)
	b.group = 12
	return []*unit{{matrices: []*matrix{a, b}}, {matrices: []*matrix{c}}}
}

// TestFeedGivesThePartsOfAFile: whatever the readers, the parts have the bytes of the file in any number of rounds, and no page
// of a unit is read twice in one.
func TestFeedGivesThePartsOfAFile(t *testing.T) {
	for _, way := range Readings()[:6] {
		f := &file{size: 150_801} // the last part ends with the file
		units := twoUnits(f)
		feed, err := newFeed(units, 3000*16)
		require.NoError(t, err)
		feed.way = way
		require.Len(t, feed.parts, 8)
		for range 5 {
			for u := range units {
				panels := map[*matrix]int{}
				require.NoError(t, feed.deliver(u, func(p *part, buffer []byte) {
					x := p.rows(buffer)
					require.Equal(t, p.last-p.first, x.panels())
					require.Zero(t, p.first*p.matrix.columns()%p.matrix.group)
					panels[p.matrix] += x.panels()
					for i, b := range x.data {
						require.Equal(t, byte((p.from+int64(i))%251), b)
					}
				}))
				for _, x := range units[u].matrices {
					require.Equal(t, x.panels(), panels[x])
				}
			}
		}
		reads := f.through
		if way.Direct {
			reads = f.direct
			assert.Zero(t, f.dropped)
		} else {
			assert.Positive(t, f.dropped)
		}
		require.NoError(t, feed.close())
		pages := map[int64]int{}
		for _, r := range reads {
			assert.Zero(t, r[0]%filePage)
			for at := r[0]; at < r[1]; at += filePage {
				pages[at]++
			}
		}
		for at, n := range pages {
			assert.LessOrEqual(t, n, 5, "page at %d in 5 rounds", at)
		}
	}
}

// TestFeedBeginsAnew: a pass that ends early is followed by one that begins with another unit than comes next.
func TestFeedBeginsAnew(t *testing.T) {
	f := &file{size: 200_000}
	units := append(twoUnits(f), &unit{matrices: []*matrix{f.stored(160_003, 100, 64)}})
	require.Greater(t, len(units), slots, "readers go on from unit to unit")
	feed, err := newFeed(units, 3000*16)
	require.NoError(t, err)
	for _, feed.way = range Readings()[:6] {
		for _, u := range []int{0, 1, 1, 0, 2, 0, 2, 1, 2, 0} {
			require.NoError(t, feed.deliver(u, func(p *part, buffer []byte) {
				require.Contains(t, units[u].matrices, p.matrix)
				for i, b := range p.rows(buffer).data {
					require.Equal(t, byte((p.from+int64(i))%251), b)
				}
			}))
		}
		feed.end() // before there are other readers
	}
	require.NoError(t, feed.close())
}

// TestFeedMeetsErrors: an error comes with the unit that it concerns, and afterwards all is as before.
func TestFeedMeetsErrors(t *testing.T) {
	f := &file{size: 200_000}
	units := twoUnits(f)
	feed, err := newFeed(units, 3000*16)
	require.NoError(t, err)
	feed.way = Reading{Readers: 4}
	f.breaks = 125_000
	nothing := func(*part, []byte) {}
	require.NoError(t, feed.deliver(0, nothing))
	require.ErrorIs(t, feed.deliver(1, nothing), io.ErrUnexpectedEOF)
	require.ErrorIs(t, feed.deliver(1, nothing), io.ErrUnexpectedEOF)
	f.mutex.Lock()
	f.breaks = 0
	f.mutex.Unlock()
	require.NoError(t, feed.deliver(1, nothing))
	f.size = 110_000
	require.ErrorContains(t, feed.deliver(1, nothing), "which ended before")
	require.NoError(t, feed.close())
}

// TestChoosingAReading: ways that a file system refuses are not chosen, now or at the first reading; the others read different
// parts of the files.
func TestChoosingAReading(t *testing.T) {
	no := errors.New("no such thing")
	for name, f := range map[string]*file{"opens": {refuses: no}, "reads": {fails: no}, "both": {}} {
		t.Run(name, func(t *testing.T) {
			f.size = 4 << 30
			feed, err := newFeed([]*unit{{matrices: []*matrix{f.stored(4096, 60_000, 16_384)}}}, 64<<20)
			require.NoError(t, err)
			require.NoError(t, feed.choose(""))
			defer func() { require.NoError(t, feed.close()) }()
			assert.True(t, feed.way.Chosen)
			assert.Equal(t, 1, f.scattered)
			require.Len(t, feed.tried, 6)
			for _, way := range feed.tried {
				assert.Equal(t, way.Direct && f != nil && (f.refuses != nil || f.fails != nil), way.Refused != "")
				assert.Equal(t, way.Refused == "", way.Rate > 0)
			}
			all := slices.Concat(f.direct, f.through)
			slices.SortFunc(all, func(a, b [2]int64) int { return int(a[0]>>12) - int(b[0]>>12) })
			twice := 0
			for i := 1; i < len(all); i++ {
				if all[i][0] < all[i-1][1] {
					twice++
				}
			}
			assert.Zero(t, twice)
			if f.refuses != nil || f.fails != nil {
				assert.False(t, feed.way.Direct)
				assert.ErrorIs(t, feed.choose("direct-2"), no)
			}
			require.NoError(t, feed.choose("buffered-2"))
			assert.Equal(t, "buffered-2", feed.way.String())
			assert.ErrorContains(t, feed.choose("quickly"), `no way "quickly" to read weights, only direct-1, direct-2, direct-4, buffered-1,`)
		})
	}
}

// TestFastestReading: reading through the page cache costs processors more, and must be worth it.
func TestFastestReading(t *testing.T) {
	ways := func(rates ...float64) []Reading {
		list := Readings()[:6]
		for i, r := range rates {
			list[i].Rate = r
		}
		return list
	}
	assert.Equal(t, 0, fastest(ways()))
	assert.Equal(t, 1, fastest(ways(1, 3, 2, 3.2, 3.2, 3.2)))
	assert.Equal(t, 5, fastest(ways(1, 3, 2, 3.2, 3.4, 3.5)))
	assert.Equal(t, 2, fastest(ways(1, 2, 3, 1, 1, 1)))
}
