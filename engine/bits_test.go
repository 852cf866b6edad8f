package engine_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/enginetest"
	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/models/smokemodel"
)

// pinnedBits are digests of every bit of the answers of some models, by numerics version and model. A change of the engine
// that moves one of them has moved bits: then the version in engine.NumericsOf goes up, results of the two are told apart
// for ever, and the digests of the new version stand here beside its name. They never change under the same name.
var pinnedBits = map[string]map[string]string{
	"f32-2": {
		"gqa-f16-tied":           "e9ffb189e531b2fca7720923dd1198d7048e070443265ae9009a1bd63d7b2ad4",
		"grouped":                "ded830555f2266fcae9531a20cb641862ad42e70613c70c88954689ba7c2284b",
		"linear scaling":         "26efc82b16b744010b9c65fcf3c6e2acb66636ddb86bd1957a9d249f12e1cc9b",
		"llama3 scaling":         "ed920788d3aceac23dc4d07f59e41be245d59ef8f411af4647625fc82523a8b4",
		"llama3rope-f32-sharded": "a5612049f860fae151dc552196705e9235e0a1840a43c7f9eeaa3d6704e2c11e",
		"mha-bf16":               "6404b0dd25c8913d80c4d465b26549eb0c9ea96ccc43b4da94ec819f294dc272",
		"odd":                    "9811374ab531b836896b95364a4c0dc653a2f7f1b6dfa1ed5d9354f4d350e29a",
		"smoke":                  "e2ba779c8da8502452e79ef9d1bdabca97b86e5704d9fb1ea666b3cba19d7d1e",
		"stories260k":            "5594acf5a79d5cf0d48b0460f5b54f414bd7cc5f51865c3d8edc8fd7f0d9cb40",
		"ties":                   "60dc8f4cb16d28f29a8bf1466c3649e6672d92a34e068d72c362afd3fc541d38",
		"wide heads":             "e49682f2922d065b1e3a63b35cea76fa3a820a2bbe291b578a7a01d57b17a148",
	},
	"bf16-3": {
		"gqa-f16-tied":           "50bb40b252b4eb6a86cc6133f20ad6c6474e50a15dd621b9b0d2d5848c73541f",
		"grouped":                "03aff5019cabfe9f25b61e53aa7b4c38b46ee9eb76ce65fd47a483febe48c2aa",
		"linear scaling":         "9f0626154c3df20b8785016db73083aa0726fc1f8e3dd318f6ba91fab75d1b82",
		"llama3 scaling":         "7108a75f6f49dc8b949d3fb093157511c9f7fefd54aaaee52e84a768555bb974",
		"llama3rope-f32-sharded": "d9f97edc4fe18338c51d9d2e42865953aa5776d27c6171e446a338f0126c8313",
		"mha-bf16":               "0e04f04328610170fdb08de182dcc0ef4a08cf6c5f543915e1d4ac76d29e4591",
		"odd":                    "8a67052387b7d2a10a732a5ea369de1b0a4ce7d103656c587aab0528a1911d2a",
		"smoke":                  "4e30b4f622b2291a2a2ebe6b036416e3fe714d403c7d5c2f4d24c0d76b5b8fee",
		"stories260k":            "23dffb1ed99af89d3be2047085f82a6e7ccbaf51a5ea494b91d0568fc175fb8b",
		"ties":                   "4b64dbc503280185c231a46f7cc4608983de5008a10381f64c3d3d5e5bd828eb",
		"wide heads":             "f3c083ea566262c3f7b193ab49eabbd7687c43c31a51c6fb5b27ee8ed02053df",
	},
	"q8-3": {
		"gqa-f16-tied":           "deae5459840b487d448c46f0cc624070afd91c20a3bca1d9c4a1784f706d34ad",
		"grouped":                "034f850a3df78a15aa1b893ed03bf1100c30f53a4833402e11675258149aea34",
		"linear scaling":         "56a018f8d506e26c17a59eef872f13d6671ea441f306d45d6556fa0c9d774144",
		"llama3 scaling":         "382a5c206c369b1c169af3688171d52fdfaca1a872c091c56f3398f1cd8314c7",
		"llama3rope-f32-sharded": "dbdf9972b8daef8c178fe08f01a14ef6be94fdefa8491754c3e978abc3864e53",
		"mha-bf16":               "4c496c1d5e19a7b4a5e83f7893e71df7d3c69045e42f42141916b1b5672af148",
		"odd":                    "7661873de423be0070c645eed120c6db44b0436e0673b6a3a4512a8378e967b0",
		"smoke":                  "14a92bff2ea9d80503c483020e544a28c93bd9c9f1912dcdc9375ae65ba6ef8d",
		"stories260k":            "4f5fca5b31a12b495112c749a82d6cabfeb98943097ac6f602bd6120dd3f957f",
		"ties":                   "85c216d7f80f953a04cef9d9cfc8e4ed3518ee67d1f1f2f9b34598f7dd3cc5dc",
		"wide heads":             "aa37274870d8d23cafacfbdc8cbeb180b7c029f755ca913cd909717d3a93465e",
	},
}

