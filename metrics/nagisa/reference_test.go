package nagisa

import (
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics/pytext"
)

// toy is a model with random weights that can write itself in the formats of nagisa's files and that tags texts by the
// formulas, one number at a time, without anything of the package but its prepared text.
type toy struct {
	h                  hyperparameters
	chars, pairs       map[string]int
	words              map[string]int
	parameters, lookup []toyRecord
}

// toyRecord is a matrix in DyNet's order, column by column.
type toyRecord struct {
	dims   []int
	values []float32
}

func (r toyRecord) at(row, column int) float64 { return float64(r.values[column*r.dims[0]+row]) }

// toyAlphabet is what toy texts are made of. The last characters are in no vocabulary.
var toyAlphabet = []string{"計", "算", "機", "の", "名", "前", "は", "ま", "ア", "b", "c", "1", "。", "だ", "\u3000", "😀"}

// newToy makes a model of the given sizes, whose vocabularies it decides itself.
func newToy(seed uint64, h hyperparameters) *toy {
	r := rand.New(rand.NewPCG(seed, 1))
	known := toyAlphabet[:len(toyAlphabet)-3]
	m := &toy{h: h, chars: map[string]int{"oov": 0, "pad": 1}, pairs: map[string]int{"oov": 0, "pad": 1},
		// As in nagisa's own vocabularies, unknown words have not the first id, and ids repeat.
		words: map[string]int{"oov": 2, "pad": 1, "計": 2}}
	pick := func() string { return known[r.IntN(len(known))] }
	for _, c := range known {
		m.chars[c] = len(m.chars)
	}
	for range 60 {
		second := pick()
		if r.IntN(6) == 0 {
			second = "<E>"
		}
		if pair := pick() + second; m.pairs[pair] == 0 {
			m.pairs[pair] = len(m.pairs)
		}
	}
	for range 60 {
		var word strings.Builder
		for range 1 + r.IntN(3) {
			word.WriteString(pick())
		}
		if _, ok := m.words[word.String()]; !ok {
			m.words[word.String()] = len(m.words)
		}
	}
	// A word of eight characters is looked up, one of nine is not.
	m.words["計算機の名前はま"] = len(m.words)
	m.words["計算機の名前はまア"] = len(m.words)
	m.h.numChars, m.h.numPairs, m.h.numWords = len(m.chars), len(m.pairs), len(m.words)

	record := func(dims ...int) toyRecord {
		n := 1
		for _, d := range dims {
			n *= d
		}
		rec := toyRecord{dims: dims}
		for range n {
			rec.values = append(rec.values, float32(r.NormFloat64()*0.7))
		}
		return rec
	}
	h = m.h
	bidirectional := func(input, hidden int) {
		for range h.layers {
			for range 2 {
				m.parameters = append(m.parameters, record(2*hidden, input), record(2*hidden, hidden/2), record(2*hidden))
			}
			input = hidden
		}
	}
	bidirectional(h.window*(h.dimChar+h.dimPair+h.dimType)+2*h.dimWord, h.dimHidden)
	bidirectional(h.dimWord+h.dimChar+h.dimPOS, h.dimHidden)
	bidirectional(h.dimChar, h.dimChar)
	m.parameters = append(m.parameters, record(6, h.dimHidden), record(6), record(h.numPOS, h.dimHidden), record(h.numPOS))
	m.lookup = []toyRecord{record(h.dimChar, h.numChars), record(h.dimPair, h.numPairs), record(h.dimWord, h.numWords),
		record(h.dimType, 7), record(h.dimPOS, h.numPOS), record(6, 6)}
	return m
}

