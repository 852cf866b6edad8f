// Package results holds what an evaluation leaves behind: the Run manifest, one Score per table cell and one Sample
// per document, with their files and their tables.
//
// Everything here is evidence. A Run says by digest which data, prompts, model and samples its numbers come from; a
// Score without a number is a hole with a reason, never a zero. Samples depend only on data, model and numerics, so
// two runs write them byte for byte the same; clocks and host names live in the manifest alone.
package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/swallow-eval/swallow-eval/internal/textsafe"
	"github.com/swallow-eval/swallow-eval/metrics"
)

// SchemaVersion is the version of the files this package writes. Readers refuse a newer one.
const SchemaVersion = 1

// RunFile is the manifest's name within a result directory.
const RunFile = "run.json"

// Run is the manifest of one evaluation.
type Run struct {
	SchemaVersion int    `json:"schema_version"`
	Tool          Tool   `json:"tool"`
	Profile       string `json:"profile"`
	Model         Model  `json:"model"`
	// Status is "complete", "interrupted" (by the user) or "incomplete" (a task failed).
	Status   string    `json:"status"`
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	// Limit is the --limit as given, "" for all documents; Samples tells that --samples chose the documents.
	Limit   string `json:"limit,omitempty"`
	Samples bool   `json:"samples_chosen,omitempty"`
	// AllowUnpinnedData tells that data files which differ from the pinned manifest were permitted.
	AllowUnpinnedData bool `json:"allow_unpinned_data,omitempty"`
	// InventedData names the data set where the questions were invented to try the program: such numbers measure nothing.
	InventedData string `json:"invented_data,omitempty"`
	// ShotsOverride is --num-fewshot where it was given: such numbers are not the profile's.
	ShotsOverride *int `json:"num_fewshot_override,omitempty"`
	// Own are the task files whose tasks were asked, whole.
	Own []OwnTask `json:"own_tasks,omitempty"`
	// Chat tells that the questions were asked in the model's chat template, and how: such numbers are not the profile's.
	Chat *ChatTemplate `json:"chat_template,omitempty"`
	// Baseline tells that the directory is a condensed copy of a run, kept to be compared with.
	Baseline bool `json:"baseline,omitempty"`
	// Unfinished are the tasks that were begun or waited when a run into this folder ended, and that have no score.
	Unfinished []string `json:"unfinished,omitempty"`
	// Answers tells how many requests the model answered in this run and how many were remembered from earlier ones.
	Answers *Answers `json:"answers,omitempty"`
	// Verified says what the numbers were checked against.
	Verified *Verified `json:"verified,omitempty"`
	Scores   []Score   `json:"scores"`
	// Groups are averages over tasks of task files.
	Groups []Group `json:"groups,omitempty"`
}

// The states of a run. Of a folder that several runs filled it is what all of them left.
const (
	StatusComplete    = "complete"
	StatusIncomplete  = "incomplete"
	StatusInterrupted = "interrupted"
)

// OwnTask is a task file of the user's.
type OwnTask struct {
	File   string `json:"file"`
	Digest string `json:"digest"`
	Text   string `json:"text"`
}

// ChatTemplate is the template of a model that turned prompts into turns.
type ChatTemplate struct {
	// Digest is that of the template's text, Source where among the model's files it was found.
	Digest string `json:"digest"`
	Source string `json:"source"`
	// System is the text of the turn in front, "" for none. Multiturn tells that every example was a turn.
	System    string `json:"system_instruction,omitempty"`
	Multiturn bool   `json:"fewshot_as_multiturn,omitempty"`
}

// Answers counts where a run's answers came from.
type Answers struct {
	Asked    int `json:"asked"`
	Recalled int `json:"recalled"`
}

// Tool identifies the program that wrote a file.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// Model identifies the model that answered. Two runs whose Digest, TokenizerDigest, DType and Numerics agree asked
// the same model in the same arithmetic.
type Model struct {
	// Name is the model as the user named it.
	Name string `json:"name"`
	// Digest covers the weights and the configuration, TokenizerDigest the tokenizer's file.
	Digest          string `json:"digest"`
	TokenizerDigest string `json:"tokenizer_digest"`
	// DType is the arithmetic, StoredDType the weights' type on disk, Numerics the version of the engine's bits.
	DType       string `json:"dtype"`
	StoredDType string `json:"stored_dtype"`
	Numerics    string `json:"numerics"`
	Parameters  int64  `json:"parameters"`
	Window      int    `json:"window"`
	// Vocabulary is the number of the matrix's rows, Pieces that of the tokenizer's pieces.
	Vocabulary int `json:"vocabulary"`
	Pieces     int `json:"pieces,omitempty"`
	// Generation is what the model's own files would change about generating. It is reported; only end tokens are obeyed.
	Generation []GenerationSetting `json:"generation_config,omitempty"`
	// IgnoredConfig are the configuration's unknown keys that change nothing on the user's word. Digest does not cover them, for
	// nothing was computed by them.
	IgnoredConfig []string `json:"ignored_config,omitempty"`
	// Adapter is the LoRA adapter that was merged into the weights; nil where there was none. Digest covers it, and Name has it.
	Adapter *Adapter `json:"adapter,omitempty"`
	// Server is where the answers came from, where a server gave them: then Digest covers what is said here, and no weights.
	Server *Server `json:"server,omitempty"`
}

