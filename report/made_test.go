package report

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/metrics"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/published"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/suite"
)

// findMetric is a task's metric, as the command finds it.
func findMetric(task, metric string) (metrics.Metric, bool) {
	for _, t := range madeSuite().Tasks {
		if s := t.Spec(); s.Name == task && s.Metrics[0].Name == metric {
			return s.Metrics[0], true
		}
	}
	return metrics.Metric{}, false
}

func madeSuite() tasks.Profile {
	letters := func(s string) []string { return strings.Split(s, "") }
	return suite.Default().Bind(metrics.Env{Pieces: letters, Segment: func(s string) string { return strings.Join(letters(s), " ") }, Segmenter: "letters"})
}

// made describes invented runs.
type made struct {
	// documents is how many documents each task has, 0 for as many as its published column.
	documents int
	tasks     []string
	// worse is the share of right answers that this run loses on top.
	worse   float64
	digest  string
	hostile bool
}

// run invents a run: questions about numbers, answers right as often as the published model's.
func (m made) run(t testing.TB, name string) compare.RunData {
	t.Helper()
	p := published.Swallow2023()
	started := time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC)
	d := compare.RunData{Name: name, Samples: map[string][]results.Sample{}, Run: results.Run{
		SchemaVersion: 1, Tool: results.Tool{Name: "swallow-eval", Version: "1.0", Go: "go1.26", OS: "linux", Arch: "amd64"}, Profile: p.Name,
		Model:  results.Model{Name: "tokyotech-llm/Swallow-7b-hf", Digest: "sha256:" + strings.Repeat(m.digest, 32)[:64], TokenizerDigest: "sha256:t", DType: "bf16", StoredDType: "bf16", Numerics: "bf16-1", Window: 4096},
		Status: "complete", Started: started, Finished: started.Add(3 * time.Hour),
	}}
	for i, column := range p.Tasks {
		if m.tasks != nil && !contains(m.tasks, column.Name) {
			continue
		}
		spec := specOf(t, column.Name)
		n := m.documents
		if n == 0 {
			n = column.N
		}
		samples := m.samples(spec, n, p.Models[1].Scores[i])
		metric := spec.Metrics[0]
		var stats []metrics.Stat
		for _, s := range samples {
			stats = append(stats, s.Marks[0].Stat)
		}
		value := results.Value{Metric: metric.Name, Signature: metric.Signature, Value: metric.Score(stats), Max: metric.Max}
		if metric.StdErr != nil {
			stderr := metric.StdErr(stats)
			value.StdErr = &stderr
		}
		d.Samples[column.Name] = samples
		d.Run.Scores = append(d.Run.Scores, results.Score{
			Task: column.Name, Reference: column.Name, Title: column.Title, Language: column.Language, Version: "1.0", Protocol: string(spec.Protocol), Shots: column.Shots,
			N: n, Total: n, PromptsDigest: "sha256:" + strings.Repeat("ab", 32), SamplesFile: "samples_" + column.Name + ".jsonl", SamplesDigest: "sha256:" + strings.Repeat("cd", 32),
			Data:   []results.DataFile{{Dataset: column.Name, Split: "test", Path: column.Name + "/test.jsonl", SHA256: strings.Repeat("ef", 32), Rows: n, ExpectedRows: n, State: "official"}},
			Values: []results.Value{value},
		})
	}
	return d
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func specOf(t testing.TB, name string) tasks.Spec {
	t.Helper()
	for _, x := range madeSuite().Tasks {
		if x.Spec().Name == name {
			return x.Spec()
		}
	}
	require.FailNow(t, "no task "+name)
	return tasks.Spec{}
}

// hostile is what a model must not get away with.
const hostile = "</script><script>window.pwned=1</script><img src=x onerror=\"window.pwned=2\"><!--<script>" +
	"\x1b[31mred\x1b]52;c;aGk=\x07\u202egnp.exe\u2066\u200b\u0085 & <b onclick='window.pwned=3'>bold</b> javascript:alert(1) \U000e0041"

