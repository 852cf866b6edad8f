package dense

// coder writes bits where it has an encoder, and reads them where it has a decoder: one model serves both.
type coder struct {
	*encoder
	*decoder
}

// bit codes the given bit, or reads one, and learns.
func (c coder) bit(p *chance, bit int) int {
	if c.encoder != nil {
		c.encoder.put(p.of(), bit)
	} else {
		bit = c.decoder.get(p.of())
	}
	p.learn(bit)
	return bit
}

// encoder is a range coder with carries, as LZMA has it: low is 33 bits, of which the highest is a carry into what has
// been written.
type encoder struct {
	out  []byte
	low  uint64
	span uint32
	// held is the last byte, and how many bytes of 255 follow it, which a carry would change; begun is whether there is one.
	held  byte
	ones  int
	begun bool
}

func (e *encoder) put(chance uint32, bit int) {
	bound := e.span >> 16 * chance
	if bit == 1 {
		e.span = bound
	} else {
		e.low += uint64(bound)
		e.span -= bound
	}
	for e.span < 1<<24 {
		e.span <<= 8
		e.shift()
	}
}

func (e *encoder) shift() {
	if e.low < 0xff<<24 || e.low >= 1<<32 {
		carry := byte(e.low >> 32)
		if e.begun {
			e.out = append(e.out, e.held+carry)
		}
		for ; e.ones > 0; e.ones-- {
			e.out = append(e.out, 0xff+carry)
		}
		e.held, e.begun = byte(e.low>>24), true
	} else {
		e.ones++
	}
	e.low = e.low & 0xffffff << 8
}

func (e *encoder) end() []byte {
	for range 5 {
		e.shift()
	}
	return e.out
}

// decoder reads what encoder wrote; beyond the end it reads zeros.
type decoder struct {
	in         []byte
	code, span uint32
}

func newDecoder(in []byte) *decoder {
	d := &decoder{in: in, span: 1<<32 - 1}
	for range 4 {
		d.next()
	}
	return d
}

func (d *decoder) next() {
	d.code <<= 8
	if len(d.in) > 0 {
		d.code |= uint32(d.in[0])
		d.in = d.in[1:]
	}
}

func (d *decoder) get(chance uint32) int {
	bound := d.span >> 16 * chance
	bit := 0
	if d.code < bound {
		d.span, bit = bound, 1
	} else {
		d.code -= bound
		d.span -= bound
	}
	for d.span < 1<<24 {
		d.span <<= 8
		d.next()
	}
	return bit
}
