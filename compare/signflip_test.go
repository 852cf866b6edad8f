package compare

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Whole numbers of which every assignment of signs is tried one by one.
func TestEnumeratedSignFlips(t *testing.T) {
	random := newCounter(2, "t", "t")
	for n := 1; n <= 12; n++ {
		values, sum := make([]float64, n), 0.0
		for i := range values {
			values[i] = float64(random.word(n, i)%9) - 4
			sum += values[i]
		}
		count := 0
		for signs := range 1 << n {
			s := 0.0
			for i, v := range values {
				s += v * float64(1-2*(signs>>i&1))
			}
			if math.Abs(s) >= math.Abs(sum) {
				count++
			}
		}
		p, exact := SignFlip(values, DefaultSeed, "task")
		assert.True(t, exact)
		assert.Equal(t, float64(count)/float64(int(1)<<n), p, "%v", values)
	}
}

// Three tenths in one piece and in three must tie, as they do on paper.
func TestSignFlipSumsTie(t *testing.T) {
	p, _ := SignFlip([]float64{0.1, 0.1, 0.1, -0.3}, 1, "t")
	assert.Equal(t, 1.0, p)
	p, _ = SignFlip([]float64{0.1, 0.1, 0.1, -0.3, 1}, 1, "t")
	assert.Equal(t, 18.0/32, p, "9 of 16 sums of the first four are at least 0, two of them exactly")
	p, _ = SignFlip([]float64{1.0 / 3, 1.0 / 3, -2.0 / 3, 1e-17}, 1, "t")
	assert.Equal(t, 1.0, p)
}

func TestSignFlipWithoutDifferences(t *testing.T) {
	for _, none := range [][]float64{nil, {0}, {0, 0, 0}} {
		p, exact := SignFlip(none, 1, "t")
		assert.Equal(t, 1.0, p)
		assert.True(t, exact)
	}
}

// On differences of one size the test is the binomial test, whose p is exact.
func TestSampledSignFlipsAreBinomial(t *testing.T) {
	for _, lost := range []int{14, 16, 20, 24} {
		d := make([]float64, 41)
		for i := range d {
			d[i] = 1
			if i < lost {
				d[i] = -1
			}
		}
		d = append(d, 0, 0)
		p, exact := SignFlip(d, DefaultSeed, "task")
		assert.False(t, exact)
		want := ExactP(lost, 41-lost)
		assert.InDelta(t, want, p, 5*math.Sqrt(want*(1-want)/flips)+1.0/flips, "%d lost", lost)
	}
}

func TestSampledSignFlipsMirrorAndNeverReachZero(t *testing.T) {
	random := newCounter(5, "t", "t")
	d, negative, shifted := make([]float64, 300), make([]float64, 300), make([]float64, 300)
	for i := range d {
		d[i] = random.uniform(0, i) - 0.45
		negative[i], shifted[i] = -d[i], d[i]+10
	}
	p, _ := SignFlip(d, 9, "task")
	q, _ := SignFlip(negative, 9, "task")
	assert.Equal(t, p, q)
	again, _ := SignFlip(slices.Clone(d), 9, "task")
	assert.Equal(t, p, again)
	p, _ = SignFlip(shifted, 9, "task")
	assert.Equal(t, 1.0/(flips+1), p)
}

// The words are SplitMix64's: the published outputs for the state 1234567.
func TestCounterIsSplitMix64(t *testing.T) {
	c := counter{1234567}
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		assert.Equal(t, want, c.word(0, i))
	}
	assert.NotEqual(t, newCounter(1, "a", "b"), newCounter(1, "ab", ""))
	assert.NotEqual(t, newCounter(1, "a", "b"), newCounter(2, "a", "b"))
}

func BenchmarkSignFlip18000Documents(b *testing.B) {
	random := newCounter(5, "t", "t")
	d := make([]float64, 18000)
	for i := range d {
		d[i] = random.uniform(0, i) - 0.5
	}
	for b.Loop() {
		SignFlip(d, 1, "task")
	}
}

func BenchmarkMidP18000Discordant(b *testing.B) {
	for b.Loop() {
		MidP(8900, 9100)
	}
}
