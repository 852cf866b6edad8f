package kernel

import (
	"math"
	"time"
)

// Work is what kernels are chosen for: products of a mode with panels of packed weights, k inputs to an output.
type Work struct {
	Mode   Mode // of the arithmetic
	Panels Mode // of the weights: Mode, or ModeBF16 under ModeF32 where they are widened in the product
	K      int
}

// Candidate is a kernel as Choose found it.
type Candidate struct {
	Name        string
	Instruction string
	Rate        float64 // of the fastest trial, in 10^9 operations a second; 0 where none took place
	Wrong       bool    // gives other bits than Portable on this machine, and is not chosen
	Chosen      bool
}

const (
	// chooseRows and chooseInputs bound the product that is timed: rows as in a prompt, inputs so few that it stays in a
	// first- or second-level cache, since what is compared is arithmetic.
	chooseRows, chooseInputs = 48, 1024
	// chooseTrials is how often every candidate is timed, in turns, and chooseTime when no further turn begins.
	chooseTrials, chooseTime = 9, 8 * time.Millisecond
	// chooseMargin is by how much a candidate must be faster than an earlier one to be preferred: less may be chance, and
	// earlier ones have more of the machine's instructions.
	chooseMargin = 1.05
)

// Choose measures, for a few milliseconds, which of the kernels is the fastest for the work, and reports what it found. A
// processor may have an instruction for the purpose that is slower than the usual ones. Kernels give the same bits, so the
// choice changes none; one that on this machine gives others than Portable, which would be a fault of the processor, of an
// emulator or of ours, is left out. ks is not empty, and earlier ones win draws. Portable takes part only if it is alone or
// nothing else is right.
func Choose(ks []*Kernel, w Work) (*Kernel, []Candidate) {
	portable := Portable()
	candidates := make([]Candidate, 0, len(ks))
	var fit []*Kernel
	for _, k := range ks {
		c := Candidate{Name: k.Name(), Instruction: k.Instruction(w.Mode)}
		switch {
		case k.packing == vectorNone && len(ks) > 1: // Portable: slower by far, so not worth the time
			continue
		case alike(fit, k, w.Mode):
			continue
		case k.packing != vectorNone && !agree(k, portable, w):
			c.Wrong = true
		default:
			fit = append(fit, k)
		}
		candidates = append(candidates, c)
	}
	if len(fit) == 0 {
		return portable, append(candidates, Candidate{Name: portable.Name(), Instruction: portable.Instruction(w.Mode), Chosen: true})
	}
	t := newTrial(w, min(chooseInputs, max(2, w.K)), chooseRows)
	best := fit[0]
	if len(fit) > 1 {
		seconds := t.times(fit)
		best = fit[fastest(seconds)]
		for i, k := range fit {
			at := position(candidates, k.Name())
			candidates[at].Rate = t.operations() / seconds[i] / 1e9
		}
	}
	candidates[position(candidates, best.Name())].Chosen = true
	return best, candidates
}

// alike reports whether one of ks computes the products of a mode as k does, so that timing both would compare chance.
func alike(ks []*Kernel, k *Kernel, m Mode) bool {
	for _, other := range ks {
		if other.packing == k.packing && other.Instruction(m) == k.Instruction(m) {
			return true
		}
	}
	return false
}

func position(candidates []Candidate, name string) int {
	for i, c := range candidates {
		if c.Name == name {
			return i
		}
	}
	return -1
}

// fastest returns the index of the least time, unless an earlier one is within the margin.
func fastest(seconds []float64) int {
	best := 0
	for i, s := range seconds {
		if s*chooseMargin < seconds[best] {
			best = i
		}
	}
	return best
}

// trial is a product that kernels can be compared by.
type trial struct {
	work    Work
	m, n, k int
	x       []float32
	half    []uint16
	rows    []byte
	panels  []byte
	c       []float32
	scratch Scratch
}

// newTrial makes a product of m rows and one panel of bfloat16's columns, of numbers as they are in models: all normal.
func newTrial(w Work, k, m int) *trial {
	t := &trial{work: w, m: m, n: columnsBF16, k: k, x: make([]float32, m*k)}
	stored := make([]float32, t.n*k)
	for i := range t.x {
		t.x[i] = sample(i)
	}
	for i := range stored {
		stored[i] = sample(3*i + 1)
	}
	t.encode(stored)
	return t
}

// sample is a number between -1 and 1, the i'th of a sequence that looks like chance.
func sample(i int) float32 {
	return float32(int32(uint32(i)*2654435761)) / (1 << 31)
}

