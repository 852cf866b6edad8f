package tasks

import "strings"

// Protocol names the reference wrapper whose rules turn a request into tokens and tokens into text: window,
// truncation, white space, decoding.
type Protocol string

// The protocols of the profile swallow-2023.
const (
	// LLMJPEval is the Hugging Face text-generation pipeline as llm-jp-eval 1.1.1 drives it: no truncation, no stop strings.
	LLMJPEval Protocol = "llm-jp-eval-1.1.1"
	// HarnessJP is hf-causal-experimental of Stability AI's JP LM Evaluation Harness at 9b42d41.
	HarnessJP Protocol = "jp-lm-eval-9b42d41"
	// HarnessEN is hf-causal-experimental of EleutherAI's LM Evaluation Harness at 3ccea2b.
	HarnessEN Protocol = "lm-eval-3ccea2b"
	// LMEval04 is HFLM of EleutherAI's LM Evaluation Harness 0.4 at 4e7e0d4: what task files are asked with.
	LMEval04 Protocol = "lm-eval-0.4.13"
	// LMEval04Rolling is how that scores the whole of a text (loglikelihood_rolling).
	LMEval04Rolling Protocol = "lm-eval-0.4.13-rolling"
	// Plain is our own: the prompt as it stands, an error where it does not fit, stop strings cut. Tools use it.
	Plain Protocol = "plain"
)

// ChatSuffix marks what is asked in the model's chat template: the protocol of a request and the name of a profile.
const ChatSuffix = "+chat"

// Chat is the protocol for prompts that a chat template rendered.
func (p Protocol) Chat() Protocol { return p + ChatSuffix }

// The protocols of the profiles swallow-202407 and swallow-202411. What is in their names beside the harness is the
// profile: the same harness answered otherwise by then.
const (
	// LLMJPEval0407 and LLMJPEval0411 are the Hugging Face pipeline as llm-jp-eval 1.3.0 drives it, before and after
	// transformers 4.43.
	LLMJPEval0407 Protocol = "llm-jp-eval-1.3.0-202407"
	LLMJPEval0411 Protocol = "llm-jp-eval-1.3.0-202411"
	// HarnessJP0411 is the JP harness as vendored in v202411.p1.
	HarnessJP0411 Protocol = "jp-lm-eval-9b42d41-202411"
	// HarnessEN0407 and HarnessEN0411 are lm_eval/models/huggingface.py of lm-eval 0.4.2 (4600d6b) as vendored in
	// swallow-evaluation v202407 and v202411.p1.
	HarnessEN0407 Protocol = "lm-eval-0.4.2-202407"
	HarnessEN0411 Protocol = "lm-eval-0.4.2-202411"
	// BigCode is bigcode-evaluation-harness at 0261c52 as vendored in v202411.p1, which samples.
	BigCode Protocol = "bigcode-0261c52"
)

// Rules are what one reference wrapper does between text and tokens. Each field is a fact of the reference; together
// they are all that distinguishes the protocols. They are applied where a model answers, by package wrapper.
type Rules struct {
	// Clip is the most positions the wrapper uses of the model, 0 for all of them.
	Clip int
	// Truncate: prompts that do not fit lose tokens from the left. Otherwise nothing is cut and the model runs past
	// its window (or, with Strict, the request is refused).
	Truncate, Strict bool
	// Reserve is what a generation keeps free of the window: only the last window-Reserve prompt tokens are fed.
	Reserve int
	// ReserveAsked keeps as much free as the request may generate, in place of Reserve.
	ReserveAsked bool
	// BeginsEmpty: a continuation without a context follows the token that begins a text, where there is one.
	BeginsEmpty bool
	// Rolling: a continuation without a context that is longer than the window is scored in windows, one after another.
	Rolling bool
	// LoseOverlong: the wrapper slices the reply at the length of the uncut prompt, so as many generated tokens are
	// discarded as prompt tokens were dropped.
	LoseOverlong bool
	// Joint: a continuation's tokens come from encoding context and continuation together, after the context's
	// trailing white space has moved to the continuation. Otherwise the two are encoded apart.
	Joint bool
	// Lookback: generation ends by the harnesses' criterion on the last few tokens.
	Lookback bool
	// CutAtEOSText: the text of the end-of-sequence token cuts the reply wherever it is spelled out.
	CutAtEOSText bool
	// BOS is when the wrapper puts the beginning-of-sequence token before a prompt or context.
	BOS Opening
	// BF16Scores: of a model that is stored in bfloat16 the wrapper has log-likelihoods in that type.
	BF16Scores bool
	// ScoreAlone: a continuation that adds no token to its context is encoded by itself.
	ScoreAlone bool
	// Whole: the reply is what decoding prompt and reply together adds to decoding the prompt. Otherwise the reply is
	// decoded alone, which costs it a leading space.
	Whole bool
	// CleanUp: the tokenizer's clean-up of spaces before punctuation is applied to the reply.
	CleanUp bool
	// FirstLineOnly: nothing after the reply's first line feed is ever read, so generation may end once it is certain.
	FirstLineOnly bool
	// Special: where the prompt spells a special token it is that token, as in what a chat template renders. Otherwise it
	// is text.
	Special bool

	// CountsPrompt: the most tokens that a request may generate are counted with its prompt's, of which the last so many are
	// fed. A prompt of as many has no answer.
	CountsPrompt bool
	// Spelled: special tokens in a reply are text.
	Spelled bool

	// FirstParagraphOnly: nothing after the reply's first empty line is ever read.
	FirstParagraphOnly bool
}

