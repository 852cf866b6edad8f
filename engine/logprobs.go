package engine

import (
	"math"

	"github.com/swallow-eval/swallow-eval/engine/internal/num"
)

const (
	// blockLogits is the number of neighbouring logits whose exponentials are summed together. It is part of the numerics:
	// see the package comment. It is a multiple of every arithmetic's panel.
	blockLogits = 256
	// logitBlockRows is how many rows' blocks exist at once to a thread; they stay in the cache of a core.
	logitBlockRows = 192
)

// wanted asks for the log-probability of one token at a row of a batch.
type wanted struct {
	row      int
	sequence *scoring
	at       int // which of its scored tokens

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
}

func (s *blockSums) resize(rows, blocks int) {
	s.blocks = blocks
	s.maxima, s.sums = grown(&s.maxima, rows*blocks), grown(&s.sums, rows*blocks)
}

// logProbs answers wants, which are in the order of the batch's wanted rows; those of wanted row from+i are numbers first[i]
// to first[i+1]-1. Logits come into being a block at a time and are forgotten at once.
func (p *pass) logProbs(from int, wants []wanted, first []int) error {
	n := len(p.b.wanted) - from
	if n == 0 || p.err != nil {
		return p.err
	}
	all, head := p.in, &p.weights.head // encoded by the last normalisation
	p.in = all.from(from)
	p.wants, p.wantsOf = wants, first
	p.tally.resize(n, (head.rows+blockLogits-1)/blockLogits)
	p.rows = n
	p.do(p.tally.blocks, p.steps.tally)
	p.eachRow(n, p.steps.settle)
	p.in = all
	return p.err
}

// tallyTask computes one block of logits for all rows, some of them at a time.
func (p *pass) tallyTask(w *worker, block int) {
	for row, step := 0, evenly(p.rows, logitBlockRows); row < p.rows; row += step {
		p.tallyRows(w, block, row, min(step, p.rows-row))
	}
}

func (p *pass) tallyRows(w *worker, block, row, n int) {
	head, columns := &p.weights.head, p.weights.head.mode.Columns()
	begin := block * blockLogits
	width := min(blockLogits, head.rows-begin)
	logits := floats(&w.logits, n*blockLogits)
	p.multiplyPanels(w, row, n, head, begin/columns, (begin+width+columns-1)/columns, logits, blockLogits)
	for i := range n {
		line, at := logits[i*blockLogits:][:width], (row+i)*p.tally.blocks+block
		p.tally.maxima[at], p.tally.sums[at] = p.kernel.SumExp(line)
		for j := p.wantsOf[row+i]; j < p.wantsOf[row+i+1]; j++ {
			x := &p.wants[j]
			if target := int(x.sequence.target[x.at]) - begin; target >= 0 && target < width {
				x.logit = line[target]
				x.leads = x.logit == p.tally.maxima[at] && p.kernel.ArgMax(line[:target+1]) == target
			}
		}
	}
}

// settleTask puts the blocks of some rows together.
func (p *pass) settleTask(_ *worker, task int) {
	for i, to := p.share(task); i < to; i++ {
		maxima := p.tally.maxima[i*p.tally.blocks:][:p.tally.blocks]
		sums := p.tally.sums[i*p.tally.blocks:][:p.tally.blocks]
		top := float32(math.Inf(-1))
		for _, m := range maxima {
			top = max(top, m)
		}
		sum := 0.0
		for b, m := range maxima {
			sum += float64(sums[b] * num.Exp64(float64(m)-float64(top)))
		}
		if math.IsNaN(sum) {
			continue // scoring.finite is false
		}
		total := float64(top) + num.Log64(sum)
		for j := p.wantsOf[i]; j < p.wantsOf[i+1]; j++ {
			x := &p.wants[j]
			s, target := x.sequence, int(x.sequence.target[x.at])
			greedy := x.leads && x.logit == top
			for b := 0; greedy && b < target/blockLogits; b++ {
				greedy = maxima[b] < top
			}
			s.finite[x.at], s.scored.LogProbs[x.at], s.scored.Greedy[x.at] = true, float64(x.logit)-total, greedy
		}
	}
}
