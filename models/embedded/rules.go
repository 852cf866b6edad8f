package embedded

import "github.com/swallow-eval/swallow-eval/tasks"

// rules are what one reference wrapper does between text and tokens. Each field is a fact of the reference; together
// they are all that distinguishes the protocols here.
type rules struct {
	// clip is the most positions the wrapper uses of the model, 0 for all of them.
	clip int
	// truncate: prompts that do not fit lose tokens from the left. Otherwise nothing is cut and the model runs past
	// its window (or, with strict, the request is refused).
	truncate, strict bool
	// reserve is what a generation keeps free of the window: only the last window-reserve prompt tokens are fed.
	reserve int
	// loseOverlong: the wrapper slices the reply at the length of the uncut prompt, so as many generated tokens are
	// discarded as prompt tokens were dropped.
	loseOverlong bool
	// joint: a continuation's tokens come from encoding context and continuation together, after the context's
	// trailing white space has moved to the continuation. Otherwise the two are encoded apart.
	joint bool
	// lookback: generation ends by the harnesses' criterion on the last few tokens.
	lookback bool
	// cutAtEOSText: the text of the end-of-sequence token cuts the reply wherever it is spelled out.
	cutAtEOSText bool
	// whole: the reply is what decoding prompt and reply together adds to decoding the prompt. Otherwise the reply is
	// decoded alone, which costs it a leading space.
	whole bool
	// cleanUp: the tokenizer's clean-up of spaces before punctuation is applied to the reply.
	cleanUp bool
	// firstLineOnly: nothing after the reply's first line feed is ever read, so generation may end once it is certain.
	firstLineOnly bool
}

// protocols are the wrappers by name.
var protocols = map[tasks.Protocol]rules{
	// Hugging Face text-generation pipeline through LangChain, as llm-jp-eval 1.1.1 calls it
	// (swallow-llm/swallow-evaluation llm-jp-eval/scripts/evaluate_llm.py at 570bf6a).
	tasks.LLMJPEval: {whole: true, cleanUp: true, firstLineOnly: true},
	// lm_eval/models/huggingface.py of Stability-AI/lm-evaluation-harness at 9b42d41, window clipped by Swallow.
	tasks.HarnessJP: {clip: 4096, truncate: true, reserve: 256, loseOverlong: true, lookback: true, cutAtEOSText: true},
	// lm_eval/models/huggingface.py of EleutherAI/lm-evaluation-harness at 3ccea2b.
	tasks.HarnessEN: {truncate: true, reserve: 256, loseOverlong: true, lookback: true, joint: true, cutAtEOSText: true},
	// Ours: nothing is cut in silence.
	tasks.Plain: {strict: true, joint: true, whole: true},
}

// window is the number of positions a protocol uses of a model that has positions.
func (r rules) window(positions int) int {
	if r.clip > 0 {
		return min(r.clip, positions)
	}
	return positions
}
