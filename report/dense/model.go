package dense

import "math/bits"

// chance is the likelihood of a one bit in 65,536ths, followed quickly and slowly.
type chance struct{ quick, slow uint16 }

const (
	quickly = 4
	slowly  = 7
	// least keeps both bits possible.
	least = 32
)

func (p *chance) of() uint32 {
	return min(max((uint32(p.quick)+uint32(p.slow))/2, least), 1<<16-least)
}

func (p *chance) learn(bit int) {
	if bit == 1 {
		p.quick += (1<<16 - 1 - p.quick) >> quickly
		p.slow += (1<<16 - 1 - p.slow) >> slowly
	} else {
		p.quick -= p.quick >> quickly
		p.slow -= p.slow >> slowly
	}
}

// model is what has been seen of ranks. A rank is coded as: is it 0, is it 1, and else its length in bits and the bits
// below the first. The first two are expected by the classes of the last three ranks and the length of the run of zeros,
// the length by that of the last rank that was not 0.
type model struct {
	zero, one [64 * 16]chance
	length    [4 * 9]chance
	low       [9 * 128]chance

	classes, run, last int
}

func newModel() *model {
	m := &model{}
	for _, chances := range [][]chance{m.zero[:], m.one[:], m.length[:], m.low[:]} {
		for i := range chances {
			chances[i] = chance{1 << 15, 1 << 15}
		}
	}
	return m
}

// rank codes rank r, or reads one.
func (m *model) rank(c coder, r int) int {
	expect := m.classes*16 + min(bits.Len(uint(m.run)), 15)
	class := 0
	if c.bit(&m.zero[expect], truth(r == 0)) == 1 {
		r = 0
		m.run++
	} else {
		if c.bit(&m.one[expect], truth(r == 1)) == 1 {
			r = 1
		} else {
			r = m.more(c, r)
		}
		m.run = 0
		m.last = min(bits.Len(uint(r))-1, 3)
		class = min(bits.Len(uint(r)), 3)
	}
	m.classes = (m.classes<<2 | class) & 63
	return r
}

// more codes a rank above 1.
func (m *model) more(c coder, r int) int {
	length := 2
	for length < 8 && c.bit(&m.length[m.last*9+length], truth(bits.Len(uint(r)) == length)) == 0 {
		length++
	}
	out := 1
	for i := length - 2; i >= 0; i-- {
		out = out<<1 | c.bit(&m.low[length*128+out], r>>i&1)
	}
	return out
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}
