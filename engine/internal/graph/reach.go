package graph

import "context"

// Weights that are packed for good are packed when a pass reaches them, not while the model is loaded: what is read from the disk
// or computed meanwhile need not wait for each other, and a first short answer does not wait for memory that its weights are
// written to. A layer is always one copy: what has been packed is given back in its stored form.

// reaching is what a network whose weights are packed when they are reached knows of it.
type reaching struct {
	inMemory bool // there is no file behind the weights
	begun    bool // a pass has been through
	passed   bool // and this is another one
}

// hurried is up to how many tokens the first pass goes through weights as they are stored. With more of them, the arithmetic takes
// longer than the packing.
const hurried = 64

// PackRest packs what no pass has reached, for measurements.
func (n *Network) PackRest(ctx context.Context) error {
	if n.reaching == nil {
		return nil
	}
	return n.pack(ctx, waiting(n.packable()), n.reaching.inMemory)
}

// waiting are those of some matrices that are to be packed.
func waiting(list []*matrix) (some []*matrix) {
	for _, x := range list {
		if x.room != nil {
			some = append(some, x)
		}
	}
	return some
}

// reach packs the weights of a step that are to be packed.
func (p *Pass) reach(list ...*matrix) {
	r := p.net.reaching
	if r == nil || p.err != nil || !r.passed && p.b.n <= hurried {
		return
	}
	if some := waiting(list); len(some) > 0 {
		p.err = p.net.pack(p.ctx, some, r.inMemory)
	}
}

// pace notes that a pass begins.
func (r *reaching) pace() {
	if r != nil {
		r.passed, r.begun = r.begun, true
	}
}

// lookAhead asks for the weights of a layer that are still to be packed to be brought from the disk meanwhile; what it returns
// waits until all have been asked for.
func (p *Pass) lookAhead(layer int) (wait func()) {
	r := p.net.reaching
	if r == nil || r.inMemory || p.err != nil || layer == len(p.net.layers) {
		return func() {}
	}
	var some []*matrix
	for _, u := range p.net.layers[layer].units {
		if u != nil {
			some = append(some, waiting(u.matrices)...)
		}
	}
	if len(some) == 0 {
		return func() {}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, x := range some {
			expect(x.data)
		}
	}()
	return func() { <-done }
}

// Waiting is how many matrices no pass has packed yet.
func (n *Network) Waiting() int { return len(waiting(n.matrices)) }
