package datasets

import "strings"

const gibi = 1 << 30

// wmt is one direction of the archive that sacreBLEU 1.5.0 downloads. sources and references are the languages as the
// members' names have them.
func wmt(sources, references string, rows int) Layout {
	name := func(side string) string { return "sgm/newstest2020-" + side + ".sgm" }
	return Layout{Format: SGM, Rows: rows, Files: []File{{
		Path: "wmt20/test.tgz", URL: wmt20Tar, MaxSize: 256 * mebi, MaxUnpacked: 4 * gibi,
		Members: []Member{{name(sources), 16 * mebi}, {name(references), 16 * mebi}},
		Pins: []Pin{{MD5: "3b1f777cfd2fb15ccf66e9bfdb2b1699", State: Official,
			Note: "md5 is the only digest published (sacreBLEU 1.5.0, sacrebleu/dataset.py)"}},
	}}}
}

// openBookMember is one split within the archive; size is the member's.
func openBookMember(name string, rows int, size int64) Layout {
	return one(JSONL, rows, File{
		Path: "openbookqa/OpenBookQA-V1-Sep2018.zip", URL: openBook, MaxSize: 64 * mebi,
		Members: []Member{{"OpenBookQA-V1-Sep2018/Data/Main/" + name, 4 * size}},
		Pins:    []Pin{official("82368cf05df2e3b309c17d162e10b888b4d768fad6e171e0a041954c8553be46", "", 0)},
	})
}

// triviaArchive is the two parts of a split, in the order in which Hugging Face's script takes them. The archive is
// 2.67 GB and mostly evidence documents, which are passed over.
func triviaArchive(part string, rows int) Layout {
	return one(TriviaQA, rows, File{
		Path: "trivia_qa/triviaqa-rc.tar.gz", URL: triviaTar, MaxSize: 8 * gibi, MaxUnpacked: 64 * gibi,
		Members: []Member{{"qa/web-" + part + ".json", 2 * gibi}, {"qa/wikipedia-" + part + ".json", 2 * gibi}},
		Pins:    []Pin{official("ef94fac6db0541e5bb5b27020d067a8b13b1c1ffc52717e836832e02aaed87b9", "", 0)},
	})
}

// triviaFiles is what is left of the archive where somebody unpacked it. Nobody publishes digests of the members.
func triviaFiles(part string, rows int) Layout {
	var files []File
	for _, half := range []string{"web", "wikipedia"} {
		member := "qa/" + half + "-" + part + ".json"
		files = append(files, File{Path: "trivia_qa/" + member, URL: triviaTar, Member: member, MaxSize: 2 * gibi})
	}
	return Layout{Format: TriviaQA, Files: files, Rows: rows}
}

// export is a data set's Parquet files on the Hugging Face hub. Nobody publishes digests of them that a reference run
// vouches for, and the hub writes them anew from time to time, so they are not pinned.
type export struct {
	dataset string // folder below the data folder
	repo    string
	config  string
	folder  string // of the config in the repository, where it is not the config's name
	maxSize map[string]int64
	columns []Column
}

const hubDatasets = "https://huggingface.co/datasets/"

// table is a split as the repository's main branch has it.
func (e export) table(split string, rows int) Layout {
	folder := e.config
	if e.folder != "" {
		folder = e.folder
	}
	name := folder + "/" + split + "-00000-of-00001.parquet"
	return e.layout(name, e.repo+"/resolve/main/"+name, split, rows)
}

// converted is a split as the hub itself converts it for repositories of any other kind, in refs/convert/parquet.
func (e export) converted(split string, rows int) Layout {
	name := strings.Join([]string{e.config, split, "0000.parquet"}, "/")
	return e.layout(name, e.repo+"/resolve/refs%2Fconvert%2Fparquet/"+name, split, rows)
}

func (e export) layout(name, url, split string, rows int) Layout {
	l := one(Parquet, rows, File{Path: e.dataset + "/" + name, URL: hubDatasets + url, MaxSize: e.maxSize[split]})
	l.Columns = e.columns
	return l
}

func xlsumTables() export {
	return export{
		dataset: "xlsum_ja", repo: "mkshing/xlsum_ja", config: "default", maxSize: map[string]int64{"test": 64 * mebi, "train": 256 * mebi},
		columns: same(Text, "text", "summary"),
	}
}

