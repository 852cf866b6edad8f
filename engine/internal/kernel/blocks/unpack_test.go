package blocks

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/cpu"
)

// TestUnpackIsDecode: panels have, number by number, the bits of Decode, for every number of rows, for scales of any size,
// infinite and none, and they touch nothing else.
func TestUnpackIsDecode(t *testing.T) {
	if !cpu.X86.HasAVX512F {
		t.Skip("this processor has no AVX-512")
	}
	random := rand.New(rand.NewPCG(1, 2))
	tried := 0
	for f := Q8_0; f < formats; f++ {
		if !AVX512.Unpacks(f) {
			continue
		}
		tried++
		for turn := range 60 {
			n, blocks := 1+turn%Columns, 1+turn%3
			rows := make([][]byte, n)
			for i := range rows {
				rows[i] = make([]byte, blocks*f.Bytes())
				for j := range rows[i] {
					rows[i][j] = byte(random.Uint32())
				}
				if turn%2 == 0 { // as weights are: scales that are numbers
					for b := range blocks {
						f.setScales(rows[i][b*f.Bytes():][:f.Bytes()], random)
					}
				}
			}
			compare(t, f, rows)
		}
	}
	assert.Equal(t, 5, tried)
}

// setScales writes finite scales: small ones, subnormal ones, zero.
func (f Format) setScales(b []byte, random *rand.Rand) {
	half := func() uint16 { return uint16(random.Uint32()) & 0xbfff >> (random.Uint32() % 3 * 5) }
	switch f {
	case Q2_K:
		binary.LittleEndian.PutUint16(b[80:], half())
		binary.LittleEndian.PutUint16(b[82:], half())
	case Q3_K:
		binary.LittleEndian.PutUint16(b[108:], half())
	case Q6_K:
		binary.LittleEndian.PutUint16(b[208:], half())
	case Q4_1, Q5_1, Q4_K, Q5_K:
		binary.LittleEndian.PutUint16(b[2:], half())
		fallthrough
	default:
		binary.LittleEndian.PutUint16(b, half())
	}
}

func compare(t *testing.T, f Format, rows [][]byte) {
	t.Helper()
	const guard = 64
	k := len(rows[0]) / f.Bytes() * f.Elements()
	panel := make([]float32, k*Columns+guard)
	for i := range panel {
		panel[i] = 7
	}
	AVX512.Unpack(panel, f, rows)
	want := make([]float32, k)
	for j := range Columns {
		if clear(want); j < len(rows) {
			f.Decode(want, rows[j])
		}
		for i := range want {
			got := panel[i*Columns+j]
			if math.Float32bits(got) != math.Float32bits(want[i]) && !(got != got && want[i] != want[i]) {
				require.Failf(t, "differs", "format %d, %d rows: row %d element %d is %v (%x), want %v (%x)", f, len(rows), j, i,
					got, math.Float32bits(got), want[i], math.Float32bits(want[i]))
			}
		}
	}
	for _, x := range panel[k*Columns:] {
		require.Equal(t, float32(7), x, "writes beyond the panel")
	}
}

func BenchmarkUnpack(b *testing.B) {
	if !cpu.X86.HasAVX512F {
		b.Skip("this processor has no AVX-512")
	}
	for f, name := range map[Format]string{Q8_0: "Q8_0", Q4_0: "Q4_0", Q4_K: "Q4_K", Q5_K: "Q5_K", Q6_K: "Q6_K"} {
		b.Run(name, func(b *testing.B) {
			const k = 256
			rows := make([][]byte, Columns)
			for i := range rows {
				rows[i] = make([]byte, k/f.Elements()*f.Bytes())
			}
			panel := make([]float32, k*Columns)
			for b.Loop() {
				AVX512.Unpack(panel, f, rows)
			}
			b.ReportMetric(float64(k*Columns)*float64(b.N)/b.Elapsed().Seconds()/1e9, "Gweights/s")
		})
	}
}
