package metrics

import (
	"math"
	"slices"
)

// The limits of Tercom's search, as sacreBLEU keeps them.
const (
	maxShiftSize       = 10
	maxShiftDistance   = 50
	maxShiftCandidates = 1000
	beamWidth          = 25
)

// An edit is one step of rewriting a hypothesis into a reference.
type edit byte

const (
	keep       edit = ' '
	substitute edit = 's'
	insert     edit = 'i' // a reference word is put in
	remove     edit = 'd' // a hypothesis word is taken out
)

// translationEdits counts the edits of one segment: block shifts, found greedily while they lower the edit distance,
// plus the edit distance that remains.
func translationEdits(hypothesis, reference []string) int {
	if len(reference) == 0 {
		return len(hypothesis)
	}
	ids := make(map[string]int)
	search := newShiftSearch(numbered(hypothesis, ids), numbered(reference, ids))
	shifts := 0
	for search.shift() {
		shifts++
	}
	return shifts + search.distance
}

// numbered replaces words by numbers, so that comparing them is cheap.
func numbered(words []string, ids map[string]int) []int {
	out := make([]int, len(words))
	for i, w := range words {
		id, known := ids[w]
		if !known {
			id = len(ids)
			ids[w] = id
		}
		out[i] = id
	}
	return out
}

// cell is an entry of the edit-distance matrix: the least cost so far, and the last edit that reaches it.
type cell struct {
	cost int
	last edit
}

// infinite is the cost of a cell outside the beam.
const infinite = math.MaxInt / 2

// shiftSearch holds the hypothesis in its present order and its edit-distance matrix.
type shiftSearch struct {
	words, reference []int
	// matrix has one row per hypothesis word and one more, one column per reference word and one more. trial has the
	// same shape and serves the candidates.
	matrix, trial [][]cell
	distance      int
	candidates    int
}

func newShiftSearch(words, reference []int) *shiftSearch {
	s := &shiftSearch{words: words, reference: reference}
	s.matrix, s.trial = s.emptyMatrix(), s.emptyMatrix()
	s.fill(s.matrix, s.words, 0)
	s.distance = s.matrix[len(words)][len(reference)].cost
	return s
}

// emptyMatrix allocates a matrix whose first row says that every reference word is inserted.
func (s *shiftSearch) emptyMatrix() [][]cell {
	matrix := make([][]cell, len(s.words)+1)
	for i := range matrix {
		matrix[i] = make([]cell, len(s.reference)+1)
	}
	for j := range matrix[0] {
		matrix[0][j] = cell{j, insert}
	}
	return matrix
}

// fill computes the rows after the first known words within a beam around the diagonal. All orders of one hypothesis
// have the same length and so the same beam.
func (s *shiftSearch) fill(matrix [][]cell, words []int, known int) {
	if len(words) == 0 {
		return
	}
	n, m := len(words), len(s.reference)
	ratio := float64(m) / float64(n)
	width := beamWidth
	if beamWidth < ratio/2 {
		width = int(math.Ceil(ratio/2 + beamWidth))
	}
	for i := known + 1; i <= n; i++ {
		row, above := matrix[i], matrix[i-1]
		for j := range row {
			row[j] = cell{cost: infinite}
		}
		diagonal := int(math.Floor(float64(i) * ratio))
		low, high := max(0, diagonal-width), min(m+1, diagonal+width)
		if i == n {
			high = m + 1
		}
		for j := low; j < high; j++ {
			if j == 0 {
				row[0] = cell{above[0].cost + 1, remove}
				continue
			}
			step, cost := keep, 0
			if words[i-1] != s.reference[j-1] {
				step, cost = substitute, 1
			}
			// Of equal costs Tercom prefers keeping and substituting, then insertion, then removal. The alignment reads
			// the inverse of this trace, where insertion and removal change places, hence their order here.
			best := cell{above[j-1].cost + cost, step}
			if c := above[j].cost + 1; c < best.cost {
				best = cell{c, remove}
			}
			if c := row[j-1].cost + 1; c < best.cost {
				best = cell{c, insert}
			}
			if best.cost < infinite {
				row[j] = best
			}
		}
	}
}

