// Package tokenizer turns text into the token ids of a Llama-family model and back, id for id as the two programs do
// that the reference evaluations used.
//
// A tokenizer.model is read as SentencePiece reads it (google/sentencepiece v0.1.97: normalizer.cc, bpe_model.cc,
// unigram_model.cc, sentencepiece_processor.cc): BPE or Unigram by score with byte fallback, the leading "▁" and the other
// options of its normalizer specification. A tokenizer.json is read as Hugging Face's tokenizers reads it: BPE by merge
// rank, with "▁" for the space and byte fallback (Llama 1 and 2, Gemma) or over bytes behind splitting expressions (Llama
// 3, Qwen, Mistral since Nemo, GPT-2), or Unigram (llm-jp); normalization form C where the file asks for it. What neither
// reader reproduces is refused when the file is loaded, with the feature's name, never approximated: other model types,
// normalization tables, expressions that two engines may read differently, unknown components.
//
// # Rules that hold for both kinds of file
//
// Encoding adds no special token (no <s>, no </s>), and the empty text has no tokens. Text that spells a special token,
// such as "<s>", is ordinary text, as it is for SentencePiece; Hugging Face's fast tokenizers would turn it into the
// token itself, which would let a document end a prompt. [Tokenizer.EncodeSpecial] does what they do, for chat templates.
//
// A Unigram vocabulary adds up scores in the precision of the original: float32 for a tokenizer.model, float64 for a
// tokenizer.json. Where two ways to cut a text are worth nearly the same they may therefore differ, as their originals do
// (one text in 1,111 of the reference set).
//
// A "▁" file puts exactly one "▁" in front of a text, also where the text begins with a space: " a" is "▁▁a". That is what
// SentencePiece does and what tokenizer.json files with a Prepend normalizer do. Files written later say Metaspace with
// prepend_scheme "first" instead, for which Hugging Face's code leaves out the mark before a space; here both spellings of
// the same vocabulary give the same ids, those that the published tables were made with.
//
// Bytes that are not UTF-8 become one U+FFFD each before anything else happens, as in SentencePiece.
//
// Decoding follows Hugging Face's fast Llama decoder with skip_special_tokens, for both kinds of file: see
// [Tokenizer.Decode]. Encoding and then decoding gives the text back unless the text holds "▁" itself (it returns as a
// space), bytes that are not UTF-8, or white space that the model's normalizer removes; a byte-level file gives every
// valid text back.
//
// A Tokenizer never changes after it is loaded and may be used by many goroutines at once. It knows nothing of models:
// whether its vocabulary fits the embedding is the engine's question.
package tokenizer