// AnswersDigest begins the digest of a tokenizer of which only a server's answers to some texts are known.
const AnswersDigest = "answers:"

// Adapter identifies a LoRA adapter.
type Adapter struct {
	// Name is the adapter as the user named it; of a repository of the hub, with the commit.
	Name string `json:"name"`
	// Digest covers its weights and what its configuration says of the merge.
	Digest string `json:"digest"`
}

// Server is what is known of servers that answered as one model.
type Server struct {
	// Endpoints are addresses with the names of the models that were asked for, as the user gave them.
	Endpoints []string `json:"endpoints"`
	// Dialect is how they are asked, Reported what the first of them says of itself.
	Dialect  string `json:"dialect"`
	Reported string `json:"reported,omitempty"`
	// Fingerprint is a digest of their answers to a fixed probe.
	Fingerprint string `json:"fingerprint"`
}

// GenerationSetting is one setting of a model's generation_config.json that differs from the defaults.
type GenerationSetting struct {
	File    string `json:"file"`
	Key     string `json:"key"`
	Value   string `json:"value"` // JSON, shortened
	Applied bool   `json:"applied"`
}

// Score is one cell of the table with its evidence.
type Score struct {
	Task      string `json:"task"`
	Reference string `json:"reference_task"`
	Title     string `json:"title"`
	Language  string `json:"language"`
	Version   string `json:"version"`
	Protocol  string `json:"protocol"`
	// Precision is the type that log-likelihoods were rounded to as the reference's were, "bf16"; "" where they were not.
	Precision string `json:"scores_dtype,omitempty"`
	Shots     int    `json:"shots"`
	// N is the number of documents scored, Total the number the task has.
	N     int `json:"n"`
	Total int `json:"total"`
	// Data lists the files read; the digests cover what was asked, what counts as right and what was answered.
	Data          []DataFile `json:"data"`
	PromptsDigest string     `json:"prompts_digest,omitempty"`
	GoldsDigest   string     `json:"golds_digest,omitempty"`
	SamplesFile   string     `json:"samples_file,omitempty"`
	SamplesDigest string     `json:"samples_digest,omitempty"`
	// OriginalDigest is, in a baseline, the digest of the samples that SamplesFile condenses.
	OriginalDigest string `json:"original_samples_digest,omitempty"`
	// Values are the task's metrics; the first is the published column.
	Values []Value `json:"values,omitempty"`
	// Subjects are the published column's metric over the documents of each part of a benchmark that has parts, by name.
	Subjects []Subject `json:"subjects,omitempty"`
	// Unmeasured are the metrics of which there is no number beside those that there are.
	Unmeasured []Unmeasured `json:"unmeasured,omitempty"`
	Cuts       Cuts         `json:"cuts"`
	// Drawn tells that the answers were drawn at random, Judge who ran them as programs.
	Drawn *Drawn `json:"drawn,omitempty"`
	Judge *Judge `json:"judge,omitempty"`
	// Hole says why there is no number; Values is then empty.
	Hole string `json:"hole,omitempty"`
	// Tool is the version of the program that scored it, where that is not the manifest's.
	Tool string `json:"tool_version,omitempty"`
}

// Value is one metric's number.
type Value struct {
	Metric    string  `json:"metric"`
	Signature string  `json:"signature"`
	Value     float64 `json:"value"`
	// Max is the value of a perfect run; the published table shows Value / Max.
	Max float64 `json:"max"`
	// StdErr is absent where the reference gives none and mathematics offers none, or n < 2.
	StdErr *float64 `json:"stderr,omitempty"`
	// N is the number of documents that the value is over where it is not over all.
	N int `json:"n,omitempty"`
}

// Unmeasured is a metric without a number: a hole beside numbers.
type Unmeasured struct {
	Metric string `json:"metric"`
	// Hole says why there is no number.
	Hole string `json:"hole"`
}

// Subject is one part of a benchmark: its name and the number of its documents that were evaluated. Its standard error is that
// of its documents alone.
type Subject struct {
	Name string `json:"name"`
	N    int    `json:"n"` // as Value's
	Value
}

