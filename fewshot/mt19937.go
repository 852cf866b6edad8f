package fewshot

// The sizes and constants of MT19937: M. Matsumoto and T. Nishimura, "Mersenne Twister: A 623-Dimensionally
// Equidistributed Uniform Pseudo-Random Number Generator", ACM TOMACS 8 (1998); seeding as in the authors' revision
// of 2002-01-26, which both CPython and numpy use.
const (
	stateSize  = 624
	shiftSize  = 397
	matrixA    = 0x9908b0df
	upperMask  = 0x80000000
	lowerMask  = 0x7fffffff
	seedFactor = 1812433253
)

// mt19937 is the generator that both wrappers share; they differ in how they seed it and what they draw from it.
type mt19937 struct {
	state [stateSize]uint32
	index int
}

// seedWord seeds from one 32-bit word (the authors' init_genrand).
func (m *mt19937) seedWord(seed uint32) {
	m.state[0] = seed
	for i := 1; i < stateSize; i++ {
		prev := m.state[i-1]
		m.state[i] = seedFactor*(prev^prev>>30) + uint32(i)
	}
	m.index = stateSize
}

// seedWords seeds from a non-empty list of words (the authors' init_by_array).
func (m *mt19937) seedWords(key []uint32) {
	m.seedWord(19650218)
	i := 1
	next := func() {
		if i++; i == stateSize {
			m.state[0] = m.state[stateSize-1]
			i = 1
		}
	}
	j := 0
	for range max(stateSize, len(key)) {
		prev := m.state[i-1]
		m.state[i] = (m.state[i] ^ (prev^prev>>30)*1664525) + key[j] + uint32(j)
		next()
		if j++; j == len(key) {
			j = 0
		}
	}
	for range stateSize - 1 {
		prev := m.state[i-1]
		m.state[i] = (m.state[i] ^ (prev^prev>>30)*1566083941) - uint32(i)
		next()
	}
	m.state[0] = 0x80000000
}

// word returns the next 32 random bits.
func (m *mt19937) word() uint32 {
	if m.index == stateSize {
		m.refill()
	}
	y := m.state[m.index]
	m.index++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// refill advances the whole state by one period of 624 words.
func (m *mt19937) refill() {
	for i := range m.state {
		y := m.state[i]&upperMask | m.state[(i+1)%stateSize]&lowerMask
		v := m.state[(i+shiftSize)%stateSize] ^ y>>1
		if y&1 == 1 {
			v ^= matrixA
		}
		m.state[i] = v
	}
	m.index = 0
}

// double returns the next double in [0, 1) with 53 random bits, made of two words.
func (m *mt19937) double() float64 {
	high, low := m.word()>>5, m.word()>>6
	return float64(uint64(high)<<26|uint64(low)) / (1 << 53)
}
