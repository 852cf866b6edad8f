package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/results"
)

// Pairing is two runs with their documents side by side.
type Pairing struct {
	A, B RunData
	Tier Tier
	// Tasks are those that both runs have, in A's order; OnlyA and OnlyB name the others.
	Tasks        []TaskPair
	OnlyA, OnlyB []string
	// Across names the two profiles where they differ, "" for one.
	Across string
}

// TaskPair is one task of both runs.
type TaskPair struct {
	A, B results.Score
	// Mismatch is why the task cannot be compared; Docs is then nil.
	Mismatch *Mismatch
	// Docs are the documents in evaluation order.
	Docs []DocPair
	// Common counts what a comparison of common documents leaves out, nil where all are compared.
	Common *Common
	across bool // the two are of different profiles
}

// DocPair is one document under both runs.
type DocPair struct{ A, B *results.Sample }

// First is the first reason why some task cannot be compared, or nil.
func (p Pairing) First() *Mismatch {
	for _, t := range p.Tasks {
		if t.Mismatch != nil {
			return t.Mismatch
		}
	}
	return nil
}

// UnknownShots is the number of shots of an imported score that does not say how many there were.
const UnknownShots = -1

// Pair puts the documents of two runs side by side by task and document hash. It refuses, with a *Mismatch, runs of
// different profiles and runs of which no task can be compared; a task that alone cannot carries its own Mismatch: its
// shots, version, metric, signature, data digests, limit, documents, or a document's prompt or cluster differ, a side is
// a hole, has no samples, or has the same document twice. A side that does not say (an imported run without data
// digests) does not differ.
func Pair(a, b RunData) (Pairing, error) { return pair(a, b, false, false) }

// PairCommon pairs the documents that both runs have, and counts the others in Common: runs of different limits, or of
// which one stopped early. What was asked of a document must still agree.
func PairCommon(a, b RunData) (Pairing, error) { return pair(a, b, true, false) }

// PairAcross pairs the documents of runs of two profiles, which ask otherwise about the same documents: prompts, examples,
// versions and signatures may differ, the column's metric may not. What is found is a difference of the profiles as much as of the models.
func PairAcross(a, b RunData, common bool) (Pairing, error) { return pair(a, b, common, true) }

func pair(a, b RunData, common, across bool) (Pairing, error) {
	p := Pairing{A: a, B: b, Tier: tier(a.Run.Model, b.Run.Model)}
	if x, y := a.Run.Profile, b.Run.Profile; x != y && x != "" && y != "" {
		if !across {
			return p, &Mismatch{Field: "profile", A: a.Run.Profile, B: b.Run.Profile}
		}
		p.Across, p.Tier = x+" beside "+y, TierDifferent
	}
	for _, s := range a.Run.Scores {
		other, ok := b.score(s.Task)
		if !ok {
			p.OnlyA = append(p.OnlyA, s.Task)
			continue
		}
		t := TaskPair{A: s, B: other, across: p.Across != ""}
		if common {
			t.Common = &Common{}
		}
		if t.Mismatch = t.compareScores(a.Run, b.Run); t.Mismatch == nil {
			t.pairDocuments(a, b)
		}
		p.Tasks = append(p.Tasks, t)
	}
	for _, s := range b.Run.Scores {
		if _, ok := a.score(s.Task); !ok {
			p.OnlyB = append(p.OnlyB, s.Task)
		}
	}
	if !slices.ContainsFunc(p.Tasks, func(t TaskPair) bool { return t.Mismatch == nil }) {
		if m := p.First(); m != nil {
			return p, m
		}
		return p, &Mismatch{Field: "set of tasks", A: strings.Join(p.OnlyA, ", "), B: strings.Join(p.OnlyB, ", ")}
	}
	return p, nil
}

// compareScores finds the first field of the manifests' scores in which the two differ.
func (t TaskPair) compareScores(a, b results.Run) *Mismatch {
	differ := func(field, x, y string) *Mismatch {
		return &Mismatch{Task: t.A.Task, Field: field, A: x, B: y}
	}
	if t.A.Hole != "" || t.B.Hole != "" {
		return differ(fieldHole, t.A.Hole, t.B.Hole)
	}
	if t.across {
		if x, y := first(t.A).Metric, first(t.B).Metric; x != y {
			return differ("metric", x, y)
		}
		return t.compareData()
	}
	if t.A.Shots != t.B.Shots && t.A.Shots != UnknownShots && t.B.Shots != UnknownShots {
		return differ("number of shots", strconv.Itoa(t.A.Shots), strconv.Itoa(t.B.Shots))
	}
	for _, f := range [][3]string{
		{"task version", t.A.Version, t.B.Version},
		{"protocol", t.A.Protocol, t.B.Protocol},
		{"metric", first(t.A).Metric, first(t.B).Metric},
		{"metric signature", first(t.A).Signature, first(t.B).Signature},
	} {
		if f[1] != "" && f[2] != "" && f[1] != f[2] {
			return differ(f[0], f[1], f[2])
		}
	}
	if m := t.compareData(); m != nil {
		return m
	}
	if a.Limit != b.Limit && t.A.N != t.B.N && t.Common == nil {
		return differ("limit", cmp.Or(a.Limit, "none")+" ("+strconv.Itoa(t.A.N)+" documents)", cmp.Or(b.Limit, "none")+" ("+strconv.Itoa(t.B.N)+" documents)")
	}
	return nil
}

// first is the published column's value.
func first(s results.Score) results.Value {
	if len(s.Values) == 0 {
		return results.Value{}
	}
	return s.Values[0]
}