// Opening is when a wrapper puts the beginning-of-sequence token before a text.
type Opening string

// The rules.
const (
	// OpenNever is the rule of the wrappers of 2023.
	OpenNever Opening = ""
	// OpenAsTokenizer does what the tokenizer's own files say.
	OpenAsTokenizer Opening = "tokenizer"
	// OpenGemma1 does for model_type "gemma" alone, OpenGemmas for every model_type with that word.
	OpenGemma1 Opening = "gemma"
	OpenGemmas Opening = "gemma*"
	// OpenGemma2Path does for models whose path or hub id has "gemma-2" in it.
	OpenGemma2Path Opening = "gemma-2 path"
)

// Opens says whether a wrapper of the rule puts the token before the texts of a model.
func (o Opening) Opens(m Family) bool {
	switch o {
	case OpenAsTokenizer:
		return m.AddsBOS
	case OpenGemma1:
		return m.Type == "gemma"
	case OpenGemmas:
		return strings.Contains(m.Type, "gemma")
	case OpenGemma2Path:
		return strings.Contains(m.Name, "gemma-2")
	}
	return false
}

// Family is what the wrappers look at of a model beside its tokens.
type Family struct {
	// Type is model_type of its config.json, Name its path or hub id.
	Type, Name string
	// DType is the format that its weights are stored in, such as "bfloat16".
	DType string
	// AddsBOS is the tokenizer's own habit.
	AddsBOS bool
}

// BF16 says whether the weights are stored in bfloat16.
func (m Family) BF16() bool { return m.DType == "bfloat16" || strings.EqualFold(m.DType, "bf16") }

// Rules returns the wrapper's rules; ok is false where p names none.
func (p Protocol) Rules() (r Rules, ok bool) {
	if base, chat := strings.CutSuffix(string(p), ChatSuffix); chat {
		r, ok = Protocol(base).Rules()
		r.Special = true
		return r, ok && !strings.HasSuffix(base, ChatSuffix)
	}
	switch p {
	case LLMJPEval:
		// Hugging Face text-generation pipeline through LangChain, as llm-jp-eval 1.1.1 calls it
		// (swallow-llm/swallow-evaluation llm-jp-eval/scripts/evaluate_llm.py at 570bf6a).
		return Rules{Whole: true, CleanUp: true, FirstLineOnly: true}, true
	case HarnessJP, HarnessJP0411:
		// lm_eval/models/huggingface.py of Stability-AI/lm-evaluation-harness at 9b42d41, window clipped by Swallow.
		return Rules{BOS: p.opening(), Clip: 4096, Truncate: true, Reserve: 256, LoseOverlong: true, Lookback: true, CutAtEOSText: true}, true
	case HarnessEN:
		// lm_eval/models/huggingface.py of EleutherAI/lm-evaluation-harness at 3ccea2b.
		return Rules{Truncate: true, Reserve: 256, LoseOverlong: true, Lookback: true, Joint: true, CutAtEOSText: true}, true
	case LLMJPEval0407, LLMJPEval0411:
		// The same pipeline (llm-jp-eval/scripts/evaluate_llm.py at 635f5a8); the prediction ends at an empty line.
		return Rules{BOS: p.opening(), Whole: true, CleanUp: true, FirstParagraphOnly: true}, true
	case HarnessEN0407, HarnessEN0411:
		// lm_eval/models/huggingface.py of EleutherAI/lm-evaluation-harness at 4600d6b: the reply is sliced at the width that was
		// fed, and the window is the model's.
		later := p == HarnessEN0411
		return Rules{
			BOS: p.opening(), BF16Scores: later, ScoreAlone: later,
			Truncate: true, ReserveAsked: true, Lookback: true, Joint: true, CutAtEOSText: true,
		}, true
	case LMEval04, LMEval04Rolling:
		// lm_eval/models/huggingface.py of EleutherAI/lm-evaluation-harness at 4e7e0d4: room for all tokens asked for, and
		// an empty context is the token that begins a text.
		return Rules{Truncate: true, ReserveAsked: true, Lookback: true, Joint: true, CutAtEOSText: true, BeginsEmpty: true, Rolling: p == LMEval04Rolling}, true
	case BigCode:
		// complete_code in bigcode_eval/utils.py of bigcode-project/bigcode-evaluation-harness at 0261c52: the answer is what the
		// decoded sequence has behind the prompt's characters.
		return Rules{BOS: p.opening(), CountsPrompt: true, Spelled: true, CutAtEOSText: true}, true
	case Plain:
		// Ours: nothing is cut in silence.
		return Rules{Strict: true, Joint: true, Whole: true}, true
	}
	return Rules{}, false
}

// opening is a protocol's rule about the beginning of a text. That of the pipeline changed with transformers 4.43
// (huggingface/transformers#31747), which the environment of v202411 had by its date and none of the reference's files pins.
func (p Protocol) opening() Opening {
	switch p {
	case LLMJPEval0411, BigCode:
		return OpenAsTokenizer
	case HarnessJP0411:
		return OpenGemma2Path
	case HarnessEN0407:
		return OpenGemma1
	case HarnessEN0411:
		return OpenGemmas
	}
	return OpenNever
}

// Window is the number of positions the wrapper uses of a model that has positions.
func (r Rules) Window(positions int) int {
	if r.Clip > 0 {
		return min(r.Clip, positions)
	}
	return positions
}

// RunsPast says whether the wrapper lets a model run past its window instead of cutting or refusing.
func (r Rules) RunsPast() bool { return !r.Truncate && !r.Strict }
