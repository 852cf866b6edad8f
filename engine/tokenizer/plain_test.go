package tokenizer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer/tokenizertest"
)

// plainEncode is BPE by its definition: again and again merge the two neighbours whose joined text is the piece of the
// highest score, the leftmost of several. No table, no cutting, no heap.
func plainEncode(spec tokenizertest.Spec, ids map[string]int32, text string) []int32 {
	if text == "" {
		return []int32{}
	}
	parts := strings.Split(strings.ReplaceAll(" "+string([]rune(text)), " ", "▁"), "")
	for {
		best := -1
		for i := range len(parts) - 1 {
			id, ok := ids[parts[i]+parts[i+1]]
			if !ok || spec.Pieces[id].Type != 1 {
				continue
			}
			if best < 0 || spec.Pieces[id].Score > spec.Pieces[ids[parts[best]+parts[best+1]]].Score {
				best = i
			}
		}
		if best < 0 {
			break
		}
		parts[best] += parts[best+1]
		parts = append(parts[:best+1], parts[best+2:]...)
	}
	out := []int32{}
	for _, part := range parts {
		if id, ok := ids[part]; ok && spec.Pieces[id].Type == 1 {
			out = append(out, id)
			continue
		}
		for _, b := range []byte(part) {
			out = append(out, ids[fmt.Sprintf("<0x%02X>", b)])
		}
	}
	return out
}

// idsOf maps a model's pieces to their ids.
func idsOf(spec tokenizertest.Spec) map[string]int32 {
	ids := make(map[string]int32)
	for i, p := range spec.Pieces {
		ids[p.Text] = int32(i)
	}
	return ids
}

// randomSpec draws a vocabulary of few letters, many pieces (also ones that no merge reaches and ones whose letters
// are no pieces) and few different scores, so that ties and competing merges are common.
func randomSpec(rng *rand.Rand) tokenizertest.Spec {
	spec := tokenizertest.Small()
	spec.Pieces = spec.Pieces[:259]
	seen := make(map[string]bool)
	letters := []string{"a", "b", "c", "▁", "あ"}
	for range 5 + rng.IntN(60) {
		var text strings.Builder
		for range 1 + rng.IntN(5) {
			text.WriteString(letters[rng.IntN(len(letters))])
		}
		if !seen[text.String()] {
			seen[text.String()] = true
			spec.Pieces = append(spec.Pieces, tokenizertest.Piece{Text: text.String(), Score: float32(-rng.IntN(12)), Type: 1})
		}
	}
	return spec
}

func TestEncodingIsPlainBPE(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	letters := []string{"a", "b", "c", " ", "あ", "▁", "x", "🦙", "\xe3"}
	for range 150 {
		spec := randomSpec(rng)
		tok, ids := model(t, spec), idsOf(spec)
		for range 40 {
			var text strings.Builder
			few := 1 + rng.IntN(len(letters))
			for range rng.IntN(120) {
				text.WriteString(letters[rng.IntN(few)])
			}
			s := text.String()
			require.Equal(t, plainEncode(spec, ids, s), tok.Encode(s), "%q with %v", s, spec.Pieces[259:])
		}
	}
}

func TestSmallModelIsPlainBPE(t *testing.T) {
	spec, tok := tokenizertest.Small(), small(t)
	ids := idsOf(spec)
	for _, r := range records(t, "small.sentencepiece.jsonl") {
		require.Equal(t, plainEncode(spec, ids, r.Text), tok.Encode(r.Text), "%q", r.Text)
	}
}

// A text of a megabyte is one part that merges as a whole (one character), or none (characters outside the vocabulary):
// the work must stay near linear. Quadratic time would take hours here.
func TestMegabyteWithoutSpaces(t *testing.T) {
	tok := small(t)
	rng := rand.New(rand.NewPCG(3, 4))
	var kanji, mixed strings.Builder
	for kanji.Len() < 1<<20 {
		kanji.WriteRune(rune(0x4E00 + rng.IntN(0x5000)))
		mixed.WriteString([]string{"the", "er", "です", "東", "京", "都", "0", "👪"}[rng.IntN(8)])
	}
	for name, text := range map[string]string{
		"one letter": strings.Repeat("0", 1<<20), "spaces": strings.Repeat(" ", 1<<20), "kanji": kanji.String(), "mixed": mixed.String(),
	} {
		t.Run(name, func(t *testing.T) {
			ids := tok.Encode(text)
			require.Equal(t, text, tok.Decode(ids))
			require.Less(t, len(ids), len(text)+2)
		})
	}
}
