package golden

import (
	"container/heap"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// SentencePiece is a plain reading of a SentencePiece BPE model, for the prompts that were recorded under one. Tests of
// the tasks use it so that they depend on no model of ours.
type SentencePiece struct {
	scores map[string]float32
	window int
}

// Llama2 returns the Llama 2 tokenizer with a window.
func Llama2(t testing.TB, window int) tasks.Budget {
	t.Helper()
	s := &SentencePiece{map[string]float32{}, window}
	for b := shared.Bytes(t, "goldens/tokenizers/llama2.tokenizer.model"); len(b) > 0; {
		num, typ, n := protowire.ConsumeTag(b)
		require.Positive(t, n)
		b = b[n:]
		n = protowire.ConsumeFieldValue(num, typ, b)
		require.Positive(t, n)
		if num == 1 {
			piece, n := protowire.ConsumeBytes(b)
			require.Positive(t, n)
			s.add(t, piece)
		}
		b = b[n:]
	}
	require.Len(t, s.scores, 32000-3-256, "all pieces but the control and byte pieces")
	return s
}

// add reads one piece: text, score and type, of which 1 is an ordinary piece.
func (s *SentencePiece) add(t testing.TB, b []byte) {
	var text string
	var score float32
	kind := uint64(1)
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		require.Positive(t, n)
		b = b[n:]
		switch num {
		case 1:
			text, n = protowire.ConsumeString(b)
		case 2:
			var bits uint32
			bits, n = protowire.ConsumeFixed32(b)
			score = math.Float32frombits(bits)
		case 3:
			kind, n = protowire.ConsumeVarint(b)
		default:
			n = protowire.ConsumeFieldValue(num, typ, b)
		}
		require.Positive(t, n)
		b = b[n:]
	}
	if kind == 1 {
		s.scores[text] = score
	}
}

// pair is two neighbouring symbols that make a piece.
type pair struct {
	left, right int
	size        int
	score       float32
}

type pairs []pair

func (p pairs) Len() int { return len(p) }
func (p pairs) Less(i, j int) bool {
	return p[i].score > p[j].score || p[i].score == p[j].score && p[i].left < p[j].left
}
func (p pairs) Swap(i, j int) { p[i], p[j] = p[j], p[i] }
func (p *pairs) Push(x any)   { *p = append(*p, x.(pair)) }
func (p *pairs) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

// tokens are the pieces of a text; byte pieces read "<0xE3>".
func (s *SentencePiece) tokens(text string) []string {
	if text == "" {
		return nil
	}
	text = "▁" + strings.ReplaceAll(text, " ", "▁")
	symbols := strings.Split(text, "")
	previous, next := make([]int, len(symbols)), make([]int, len(symbols))
	var agenda pairs
	propose := func(left, right int) {
		if left < 0 || right >= len(symbols) {
			return
		}
		merged := symbols[left] + symbols[right]
		if score, ok := s.scores[merged]; ok {
			heap.Push(&agenda, pair{left, right, len(merged), score})
		}
	}
	for i := range symbols {
		previous[i], next[i] = i-1, i+1
		propose(i-1, i)
	}
	for agenda.Len() > 0 {
		p := heap.Pop(&agenda).(pair)
		if symbols[p.left] == "" || symbols[p.right] == "" || len(symbols[p.left])+len(symbols[p.right]) != p.size {
			continue // one of the two was merged into something else
		}
		symbols[p.left] += symbols[p.right]
		symbols[p.right] = ""
		next[p.left] = next[p.right]
		if next[p.left] < len(symbols) {
			previous[next[p.left]] = p.left
		}
		propose(previous[p.left], p.left)
		propose(p.left, next[p.left])
	}
	var out []string
	for _, symbol := range symbols {
		if _, ok := s.scores[symbol]; ok || symbol == "" {
			if symbol != "" {
				out = append(out, symbol)
			}
			continue
		}
		for _, b := range []byte(symbol) {
			out = append(out, fmt.Sprintf("<0x%02X>", b))
		}
	}
	return out
}

// Count is the number of tokens.
func (s *SentencePiece) Count(text string) int { return len(s.tokens(text)) }

// Cut decodes the first n tokens; a byte that is no part of a whole character becomes U+FFFD.
func (s *SentencePiece) Cut(text string, n int) string {
	tokens := s.tokens(text)
	var b strings.Builder
	for _, token := range tokens[:min(n, len(tokens))] {
		var code byte
		if _, err := fmt.Sscanf(token, "<0x%02X>", &code); err == nil && len(token) == len("<0x00>") {
			b.WriteByte(code)
			continue
		}
		b.WriteString(token)
	}
	decoded := strings.TrimPrefix(strings.ReplaceAll(b.String(), "▁", " "), " ")
	if utf8.ValidString(decoded) {
		return decoded
	}
	return string([]rune(decoded)) // one U+FFFD for every stray byte
}

// Window is the window it was made with.
func (s *SentencePiece) Window() int { return s.window }

// EOS is Llama's.
func (s *SentencePiece) EOS() string { return "</s>" }
