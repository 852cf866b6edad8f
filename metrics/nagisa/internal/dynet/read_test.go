package dynet

import (
	"bytes"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var wanted = Model[Shape]{
	Parameters: []Shape{{"weights", []int{2, 3}}, {"bias", []int{2}}},
	Lookups:    []Shape{{"embeddings", []int{2, 2}}},
}

// Headers and numbers as DyNet 2.1.2 writes them.
const (
	weights    = "#Parameter# /_0 {2,3} 97 ZERO_GRAD\n+1.00000000e+00 -2.50000000e+00 +3.12500000e-02 +0.00000000e+00 +1.17549435e-38 -3.40282347e+38 \n"
	bias       = "#Parameter# /sub/_1 {2} 33 ZERO_GRAD\n+1.00000001e-01 +2.00000003e-01 \n"
	embeddings = "#LookupParameter# /_2 {2,2} 65 ZERO_GRAD\n+1.00000000e+00 +2.00000000e+00 +3.00000000e+00 +4.00000000e+00 \n"
	biasGrad   = "#Parameter# /_1 {2} 66 FULL_GRAD\n+1.00000001e-01 +2.00000003e-01 \n+9.00000000e+00 +9.00000000e+00 \n"
	// Before gradients were optional a header did not mention them.
	biasOld = "#Parameter# /_1 {2} 66\n+1.00000001e-01 +2.00000003e-01 \n+9.00000000e+00 +9.00000000e+00 \n"
)

func TestRead(t *testing.T) {
	want := Model[[]float32]{
		Parameters: [][]float32{{1, -2.5, 0.03125, 0, 1.17549435e-38, -math.MaxFloat32}, {0.1, 0.2}},
		Lookups:    [][]float32{{1, 2, 3, 4}},
	}
	for name, file := range map[string]string{
		"in DyNet's order":       weights + bias + embeddings,
		"kinds in another order": embeddings + weights + bias,
		"with a gradient":        weights + biasGrad + embeddings,
		"old header first":       strings.Replace(biasOld, "{2}", "{2}", 1) + embeddings,
		"old header after one with a gradient": strings.Replace(weights, "ZERO_GRAD\n", "FULL_GRAD\n", 1) +
			"1 2 3 4 5 6\n" + biasOld + embeddings,
		"old header after one without": weights + "#Parameter# /_1 {2} 33\n+1.00000001e-01 +2.00000003e-01 \n" + embeddings,
	} {
		wanted, want := wanted, want
		if name == "old header first" {
			wanted.Parameters, want.Parameters = wanted.Parameters[1:], want.Parameters[1:]
		}
		got, err := Read(strings.NewReader(file), wanted)
		require.NoError(t, err, name)
		assert.Equal(t, want, got, name)
	}
}

func TestReadErrors(t *testing.T) {
	for _, c := range []struct{ name, file, want string }{
		{"empty", "", "0 parameters and 0 lookup parameters, want 2 and 1"},
		{"record missing", weights + embeddings, "1 parameters and 1 lookup parameters, want 2 and 1"},
		{"record too many", weights + bias + bias, "line 5: more than the 2 records #Parameter#"},
		{"lookup too many", embeddings + embeddings, "line 3: more than the 1 records #LookupParameter#"},
		{"another order", bias, "line 1: #Parameter# /sub/_1 (weights) has the shape {2}, want {2,3}"},
		{"another shape", strings.Replace(weights, "{2,3}", "{3,2}", 1), "has the shape {3,2}, want {2,3}"},
		{"batched shape", strings.Replace(weights, "{2,3}", "{2,3X2}", 1), "has the shape {2,3X2}, want {2,3}"},
		{"unknown mark", "#Tensor# /_0 {2,3} 97 ZERO_GRAD\n", `line 1: a record begins with #Parameter# or #LookupParameter#, not "#Tensor#"`},
		{"blank line", weights + "\n" + bias, "line 3: a header has a mark"},
		{"short header", "#Parameter# /_0 {2,3}\n", "line 1: a header has a mark"},
		{"no length", "#Parameter# /_0 {2,3} x ZERO_GRAD\n", `#Parameter# /_0 has the length "x"`},
		{"long header", strings.Repeat("x", maxHeader+1), "line 1: a header has more than 4096 bytes"},
		{"cut header", "#Parameter# /_0", "line 1: unexpected EOF"},
		{"cut numbers", weights[:60], "line 2: #Parameter# /_0 (weights): unexpected EOF"},
		{"no numbers", weights[:35], "line 2: #Parameter# /_0 (weights): unexpected EOF"},
		{"number missing", weights + strings.Replace(bias, "+2.00000003e-01 ", "", 1), "line 4: #Parameter# /sub/_1 (bias): 1 numbers, want 2"},
		{"number too many", weights + strings.Replace(bias, " \n", " 1 \n", 1), "line 4: #Parameter# /sub/_1 (bias): more than 2 numbers"},
		{"gradient missing", weights + strings.Replace(bias, "ZERO", "FULL", 1) + embeddings, `line 5: #Parameter# /sub/_1 (bias): gradient: number 1: "#LookupParameter#" is no number`},
		{"gradient short", weights + strings.Replace(biasGrad, " +9.00000000e+00 \n", "\n", 1), "gradient: 1 numbers, want 2"},
		{"long number", weights + "#Parameter# /_1 {2} 33 ZERO_GRAD\n" + strings.Repeat("1", 65) + " 2 \n", "a number has more than 64 characters"},
	} {
		got, err := Read(strings.NewReader(c.file), wanted)
		assert.ErrorContains(t, err, c.want, c.name)
		assert.Empty(t, got)
	}
	for _, token := range []string{"nan", "-inf", "Infinity", "0x1p3", "1_0", "1,5", "1e", "e5", "+", "--1", "1\r", "1\t2"} {
		_, err := Read(strings.NewReader(strings.Replace(weights, "+1.00000000e+00", token, 1)), wanted)
		assert.ErrorContains(t, err, fmt.Sprintf("line 2: #Parameter# /_0 (weights): number 1: %q is no number", token))
	}
	_, err := Read(strings.NewReader(strings.Replace(weights, "+1.00000000e+00", "3.5e38", 1)), wanted)
	assert.ErrorContains(t, err, `number 1: "3.5e38" is no float32`)
}

func TestReadPassesReadErrors(t *testing.T) {
	for _, n := range []int{10, 50} {
		broken := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(weights[n:])))
		_, err := Read(broken, wanted)
		assert.ErrorIs(t, err, iotest.ErrTimeout)
	}
}

// A shape of a billion numbers costs nothing while the numbers are not there.
func TestReadBoundsMemory(t *testing.T) {
	huge := Model[Shape]{Parameters: []Shape{{"weights", []int{1 << 15, 1 << 15}}}}
	file := []byte("#Parameter# /_0 {32768,32768} 1 ZERO_GRAD\n1 2\n")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read(bytes.NewReader(file), huge)
	runtime.ReadMemStats(&after)
	assert.ErrorContains(t, err, "2 numbers, want 1073741824")
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<21))
}

func FuzzRead(f *testing.F) {
	for _, file := range []string{weights + bias + embeddings, weights + biasGrad + embeddings, weights[:60]} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Read(bytes.NewReader(data), wanted)
		if err != nil {
			return
		}
		require.Len(t, got.Parameters, 2)
		require.Len(t, got.Lookups, 1)
		for i, values := range append(got.Parameters, got.Lookups...) {
			require.Len(t, values, append(wanted.Parameters, wanted.Lookups...)[i].size())
			for _, v := range values {
				require.False(t, math.IsNaN(float64(v)) || math.IsInf(float64(v), 0))
			}
		}
	})
}
