// Package engine runs language models (Llama, Mistral, Qwen 2 and 3, Gemma 2) from Hugging Face directories and GGUF files on
// the CPU: log-probabilities of given tokens and generation of new ones. It knows tokens and numbers; it knows nothing of text, benchmarks or results.
//
// # Rooms
//
// This package is the door: loading, checks of what is asked, errors and promises. Behind it lie three rooms, each importing
// only what is named after it. internal/arch says what an architecture is: its keys, its tensors' names and its block as a
// list of steps, one file each; it computes nothing. internal/graph (arch, kernel) binds such steps to weights and computes
// a batch: attention, KV caches, threads. internal/schedule (graph) decides which tokens go through it together: the prefix
// tree of a call, one walk for scoring and generating, delivery. internal/checkpoint makes tensors of files for them,
// internal/kernel multiplies, internal/num rounds. Package bench measures from outside.
//
// # Promises
//
//   - The answer for a sequence depends on the model and on that sequence alone, to the last bit: not on the other
//     sequences of the call, their order, MaxBatchTokens, Threads, the kernel (AVX-512, AVX2 or portable Go), nor on
//     whether a sequence was computed at once or in chunks, alone or on a beginning that it shares with others, with
//     packed weights or as they are stored. Each DType keeps this promise for itself.
//   - What the prompts and sequences of one call have in common at their beginnings is computed once and kept once, within
//     Options.MemoryLimit. Nothing is kept from one call to the next.
//   - What config.json says is implemented or refused, never ignored.
//   - Sequences are never cut. Positions beyond max_position_embeddings continue the rotary angles, as Hugging Face's
//     Llama of late 2023 does by extending its table of cosines; windows are the caller's business.
//   - A sequence that cannot be scored (a token outside the vocabulary, logits that are not finite) fails alone.
//
// # Numerics "f32-2"
//
// The order of every operation is fixed. An operation is rounded to float32 unless stated otherwise; "chain" means
// fused multiply-adds in the given order, starting from +0. Package kernel words the same promise for its part.
//
//	weights       the stored F32, BF16 or F16 values, widened exactly
//	x W^T         each output is one chain over the input dimension, ascending
//	RMSNorm       16-lane sum of squares, / n, + eps; 1/sqrt in float64, rounded; (x * inv) * w
//	RoPE          inv_freq = 1 / theta^(2i/head_dim), scaled where config.json says so, and the angle position *
//	              inv_freq in float64; sine and cosine in float64, rounded. Dimension i pairs with i + head_dim/2:
//	              a' = a cos - b sin, b' = b cos + a sin, each product rounded before the sum
//	scores        chain q.k over head_dim, ascending, then * float32(1/sqrt(head_dim)), or of what the family has in its place
//	softmax       e^(s - max), 16-lane sum by the key's absolute position modulo 16
//	values        chain over keys 0..position, ascending, of the unnormalised exponentials; / sum; + 0, which makes a
//	              negative zero positive
//	SwiGLU        gate / (1 + e^-gate) * up, four rounded operations
//	residual      one addition
//	bias          one addition to the finished chain of an output
//	window        of w tokens: keys position-w+1..position; their chain over values begins at the first, lanes count from it
//	cap           limit * tanh(x * scale / limit), each rounded; tanh by num.Tanh32. Scores before the softmax, whose scale is
//	              then 1; logits before anything looks at them
//	head norm     RMSNorm of each head of q and k, before RoPE
//	GeGLU         gate / (1 + e^-y) * up, y = gate * FMA(gate^2, c, b), b = 2 sqrt(2/pi), c = 0.044715 b, rounded operations
//	embedding     * sqrt(hidden size) rounded to float32, where the family does; norm weights + 1 likewise
//	YaRN          sine and cosine times its factor in float64, then rounded
//	log-prob      float64(logit) - (max + log of the sum of e^(logit - max)), in float64: blocks of 256 tokens are summed with
//	              8 lanes and their own maxima, then the blocks' sums, ascending, each times e^(block's max - max)
//	argmax        the lowest of equal ids
//
// A key after a query's own position never takes part in it, not even as a product with zero that might be NaN.
//
// Until version 1 the exponentials of all tokens were summed with one maximum, which needs all logits at once; the blocks of
// version 2 can be forgotten one by one. Log-probabilities differ in the last bits of float64.
//
// # Numerics "bf16-3" and "q8-3"
//
// These differ in what is multiplied; norms, rotation, softmax, SwiGLU, the residual stream and log-probabilities are those
// of "f32-2". A pairwise chain is one in float32 over pairs of factors, of which the second is added first, with subnormal
// numbers taken and given as zeros: what the instruction VDPBF16PS does. Rounding to bfloat16 is to the nearest, ties to
// even.
//
//	bf16-3        x and W rounded to bfloat16, the output matrix included; each output of x W^T one pairwise chain
//	q8-3          x and W in groups of 128 inputs: 8-bit integers and a float32 scale, that of the largest magnitude over
//	              127; products exact within a group, each output one chain in float32 over the groups
//	both          rotated queries and keys rounded to bfloat16, scores pairwise chains over head_dim; values and the
//	              unnormalised exponentials rounded to bfloat16, summed in pairwise chains over positions 2i and 2i+1, with
//	              zero for the partner of a last even position; the sum to divide by is that of the rounded ones
//
// Until version 2 attention was that of "f32-2" in both.
//
// Package kernel words them exactly. On the golden models (see docs/numerics.md) a token's log-probability is off by 0.01
// to 0.02 on average in bf16, by 0.05 to 0.07 in q8, and by 1e-6 in f32.
//
// Hugging Face computes inverse frequencies and angles in float32; its angles at position 4000 are off by up to 1e-4
// radians. Here they are right to the last bit of float32, which is nearer to the float64 goldens the tests use.
package engine