func (m made) samples(spec tasks.Spec, n int, score float64) []results.Sample {
	metric := spec.Metrics[0]
	questions := rand.New(rand.NewPCG(7, uint64(len(spec.Name))))
	answers := rand.New(rand.NewPCG(uint64(m.digest[0]), uint64(len(spec.Name))))
	japanese := spec.Language == "ja" && spec.Name != "wmt20-ja-en"
	binary := metric.Width == 1
	shots := madeShots(japanese, 4)
	out := make([]results.Sample, n)
	for i := range out {
		a, b := questions.IntN(9000)+1000, questions.IntN(900)+100
		luck, fresh := questions.Float64(), answers.Float64()
		if answers.Float64() < 0.08 { // some documents go another way in every run
			luck = fresh
		}
		right := luck < score*(1-m.worse)
		off := 1 + questions.IntN(9)
		target, wrong := fmt.Sprintf("There are %d boxes in the warehouse now.", a+b), fmt.Sprintf("I think there are %d of them.", a+b+off)
		question := fmt.Sprintf("A warehouse in Ōokayama holds %d boxes and receives %d more. How many boxes are there now?", a, b)
		if japanese {
			question = fmt.Sprintf("大岡山の倉庫には箱が%d個あり、さらに%d個届きました。箱は全部で何個ですか？", a, b)
			target, wrong = fmt.Sprintf("箱は全部で%d個です", a+b), fmt.Sprintf("答えは%d個になります", a+b+off)
		}
		output := target
		if !right {
			output = wrong
		}
		if !binary && answers.Float64() < 0.5 {
			output = target[:len(target)/2]
			for !utf8.ValidString(output) {
				output = output[:len(output)-1]
			}
		}
		if m.hostile && i == 1 {
			output = hostile
		}
		s := results.Sample{
			Task: spec.Name, Position: i, DocID: json.RawMessage(fmt.Sprint(100000 + i)), DocHash: fmt.Sprintf("%s-%d", spec.Name, i),
			Shots: []json.RawMessage{json.RawMessage("1"), json.RawMessage("2")}, Target: target, Targets: []string{target},
		}
		if i%4 != 0 && spec.Name == "jsquad" {
			s.Cluster = fmt.Sprint("article ", i/40)
		}
		stat := metric.Each(output, s.Targets)
		prompt := shots + question + "\n"
		if spec.Name == "hellaswag" || spec.Name == "openbookqa" || spec.Name == "xwino" {
			s.Choices = []string{target, wrong, "nothing", "more than " + target}
			chosen := 0
			if !right {
				chosen = 1
			}
			for k, c := range s.Choices {
				logprob, greedy := -9.5-answers.Float64(), false
				if k == chosen {
					logprob = -2 - answers.Float64()
				}
				s.Exchanges = append(s.Exchanges, results.Exchange{Kind: "loglikelihood", Protocol: string(spec.Protocol), Prompt: prompt, Continuation: " " + c, Log: &logprob, Greedy: &greedy, PromptTokens: 700, OutputTokens: 3})
			}
			output = fmt.Sprint(chosen)
			stat = metrics.Stat{float64(1 - chosen)}
		} else {
			text := output + "\n\n"
			s.Exchanges = []results.Exchange{{Kind: "generate", Protocol: string(spec.Protocol), Prompt: prompt, Until: []string{"\n"}, MaxGenToks: 128, Text: &text, Finish: "stop", PromptTokens: 700, OutputTokens: 12}}
		}
		if binary && len(s.Choices) == 0 && right {
			stat = metrics.Stat{1}
		} else if binary && len(s.Choices) == 0 {
			stat = metrics.Stat{0}
		}
		if i%10 == 3 {
			s.Exchanges[0].Dropped = 25
		}
		s.Marks = []results.Mark{{Metric: metric.Name, Output: output, Stat: stat}}
		out[i] = s
	}
	return out
}

func madeShots(japanese bool, n int) string {
	var b strings.Builder
	for i := range n {
		if japanese {
			fmt.Fprintf(&b, "### 指示:\n次の質問に短く答えてください。回答の他には何も含めないことを厳守してください。\n\n### 入力:\n質問：駅前の書店には本が%d冊あり、昨日%d冊売れました。残りは何冊ですか？\n\n### 応答:\n%d冊\n\n", 900+i, i+3, 897)
		} else {
			fmt.Fprintf(&b, "Q: A bookshop near the station has %d books and sold %d of them yesterday. How many are left?\nA: %d\n\n", 900+i, i+3, 897)
		}
	}
	return b.String()
}

func madeOptions(runs int) Options {
	p := published.Swallow2023()
	o := Options{Metric: findMetric, Published: &p, Rows: make([]*published.Row, runs), Tool: "swallow-eval test"}
	for k := range o.Rows {
		o.Rows[k] = &p.Models[1]
	}
	return o
}
