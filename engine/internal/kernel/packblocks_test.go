package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/internal/kernel/blocks"
)

// TestPackBlocks: panels of blocks are, to the byte, those of the numbers that the blocks stand for, in every arithmetic,
// with every kernel, for every format and any number of rows.
func TestPackBlocks(t *testing.T) {
	formats := []blocks.Format{
		blocks.Q8_0, blocks.Q4_0, blocks.Q4_1, blocks.Q5_0, blocks.Q5_1, blocks.IQ4_NL, blocks.Q2_K, blocks.Q3_K, blocks.Q4_K, blocks.Q5_K,
		blocks.Q6_K, blocks.IQ4_XS,
	}
	random := rand.New(rand.NewPCG(3, 4))
	for _, k := range Available() {
		var s BlockScratch // used again and again, dirty
		for _, f := range formats {
			for mode := range Mode(modes) {
				for _, n := range []int{1, mode.Columns()/2 + 1, mode.Columns()} {
					for _, count := range []int{1, 3} {
						rows, values := someBlocks(random, f, n, count)
						kk := count * f.Elements()
						got, want := make([]byte, mode.PanelSize(kk)), make([]byte, mode.PanelSize(kk))
						k.PackBlocks(got, mode, f, rows, &s)
						Portable().PackPanels(want, mode, bytesOf(values), F32, kk, n, 0, 1)
						require.Equal(t, want, got, fmt.Sprintf("%s, %v, format %d, %d rows of %d blocks", k.Name(), mode, f, n, count))
					}
				}
			}
		}
	}
}

// TestPackStrip: panels of woven blocks are, to the byte, those of the numbers that the blocks stand for, in every arithmetic,
// with every kernel that works with such; and a single row's products with them have the bits of those with panels.
func TestPackStrip(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var s BlockScratch // used again and again, dirty
	tried := 0
	for _, k := range Available() {
		for f := blocks.Q8_0; f <= blocks.IQ4_XS; f++ {
			if !k.Weaves(f) {
				continue
			}
			tried++
			for _, count := range []int{1, 3} {
				rows, values := someBlocks(random, f, blocks.Strip, count)
				kk := count * f.Elements()
				strip := make([]byte, blocks.Strip*len(rows[0]))
				blocks.Weave(strip, f, rows)
				for mode := range Mode(modes) {
					size := mode.PackedSize(kk, blocks.Strip)
					got, want := make([]byte, size), make([]byte, size)
					k.PackStrip(got, mode, f, strip, &s, 0)
					Portable().PackPanels(want, mode, bytesOf(values), F32, kk, blocks.Strip, 0, mode.Panels(blocks.Strip))
					require.Equal(t, want, got, fmt.Sprintf("%s, %v, format %d, %d blocks", k.Name(), mode, f, count))
				}
				x := make([]float32, kk)
				for i := range x {
					x[i] = float32(random.NormFloat64())
				}
				panels := make([]byte, ModeF32.PackedSize(kk, blocks.Strip))
				k.PackStrip(panels, ModeF32, f, strip, &s, 0)
				got, want := make([]float32, blocks.Strip), make([]float32, blocks.Strip)
				k.DotStrip(got, f, strip, x)
				k.GemmF32(1, blocks.Strip, kk, x, kk, panels, want, blocks.Strip, false, &Scratch{})
				require.Equal(t, want, got, fmt.Sprintf("%s, format %d, %d blocks", k.Name(), f, count))
			}
		}
	}
	if tried == 0 {
		t.Skip("no kernel of this machine works with woven blocks")
	}
}

// someBlocks are rows of random numbers with scales near 1, and their values, row by row.
func someBlocks(random *rand.Rand, f blocks.Format, n, count int) (rows [][]byte, values []float32) {
	kk := count * f.Elements()
	values = make([]float32, n*kk)
	for i := range n {
		row := make([]byte, count*f.Bytes())
		for {
			for j := range row {
				row[j] = byte(random.Uint32()) &^ 0x40 // no float16 is infinite or NaN then
			}
			f.Decode(values[i*kk:][:kk], row)
			if Portable().AllFinite(values[i*kk:][:kk]) {
				break
			}
		}
		rows = append(rows, row)
	}
	return rows, values
}
