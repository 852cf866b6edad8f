package compare

import (
	"math"
	"slices"
	"sort"
)

// power is the chance of finding a loss at which a loss counts as detectable.
const power = 0.8

// smallestLoss is the smallest loss above the margin, to so much, at which found, which rises with it, reaches the power;
// 0 for none.
func smallestLoss(margin, precision float64, found func(loss float64) float64) float64 {
	if found(1) < power {
		return 0
	}
	low, high := margin, 1.0
	for high-low > precision {
		middle := low + (high-low)/2
		if found(middle) < power {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// pairedPower is the power of the gate for answers that are right or wrong: of n documents that are discordant with some
// chance, which critical numbers of lost ones fail it.
type pairedPower struct {
	n      int
	exact  bool
	alpha  float64 // one-sided
	margin float64
	logs   factorials
	// critical is, by the number of discordant documents, the least number of lost ones that fails; found is where it is
	// known.
	critical map[int]int
}

func newPairedPower(n int, alpha, margin float64, exact bool, logs factorials) *pairedPower {
	return &pairedPower{n: n, exact: exact, alpha: alpha, margin: margin, logs: logs, critical: map[int]int{}}
}

// fails says whether so many lost of k discordant documents fail the gate.
func (p *pairedPower) fails(lost, k int) bool {
	if 2*lost <= k {
		return false
	}
	tail := upperTail(float64(lost), float64(k), 0.5)
	if !p.exact {
		tail -= p.logs.chance(k, lost, -math.Ln2, -math.Ln2) / 2
	}
	if tail > p.alpha {
		return false
	}
	if p.margin == 0 {
		return true
	}
	l := pairedLaw{lost: lost, won: k - lost, n: p.n, exact: p.exact, logs: p.logs}
	return l.shifted(p.margin) <= p.alpha
}

// least is the least number of lost documents of k discordant ones that fails the gate, k+1 where none does.
func (p *pairedPower) least(k int) int {
	if c, ok := p.critical[k]; ok {
		return c
	}
	c, ok := p.critical[k-1]
	if !ok {
		c = sort.Search(k+1, func(lost int) bool { return p.fails(lost, k) })
	}
	for c <= k && !p.fails(c, k) {
		c++
	}
	for c > 0 && c-1 <= k && p.fails(c-1, k) {
		c--
	}
	p.critical[k] = min(c, k+1)
	return p.critical[k]
}

// found is the chance that the gate fails where documents are lost and won with the given chances.
func (p *pairedPower) found(lost, won float64) float64 {
	discordant := min(1, lost+won)
	if discordant <= 0 {
		return 0
	}
	mean, wide := float64(p.n)*discordant, 6*math.Sqrt(float64(p.n)*discordant*(1-discordant))+8
	sum := 0.0
	for k := max(0, int(mean-wide)); k <= min(p.n, int(mean+wide)+1); k++ {
		if weight := p.logs.share(p.n, k, discordant); weight > 1e-12 {
			sum += weight * upperTail(float64(p.least(k)), float64(k), lost/discordant)
		}
	}
	return sum
}

// detectable is the smallest loss that the gate fails with the power, where the share of discordant documents is the one
// seen or, where the loss is larger, the loss: all documents that change are then lost.
func (p *pairedPower) detectable(discordance float64) float64 {
	return smallestLoss(p.margin, 1e-6, func(loss float64) float64 {
		all := max(discordance, loss)
		return p.found((all+loss)/2, (all-loss)/2)
	})
}

// flipPower is the power of the gate for contributions of unequal size whose signs are tested. Units change with the share
// seen, by sizes that were seen, and what is lost of them makes the loss; where that cannot make it, all are lost and more
// change.
type flipPower struct {
	sizes  []float64 // of the units that changed
	units  float64   // how many there are
	alpha  float64   // one-sided
	margin float64
}

// manyChanged is the number of changed units from which on the sum of signed sizes is taken for normal; drawnSets how
// many outcomes are drawn below it.
const (
	manyChanged = 60
	drawnSets   = 1000
)

func newFlipPower(contributions []float64, documents int, alpha, margin float64) flipPower {
	f := flipPower{units: float64(len(contributions)), alpha: alpha, margin: margin}
	for _, x := range contributions {
		if x != 0 {
			f.sizes = append(f.sizes, math.Abs(x))
		}
	}
	if len(f.sizes) == 0 {
		f.sizes, f.units = []float64{1 / float64(documents)}, float64(documents)
		return f
	}
	slices.Sort(f.sizes) // the order of documents decides nothing
	return f
}

func (f flipPower) detectable(changed int, random counter) float64 {
	return smallestLoss(f.margin, 2e-5, func(loss float64) float64 { return f.found(loss, changed, random) })
}

// truth is the number of changed units to expect, the chance that a changed one is lost and the factor of its size, where
// so many were seen and the loss is given.
func (f flipPower) truth(loss float64, changed int) (expected, lost, factor float64) {
	mean := 0.0
	for _, s := range f.sizes {
		mean += s / float64(len(f.sizes))
	}
	expected, lost, factor = float64(changed), 1, 1
	if whole := expected * mean; loss <= whole {
		return expected, (1 + loss/whole) / 2, 1
	}
	expected = loss / mean
	if expected > f.units { // not even all units together lose so much at these sizes
		expected, factor = f.units, loss/(f.units*mean)
	}
	return expected, lost, factor
}

// found is the chance that the gate fails at a loss.
func (f flipPower) found(loss float64, changed int, random counter) float64 {
	expected, lost, factor := f.truth(loss, changed)
	squares := 0.0
	for _, s := range f.sizes {
		squares += float64(s*s) * factor * factor / float64(len(f.sizes))
	}
	critical := normalQuantile(1 - f.alpha)
	if expected >= manyChanged {
		// The square of what is flipped under the hypothesis of a loss as large as the margin, and the sum's own variance.
		under := math.Sqrt(max(0, expected*squares-2*f.margin*loss/f.units+f.margin*f.margin/f.units))
		own := math.Sqrt(max(1e-300, expected*squares-loss*loss/f.units))
		return normalBelow((loss - f.margin - critical*under) / own)
	}
	share := expected / f.units
	failed := 0
	sizes := make([]float64, 0, 2*manyChanged)
	for set := range drawnSets {
		// Common draws at every loss make the chance rise with it.
		count := binomialQuantile(random.uniform(set, 0), f.units, share)
		sizes = sizes[:0]
		sum := 0.0
		for i := range count {
			s := factor * f.sizes[int(random.uniform(set, 2*i+1)*float64(len(f.sizes)))]
			if random.uniform(set, 2*i+2) >= lost {
				s = -s
			}
			sum += s
			sizes = append(sizes, s)
		}
		if f.fails(sizes, sum, critical) {
			failed++
		}
	}
	return float64(failed) / drawnSets
}

// fails says whether losses of these sizes, gains below 0, fail the gate.
func (f flipPower) fails(sizes []float64, sum, critical float64) bool {
	if sum <= f.margin || len(sizes) == 0 {
		return false
	}
	if flipTail(sizes, sum) > f.alpha {
		return false
	}
	if f.margin == 0 {
		return true
	}
	squares := 0.0
	for _, s := range sizes {
		squares += s * s
	}
	under := math.Sqrt(max(1e-300, squares-2*f.margin*sum/f.units+f.margin*f.margin/f.units))
	return sum-f.margin > critical*under
}

// binomialQuantile is the smallest count whose lower tail reaches u.
func binomialQuantile(u, n, p float64) int {
	if p >= 1 {
		return int(n)
	}
	term := math.Exp(n * math.Log1p(-p))
	sum, k := term, 0
	for sum < u && float64(k) < n {
		term *= (n - float64(k)) / float64(k+1) * p / (1 - p)
		k++
		sum += term
	}
	return k
}

// flipTail is the chance that random signs make the sum of the sizes at least as large as it is: exactly for few, by
// Lugannani and Rice's approximation ("Saddle point approximation for the distribution of the sum of independent random
// variables", Advances in Applied Probability 12, 1980) for more.
func flipTail(sizes []float64, sum float64) float64 {
	const few = 10
	whole, least := 0.0, math.Inf(1)
	for _, s := range sizes {
		whole += math.Abs(s)
		least = min(least, math.Abs(s))
	}
	if sum >= whole*(1-1e-12) {
		return math.Ldexp(1, -len(sizes))
	}
	if len(sizes) <= few {
		count := 0
		for signs := range 1 << len(sizes) {
			total := 0.0
			for i, s := range sizes {
				if signs>>i&1 == 1 {
					total += math.Abs(s)
				} else {
					total -= math.Abs(s)
				}
			}
			if total >= sum-1e-9*whole {
				count++
			}
		}
		return math.Ldexp(float64(count), -len(sizes))
	}
	if lattice(sizes, least) { // sums are 2*least apart: the atom at the sum belongs to the tail
		sum -= least
	}
	if sum <= 0 {
		return 0.5
	}
	return saddlepointTail(sizes, sum)
}

func lattice(sizes []float64, least float64) bool {
	for _, s := range sizes {
		if q := math.Abs(s) / least; math.Abs(q-math.Round(q)) > 1e-9 {
			return false
		}
	}
	return true
}

func saddlepointTail(sizes []float64, sum float64) float64 {
	squares := 0.0
	for _, s := range sizes {
		squares += s * s
	}
	t := sum / squares
	var k, second float64
	for range 60 {
		first := 0.0
		k, second = 0, 0
		for _, s := range sizes {
			a := math.Abs(s)
			h := math.Tanh(a * t)
			first += a * h
			second += a * a * (1 - h*h)
			k += a*t + math.Log1p(math.Expm1(-2*a*t)/2) // ln cosh
		}
		step := (sum - first) / second
		if math.Abs(step) < 1e-10*t || math.IsNaN(step) || math.IsInf(step, 0) {
			break
		}
		t = max(t/4, t+min(step, t))
	}
	w := math.Sqrt(2 * max(0, t*sum-k))
	u := t * math.Sqrt(second)
	if w < 1e-6 || u == 0 {
		return normalBelow(-sum / math.Sqrt(squares))
	}
	density := math.Exp(-w*w/2) / math.Sqrt(2*math.Pi)
	return min(1, max(0, normalBelow(-w)+density*(1/u-1/w)))
}
