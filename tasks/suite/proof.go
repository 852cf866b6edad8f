package suite

import (
	"cmp"
	"fmt"
	"iter"
	"slices"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Proof is a hash that somebody else's code gave for all requests of one kind of a task, and the setting under which
// ours must give the same. The hash of a setting without examples proves layout, order and records of the evaluated
// split; one with examples proves the draws too.
type Proof struct {
	// Profile is the one whose texts are proven, as Profile.TextsOf names it.
	Profile string
	Task    string
	Shots   int
	Kind    tasks.Kind
	Form    tasks.ArgumentForm
	// Subject is the part of the benchmark whose requests are hashed, "" for all; AnyKind takes requests of both kinds, in order.
	Subject string
	AnyKind bool
	// Stop replaces the task's stop strings where the hash is older than they are.
	Stop []string
	// SHA256 is what tasks.ReferenceDigest must give.
	SHA256 string
	// Source says who recorded the hash.
	Source string
	// AnyOrder takes the requests of each document sorted, where the published data order them at random.
	AnyOrder bool
	// Rebuilt says, where the published file was not at hand, what rows the hash is of. Requests that differ then show
	// no fault: nobody has compared these rows with the published ones.
	Rebuilt string
}

// recorded is the file of EleutherAI's own regression tests that holds a hash.
func recorded(name string) string {
	return "recorded by the harness's own tests, tests/testdata/" + name + " of EleutherAI/lm-evaluation-harness at 3ccea2b"
}

// executedOn begins the source of hashes that the reference's code gave when it was run; executed is that of the pinned
// files.
const (
	executedOn = "given by the harness's code, EleutherAI/lm-evaluation-harness at 3ccea2b, run on "
	executed   = executedOn + "the pinned files"
)

// Proofs returns the hashes that pinned files can be checked against. swallow-2023's other requests have no such hash:
// the fork's tests never covered its Japanese tasks, and llm-jp-eval has no such tests.
func Proofs() []Proof {
	return []Proof{
		{
			Profile: "swallow-2023", Task: "openbookqa", Shots: 0, Kind: tasks.LogLikelihood, Form: tasks.StopObject,
			SHA256: "78a49a0ca1a47373adb33463b1d092e6bc0d8f4b01bcb380ada48065037849d7", Source: recorded("openbookqa-v0-loglikelihood"),
		},
		{
			Profile: "swallow-2023", Task: "openbookqa", Shots: 8, Kind: tasks.LogLikelihood, Form: tasks.StopObject,
			SHA256: "131d321cf7952d1285a51a2b155c722678e019bd2e81c5bc166edb0486783f6e", Source: executed,
		},
		{
			Profile: "swallow-2023", Task: "hellaswag", Shots: 0, Kind: tasks.LogLikelihood, Form: tasks.StopObject,
			SHA256: "abb808c97d6529eda6c11067837a132c62d25cba0394d720f80cca6df9f7196e", Source: recorded("hellaswag-v0-loglikelihood"),
		},
		{
			Profile: "swallow-2023", Task: "squad2", Shots: 0, Kind: tasks.LogLikelihood, Form: tasks.StopObject,
			SHA256: "f5da6173402b274dc89130755c222c6ca6b2a3bacaaa4e4ab07be9322b7bad65", Source: recorded("squad2-v1-loglikelihood"),
		},
		{
			Profile: "swallow-2023", Task: "squad2", Shots: 0, Kind: tasks.Generate, Form: tasks.StopList,
			SHA256: "e17e3d85c1d5adaf2d6b4b752c4babc2e0b3a6e144e6de70cb3b2287e85109b8", Source: recorded("squad2-v1-greedy_until"),
		},
		{
			Profile: "swallow-2023", Task: "gsm8k", Shots: 0, Kind: tasks.Generate, Form: tasks.StopList, Stop: []string{"\n"},
			SHA256: "e7292dbdd7fd8419ba954f2e0701e04c8d0e8842fe053dbf2fe47d926630e35e", Source: recorded("gsm8k-v0-greedy_until"),
		},
		{
			Profile: "swallow-2023", Task: "gsm8k", Shots: 8, Kind: tasks.Generate, Form: tasks.StopObject,
			SHA256: "c8a9dfede666ddbbd9f7100e0822b7cb1c48ebe49a50529ef027b57284333146", Source: executed,
		},
		{
			Profile: "swallow-2023", Task: "wmt20-en-ja", Shots: 0, Kind: tasks.Generate, Form: tasks.StopList,
			SHA256: "7fe61f5847a51e93e97c84b39f4420978727754e4b6cf636a27851c615857530", Source: recorded("wmt20-en-ja-v0-greedy_until"),
		},
		{
			Profile: "swallow-2023", Task: "wmt20-ja-en", Shots: 0, Kind: tasks.Generate, Form: tasks.StopList,
			SHA256: "1fd846f3c0104e794eb380dae7f648592092ab8bf59234c26d0a671bbbc28df1", Source: recorded("wmt20-ja-en-v0-greedy_until"),
		},
		{
			Profile: "swallow-2023", Task: "xwino", Shots: 8, Kind: tasks.LogLikelihood, Form: tasks.StopObject, AnyOrder: true,
			SHA256: "4c90a9aeecc31be8064e00743e07e6deb5a89df37513d8906a77a5239e883ad9", Source: executedOn + "the rows of yandex-research/crosslingual_winograd, each document's two requests sorted",
			Rebuilt: "the published file draws the order of the two options at random and was not at hand",
		},
		later04("openbookqa", 4, "a98dab6a26d77a0d02f06efd607425ec38009a60a69cda42a0ada4a895727fd8", tasks.StopObject, lmEval04),
		later04("gsm8k", 4, "26db5b876827835973096b0060e8a88f869f5d6b9c91b1418bcece641a946c03", tasks.Greedy04, lmEval04),
		later04("jcommonsenseqa", 4, "ced2238a07790b72a9699f79cfcc3d63db66f3c3d12e730b19d15aa20f6937e0", tasks.Prompts, llmjp13),
		later04("humaneval", 0, "eb2a2b2910a647f5a3f42a4cffba0ceb7909410a6ab0894d9b290e142b66cc8b", tasks.Prompts, bigcode),
		later04("jemhopqa", 4, "e540d9f03979245f7b4f37d1ad7ca7734f491c2a0b196fa3e99985c1387d46c4", tasks.Prompts, llmjp13),
	}
}

// The code that gave the hashes of the later profiles.
const (
	lmEval04 = "given by the harness's code, lm-eval 0.4.2 in swallow-evaluation v202411.p1, run on the pinned files"
	bigcode  = "given by the code of bigcode-evaluation-harness in swallow-evaluation v202411.p1, run on the pinned files"
	llmjp13  = "given by the code of llm-jp-eval 1.3.0 in swallow-evaluation v202411.p1, run on the pinned files"
)

// later04 is the hash of all requests of a task of the later profiles.
func later04(task string, shots int, sha256 string, form tasks.ArgumentForm, source string) Proof {
	kind := tasks.Generate
	if form == tasks.StopObject {
		kind = tasks.LogLikelihood
	}
	return Proof{Profile: laterTexts, Task: task, Shots: shots, Kind: kind, Form: form, SHA256: sha256, Source: source}
}

// ProofsOf returns the proofs of a profile's task.
func ProofsOf(p tasks.Profile, task string) []Proof {
	var list []Proof
	for _, proof := range Proofs() {
		if proof.Profile == p.TextsOf() && proof.Task == task {
			list = append(list, proof)
		}
	}
	return list
}

// Check hashes the requests that src's records give under the proof's setting. got equals p.SHA256 where the proof
// holds.
func (p Proof) Check(t tasks.Task, src tasks.Source) (got string, err error) {
	if name := t.Spec().Name; name != p.Task {
		return "", fmt.Errorf("%s cannot prove %s", name, p.Task)
	}
	docs, err := t.Docs(src, p.Shots, tasks.Unlimited{})
	if err != nil {
		return "", err
	}
	return tasks.ReferenceDigest(p.requests(t, docs), p.Form), nil
}

// requests yields the requests of the proof's kind in evaluation order.
func (p Proof) requests(t tasks.Task, docs []tasks.Doc) iter.Seq[tasks.Request] {
	return func(yield func(tasks.Request) bool) {
		for _, d := range docs {
			if p.Subject != "" && d.Subject != p.Subject {
				continue
			}
			requests := t.Requests(d, tasks.Unlimited{})
			if p.AnyOrder {
				slices.SortFunc(requests, func(a, b tasks.Request) int {
					return cmp.Or(cmp.Compare(a.Prompt, b.Prompt), cmp.Compare(a.Continuation, b.Continuation))
				})
			}
			for _, r := range requests {
				if r.Kind != p.Kind && !p.AnyKind {
					continue
				}
				if p.Stop != nil {
					r.Stop = p.Stop
				}
				if !yield(r) {
					return
				}
			}
		}
	}
}