// trace returns the edits of the present order from the first to the last.
func (s *shiftSearch) trace() []edit {
	var edits []edit
	for i, j := len(s.words), len(s.reference); i > 0 || j > 0; {
		step := s.matrix[i][j].last
		edits = append(edits, step)
		switch step {
		case keep, substitute:
			i--
			j--
		case insert:
			j--
		case remove:
			i--
		default:
			panic("metrics: the edit-distance beam has no way through")
		}
	}
	slices.Reverse(edits)
	return edits
}

// alignment says, for every reference word, at which hypothesis word it lies (-1 before the first), and which words of
// either side are in error.
type alignment struct {
	to                          []int
	hypothesisErr, referenceErr []bool
}

func align(edits []edit) alignment {
	var a alignment
	at := -1
	for _, e := range edits {
		wrong := e != keep
		if e != insert {
			at++
			a.hypothesisErr = append(a.hypothesisErr, wrong)
		}
		if e != remove {
			a.to = append(a.to, at)
			a.referenceErr = append(a.referenceErr, wrong)
		}
	}
	return a
}

// shiftCandidate is one move of length words from start to before target.
type shiftCandidate struct {
	gain, length, start, target int
}

// betterThan ranks candidates as Tercom does: most gained, then the longest, then the earliest start, then the earliest
// target. Candidates equal in all of these are the same move.
func (c shiftCandidate) betterThan(d shiftCandidate) bool {
	switch {
	case c.gain != d.gain:
		return c.gain > d.gain
	case c.length != d.length:
		return c.length > d.length
	case c.start != d.start:
		return c.start < d.start
	}
	return c.target < d.target
}

// shift makes the best shift and reports whether it lowered the edit distance and the budget of candidates allows it.
func (s *shiftSearch) shift() bool {
	a := align(s.trace())
	var best shiftCandidate
	found := false
	s.eachMatch(func(start, referenceStart, length int) bool {
		if !slices.Contains(a.hypothesisErr[start:start+length], true) ||
			!slices.Contains(a.referenceErr[referenceStart:referenceStart+length], true) {
			return true
		}
		if to := a.to[referenceStart]; start <= to && to < start+length {
			return true
		}
		previous := -1
		for offset := -1; offset < length; offset++ {
			target := 0
			if r := referenceStart + offset; r >= 0 {
				target = a.to[r] + 1
			}
			if target == previous {
				continue
			}
			previous = target
			c := shiftCandidate{s.distance - s.distanceAfter(start, length, target), length, start, target}
			s.candidates++
			if !found || c.betterThan(best) {
				best, found = c, true
			}
		}
		return s.candidates < maxShiftCandidates
	})
	if !found || s.candidates >= maxShiftCandidates || best.gain <= 0 {
		return false
	}
	s.words = moved(s.words, best.start, best.length, best.target)
	s.fill(s.matrix, s.words, 0)
	s.distance -= best.gain
	return true
}

// eachMatch calls visit for every run of words that both sides share, short runs before the longer ones they begin,
// until visit returns false.
func (s *shiftSearch) eachMatch(visit func(start, referenceStart, length int) bool) {
	for i := range s.words {
		for j := range s.reference {
			if abs(j-i) > maxShiftDistance {
				continue
			}
			for k := 0; k < maxShiftSize && i+k < len(s.words) && j+k < len(s.reference); k++ {
				if s.words[i+k] != s.reference[j+k] {
					break
				}
				if !visit(i, j, k+1) {
					return
				}
			}
		}
	}
}

// distanceAfter is the edit distance after a move. The rows before the first moved word stay as they are.
func (s *shiftSearch) distanceAfter(start, length, target int) int {
	words := moved(s.words, start, length, target)
	known := 0
	for known < len(words) && words[known] == s.words[known] {
		known++
	}
	rows := slices.Concat(s.matrix[:known+1], s.trial[known+1:])
	s.fill(rows, words, known)
	return rows[len(words)][len(s.reference)].cost
}

// moved returns words with a run taken out and put back before position target. A target inside the run counts from
// the run's end on, as in the reference.
func moved(words []int, start, length, target int) []int {
	run, end := words[start:start+length], start+length
	switch {
	case target < start:
		return slices.Concat(words[:target], run, words[target:start], words[end:])
	case target > end:
		return slices.Concat(words[:start], words[end:target], run, words[target:])
	}
	stop := min(length+target, len(words))
	return slices.Concat(words[:start], words[end:stop], run, words[stop:])
}
