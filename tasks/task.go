// Package tasks fixes the words every benchmark speaks: a Task turns the records of a data set into Docs, a Doc into
// Requests, and the Responses to them into the output that its metrics score.
//
// Everything a task does is pure. It sees the records through Source and the model's tokenizer through Budget, never
// a file, the network, a clock or the model itself, so the same records always give the same requests, byte for byte.
package tasks

import (
	"encoding/json"
	"strings"

	"github.com/swallow-eval/swallow-eval/metrics"
)

// Kind says what a Request asks for.
type Kind string

// The two kinds of request.
const (
	Generate      Kind = "generate"
	LogLikelihood Kind = "loglikelihood"
)

// Doc is one test item with the examples that precede it. Which examples those are is data, visible and hashable,
// not a side effect of asking.
type Doc struct {
	// ID is the record's own identifier, or its row number where the reference uses that.
	ID DocID
	// Cluster groups documents that share material (a paragraph, an article); "" means a cluster of its own.
	Cluster string
	// Subject is the part of the benchmark that the document belongs to, where it has parts.
	Subject string
	// Context is the passage a question is about, Input the question or the text to complete.
	Context, Input string
	// Choices are the candidate answers of a multiple-choice item, in the order their requests are made.
	Choices []string
	// Inputs are the texts to complete where a document has several, with one continuation for all: Target.
	Inputs []string
	// Target is the reference answer as it stands in a prompt when the document serves as an example.
	Target string
	// Targets are the references the output is scored against.
	Targets []string
	// Shots are the worked examples before the document, in prompt order. A shot has no shots of its own.
	Shots []Doc
	// Fault is set on a document on which the reference itself fails, and says how. The document is still asked, in
	// the way the fault says.
	Fault string
}

// Request is one complete question to a model. Nothing outside it may change the answer.
type Request struct {
	Kind     Kind
	Protocol Protocol
	// Prompt is the whole context, shots included.
	Prompt string
	// Continuation is the text scored after Prompt by a LogLikelihood request.
	Continuation string
	// Stop lists the strings that end a Generate request's text; the text is cut before the first of each in turn.
	Stop []string
	// MaxTokens is the most tokens a Generate request may produce.
	MaxTokens int
	// Sampling is how a Generate request's answer is drawn; the zero value is the most probable token at every step.
	Sampling Sampling
	// Arguments are all arguments of a Generate request in the words of the harness whose task it is, as JSON, and Repeats
	// the answers that it asks for; "" and 0 where the fields above say all.
	Arguments string
	Repeats   int
}

// Response is the answer to a Request and what the model really saw.
type Response struct {
	// Text is the generated text, cut and decoded by the request's protocol.
	Text string
	// LogProb is the natural-log probability of the continuation; Greedy says whether every token of it was the argmax.
	LogProb float64
	Greedy  bool
	// PromptTokens counts the prompt before any cut, OutputTokens the tokens generated or scored.
	PromptTokens, OutputTokens int
	// Dropped counts prompt tokens cut from the left to fit the window; Lost counts generated tokens that the
	// reference's wrapper discards after an over-long prompt.
	Dropped, Lost int
	// Finish says why generation ended: "eos", "stop", "length", or "lost" when every token it could produce is discarded.
	Finish string
	// Verdict says what running the answer came to, for a task that is Judged: Passed, or why not; "" where nothing ran it.
	Verdict string
}

// Source gives a task its data set's records, already verified.
type Source interface {
	// Rows returns the records of one split of a data set in file order, each one JSON object in the benchmark's
	// published row schema, and the name of the file they came from (for error messages).
	Rows(dataset, split string) (file string, rows []json.RawMessage, err error)
}

// Budget measures text in the model's tokens, for the tasks whose prompts depend on the model.
type Budget interface {
	// Count is the number of tokens of text, without special tokens.
	Count(text string) int
	// Cut decodes the first n tokens of text.
	Cut(text string, n int) string
	// Window is the model's number of positions.
	Window() int
	// EOS is the text of the model's end-of-sequence token.
	EOS() string
}

// Spec describes a task to people and to the results.
type Spec struct {
	// Name is what users type; Reference is the reference harness's own name for the task.
	Name, Reference string
	// Title is the column head of the published table.
	Title string
	// Language is that of the published table's part, for example "ja" or "en".
	Language string
	// Shots is the published number of examples, MaxShots the most the reference can give (0: no limit but the pool's), and
	// MinShots the fewest.
	Shots, MaxShots, MinShots int
	// Parted says that every document has a Subject, whose name stands in its identifier before the last hyphen.
	Parted bool
	// FixedShots says that no other number than Shots can be asked for: the reference takes no override of it.
	FixedShots bool
	// Dataset is the data set's name in the manifest.
	Dataset string
	// Version is the reference's version of the task.
	Version string
	// Protocol is the wrapper that answers the task's requests.
	Protocol Protocol
	// Source is where the reference's definition lies: repository, path and commit.
	Source string
	// Metrics are the numbers the task yields; the first is the published column. Bind gives Each to those that lack it.
	Metrics []metrics.Metric
	// Unmet is what to tell the user, as one line, where the metrics cannot be bound to what they count in.
	Unmet string
	// Hole is Unmet where Bind found it so, and Lacks what was not there; Metrics is then empty.
	Hole  string
	Lacks metrics.Need
	// Foreign returns what other programs call the task and how their files hold it; nil is a task that nobody else has.
	Foreign func() Foreign
}

// SubjectOf is the Subject of the document with that identifier, "" where the task has no parts.
func (s Spec) SubjectOf(id DocID) string {
	at := strings.LastIndexByte(id.text, '-')
	if !s.Parted || at < 0 {
		return ""
	}
	return id.text[:at]
}

// Known is what other programs know of the task.
func (s Spec) Known() Foreign {
	if s.Foreign == nil {
		return Foreign{}
	}
	return s.Foreign()
}

// Task is one benchmark under one profile. All methods are pure functions of their arguments.
type Task interface {
	Spec() Spec
	// Docs returns the evaluated documents in evaluation order, each with its shots. b may matter only where the
	// reference chooses examples by their length in tokens.
	Docs(src Source, shots int, b Budget) ([]Doc, error)
	// Requests returns what to ask about one document.
	Requests(d Doc, b Budget) []Request
	// Outputs reduces the responses, one per request in order, to what each of Spec().Metrics scores, in their order.
	Outputs(d Doc, responses []Response) []string
}

// Conversation is a task whose examples can be told apart, so that a chat template can show each as a turn.
type Conversation interface {
	// Turns returns the questions in prompt order, the document's own last, and the answers of all but that. The first
	// question carries what stands before all examples.
	Turns(d Doc) (questions, answers []string)
}
