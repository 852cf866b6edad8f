package datasets

import (
	_ "embed"
	"fmt"
	"path"
	"strconv"
	"strings"
)

// pinsText holds a line for each file of the data sets that keep one file a subject: its path below the data folder, sha256,
// git blob and size.
//
//go:embed pins.txt
var pinsText string

// The places of the later profiles' data.
const (
	jmmluCSV  = "https://raw.githubusercontent.com/nlp-waseda/JMMLU/762cbf192c9e4588b574d718f95afd64c96fcbf4/JMMLU/"
	bigBench  = "https://raw.githubusercontent.com/suzgunmirac/BIG-Bench-Hard/9ee07bd481feebf959a6b59d61ea57bdcf30964d/"
	mmluCopy  = "https://raw.githubusercontent.com/HaeChan0305/MLILAB-FedLLM/d92730e8bacd7b3a61e551e015e40588e10234b4/data/mmlu/"
	mathCopy  = "https://raw.githubusercontent.com/jincan333/MAS-TTS/ae8f961818d47860cfbde256b72cbb5c326e6b85/data/math500/"
	humanEval = "https://raw.githubusercontent.com/openai/human-eval/6d43fb980f9fee3c892a914eda09951f772ad10d/data/"
	jhuman    = "https://raw.githubusercontent.com/KuramitsuLab/jhuman-eval/def32e75b363aa663d19c0f6d83ef300feeeea0e/data/"
)

// What the copies rest on.
const (
	proofMMLU    = "copy of cais/mmlu, whose own files have no known digest; for 57 of 57 subjects the requests without examples have the hash that the harness's own tests record"
	proofMMLUDev = "copy of cais/mmlu, whose own files have no known digest; 266 of the 285 examples equal the harness's own chain-of-thought prompts but for white space, 275 with the same answer"
	proofMath    = "copy of HuggingFaceH4/MATH-500, whose own file has no known digest; problems and solutions equal the MATH test set in microsoft/ToRA, their order that in agentica-project/deepscaler"
)

// laterSplits are the data sets that only the later profiles ask about.
func laterSplits() []Split {
	mmlu := export{
		dataset: "mmlu", repo: "cais/mmlu", config: "all", maxSize: map[string]int64{"test": 64 * mebi, "dev": 8 * mebi},
		columns: append(same(Text, "question", "subject"), Column{Field: "choices", Source: "choices", Kind: Texts}, Column{Field: "answer", Source: "answer", Kind: Integer}),
	}
	return []Split{
		{"jmmlu", "test", ccBySA4, "nlp-waseda/JMMLU", []Layout{subjects(JMMLU, 7097, "jmmlu/", jmmluCSV, Official, "")}},
		{"mmlu", "test", "MIT", "cais/mmlu (hails/mmlu_no_train)", []Layout{
			one(JSONL, 14042, File{Path: "mmlu/test.jsonl", URL: mmluCopy + "test", Pins: []Pin{
				rebuilt("903179ca496c3a80683685a3e4bcec761d2826df64682892cde15def955f6e7d", 7510640, proofMMLU)}}),
			subjects(MMLU, 14042, "mmlu/test/", mmluCopy+"test/", Rebuilt, proofMMLU),
			mmlu.table("test", 14042),
		}},
		{"mmlu", "dev", "MIT", "cais/mmlu (hails/mmlu_no_train)", []Layout{
			one(JSONL, 285, File{Path: "mmlu/dev.jsonl", URL: mmluCopy + "dev", Pins: []Pin{
				rebuilt("0b841f7363db50b453f487870576f828e3b8bb106b6a721db67fa382e4a37ec8", 136428, proofMMLUDev)}}),
			subjects(MMLU, 285, "mmlu/dev/", mmluCopy+"dev/", Rebuilt, proofMMLUDev),
			mmlu.table("dev", 285),
		}},
		{"bbh", "test", "MIT", "suzgunmirac/BIG-Bench-Hard", []Layout{subjects(BBH, 6511, "bbh/bbh/", bigBench+"bbh/", Official, "")}},
		{"bbh", "prompts", "MIT", "suzgunmirac/BIG-Bench-Hard", []Layout{subjects(TextFiles, 27, "bbh/cot-prompts/", bigBench+"cot-prompts/", Official, "")}},
		{"math500", "test", "MIT (MATH)", "HuggingFaceH4/MATH-500", []Layout{
			one(JSONL, 500, File{Path: "math500/test.jsonl", URL: mathCopy + "test.jsonl", Pins: []Pin{
				rebuilt("34943b1a3660c7dc63c7bc89b5ecefc0ffdeeee32501c2ad161cdec34d7a4b4c", 420439, proofMath)}}),
		}},
		{"humaneval", "test", "MIT", "openai/human-eval", []Layout{
			one(JSONL, 164, File{Path: "humaneval/HumanEval.jsonl", URL: humanEval + "HumanEval.jsonl.gz", Pins: []Pin{{
				SHA256: "1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2", Size: 214438, State: Official,
				GzipSHA256: "b796127e635a67f93fb35c04f4cb03cf06f38c8072ee7cee8833d7bee06979ef"}}}),
		}},
		{"jhumaneval", "test", "MIT", "KuramitsuLab/jhuman-eval", []Layout{
			one(JSONL, 164, File{Path: "jhumaneval/jhuman-eval.jsonl", URL: jhuman + "jhuman-eval.jsonl.gz", Pins: []Pin{{
				SHA256: "f34de01e08eccef7ff5771ca9141c495de6e8560b9d7f72b0a32ecf92eb636e6", Size: 298612, State: Official,
				GzipSHA256: "e025987ea1df0678cbcb4c4a7a9b5f123a4ea7f8e5dbdca0aa635b92dfaa7498"}}}),
		}},
	}
}

// subjects is a layout of all files that pinsText has in a folder, in the order of their names.
func subjects(format Format, rows int, folder, url string, state State, note string) Layout {
	l := Layout{Format: format, Rows: rows}
	for line := range strings.Lines(pinsText) {
		f := strings.Fields(line)
		if len(f) != 4 || path.Dir(f[0])+"/" != folder {
			continue
		}
		size, err := strconv.ParseInt(f[3], 10, 64)
		if err != nil {
			panic(fmt.Sprintf("datasets: pins.txt: %v", err)) // the file is the program's own
		}
		l.Files = append(l.Files, File{Path: f[0], URL: url + path.Base(f[0]), Pins: []Pin{{
			SHA256: f[1], GitBlob: f[2], Size: size, State: state, Note: note,
		}}})
	}
	return l
}
