package datasets

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// State says how much a file's content is to be trusted.
type State string

// The states. Official content is what the benchmark's authors published. Rebuilt content was put together from other
// copies, and its pin was set because an independent proof (see Pin.Note) says that the requests made from it are the
// original's. A stand-in serves where the original is not at hand. Invented content is no benchmark at all: it has the
// schema of one and was made to try the program with. Unpinned content is anything else.
const (
	Official State = "official"
	Rebuilt  State = "rebuilt"
	StandIn  State = "stand-in"
	Invented State = "invented"
	Unpinned State = "unpinned"
)

// Format names how a layout's files are read.
type Format string

// The formats and the rows they give.
const (
	// JSONL holds one JSON object a line; the rows are the lines.
	JSONL Format = "jsonl"
	// JSONArray is one JSON array of objects; the rows are its elements.
	JSONArray Format = "json-array"
	// SQuAD is SQuAD's nested JSON; rows are {id, title, context, question, answers: {text: [], answer_start: []}}.
	SQuAD Format = "squad-json"
	// JSQuADExemplars is a JSON array of {title, context, question, answer}; rows as for SQuAD.
	JSQuADExemplars Format = "jsquad-exemplars"
	// NIILC is the NIILC-ECQA XML; rows are {id, text, answers: []}, null where an element is empty.
	NIILC Format = "niilc-xml"
	// MGSM is a table of question and number; rows are {question, answer, answer_number, equation_solution}.
	MGSM Format = "mgsm-tsv"
	// MGSMExemplars is the Python file of MGSM's worked examples, read and not run; rows as for MGSM.
	MGSMExemplars Format = "mgsm-exemplars"
	// LinePairs is two files of sentences, line by line translations; rows are {src, ref}.
	LinePairs Format = "line-pairs"
	// CSV has a header line; rows have one string for each of its columns.
	CSV Format = "csv"
	// TSV is CSV with tabs between the columns and no quotes.
	TSV Format = "tsv"
	// SGM is two members or files of WMT's SGML, sources first, converted as sacreBLEU 1.5.0 does; rows are {src, ref}.
	SGM Format = "wmt-sgm"
	// TriviaQA is TriviaQA's own JSON, its parts in order; rows are those of Hugging Face's rc.nocontext:
	// {question, question_id, question_source, answer: {value, aliases: [], …}}.
	TriviaQA Format = "trivia-qa-json"
	// JMMLU is one CSV file a subject without a header; rows are {subject, row, question, choices: [], answer}.
	JMMLU Format = "jmmlu-csv"
	// MMLU is one CSV file a subject with a header; rows are those of cais/mmlu: {question, subject, choices: [], answer}.
	MMLU Format = "mmlu-csv"
	// BBH is one JSON file a subject of BIG-Bench Hard; rows are {subject, input, target}.
	BBH Format = "bbh-json"
	// TextFiles is one text a file; rows are {subject, text}.
	TextFiles Format = "text-files"
	// Parquet is one table; rows have the fields that Layout.Columns names, in that order, or all.
	Parquet Format = "parquet"
)

// Pin is one content that the manifest accepts for a file.
type Pin struct {
	// SHA256 is the hex digest of the uncompressed content. Where it is not known, GitBlob or MD5 identifies the
	// content.
	SHA256 string `json:"sha256,omitempty"`
	// GitBlob is git's name of the content (SHA-1) in the repository it comes from.
	GitBlob string `json:"git_blob,omitempty"`
	// MD5 is there only where a publisher gave nothing better. It tells a broken download from a whole one; unlike the
	// others it is no proof against somebody who prepared two files of one digest.
	MD5 string `json:"md5,omitempty"`
	// GzipSHA256 is the hex digest of the compressed file where the content is published as one.
	GzipSHA256 string `json:"gzip_sha256,omitempty"`
	// Size is in bytes, 0 where it is not known.
	Size  int64 `json:"size,omitempty"`
	State State `json:"state"`
	// Note says what a rebuilt or stand-in content rests on.
	Note string `json:"note,omitempty"`
}