// DataFile is one file of a data set as it was read.
type DataFile struct {
	Dataset string `json:"dataset"`
	Split   string `json:"split"`
	Path    string `json:"path"`
	SHA256  string `json:"sha256"`
	// Rows is the number of records, ExpectedRows the original's.
	Rows         int `json:"rows"`
	ExpectedRows int `json:"expected_rows"`
	// State is "official", "rebuilt", "stand-in", "invented" or "unpinned".
	State string `json:"state"`
}

// Pinless tells that nothing says which file it must be: one of a task file without a pin.
func (f DataFile) Pinless() bool {
	return f.State == "unpinned" && f.ExpectedRows == 0 && strings.HasPrefix(f.Dataset, "own:")
}

// Cuts counts what a model's window cost: documents and tokens whose prompt lost its head, documents and generated
// tokens that the reference's wrapper throws away after an over-long prompt, and documents on which the reference fails.
type Cuts struct {
	DroppedDocs   int `json:"dropped_docs"`
	DroppedTokens int `json:"dropped_tokens"`
	LostDocs      int `json:"lost_docs"`
	LostTokens    int `json:"lost_tokens"`
	// PastWindowDocs counts documents asked beyond the model's positions, where the reference does not truncate.
	PastWindowDocs int `json:"past_window_docs"`
	FaultDocs      int `json:"fault_docs"`
	// FewerShotsDocs counts documents with fewer examples than the task has, because no more fit the window.
	FewerShotsDocs int `json:"fewer_shots_docs,omitempty"`
	// TiedDocs counts documents of which several choices are equally likely, so that the first of them was taken.
	TiedDocs int `json:"tied_docs,omitempty"`
	// Fault is the first of the faults.
	Fault string `json:"fault,omitempty"`
}

// Score finds a task's score.
func (r Run) Score(task string) (Score, bool) {
	for _, s := range r.Scores {
		if s.Task == task {
			return s, true
		}
	}
	return Score{}, false
}

// Holes names the tasks that have no number.
func (r Run) Holes() []string {
	var names []string
	for _, s := range r.Scores {
		if s.Hole != "" {
			names = append(names, s.Task)
		}
	}
	return names
}

// Complete says whether every score is a number.
func (r Run) Complete() bool {
	for _, s := range r.Scores {
		if s.Hole != "" {
			return false
		}
	}
	return true
}

// ErrNewer reports a file written by a later version of this program.
var ErrNewer = errors.New("was written by a newer swallow-eval")

// ReadRun reads a manifest; path is the file or the directory that holds it.
func ReadRun(path string) (Run, error) {
	var r Run
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, RunFile)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("%s: %w", path, err)
	}
	if r.SchemaVersion < 1 {
		return r, fmt.Errorf("%s: no schema_version: not a run manifest of swallow-eval", path)
	}
	if r.SchemaVersion > SchemaVersion {
		return r, fmt.Errorf("%s: schema version %d: %w", path, r.SchemaVersion, ErrNewer)
	}
	r.nameTokenizer()
	return r, nil
}

// FolderOf is the result directory that a path names, by itself or by a file in it such as its manifest.
func FolderOf(path string) string {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return filepath.Dir(path)
	}
	return path
}

// nameTokenizer puts the run's tokenizer into the signatures of metrics that count in its pieces. Runs of earlier versions
// have it in the model's identity alone: so they compare with later ones, and not with those of another tokenizer.
func (r *Run) nameTokenizer() {
	for i := range r.Scores {
		for k := range r.Scores[i].Values {
			v := &r.Scores[i].Values[k]
			v.Signature = metrics.WithPieces(v.Signature, r.Model.TokenizerDigest)
		}
	}
}

// Name is the title, or the task's own name where it has none.
func (s Score) Name() string {
	if s.Title == "" {
		return s.Task
	}
	return s.Title
}

// Languages returns the languages in the order in which tables show them: Japanese, English, then the others in the
// order given. "" is a language of its own: that of tasks which name none.
func Languages(codes []string) []string {
	var all []string
	for _, code := range slices.Concat([]string{"ja", "en"}, codes) {
		if slices.Contains(codes, code) && !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}

// ProfileName is the name of the run's profile, marked where the number of examples is not the profile's.
func ProfileName(r Run) string {
	name := textsafe.Terminal(r.Profile)
	if r.ShotsOverride != nil {
		name += "*"
	}
	return name
}

// UnknownDocuments is the number of documents of a score whose file does not say how many there were.
const UnknownDocuments = 0

// UnknownShots is the number of examples of a score whose file does not say it.
const UnknownShots = -1
