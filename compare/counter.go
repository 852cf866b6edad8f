package compare

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"
)

// counter is a counter-based generator: word c of a key is a function of the key and c alone, the c-th output of the
// SplitMix64 stream that starts at the key (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
// OOPSLA 2014). The key is the head of sha256(seed, task, test), so what one test draws depends neither on which other
// tasks are compared nor on the order of the work.
type counter struct{ key uint64 }

func newCounter(seed uint64, task, test string) counter {
	sum := sha256.Sum256([]byte(strconv.FormatUint(seed, 10) + "\x00" + task + "\x00" + test))
	return counter{binary.BigEndian.Uint64(sum[:8])}
}

// word is the given word of a trial; a trial has 2^32 words.
func (c counter) word(trial, index int) uint64 {
	const gamma = 0x9e3779b97f4a7c15
	z := c.key + (uint64(trial)<<32+uint64(index)+1)*gamma
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// uniform is the word as a number in [0, 1).
func (c counter) uniform(trial, index int) float64 {
	return float64(c.word(trial, index)>>11) * 0x1p-53
}

// normal is the trial's draw of a standard normal, by Box and Muller.
func (c counter) normal(trial int) float64 {
	return math.Sqrt(-2*math.Log(1-c.uniform(trial, 0))) * math.Cos(2*math.Pi*c.uniform(trial, 1))
}