// encode brings both sides into the form that the work wants, by the portable kernel.
func (t *trial) encode(stored []float32) {
	p := Portable()
	t.half, t.rows = make([]uint16, len(t.x)), make([]byte, t.m*RowSizeQ8(t.k))
	p.RoundBF16(t.half, t.x)
	for i := range t.m {
		p.QuantizeQ8(t.rows[i*RowSizeQ8(t.k):], t.x[i*t.k:][:t.k])
	}
	t.panels = aligned(make([]byte, t.work.Panels.PackedSize(t.k, t.n)+line), t.work.Panels.PackedSize(t.k, t.n), line)
	p.PackPanels(t.panels, t.work.Panels, bytesOf(stored), F32, t.k, t.n, 0, t.work.Panels.Panels(t.n))
	t.c = make([]float32, t.m*t.n)
}

// run multiplies into c, to which it adds.
func (t *trial) run(k *Kernel, c []float32) {
	switch {
	case t.work.Mode == ModeF32 && t.work.Panels == ModeBF16:
		k.GemmMixed(t.m, t.n, t.k, t.x, t.k, t.panels, c, t.n, true, &t.scratch)
	case t.work.Mode == ModeF32:
		k.GemmF32(t.m, t.n, t.k, t.x, t.k, t.panels, c, t.n, true, &t.scratch)
	case t.work.Mode == ModeBF16:
		k.GemmBF16(t.m, t.n, t.k, t.half, t.k, t.panels, c, t.n, true)
	case t.work.Mode == ModeQ8:
		k.GemmQ8(t.m, t.n, t.k, t.rows, RowSizeQ8(t.k), t.panels, c, t.n, true)
	}
}

func (t *trial) operations() float64 { return 2 * float64(t.m) * float64(t.n) * float64(t.k) }

// times returns the least time of each kernel's trials. Kernels take turns, so that what else the machine does hits all of
// them, and the least time is the one it hit least.
func (t *trial) times(ks []*Kernel) []float64 {
	seconds := make([]float64, len(ks))
	for i, k := range ks {
		seconds[i] = math.Inf(1)
		t.run(k, t.c) // what is run for the first time is slow
	}
	begin := time.Now()
	for n := range chooseTrials {
		if n > 2 && time.Since(begin) > chooseTime {
			break
		}
		for i, k := range ks {
			start := time.Now()
			t.run(k, t.c)
			seconds[i] = min(seconds[i], max(time.Since(start), 1).Seconds())
		}
	}
	return seconds
}

// agree reports whether two kernels give the same bits on operands that tell ways of computing apart: products and sums
// around the smallest normal number and the largest, numbers that cancel, subnormal ones, infinities and NaN.
func agree(a, b *Kernel, w Work) bool {
	const m, k, turns = 8, 6, 8
	t := newTrial(w, k, m)
	stored, got, want := make([]float32, t.n*k), make([]float32, t.m*t.n), make([]float32, t.m*t.n)
	for turn := range turns {
		for i := range t.x {
			t.x[i] = hard(turn, 2*i)
		}
		for i := range stored {
			stored[i] = hard(turn, 2*i+1)
		}
		t.encode(stored)
		for i := range want {
			want[i] = hardSum(turn, i)
			got[i] = want[i]
		}
		t.run(a, got)
		t.run(b, want)
		for i := range want {
			if math.Float32bits(got[i]) != math.Float32bits(want[i]) && !(got[i] != got[i] && want[i] != want[i]) {
				return false
			}
		}
	}
	return true
}

// hard is an operand: with the turn, products move from the size of one to that of the smallest normal number.
func hard(turn, i int) float32 {
	x := sample(i*7 + turn)
	switch {
	case turn == 0 && i%97 == 0:
		return float32(math.Inf(1))
	case turn == 0 && i%101 == 0:
		return float32(math.NaN())
	case turn == 1:
		return x * 0x1p63 // products up to 2^126, sums may overflow
	case turn == 2 && i%3 == 0:
		return x * 0x1p-127 // subnormal operands
	case turn >= 4:
		return x * float32(math.Exp2(float64(-60-turn))) // products of 2^-128 to 2^-134
	}
	return x
}

// hardSum is an old value of an output: of the size of the turn's products, so that some sums cancel.
func hardSum(turn, i int) float32 {
	x := sample(i*11 + turn)
	switch {
	case turn == 1:
		return x * 0x1p127
	case turn == 3 || turn >= 4 && i%2 == 0:
		// The numbers about the smallest normal one, of either sign.
		return math.Float32frombits(uint32(i)<<31 | 0x00800000 - 4 + uint32(i>>1)%8)
	}
	return x
}
