package graph

import (
	"math"
	"slices"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

const (
	// blockLogits is the number of neighbouring logits whose exponentials are summed together. It is part of the numerics:
	// see the package comment. It is a multiple of every arithmetic's panel.
	blockLogits = 256
	// logitBlockRows is how many rows' blocks exist at once to a thread; they stay in the cache of a core.
	logitBlockRows = 192
)

// Want asks for the log-probability of one token at a row of a batch.
type Want struct {
	Row   int
	Token int32
	// BF16 asks for the probabilities of logits that were rounded to bfloat16, of which many are equal. All wants of a row
	// say the same.
	BF16 bool
	// Item and At are the caller's: which of its items the answer is for, and which of that one's tokens.
	Item, At int
	// Leader asks which token is the most probable one, too.
	Leader bool

	// The answer.
	Finite  bool    // whether all logits are
	LogProb float64 // natural logarithm
	Greedy  bool    // whether the token is the most probable one; the lowest id wins a tie
	// Best is the most probable token and BestLogProb its natural logarithm, where Leader asks for them.
	Best        int32
	BestLogProb float64

	logit float32
	// leads says that the logit is the largest of its block, and of equal ones the first.
	leads bool
}

// blockSums are the maxima of all blocks of logits of some rows and the sums of e^(logit - maximum), (rows, blocks): all
// that is ever kept of logits that are scored.
type blockSums struct {
	blocks int
	maxima []float32
	sums   []float64 // NaN where a logit is not finite
	// leaders are the tokens of the maxima, the lowest ids of equal ones, in rows where a want asks for them.
	leaders []int32
}

func (s *blockSums) resize(rows, blocks int) {
	s.blocks = blocks
	s.maxima, s.sums = grown(&s.maxima, rows*blocks), grown(&s.sums, rows*blocks)
	s.leaders = grown(&s.leaders, rows*blocks)
}

// LogProbs answers wants about the n wanted rows of the batch from number from on, in their order; those of row from+i are
// numbers first[i] to first[i+1]-1. Logits come into being a block at a time and are forgotten at once.
func (p *Pass) LogProbs(from, n int, wants []Want, first []int) error {
	if n == 0 || p.err != nil {
		return p.err
	}
	all, head := p.b.in, p.net.head // encoded by the last normalisation
	p.reach(head)
	p.b.in = all.from(from)
	p.wants, p.wantsOf = wants, first
	p.sums.resize(n, (head.rows+blockLogits-1)/blockLogits)
	p.rows = n
	p.do(p.sums.blocks, p.tasks.sumBlock)
	p.eachRow(n, p.tasks.sumRows)
	p.b.in = all
	return p.err
}

// blockTask computes one block of logits for all rows, some of them at a time.
func (p *Pass) blockTask(w *Worker, block int) {
	for row, step := 0, evenly(p.rows, logitBlockRows); row < p.rows; row += step {
		p.sumBlockRows(w, block, row, min(step, p.rows-row))
	}
}

func (p *Pass) sumBlockRows(w *Worker, block, row, n int) {
	head, columns := p.net.head, p.net.head.columns()
	begin := block * blockLogits
	width := min(blockLogits, head.rows-begin)
	logits := floats(&w.logits, n*blockLogits)
	w.fetchMeanwhile(n, nil)
	if next := block + p.pool.Size(); row+n == p.rows && next < p.sums.blocks {
		w.fetchMeanwhile(n, head.packedPanel(next*blockLogits/columns))
	}
	p.multiplyPanels(w, row, n, head, begin/columns, (begin+width+columns-1)/columns, logits, blockLogits)
	for i := range n {
		line, at := logits[i*blockLogits:][:width], (row+i)*p.sums.blocks+block
		p.capLogits(line)
		if from := p.wantsOf[row+i]; from < p.wantsOf[row+i+1] && p.wants[from].BF16 {
			roundBF16(line)
		}
		p.sums.maxima[at], p.sums.sums[at] = p.kernel.SumExp(line)
		for j := p.wantsOf[row+i]; j < p.wantsOf[row+i+1]; j++ {
			x := &p.wants[j]
			if x.Leader {
				p.sums.leaders[at] = int32(begin + p.kernel.ArgMax(line))
			}
			if target := int(x.Token) - begin; target >= 0 && target < width {
				x.logit = line[target]
				x.leads = x.logit == p.sums.maxima[at] && p.kernel.ArgMax(line[:target+1]) == target
			}
		}
	}
}

// roundBF16 rounds logits to bfloat16.
func roundBF16(line []float32) {
	for k, x := range line {
		line[k] = num.BF16ToF32(num.F32ToBF16(x))
	}
}

// rowsTask puts the blocks of some rows together.
func (p *Pass) rowsTask(_ *Worker, task int) {
	for i, to := p.share(task); i < to; i++ {
		maxima := p.sums.maxima[i*p.sums.blocks:][:p.sums.blocks]
		sums := p.sums.sums[i*p.sums.blocks:][:p.sums.blocks]
		top := float32(math.Inf(-1))
		for _, m := range maxima {
			top = max(top, m)
		}
		sum := 0.0
		for b, m := range maxima {
			sum += float64(sums[b] * num.Exp64(float64(m)-float64(top)))
		}
		if math.IsNaN(sum) {
			continue // Want.Finite is false
		}
		total := float64(top) + num.Log64(sum)
		for j := p.wantsOf[i]; j < p.wantsOf[i+1]; j++ {
			x := &p.wants[j]
			greedy := x.leads && x.logit == top
			for b := 0; greedy && b < int(x.Token)/blockLogits; b++ {
				greedy = maxima[b] < top
			}
			x.Finite, x.LogProb, x.Greedy = true, float64(x.logit)-total, greedy
			if x.Leader {
				x.Best, x.BestLogProb = p.sums.leaders[i*p.sums.blocks+slices.Index(maxima, top)], float64(top)-total
			}
		}
	}
}
