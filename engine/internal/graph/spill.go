package graph

// spilled calls do for what a layer has of every page in a file that the batch's tokens look at, once for each segment.
func (b *Batch) spilled(layer int, do func(mapped []byte) error) error {
	seen := make(map[*Segment]bool)
	for i := range b.spans {
		for s := b.spans[i].segment; s != nil && !seen[s]; s = s.parent {
			seen[s] = true
			for at := range s.pages {
				if !s.pages[at].spilled {
					continue
				}
				if err := do(s.ofLayer(at, layer)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// ofLayer is a page's keys and values of a layer, those of all heads.
func (s *Segment) ofLayer(page, layer int) []byte {
	from, _ := s.block(page, layer, 0, 0)
	_, to := s.block(page, layer, s.kvHeads-1, 1)
	return s.pages[page].bytes[from*s.elementSize() : to*s.elementSize()]
}

// fetchSpilled asks for the keys and values of a layer to be brought from the disk meanwhile; what it returns waits until all
// have been asked for.
func (p *Pass) fetchSpilled(layer int) (wait func()) {
	if !p.spills || p.err != nil || layer == len(p.net.layers) {
		return func() {}
	}
	b, done := p.b, make(chan struct{})
	go func() {
		defer close(done)
		// A wish, which has no error.
		_ = b.spilled(layer, func(mapped []byte) error { expect(mapped); return nil })
	}()
	return func() { <-done }
}

// putSpilled gives the memory of a layer's keys and values back to the system, which has them in their file.
func (p *Pass) putSpilled(layer int) {
	if p.spills && p.err == nil {
		p.err = p.b.spilled(layer, forget)
	}
}
