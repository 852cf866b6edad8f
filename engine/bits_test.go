package engine_test

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
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
		"biases":                 "06aae43d883d14e1c286ea2577f3a8ba2b2769a4b863cf797d6550aae91071a6",
		"gemma2":                 "0246b426dd39dcb0835f7371d4093bab213de8c2476735828b74ec604243969b",
		"gqa-f16-tied":           "afd44834ffb7dbe207eac56e4e82b5025972f001ed9b817f056dde3fda88dc27",
		"grouped":                "a8cd0d5e76435a66ab66246f742843d246dc9896d67e6eba2558d22828917643",
		"linear scaling":         "389daa88522e2a10d43f84c5e0c49a93efdbc7ef9bb9ad339afebefbd15884a6",
		"llama3 scaling":         "d50cfc0969fdd52fbd9c6dca2a6106535fd2a706995c7423273f451c816d91c3",
		"llama3rope-f32-sharded": "821f32523ae4e1f08df951b2fff15f58b040d7004204a17d410ec8bf13f5d817",
		"mha-bf16":               "b36ca2b5c71f37513659977c372ccfae2c9977390fb4ec928e32e8d3fa40c373",
		"mistral":                "29c849b17b46f2af1b909756a8c4c1a313c9bc169554beeb5e67e75d53a919f3",
		"odd":                    "070c71d9c97f3438403b9af19354ccd84c974f1dd73765820d62e926f730fd46",
		"qwen2":                  "2d984ac4d7073582aa3a826f19d7b5c8607844ed05402389e05c58dc030189c2",
		"qwen3":                  "e992473bab7b4a33257554e96398149b37d42f911a3704b6473ff84610ab8b48",
		"smoke":                  "a99b59c89fc7ecdc39aaca30285b03c59da2c34a08038adc7247ebd479f4e3ec",
		"stories260k":            "0061c2eca9b403bad4a2a8ad413e96f8304bf22528b5e68d761031acc0e6d0bf",
		"ties":                   "cf25b05669259e9124003d429dea8ad937f9c7e4f5ce8c8da6815cfc515be619",
		"wide heads":             "1447eab1f1f3e793eaddca385f06d7886f2ffb00802b41577c40422e74306155",
		"yarn":                   "941c28ad4fc0b224a2d0b39cae7021a59fe588a59a3c611cfa4e15cc0d1f6a63",
	},
	"bf16-3": {
		"biases":                 "8204990ab7363f081aa40d9884ea1733d918f564073a7dee100ced4556e5bc6c",
		"gemma2":                 "9cbb362a5557ab92c4d19e078920c56c4388f56b2b3ddae36a87d57f97783c0e",
		"gqa-f16-tied":           "efb48a79209ed68c0ce8cdc21019c572c068c8c81b99b9a4b7958f4b06bf57cc",
		"grouped":                "5740df583c5270a842bb4de08e771d60fb15389148e8d50cf982d683dec33002",
		"linear scaling":         "1c48b2fb503be7c6a1d4a1e02d38480b539e9e7e1ce8592b02863c4e7893f372",
		"llama3 scaling":         "2aede1af6313c2cefeebd8cca6bccb705b373a2fb661899f0b86b077bbb500b5",
		"llama3rope-f32-sharded": "92e953d4f3d2cc0f85a5d29df7d2ad721d22a857d3c109ed8ad983f953c9ac01",
		"mha-bf16":               "4b92dc3af4c15f455e78d2d530ab4b58b150658e1a52111bd68ce6ae4fe4bda0",
		"mistral":                "38961aead58f0894a4e8847c9bce81b7bad3be52b47aade06f22ab9a3c142c06",
		"odd":                    "ff073c4b27ebef4ce46923141423e54b84532e20052362d1e10b0ae8485ccffc",
		"qwen2":                  "ec3cc36017fe9e7c28371bdf15564f899f428067e58f15c704d7da43b4972169",
		"qwen3":                  "3d635a7ceec0718403fd5f4829fe95426591cee243660e3fd3948dccbee6bce9",
		"smoke":                  "de7ea71dbd4055052ceb9df19baa0144614c21dcda7dbe8607258ef8fe70edea",
		"stories260k":            "6b91d383392a3f699245023f45562a4ddf31c0ff5d9feb1db80903a65bd36206",
		"ties":                   "6aed0ce9fa0ccdc29359fc2a0b0f1b76c80af8a9acb9006b6835e5b9e105acec",
		"wide heads":             "c470d7220c13ec33ada47f41394875eef0fdb6237154e65abc9ce9f3430b7fa5",
		"yarn":                   "0cb268886dd9e22082b2f3588ab6a6a23ace71246d9bb926e4550733ceeda6fa",
	},
	"q8-3": {
		"biases":                 "ce51a060faa4715cb1a7d909145629a61a9e6259813abef1e0f1341fd77b344b",
		"gemma2":                 "f0287e8d5b9c934f6851bcd3901ada6a5fed3247cf20f8b63e4e9e9705286812",
		"gqa-f16-tied":           "2e500a79a8fcc0e747952056e3172136f45fe8d2622c3c079b6bef212aa67920",
		"grouped":                "4b4e2acf380b1e0704574936c6d34851009cf68cae7b0a187ad825ee30349914",
		"linear scaling":         "8c98dfd8691440641a53e4171f01e11b7a38bbd632cbdb4ca48d0b02a2463388",
		"llama3 scaling":         "75c1a4df576fd84b9e024cf772887455a5c749c1d0eade24d4b096514db8021d",
		"llama3rope-f32-sharded": "eb62eb2aee84edaa1c445d6645aba2759b1db420d187eec09649d6c20cad185e",
		"mha-bf16":               "49f7525b23d9ab96a19fb0dadac5d41928cafc121885e3720853ac819838bc74",
		"mistral":                "c4e17543e056b2cdb28720c5581fcd16a3589c7d2caad27bcf0cec9640bfbdb0",
		"odd":                    "72dd556f88dccd8b3724d91065da1cab9d38881bbf8ec39e9c6f1419eb27a79a",
		"qwen2":                  "145ef96826d582c28ecd65711ee5ceb4e0640c079b1ffe502fe88a403f098192",
		"qwen3":                  "880a2bb9037aa00c105d213837b1a2874ff6ef0b69b840cfdab057e9d2e9c848",
		"smoke":                  "b9d15aad001df15954b484f175bf48f1668c805db0471eeeac7987d9b93cb0e9",
		"stories260k":            "d84998225853b1a895673a061fd3690ef5cc2212a0e9ea666f8b8a75e8749f8e",
		"ties":                   "a99b046e47fadbf3648994b81b43d1278298f0a0202720360f4c5a290cf7b2f6",
		"wide heads":             "62f3d153a09f2303c9352e3eeba2fffb29af87e379309a2e873c4b8d8a1fbdf5",
		"yarn":                   "5dbc90ac9d177bc8281896b14b3b7a971e7b11e1d7a070c5b7787b2958ac698f",
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
	all := families()
	maps.Copy(all, map[string]enginetest.Shape{"grouped": grouped, "odd": odd(), "llama3 scaling": scaled, "linear scaling": linear, "wide heads": wide})
	return all
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

// goldenDTypes are the arithmetics that -short takes a large golden model in: it spends most of the time on the logits of 32000 tokens.
var goldenDTypes = map[string]engine.DType{"mha-bf16": engine.Q8, "gqa-f16-tied": engine.F32, "llama3rope-f32-sharded": engine.F32}

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
		if only, large := goldenDTypes[name]; large && testing.Short() && d != only {
			continue
		}
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
	// What it finds most probable is scored as well, and what the model of ties finds as probable.
	for i, g := range generated[:3] {
		seqs = append(seqs, engine.Sequence{Tokens: slices.Concat(prompts[i].Tokens, g.Tokens), From: len(prompts[i].Tokens)})
		equal := (g.Tokens[0] + int32(vocab/2)) % int32(vocab)
		seqs = append(seqs, engine.Sequence{Tokens: append(slices.Clone(prompts[i].Tokens), equal), From: len(prompts[i].Tokens)})
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
