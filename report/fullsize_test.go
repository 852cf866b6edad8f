package report

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/folder"
	"github.com/swallow-eval/swallow-eval/results/published"
)

// shape is how much a task's documents hold: the bytes of an example's material and of its question, those of the
// document's own, how many materials and examples there are to draw from (0: none of its own), how many documents share a
// material, and how many requests share a prompt.
type shape struct{ material, example, question, materials, examples, share, requests int }

// shapes are those of the fourteen tasks' real data: rows of the training splits, from which the EN harness draws anew for
// every document, the four fixed examples of llm-jp-eval, SQuAD's 19,035 paragraphs of training and 1,204 of validation,
// JSQuAD's 1,145. 52,167 documents make about 366 MB of samples.
func shapes() map[string]shape {
	return map[string]shape{
		"jcommonsenseqa": {0, 420, 420, 0, 4, 1, 1}, "jemhopqa": {0, 240, 240, 0, 4, 1, 1}, "niilc": {0, 150, 150, 0, 4, 1, 1}, "jsquad": {700, 200, 200, 4, 4, 4, 1},
		"xlsum": {0, 4200, 4200, 0, 7113, 1, 1}, "mgsm": {0, 420, 300, 0, 8, 1, 1}, "wmt20-en-ja": {0, 330, 200, 0, 993, 1, 1}, "wmt20-ja-en": {0, 330, 200, 0, 1000, 1, 1},
		"openbookqa": {0, 80, 60, 0, 4957, 1, 4}, "triviaqa": {0, 120, 90, 0, 138384, 1, 1}, "hellaswag": {0, 390, 240, 0, 39905, 1, 4},
		"squad2": {820, 90, 70, 19035, 130319, 10, 1}, "xwino": {0, 120, 90, 0, 2325, 1, 2}, "gsm8k": {0, 540, 250, 0, 7473, 1, 1},
	}
}

// corpus is text of real benchmark files, from which pieces of any length are cut.
type corpus []rune

func readCorpus(t testing.TB, name string, texts func(line []byte) []string) corpus {
	t.Helper()
	var b strings.Builder
	for _, line := range shared.Lines(t, name) {
		for _, s := range texts(line) {
			b.WriteString(s)
			b.WriteByte(' ')
		}
	}
	return corpus(b.String())
}

// cut is a piece of so many bytes from a random place.
func (c corpus) cut(r *rand.Rand, bytes int) string {
	at := r.IntN(len(c) - bytes)
	var b strings.Builder
	for _, x := range c[at : at+bytes] {
		if b.Len() >= bytes {
			break
		}
		if x < ' ' {
			x = ' '
		}
		b.WriteRune(x)
	}
	return b.String()
}

// TestWriteFullSizeRuns writes two runs of the size of real ones into the folder that SWALLOW_EVAL_FULL_SIZE names: every
// document of the fourteen tasks. Its requests are those of the file that SWALLOW_EVAL_FULL_PROMPTS names, which
// "swallow-eval prompts --tasks all" printed, or, without one, prompts of the real lengths cut from the text of real
// benchmark files. Answers are invented; the second run's are others in one document of twenty.
func TestWriteFullSizeRuns(t *testing.T) {
	dir := os.Getenv("SWALLOW_EVAL_FULL_SIZE")
	if dir == "" {
		t.Skip("SWALLOW_EVAL_FULL_SIZE names no folder for runs")
	}
	english := readCorpus(t, "data/hellaswag/validation.jsonl.gz", func(line []byte) []string {
		var row struct {
			Ctx     string
			Endings []string
		}
		require.NoError(t, json.Unmarshal(line, &row))
		return append([]string{row.Ctx}, row.Endings...)
	})
	japanese := readCorpus(t, "data/jglue/jsquad-v1.1/valid-v1.1.json", func(line []byte) []string {
		var file struct {
			Data []struct {
				Paragraphs []struct {
					Context string
				}
			}
		}
		require.NoError(t, json.Unmarshal(line, &file))
		var out []string
		for _, d := range file.Data {
			for _, p := range d.Paragraphs {
				out = append(out, p.Context)
			}
		}
		return out
	})
	asked := readPrompts(t, os.Getenv("SWALLOW_EVAL_FULL_PROMPTS"))
	for k, name := range []string{"a", "b"} {
		writeFullSize(t, filepath.Join(dir, name), k, english, japanese, asked)
	}
}

