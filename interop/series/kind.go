package series

// Kind is what a file of stored outputs or results is.
type Kind string

// The kinds. A file of another kind is KindUnknown.
const (
	KindUnknown Kind = ""
	// KindSamples is our own samples_<task>.jsonl, KindRun our run.json.
	KindSamples Kind = "swallow-eval-samples"
	KindRun     Kind = "swallow-eval-run"
	// KindHarness is a result file of a harness: JP harness (with or without details), EN harness, lm-eval 0.4.
	KindHarness Kind = "harness-results"
	// KindWriteOut is the EN harness's <task>_write_out_info.json.
	KindWriteOut Kind = "write-out"
	// KindLMEval is lm-eval 0.4's samples: JSON Lines, or one array until 0.4.2.
	KindLMEval Kind = "lm-eval-samples"
	// KindLLMJP is llm-jp-eval's outputs, KindLLMJPScores the scores that version 1.1 keeps in a file of their own.
	KindLLMJP       Kind = "llm-jp-eval"
	KindLLMJPScores Kind = "llm-jp-eval-scores"
	// KindAggregate is swallow-evaluation's aggregated_result.json, which holds numbers alone.
	KindAggregate Kind = "swallow-aggregate"
)