// pinnedShapes are small random models that together have every part of the computation: grouped and single heads, tied and
// untied outputs, sizes that are no multiple of anything, each stored format, each scaling of rotary positions.
func pinnedShapes() map[string]enginetest.Shape {
	grouped, scaled, linear := enginetest.Tiny(), enginetest.Tiny(), odd()
	grouped.Vocab = 700
	scaled.DType, scaled.KVHeads, scaled.Vocab = "F32", 4, 300
	scaled.Config = map[string]any{"rms_norm_eps": 1e-6, "rope_theta": 500000.0, "rope_scaling": map[string]any{
		"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 64}}
	linear.Config = map[string]any{"rope_scaling": map[string]any{"type": "linear", "factor": 2.5}}
	wide := enginetest.Shape{Hidden: 264, Intermediate: 300, Layers: 2, Heads: 2, KVHeads: 1, HeadDim: 128, Vocab: 520}
	return map[string]enginetest.Shape{"grouped": grouped, "odd": odd(), "llama3 scaling": scaled, "linear scaling": linear, "wide heads": wide}
}

// TestBitsArePinned compares the bits of log-probabilities, logits and greedy choices with those that the numerics version
// had when it was given its name, for every arithmetic.
func TestBitsArePinned(t *testing.T) {
	for name, shape := range pinnedShapes() {
		dir := model(t, shape, 41)
		pinned(t, name, func(opts engine.Options) (*engine.Model, error) { return engine.Load(dir, opts) })
	}
	pinned(t, "ties", func(opts engine.Options) (*engine.Model, error) { return engine.Load(tied(t), opts) })
	pinned(t, "smoke", func(opts engine.Options) (*engine.Model, error) {
		files, _, err := smokemodel.Files(smokemodel.Name)
		require.NoError(t, err)
		return engine.LoadFS(files, smokemodel.Name, opts)
	})
}

// TestGoldenBitsArePinned is TestBitsArePinned for the models whose answers are also known in float64.
func TestGoldenBitsArePinned(t *testing.T) {
	for _, name := range append(goldenModels(), "stories260k") {
		place := "goldens/engine/" + name
		if name == "stories260k" {
			place = "models/" + name
		}
		dir := shared.Path(t, place)
		pinned(t, name, func(opts engine.Options) (*engine.Model, error) { return engine.Load(dir, opts) })
	}
}

func pinned(t *testing.T, name string, load func(opts engine.Options) (*engine.Model, error)) {
	for _, d := range []engine.DType{engine.F32, engine.BF16, engine.Q8} {
		kernels := engine.Kernels()
		if name != "odd" { // elsewhere kernels are compared with each other; this one compares versions
			kernels = kernels[:1]
		}
		for _, k := range kernels {
			t.Run(name+" "+string(d)+" "+k, func(t *testing.T) {
				m, err := load(engine.Options{DType: d, Kernel: k, Threads: 2, MaxBatchTokens: 96})
				require.NoError(t, err)
				defer func() { assert.NoError(t, m.Close()) }()
				got, want := bitsOf(t, m), pinnedBits[m.Numerics()][name]
				assert.Equal(t, want, got, "bits have moved: numerics %s must not be the name of both", m.Numerics())
			})
		}
	}
}

// tied returns a model whose output matrix has every row twice, at distances within and beyond a block of logits, so that
// each largest logit has an equal.
func tied(t *testing.T) string {
	shape := enginetest.Tiny()
	shape.Vocab = 600
	dir := model(t, shape, 43)
	change(t, dir, weightsName, func(content []byte) []byte {
		begin, end := place(t, content, "lm_head.weight")
		row := (end - begin) / shape.Vocab
		for i := range 300 {
			from, to := i, i+300
			if i%2 == 0 {
				from, to = to, from
			}
			copy(content[begin+to*row:][:row], content[begin+from*row:][:row])
		}
		for i := 0; i+1 < 300; i += 4 {
			copy(content[begin+(i+1)*row:][:row], content[begin+i*row:][:row])
		}
		return content
	})
	return dir
}

// bitsOf is a digest of what a model answers to fixed requests.
func bitsOf(t *testing.T, m *engine.Model) string {
	vocab := m.Config().VocabSize
	rng := rand.New(rand.NewPCG(45, 46))
	tokens := func(n int) []int32 {
		list := make([]int32, n)
		for i := range list {
			list[i] = int32(rng.IntN(vocab))
		}
		return list
	}
	header := tokens(21)
	var seqs []engine.Sequence
	for _, n := range []int{2, 3, 33, 64, 65, 130} {
		seqs = append(seqs, engine.Sequence{Tokens: tokens(n), From: 1})
	}
	for range 3 {
		seqs = append(seqs, engine.Sequence{Tokens: slices.Concat(header, tokens(9)), From: len(header)})
	}
	prompts := []engine.Prompt{{Tokens: header, MaxTokens: 24, IgnoreEOS: true}, {Tokens: tokens(70), MaxTokens: 12, IgnoreEOS: true}, {Tokens: tokens(1), MaxTokens: 40, IgnoreEOS: true}}
	var seen []float32
	prompts = append(prompts, engine.Prompt{Tokens: tokens(40), MaxTokens: 3, Pick: func(_ int, logits []float32) int32 {
		seen = append(seen, logits...)
		return 3
	}})
	generated := generate(t, m, prompts)
	// What it finds most probable is scored as well: an equal may have been chosen.
	for i, g := range generated[:3] {
		seqs = append(seqs, engine.Sequence{Tokens: slices.Concat(prompts[i].Tokens, g.Tokens), From: len(prompts[i].Tokens)})
	}
	sum := sha256.New()
	for _, s := range score(t, m, seqs) {
		for i, p := range s.LogProbs {
			number(sum, math.Float64bits(p))
			if s.Greedy[i] {
				number(sum, 1)
			}
		}
	}
	for _, g := range generated {
		for _, token := range g.Tokens {
			number(sum, uint64(token))
		}
	}
	for _, x := range seen {
		number(sum, uint64(math.Float32bits(x)))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func number(h hash.Hash, x uint64) { h.Write(binary.LittleEndian.AppendUint64(nil, x)) }