// askedDocument is a line that the command prompts prints.
type askedDocument struct {
	Task     string
	DocID    json.RawMessage   `json:"doc_id"`
	ShotIDs  []json.RawMessage `json:"shot_ids"`
	Requests []struct {
		Kind         string
		Context      string
		Continuation string
		Until        []string
		MaxGenToks   int `json:"max_gen_toks"`
	}
	Target  string
	Targets []string
}

// readPrompts are the documents of a file of prompts by task, nil for no file.
func readPrompts(t testing.TB, name string) map[string][]askedDocument {
	t.Helper()
	if name == "" {
		return nil
	}
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	out := map[string][]askedDocument{}
	dec := json.NewDecoder(bufio.NewReaderSize(f, 1<<20))
	for {
		var d askedDocument
		if err := dec.Decode(&d); errors.Is(err, io.EOF) {
			return out
		} else {
			require.NoError(t, err)
		}
		out[d.Task] = append(out[d.Task], d)
	}
}

// answered is the asked document with an answer of the lengths that a model of our kind gives.
func answered(task string, position int, d askedDocument, metric metrics.Metric, text corpus, questions, answers *rand.Rand) results.Sample {
	right := questions.Float64() < 0.5
	if answers.Float64() < 0.05 {
		right = answers.Float64() < 0.5
	}
	sum := sha256.Sum256(fmt.Append(nil, task, position))
	s := results.Sample{
		Task: task, Position: position, DocID: d.DocID, DocHash: "sha256:" + hex.EncodeToString(sum[:]), Shots: d.ShotIDs, Target: d.Target, Targets: d.Targets,
	}
	if task == "jsquad" || task == "squad2" {
		s.Cluster = fmt.Sprint("article ", position/70)
	}
	output := text.cut(questions, 40)
	if right && len(d.Targets) > 0 {
		output = d.Targets[0]
	}
	for _, r := range d.Requests {
		x := results.Exchange{Kind: r.Kind, Protocol: "lm-eval-3ccea2b", Prompt: r.Context, Continuation: r.Continuation, Until: r.Until, MaxGenToks: r.MaxGenToks, PromptTokens: len(r.Context) / 4, OutputTokens: 12}
		if r.Kind == "generate" {
			x.Text, x.Finish = &output, "stop"
		} else {
			logprob, greedy := -200*answers.Float64(), false
			x.Log, x.Greedy = &logprob, &greedy
			s.Choices = append(s.Choices, strings.TrimPrefix(r.Continuation, " "))
		}
		s.Exchanges = append(s.Exchanges, x)
	}
	stat := metrics.Stat{map[bool]float64{true: 1}[right]}
	if metric.Width > 1 || d.Requests[0].Kind == "generate" {
		stat = metric.Each(output, s.Targets)
	} else {
		output = strconv.Itoa(position % len(d.Requests))
	}
	s.Marks = []results.Mark{{Metric: metric.Name, Output: output, Stat: stat}}
	return s
}

