package cluster

import (
	"encoding/json"
	"testing"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// FuzzMessage: whatever lies at the broker, an answer is passed on once for each request of its batch, or is an error; a batch
// is as many requests as it has; a greeting is taken or refused.
func FuzzMessage(f *testing.F) {
	for _, v := range []any{
		answer{ID: "id", Worker: "w", Took: 1, Responses: make([]response, 2)}, answer{ID: "id", Failed: "why", Index: 1}, answer{ID: "id", Failed: "why", Index: -1},
		answer{ID: "id", Deadly: 3}, answer{ID: "other"}, hello{"w", results.Model{Digest: "sha256:1"}},
		batch{ID: "id", Coordinator: "c", Prefix: []byte("\xff"), Requests: []request{{Kind: tasks.Generate, Stop: [][]byte{[]byte("\n")}}}},
	} {
		b, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var b batch
		if json.Unmarshal(data, &b) == nil && len(b.requests()) != len(b.Requests) {
			t.Fatal("requests")
		}
		var h hello
		if json.Unmarshal(data, &h) == nil {
			_ = difference(results.Model{Digest: "sha256:1", Window: 7}, h.Identity)
			_ = kindOf(h.Identity)
		}
		var got answer
		if json.Unmarshal(data, &got) != nil {
			return
		}
		times := [2]int{}
		of := &part{make([]tasks.Request, 2), 0, 2}
		a := &asking{
			m: &Model{options: Options{}.filled(), tellings: map[string]*Telling{}}, parts: []*part{of},
			done:    func(i int, _ tasks.Response) error { times[i]++; return nil },
			pending: map[string]group{"id": {requests: []int{1, 0}, of: of}},
		}
		err := a.take(got)
		all := times == [2]int{1, 1} && err == nil && of.left == 0 && len(a.parts) == 0
		none := times == [2]int{} && of.left == 2
		if !all && !none {
			t.Fatalf("%s: passed on %v times, %v, %d left", data, times, err, of.left)
		}
		if none && err == nil && len(a.pending)+len(a.waiting) == 0 {
			t.Fatalf("%s: the requests are lost", data)
		}
	})
}