// write writes the model's three files into a new folder.
func (m *toy) write(t testing.TB) string {
	dir := t.TempDir()
	zip := func(name string, content func(io.Writer)) {
		f, err := os.Create(filepath.Join(dir, name))
		require.NoError(t, err)
		z := gzip.NewWriter(f)
		content(z)
		require.NoError(t, z.Close())
		require.NoError(t, f.Close())
	}
	h := m.h
	zip("nagisa_v001.hp", func(w io.Writer) {
		io.WriteString(w, "\x80\x02")
		writeDict(w, map[string]int{
			"LAYERS": h.layers, "WINDOW_SIZE": h.window, "DIM_UNI": h.dimChar, "DIM_BI": h.dimPair, "DIM_CTYPE": h.dimType,
			"DIM_WORD": h.dimWord, "DIM_TAGEMB": h.dimPOS, "DIM_HIDDEN": h.dimHidden, "VOCAB_SIZE_UNI": h.numChars,
			"VOCAB_SIZE_BI": h.numPairs, "VOCAB_SIZE_WORD": h.numWords, "VOCAB_SIZE_POSTAG": h.numPOS, "SEED": 1234,
		})
		io.WriteString(w, ".")
	})
	zip("nagisa_v001.dict", func(w io.Writer) {
		io.WriteString(w, "\x80\x02](")
		for _, d := range []map[string]int{m.chars, m.pairs, m.words, {"oov": 0}, {}} {
			writeDict(w, d)
		}
		io.WriteString(w, "e.")
	})
	var b strings.Builder
	for _, list := range []struct {
		mark    string
		records []toyRecord
	}{{"#Parameter#", m.parameters}, {"#LookupParameter#", m.lookup}} {
		for i, r := range list.records {
			dims := strings.ReplaceAll(strings.Trim(fmt.Sprint(r.dims), "[]"), " ", ",")
			fmt.Fprintf(&b, "%s /_%d {%s} %d ZERO_GRAD\n", list.mark, i, dims, 16*len(r.values)+1)
			for _, v := range r.values {
				fmt.Fprintf(&b, "%+.8e ", v)
			}
			b.WriteString("\n")
		}
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "nagisa_v001.model"), []byte(b.String()), 0o600))
	return dir
}

// writeDict writes the instructions of a dict from str to int.
func writeDict(w io.Writer, d map[string]int) {
	io.WriteString(w, "}(")
	for k, v := range d {
		fmt.Fprintf(w, "X%s%sJ%s", binary.LittleEndian.AppendUint32(nil, uint32(len(k))), k,
			binary.LittleEndian.AppendUint32(nil, uint32(v)))
	}
	io.WriteString(w, "u")
}

// input is the vector of character i of a text.
func (m *toy) input(text []rune, i int) []float64 {
	var v []float64
	column := func(r toyRecord, id int) {
		for k := range r.dims[0] {
			v = append(v, r.at(k, id))
		}
	}
	id := func(d map[string]int, s string) int {
		if id, ok := d[s]; ok {
			return id
		}
		return d["oov"]
	}
	half := (m.h.window - 1) / 2
	for j := i - half; j <= i+half; j++ {
		if j < 0 || j >= len(text) {
			column(m.lookup[0], 1)
		} else {
			column(m.lookup[0], id(m.chars, string(text[j])))
		}
	}
	for j := i - half; j <= i+half; j++ {
		switch {
		case j < 0 || j >= len(text):
			column(m.lookup[1], 1)
		case j == len(text)-1:
			column(m.lookup[1], id(m.pairs, string(text[j])+"<E>"))
		default:
			column(m.lookup[1], id(m.pairs, string(text[j:j+2])))
		}
	}
	for j := i - half; j <= i+half; j++ {
		if j < 0 || j >= len(text) {
			column(m.lookup[3], 6)
			continue
		}
		class := 5
		switch c := text[j]; {
		case 'ぁ' <= c && c <= 'ん':
			class = 0
		case 'ァ' <= c && c <= 'ヺ':
			class = 1
		case '一' <= c && c <= '龥':
			class = 2
		case 'a' <= c && c <= 'z':
			class = 3
		case '0' <= c && c <= '9':
			class = 4
		}
		column(m.lookup[3], class)
	}
	words := func(word func(length int) (begin, end int)) {
		sum := make([]float64, m.h.dimWord)
		found := 0
		for length := 1; length <= 8; length++ {
			begin, end := word(length)
			if begin < 0 || end > len(text) {
				break
			}
			if id, ok := m.words[string(text[begin:end])]; ok {
				found++
				for k := range sum {
					sum[k] += m.lookup[2].at(k, id)
				}
			}
		}
		if found == 0 {
			for k := range sum {
				sum[k] = m.lookup[2].at(k, m.words["oov"])
			}
		}
		v = append(v, sum...)
	}
	words(func(length int) (int, int) { return i, i + length })
	words(func(length int) (int, int) { return i + 1 - length, i + 1 })
	return v
}

// lstm applies one direction of one layer, given its three records, to vectors in the order they come.
func (m *toy) lstm(r []toyRecord, inputs [][]float64) [][]float64 {
	n := m.h.dimHidden / 2
	sigmoid := func(x float64) float64 { return 0.5 + 0.5*math.Tanh(x/2) }
	hidden, cell := make([]float64, n), make([]float64, n)
	var outputs [][]float64
	for _, x := range inputs {
		gate := func(g, j int) float64 {
			row := g*n + j
			sum := float64(r[2].values[row])
			for k := range x {
				sum += r[0].at(row, k) * x[k]
			}
			for k := range hidden {
				sum += r[1].at(row, k) * hidden[k]
			}
			return sum
		}
		nextHidden, nextCell := make([]float64, n), make([]float64, n)
		for j := range n {
			nextCell[j] = sigmoid(gate(1, j)+1)*cell[j] + sigmoid(gate(0, j))*math.Tanh(gate(3, j))
			nextHidden[j] = sigmoid(gate(2, j)) * math.Tanh(nextCell[j])
		}
		hidden, cell = nextHidden, nextCell
		outputs = append(outputs, hidden)
	}
	return outputs
}

