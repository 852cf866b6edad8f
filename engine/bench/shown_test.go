package bench

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestShown: every rate has its row, with what it compares with, and the kernels say why one of them was chosen.
func TestShown(t *testing.T) {
	r := Report{
		Parameters: 1_100_000_000, StoredDType: "bf16", WeightBytes: 3 << 19, LoadSeconds: 1.25, DType: "f32", Kernel: "fast", Threads: 2, Numerics: "f32-0",
		Kernels: []KernelReport{{Name: "fast", Instruction: "x", GFLOPS: 20, Chosen: true}, {Name: "odd", Instruction: "y", Wrong: true}, {Name: "go", Instruction: "z"}},
		Prefill: []PrefillReport{{Tokens: 128, TokensPerSecond: 10, GFLOPS: 5, ShareOfPeak: 0.5}},
		Scored:  []ScoredReport{{Tokens: 64, TokensPerSecond: 8, Cost: 0.25, OutputCost: 0.125}},
		Decode:  []DecodeReport{{Batch: 8, TokensPerSecond: 4, WeightGBs: 1, ShareOfRead: 0.25}},
		Loads:   []LoadReport{{Name: "shared", RequestsPerSecond: 6, RequestsPerSecondWithout: 2, Speedup: 3}},
	}
	s := r.Summary()
	assert.Contains(t, s, "model     1.10 B parameters, stored bf16, 1.5 MiB of weights, loaded in 1.2 s")
	assert.Contains(t, s, "kernels   fast (x) 20 GFLOP/s, chosen; odd (y) gives other bits on this machine and is left out; go (z)\n")
	assert.Contains(t, s, "GFLOP/s at this arithmetic, no memory to measure its rate with, all threads")
	r.ReadGBs = 40
	assert.Contains(t, r.Summary(), "at this arithmetic, 40 GB/s read from memory, all threads")
	assert.Equal(t, [][]string{
		{"prefill 128 tokens", "10.0 tokens/s", "5.0 GFLOP/s, 50 % of peak"},
		{"score all of 64 tokens", "8.0 tokens/s", "25 % more time than prefill, 12 % than all layers at every position"},
		{"decode, batch 8", "4.0 tokens/s", "1.00 GB/s of weights, 25 % of reading"},
		{"score, shared", "6.00 requests/s", "2.00 without prefix reuse: 3.0x"},
	}, r.Rows())
	r.Decode[0].ShareOfRead = 0
	assert.Equal(t, "1.00 GB/s of weights", r.Rows()[2][2])
	assert.True(t, fits(1<<20, 0) && !fits(1<<60, 0) && !fits(1<<20, 1<<20) && fits(1<<20, 1<<40))
	for n, want := range map[int64]string{999: "999", 1500: "1.5 K", 2_500_000: "2.5 M", 7e9: "7.00 B"} {
		assert.Equal(t, want, count(n))
	}
}