func mgsmTables() export {
	return export{
		dataset: "mgsm", repo: "juletxara/mgsm", config: "ja", maxSize: map[string]int64{"test": 8 * mebi, "train": 8 * mebi},
		columns: []Column{
			{Field: "question", Source: "question", Kind: Text}, {Field: "answer", Source: "answer", Kind: Text},
			{Field: "answer_number", Source: "answer_number", Kind: Integer}, {Field: "equation_solution", Source: "equation_solution", Kind: Text},
		},
	}
}

func openBookQATables() export {
	return export{
		dataset: "openbookqa", repo: "allenai/openbookqa", config: "main", maxSize: map[string]int64{"test": 16 * mebi, "train": 32 * mebi},
		// The rows are those of the original: stem and choices within the question, a choice with its label.
		columns: []Column{
			{Field: "id", Source: "id", Kind: Text},
			{Field: "question", Kind: Object, Fields: []Column{
				{Field: "stem", Source: "question_stem", Kind: Text},
				{Field: "choices", Source: "choices", Kind: Zipped, Fields: same(Texts, "text", "label")},
			}},
			{Field: "answerKey", Source: "answerKey", Kind: Text},
		},
	}
}

func triviaTables() export {
	return export{
		dataset: "trivia_qa", repo: "mandarjoshi/trivia_qa", config: "rc.nocontext", maxSize: map[string]int64{"validation": 256 * mebi, "train": gibi},
		columns: append(same(Text, "question", "question_id", "question_source"), Column{Field: "answer", Source: "answer", Kind: Object, Fields: []Column{
			{Field: "value", Source: "value", Kind: Text},
			{Field: "aliases", Source: "aliases", Kind: Texts},
			{Field: "normalized_aliases", Source: "normalized_aliases", Kind: Texts},
			{Field: "normalized_value", Source: "normalized_value", Kind: Text},
			{Field: "type", Source: "type", Kind: Text},
			{Field: "matched_wiki_entity_name", Source: "matched_wiki_entity_name", Kind: Text},
			{Field: "normalized_matched_wiki_entity_name", Source: "normalized_matched_wiki_entity_name", Kind: Text},
		}}),
	}
}

func hellaSwagTables() export {
	return export{
		dataset: "hellaswag", repo: "Rowan/hellaswag", config: "default", folder: "data", maxSize: map[string]int64{"validation": 64 * mebi, "train": 256 * mebi},
		columns: []Column{
			{Field: "ind", Source: "ind", Kind: Integer},
			{Field: "activity_label", Source: "activity_label", Kind: Text},
			{Field: "ctx_a", Source: "ctx_a", Kind: Text}, {Field: "ctx_b", Source: "ctx_b", Kind: Text}, {Field: "ctx", Source: "ctx", Kind: Text},
			{Field: "endings", Source: "endings", Kind: Texts},
			{Field: "source_id", Source: "source_id", Kind: Text},
			{Field: "split", Source: "split", Kind: Text}, {Field: "split_type", Source: "split_type", Kind: Text},
			{Field: "label", Source: "label", Kind: Text},
		},
	}
}

func squadTables() export {
	return export{
		dataset: "squad_v2", repo: "rajpurkar/squad_v2", config: "squad_v2", maxSize: map[string]int64{"validation": 64 * mebi, "train": 512 * mebi},
		columns: append(same(Text, "id", "title", "context", "question"), Column{Field: "answers", Source: "answers", Kind: Object, Fields: []Column{
			{Field: "text", Source: "text", Kind: Texts}, {Field: "answer_start", Source: "answer_start", Kind: Integers},
		}}),
	}
}

func xwinoTables() export {
	return export{
		dataset: "xwinograd", repo: "Muennighoff/xwinograd", config: "en", maxSize: map[string]int64{"test": 8 * mebi},
		columns: same(Text, "sentence", "option1", "option2", "answer"),
	}
}

func gsm8kTables() export {
	return export{
		dataset: "gsm8k", repo: "openai/gsm8k", config: "main", maxSize: map[string]int64{"test": 32 * mebi, "train": 128 * mebi},
		columns: same(Text, "question", "answer"),
	}
}