// scores returns the six scores of every character.
func (m *toy) scores(text []rune) [][]float64 {
	var layer [][]float64
	for i := range text {
		layer = append(layer, m.input(text, i))
	}
	for k := range m.h.layers {
		forward := m.lstm(m.parameters[6*k:6*k+3], layer)
		reversed := slices.Clone(layer)
		slices.Reverse(reversed)
		backward := m.lstm(m.parameters[6*k+3:6*k+6], reversed)
		layer = nil
		for i := range forward {
			layer = append(layer, slices.Concat(forward[i], backward[len(backward)-1-i]))
		}
	}
	weights, bias := m.parameters[18*m.h.layers], m.parameters[18*m.h.layers+1]
	for i, hidden := range layer {
		scores := make([]float64, 6)
		for tag := range scores {
			scores[tag] = float64(bias.values[tag])
			for k, x := range hidden {
				scores[tag] += weights.at(tag, k) * x
			}
		}
		layer[i] = scores
	}
	return layer
}

// best tries every sequence of tags.
func (m *toy) best(scores [][]float64) []int {
	transition := func(from, to int) float64 { return m.lookup[5].at(from, to) }
	best, bestSum := []int{}, math.Inf(-1)
	var try func(tags []int, sum float64)
	try = func(tags []int, sum float64) {
		last := 4
		if len(tags) > 0 {
			last = tags[len(tags)-1]
		}
		if len(tags) == len(scores) {
			if sum += transition(last, 5); sum > bestSum {
				best, bestSum = append([]int{}, tags...), sum
			}
			return
		}
		for tag := range 6 {
			try(append(tags, tag), sum+transition(last, tag)+scores[len(tags)][tag])
		}
	}
	try(nil, 0)
	return best
}

func TestTaggerEqualsSlowReference(t *testing.T) {
	for seed, h := range []hyperparameters{
		{layers: 1, window: 3, dimChar: 4, dimPair: 3, dimType: 2, dimWord: 3, dimPOS: 2, dimHidden: 6, numPOS: 3},
		{layers: 2, window: 1, dimChar: 2, dimPair: 5, dimType: 1, dimWord: 4, dimPOS: 1, dimHidden: 10, numPOS: 1},
		{layers: 3, window: 5, dimChar: 6, dimPair: 1, dimType: 3, dimWord: 2, dimPOS: 3, dimHidden: 2, numPOS: 2},
		{layers: 1, window: 3, dimChar: 32, dimPair: 16, dimType: 8, dimWord: 16, dimPOS: 16, dimHidden: 100, numPOS: 24},
	} {
		model := newToy(uint64(seed), h)
		tagger, err := LoadUnpinned(model.write(t))
		require.NoError(t, err)
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		for range 40 {
			text := ""
			for range r.IntN(6) {
				text += toyAlphabet[r.IntN(len(toyAlphabet))]
			}
			text = strings.TrimRight(text, "\u3000")
			want := model.scores([]rune(text))
			got := tagger.network.scores(tagger.features(text))
			require.Len(t, got, len(want))
			for i := range want {
				require.InDeltaSlice(t, want[i], got[i], 1e-11, "%q", text)
			}
			require.Equal(t, model.best(want), tagger.network.best(got), "%q", text)
		}
		long := "計算機の名前はまアb計算機の名前はまだ"
		for i, want := range model.scores([]rune(long)) {
			require.InDeltaSlice(t, want, tagger.network.scores(tagger.features(long))[i], 1e-11)
		}
	}
}

// Texts reach the network in lower case, words are cut from what they were.
func TestTaggerKeepsCase(t *testing.T) {
	tagger, err := LoadUnpinned(newToy(7, hyperparameters{
		layers: 1, window: 3, dimChar: 4, dimPair: 3, dimType: 2, dimWord: 3, dimPOS: 2, dimHidden: 6, numPOS: 3,
	}).write(t))
	require.NoError(t, err)
	const upper, lower = "ABCの計算機B1C", "abcの計算機b1c"
	assert.Equal(t, tagger.features(lower), tagger.features(upper))
	words := tagger.Words(upper)
	require.NotEmpty(t, words)
	assert.Equal(t, tagger.Words(lower), strings.Split(pytext.Lower(strings.Join(words, "|")), "|"))
}
