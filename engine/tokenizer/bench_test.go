package tokenizer_test

import (
	"strings"
	"testing"

	"github.com/swallow-eval/swallow-eval/engine/tokenizer"
	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// The texts are the content of files as they are, the whole of each as one text.
func benchmarkEncode(b *testing.B, tok *tokenizer.Tokenizer) {
	texts := map[string]string{
		"japanese":   string(shared.Bytes(b, "protocol/llm-jp-eval.md")) + string(shared.Bytes(b, "data/jglue/jsquad_exemplars.json")),
		"english":    string(shared.Bytes(b, "design/faults.md")),
		"one-letter": strings.Repeat("a", 1<<20),
		"no-spaces":  strings.Repeat("東京都渋谷区は雨です。", 1<<15),
	}
	for _, name := range []string{"japanese", "english", "one-letter", "no-spaces"} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(texts[name])))
			b.ReportAllocs()
			// What a text has in common with the one before is not encoded again: these begin differently.
			other := [...]string{"a" + texts[name], "b" + texts[name]}
			for i := 0; b.Loop(); i++ {
				tok.Encode(other[i%2])
			}
		})
	}
}

func BenchmarkEncodeLlama2(b *testing.B)   { benchmarkEncode(b, goldenFile(b, llama2)) }
func BenchmarkEncodeExtended(b *testing.B) { benchmarkEncode(b, goldenFile(b, extended)) }
func BenchmarkEncodeByteLevel(b *testing.B) {
	benchmarkEncode(b, loadFile(b, "testdata/bytelevel.tokenizer.json"))
}

func BenchmarkDecodeLlama2(b *testing.B) {
	tok := goldenFile(b, llama2)
	text := string(shared.Bytes(b, "protocol/llm-jp-eval.md"))
	ids := tok.Encode(text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		tok.Decode(ids)
	}
}

func BenchmarkLoadModel(b *testing.B) { benchmarkLoad(b, llama2) }
func BenchmarkLoadJSON(b *testing.B)  { benchmarkLoad(b, llama2JSON) }

func benchmarkLoad(b *testing.B, name string) {
	path := shared.Path(b, name)
	for b.Loop() {
		loadFile(b, path)
	}
}