func writeFullSize(t *testing.T, dir string, k int, english, japanese corpus, asked map[string][]askedDocument) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	p := published.Swallow2023()
	started := time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC)
	run := results.Run{
		SchemaVersion: results.SchemaVersion, Tool: results.Tool{Name: "swallow-eval", Version: "1.0"}, Profile: p.Name,
		Model:  results.Model{Name: "tokyotech-llm/Swallow-7b-hf", Digest: "sha256:" + strings.Repeat(fmt.Sprint(k+1), 64), TokenizerDigest: "sha256:t", DType: "bf16", StoredDType: "bf16", Numerics: "bf16-3", Window: 4096},
		Status: "complete", Started: started, Finished: started.Add(3 * time.Hour),
	}
	for i, column := range p.Tasks {
		spec := specOf(t, column.Name)
		metric := spec.Metrics[0]
		text := english
		if column.Language == "ja" {
			text = japanese
		}
		name := "samples_" + column.Name + ".jsonl"
		f, err := os.Create(filepath.Join(dir, name))
		require.NoError(t, err)
		sum := sha256.New()
		out := bufio.NewWriterSize(f, 1<<20)
		questions, answers := rand.New(rand.NewPCG(7, uint64(i))), rand.New(rand.NewPCG(uint64(k), uint64(i)))
		var stats []metrics.Stat
		var line []byte
		for position := range column.N {
			var s results.Sample
			if asked == nil {
				s = fullSample(spec.Name, position, column, metric, text, questions, answers)
			} else {
				s = answered(spec.Name, position, asked[spec.Name][position], metric, text, questions, answers)
			}
			stats = append(stats, s.Marks[0].Stat)
			line, err = results.AppendSample(line[:0], s)
			require.NoError(t, err)
			sum.Write(line)
			_, err = out.Write(line)
			require.NoError(t, err)
		}
		require.NoError(t, out.Flush())
		require.NoError(t, f.Close())
		run.Scores = append(run.Scores, results.Score{
			Task: column.Name, Title: column.Title, Language: column.Language, Version: "1.0", Protocol: string(spec.Protocol), Shots: column.Shots, N: column.N, Total: column.N,
			SamplesFile: name, SamplesDigest: "sha256:" + hex.EncodeToString(sum.Sum(nil)),
			Values: []results.Value{{Metric: metric.Name, Signature: metric.Signature, Value: metric.Score(stats), Max: metric.Max}},
		})
	}
	require.NoError(t, folder.WriteRun(dir, run))
}

func fullSample(task string, position int, column published.Column, metric metrics.Metric, text corpus, questions, answers *rand.Rand) results.Sample {
	size := shapes()[task]
	var prompt strings.Builder
	// A piece is a function of its number, as a row of a file is.
	numbered := func(kind, n uint64, bytes int) string { return text.cut(rand.New(rand.NewPCG(kind, n)), bytes) }
	material := func(kind, n uint64) {
		if size.material > 0 {
			fmt.Fprintf(&prompt, "Title: %s\n\nBackground: %s\n\n", numbered(kind, n, 20), numbered(kind+1, n, size.material))
		}
	}
	for range column.Shots {
		row := questions.Uint64N(uint64(size.examples))
		material(1, row%uint64(max(1, size.materials)))
		fmt.Fprintf(&prompt, "Question: %s\n\nAnswer: %s\n\n", numbered(3, row, size.example), numbered(4, row, 20))
	}
	material(5, uint64(position/size.share))
	fmt.Fprintf(&prompt, "Question: %s\n\nAnswer:", text.cut(questions, size.question))
	target, wrong := text.cut(questions, 40), text.cut(questions, 40)
	right := questions.Float64() < 0.5
	if answers.Float64() < 0.05 {
		right = answers.Float64() < 0.5
	}
	s := results.Sample{Task: task, Position: position, DocID: json.RawMessage(fmt.Sprint(100000 + position)), DocHash: fmt.Sprintf("%s-%d", task, position), Target: target, Targets: []string{target}}
	if task == "jsquad" || task == "squad2" {
		s.Cluster = fmt.Sprint("article ", position/70)
	}
	for i := range column.Shots {
		s.Shots = append(s.Shots, json.RawMessage(fmt.Sprint(i)))
	}
	output := target
	if !right {
		output = wrong
	}
	stat := metric.Each(output, s.Targets)
	for i := range size.requests {
		x := results.Exchange{Kind: "generate", Protocol: "lm-eval-harness-en", Prompt: prompt.String(), PromptTokens: 900, OutputTokens: 12}
		if size.requests == 1 {
			x.Text, x.Until, x.MaxGenToks, x.Finish = &output, []string{"\n"}, 256, "stop"
		} else {
			logprob, greedy := -2-answers.Float64(), false
			x.Kind, x.Continuation, x.Log, x.Greedy = "loglikelihood", " "+text.cut(questions, 60), &logprob, &greedy
			s.Choices = append(s.Choices, x.Continuation)
			output, stat = fmt.Sprint(i), metrics.Stat{map[bool]float64{true: 1}[right]}
		}
		s.Exchanges = append(s.Exchanges, x)
	}
	s.Marks = []results.Mark{{Metric: metric.Name, Output: output, Stat: stat}}
	return s
}
