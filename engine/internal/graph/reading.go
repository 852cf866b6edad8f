package graph

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mostReaders is how many goroutines read one model at most.
const mostReaders = 4

// Reading is a way to read weights that are not kept. The zero Reading is through the mapping of the files, whose pages the
// system keeps as long as it likes.
type Reading struct {
	Readers int     // goroutines that read parts into buffers; 0 for none
	Direct  bool    // past the system's page cache, or else through it, with the pages given back
	Rate    float64 // bytes a second as it was tried; 0 where it was not
	Refused string  // why it cannot be had
	Chosen  bool
}

// String names it.
func (r Reading) String() string {
	switch {
	case r.Readers == 0:
		return "mapped"
	case r.Direct:
		return "direct-" + strconv.Itoa(r.Readers)
	}
	return "buffered-" + strconv.Itoa(r.Readers)
}

// Readings are all ways, those first that cost the processors least.
func Readings() (list []Reading) {
	for _, direct := range []bool{true, false} {
		for n := 1; n <= mostReaders; n *= 2 {
			list = append(list, Reading{Readers: n, Direct: direct})
		}
	}
	return append(list, Reading{})
}

// ReadingOf returns the way of that name.
func ReadingOf(name string) (Reading, error) {
	var names []string
	for _, r := range Readings() {
		if names = append(names, r.String()); r.String() == name {
			return r, nil
		}
	}
	return Reading{}, fmt.Errorf("no way %q to read weights, only %s", name, strings.Join(names, ", "))
}

// How ways are compared: each reads other parts of the files, in turns, so that nothing is read twice and a disk that is
// slow for a moment is so for all. Small models are not worth it.
const (
	triedBytes  = 32 << 20               // for each way and round
	triedTime   = 100 * time.Millisecond // likewise; slow disks are not read for long
	triedRounds = 2
	enoughTime  = 500 * time.Millisecond // after which no further round is begun
	worthTrying = 16 * triedBytes        // of weights that are streamed
	// muchFaster is by how much a way through the page cache must be faster than the best one past it, which costs the
	// processors a fifth as much or less.
	muchFaster = 1.1
)

// choose takes the way to read the units from their files: the one that is asked for by name, or else the one that is found
// to be the fastest now.
func (f *feed) choose(name string) error {
	ways := Readings()
	if name != "" {
		way, err := ReadingOf(name)
		if err != nil {
			return err
		}
		ways = []Reading{way}
	}
	for _, source := range f.sources() {
		source.Stream() // drops what looking for weights has brought: a fault may bring megabytes around what is wanted
	}
	refused := f.canDirect()
	if refused != nil && ways[0].Direct && name != "" {
		return fmt.Errorf("read weights past the page cache: %w", refused)
	}
	var possible []Reading
	f.tried = nil
	for _, way := range ways {
		switch {
		case way.Readers == 0: // comes into question where the system can keep the files, and then it is no question
		case way.Direct && refused != nil:
			way.Refused = refused.Error()
			f.tried = append(f.tried, way)
		default:
			possible = append(possible, way)
		}
	}
	best := 0
	if len(possible) > 1 {
		if err := f.compare(possible); err != nil {
			return err
		}
		best = fastest(possible)
	}
	possible[best].Chosen = true
	f.way, f.tried = possible[best], append(possible, f.tried...)
	return nil
}

// sources are the files that have the units.
func (f *feed) sources() (list []Source) {
	for i := range f.parts {
		if s := f.parts[i].matrix.source; !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// canDirect is nil where the files of all units can be read past the page cache.
func (f *feed) canDirect() error {
	for _, source := range f.sources() {
		if err := source.Unbuffered(); err != nil {
			return err
		}
		// Some file systems refuse the reading and not the opening.
		if _, err := source.ReadAt(f.buffer(0)[:filePage], 0, true); err != nil {
			return err
		}
	}
	return nil
}

// compare tries the ways, or where that is not worth it leaves their rates 0.
func (f *feed) compare(ways []Reading) error {
	all := int64(0)
	for i := range f.parts {
		all += int64(f.parts[i].span())
	}
	if all < worthTrying {
		return nil
	}
	bytes, took := make([]int64, len(ways)), make([]time.Duration, len(ways))
	most := triedBytes/(f.size-filePage) + 1 // parts
	for round, begin := 0, time.Now(); round < triedRounds && (round == 0 || time.Since(begin) < enoughTime); round++ {
		for i, way := range ways {
			first := (round*len(ways) + i) * len(f.parts) / (triedRounds * len(ways))
			f.drop(first, most) // pages that happen to be in memory say nothing of the disk
			n, d, err := f.try(way, first, most, triedTime)
			if err != nil {
				return err
			}
			bytes[i], took[i] = bytes[i]+n, took[i]+d
			f.drop(first, most)
		}
	}
	for i := range ways {
		ways[i].Rate = float64(bytes[i]) / max(1e-9, took[i].Seconds())
	}
	return nil
}

// drop has the system forget some parts.
func (f *feed) drop(first, n int) {
	for k := range min(n, len(f.parts)) {
		p := &f.parts[(first+k)%len(f.parts)]
		p.matrix.source.Drop(p.start, p.end-p.start)
	}
}

// fastest is the number of the best of some ways.
func fastest(ways []Reading) (best int) {
	for i, way := range ways {
		needed := ways[best].Rate
		if ways[best].Direct && !way.Direct {
			needed *= muchFaster
		}
		if way.Rate > needed {
			best = i
		}
	}
	return best
}

// Reading is how weights that are not kept are read; the zero one also where all are.
func (n *Network) Reading() Reading {
	if n.stream == nil || n.stream.feed == nil {
		return Reading{}
	}
	return n.stream.feed.way
}

// Readings are the ways that it was chosen from, as they were tried; none where there was nothing to choose.
func (n *Network) Readings() []Reading {
	if n.stream == nil || n.stream.feed == nil {
		return nil
	}
	return n.stream.feed.tried
}

// ReadBytes is how many bytes of weights have been read from files since the network streams, unless through their mapping.
func (n *Network) ReadBytes() int64 {
	if n.stream == nil || n.stream.feed == nil {
		return 0
	}
	return n.stream.feed.bytes.Load()
}