// String is the pin as error messages show it.
func (p Pin) String() string {
	switch {
	case p.SHA256 != "":
		return fmt.Sprintf("%s (%s)", p.SHA256, p.State)
	case p.GitBlob != "":
		return fmt.Sprintf("git blob %s (%s)", p.GitBlob, p.State)
	default:
		return fmt.Sprintf("md5 %s (%s)", p.MD5, p.State)
	}
}

// File is one file of a layout.
type File struct {
	// Path is relative to the data folder, with slashes. A file of that name plus ".gz" is accepted too, unless the
	// content is compressed as it is published (archives, Parquet).
	Path string `json:"path"`
	// URL is where the original is published; Member names the file within an archive there.
	URL    string `json:"url"`
	Member string `json:"member,omitempty"`
	Pins   []Pin  `json:"pins,omitempty"`
	// MaxSize bounds what is read where no pin knows the size, in bytes.
	MaxSize int64 `json:"max_size,omitempty"`
	// Members are what is read of an archive (.zip, .tar.gz, .tgz), in the order in which the format takes them. The
	// pins are then of the archive.
	Members []Member `json:"members,omitempty"`
	// MaxUnpacked bounds what a tar archive may unpack to altogether, in bytes; it is passed through, not kept.
	MaxUnpacked int64 `json:"max_unpacked,omitempty"`
}

// Member is a file within an archive.
type Member struct {
	// Name is the path within the archive, with slashes.
	Name string `json:"name"`
	// MaxSize bounds what is read of it, in bytes.
	MaxSize int64 `json:"max_size"`
}

// limit is the most content that is read of the file: four times what it should be, so that an edited copy is reported
// as edited and a compressed bomb as too large.
func (f File) limit() int64 {
	limit := f.MaxSize
	for _, pin := range f.Pins {
		limit = max(limit, 4*pin.Size)
	}
	return limit
}

// published says where the original is had, at the end of a message.
func (f File) published() string {
	if f.URL == "" {
		return ""
	}
	return "; its source is " + f.URL
}

// names are the paths under which the file may lie in the data folder.
func (f File) names() []string {
	for _, compressed := range []string{".gz", ".tgz", ".zip", ".parquet"} {
		if strings.HasSuffix(f.Path, compressed) {
			return []string{f.Path}
		}
	}
	return []string{f.Path, f.Path + ".gz"}
}

// Layout is one way in which a split may lie in the data folder.
type Layout struct {
	Format Format `json:"format"`
	// Files are as many as the format takes, in its order.
	Files []File `json:"files"`
	// Rows is the number of records.
	Rows int `json:"rows"`
	// Columns say for Parquet where the fields of a row lie in the file; nil is the whole table under the names of its columns.
	Columns []Column `json:"columns,omitempty"`
}

// Split is one split of a data set.
type Split struct {
	Dataset string `json:"dataset"`
	Name    string `json:"split"`
	Licence string `json:"licence"`
	// Home is the Hugging Face hub id or the repository that the reference loads the split from.
	Home string `json:"home"`
	// Layouts are tried in order; the first whose file exists is read.
	Layouts []Layout `json:"layouts"`
}

// Manifest returns every split the tasks use, in the order of the published tables.
func Manifest() []Split { return manifest() }

// ManifestDigest is "sha256:" and the hex digest of the manifest's JSON. It changes when anything about the accepted
// data changes.
func ManifestDigest() (string, error) {
	b, err := json.Marshal(manifest())
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

func find(all []Split, dataset, split string) (Split, bool) {
	for _, s := range all {
		if s.Dataset == dataset && s.Name == split {
			return s, true
		}
	}
	return Split{}, false
}

// Pinned tells whether the split has pins for the file at a path of the data folder, as Use.Path gives it. A file without
// any is one of which no digest is known; one that differs from its pins is not what was published.
func (s Split) Pinned(path string) bool {
	f, ok := s.File(path)
	return ok && len(f.Pins) > 0
}

// File is what the manifest says of the file at a path of the data folder, as Use.Path gives it.
func (s Split) File(path string) (File, bool) {
	for _, l := range s.Layouts {
		for _, f := range l.Files {
			if slices.Contains(f.names(), path) {
				return f, true
			}
		}
	}
	return File{}, false
}
