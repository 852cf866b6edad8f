package store

import "encoding/binary"

// index finds records by their request's digest: an open-addressed table of positions into a list of entries, 40 to 48
// bytes a record and one or two cache misses an insertion, where Go's map takes twice as much of both. A digest is
// uniform already, so its own bits serve as the hash.
type index struct {
	entries []entry
	slots   []uint32 // 1 + position in entries; 0 is free; a power of two of them, at most half taken
	gone    int
}

// short is what the index keeps of a request's digest. The record holds all of it, and all of it is compared when it
// is read.
type short [16]byte

// entry is a record of the index. One without length was disbelieved.
type entry struct {
	key short
	at  location
}

// location is where a record's line lies.
type location struct {
	segment, length int32
	offset          int64
}

// slot is the position of the key's slot, or of the free one where it would be.
func (x *index) slot(key short) int {
	mask := len(x.slots) - 1
	i := int(binary.LittleEndian.Uint64(key[:8])) & mask
	for x.slots[i] != 0 && x.entries[x.slots[i]-1].key != key {
		i = (i + 1) & mask
	}
	return i
}

// get returns the entry of a key, or nil.
func (x *index) get(key short) *entry {
	if len(x.slots) == 0 {
		return nil
	}
	if e := x.slots[x.slot(key)]; e != 0 && x.entries[e-1].at.length > 0 {
		return &x.entries[e-1]
	}
	return nil
}

// add enters a record unless its key is there.
func (x *index) add(key short, at location) {
	if 2*(len(x.entries)+1) > len(x.slots) {
		x.grow()
	}
	i := x.slot(key)
	switch e := x.slots[i]; {
	case e == 0:
		x.entries = append(x.entries, entry{key, at})
		x.slots[i] = uint32(len(x.entries))
	case x.entries[e-1].at.length == 0:
		x.entries[e-1].at = at
		x.gone--
	}
}

// remove forgets the key of an entry that get returned.
func (x *index) remove(e *entry) {
	e.at.length = 0
	x.gone++
}

// len is the number of keys.
func (x *index) len() int { return len(x.entries) - x.gone }

func (x *index) grow() {
	x.slots = make([]uint32, max(1024, 2*len(x.slots)))
	for n := range x.entries {
		x.slots[x.slot(x.entries[n].key)] = uint32(n + 1)
	}
}