// compareData compares the digests of the data files that both sides name.
func (t TaskPair) compareData() *Mismatch {
	if len(t.A.Data) == 0 || len(t.B.Data) == 0 {
		return nil
	}
	digests := func(files []results.DataFile) map[string]string {
		m := map[string]string{}
		for _, f := range files {
			key := f.Dataset + "/" + f.Split
			if m[key] != "" { // several files
				m[key] += " "
			}
			m[key] += f.SHA256
		}
		return m
	}
	a, b := digests(t.A.Data), digests(t.B.Data)
	for _, files := range [][]results.DataFile{t.A.Data, t.B.Data} {
		for _, f := range files {
			key := f.Dataset + "/" + f.Split
			if t.across && (a[key] == "" || b[key] == "") { // a profile may read no examples
				continue
			}
			if a[key] != b[key] {
				return &Mismatch{Task: t.A.Task, Field: "data digest of " + key, A: a[key], B: b[key]}
			}
		}
	}
	return nil
}

// pairDocuments fills Docs, or Mismatch where the samples do not let it.
func (t *TaskPair) pairDocuments(a, b RunData) {
	task := t.A.Task
	left, right := t.samples(a), t.samples(b)
	if len(left) == 0 || len(right) == 0 {
		t.Mismatch = &Mismatch{Task: task, Field: "samples", A: strconv.Itoa(len(left)) + " documents", B: strconv.Itoa(len(right)) + " documents"}
		return
	}
	as, twiceA := sorted(left)
	bs, twiceB := sorted(right)
	if twiceA != nil || twiceB != nil {
		t.Mismatch = &Mismatch{Task: task, Field: "document that occurs twice", A: name(twiceA), B: name(twiceB)}
		return
	}
	docs := make([]DocPair, 0, len(as))
	var onlyA, onlyB []*results.Sample
	for i, j := 0, 0; i < len(as) || j < len(bs); {
		switch {
		case j == len(bs) || i < len(as) && key(as[i]) < key(bs[j]):
			onlyA = append(onlyA, as[i])
			i++
		case i == len(as) || key(bs[j]) < key(as[i]):
			onlyB = append(onlyB, bs[j])
			j++
		default:
			docs = append(docs, DocPair{as[i], bs[j]})
			i, j = i+1, j+1
		}
	}
	if t.Common != nil && len(docs) > 0 {
		*t.Common = Common{len(onlyA), len(onlyB)}
		onlyA, onlyB = nil, nil
	}
	if len(onlyA)+len(onlyB) > 0 {
		field := "set of documents"
		if a.Run.Limit != b.Run.Limit || a.Run.Samples != b.Run.Samples {
			field = "set of documents (limit " + shown(a.Run.Limit) + " beside " + shown(b.Run.Limit) + ")"
		}
		t.Mismatch = &Mismatch{
			Task: task, Field: field, A: strconv.Itoa(len(as)) + " documents", B: strconv.Itoa(len(bs)) + " documents",
			OnlyA: names(onlyA), OnlyB: names(onlyB),
		}
		return
	}
	if n := len(docs); t.Common == nil && (t.A.N != 0 && t.A.N != n || t.B.N != 0 && t.B.N != n) { // both files lack the same documents
		of := func(s results.Score) string { return fmt.Sprintf("%d of %d documents", n, s.N) }
		t.Mismatch = &Mismatch{Task: task, Field: "samples", A: of(t.A), B: of(t.B)}
		return
	}
	slices.SortStableFunc(docs, func(x, y DocPair) int { return cmp.Compare(x.A.Position, y.A.Position) })
	for i := 0; i < len(docs) && !t.across; i++ {
		if t.Mismatch = docs[i].compareRequests(task); t.Mismatch != nil {
			return
		}
	}
	t.Docs = docs
}

// samples are a run's of the task. Profiles keep gold answers in other forms, which enter the hash of a document: across them it is known by
// its identifier alone.
func (t *TaskPair) samples(r RunData) []results.Sample {
	if !t.across {
		return r.Samples[t.A.Task]
	}
	out := slices.Clone(r.Samples[t.A.Task])
	for i := range out {
		out[i].DocHash = ""
	}
	return out
}

// sorted orders samples by document hash; documents with equal content, which data sets have, by identifier and
// position. twice is a document that occurs twice.
func sorted(samples []results.Sample) (order []*results.Sample, twice *results.Sample) {
	for i := range samples {
		order = append(order, &samples[i])
	}
	slices.SortStableFunc(order, compareKeys)
	for i := 1; i < len(order); i++ {
		x, y := order[i-1], order[i]
		if key(x) == key(y) && string(x.DocID) == string(y.DocID) {
			return nil, y
		}
	}
	return order, nil
}

// key pairs documents: their hash or, where an imported run has none, their identifier.
func key(s *results.Sample) string {
	if s.DocHash == "" {
		return "id " + string(s.DocID)
	}
	return s.DocHash
}

// compareKeys orders documents in a way that does not depend on the order in which they were evaluated.
func compareKeys(x, y *results.Sample) int {
	return cmp.Or(
		cmp.Compare(key(x), key(y)),
		cmp.Compare(string(x.DocID), string(y.DocID)),
		cmp.Compare(x.Position, y.Position),
	)
}

func name(s *results.Sample) string {
	if s == nil {
		return ""
	}
	return string(s.DocID)
}

// names are the documents in evaluation order.
func names(samples []*results.Sample) []string {
	slices.SortStableFunc(samples, func(x, y *results.Sample) int { return cmp.Compare(x.Position, y.Position) })
	var out []string
	for _, s := range samples {
		out = append(out, name(s))
	}
	return out
}
