package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/results"
)

// Tier is the question that may be asked of two runs.
type Tier string

// The tiers. Runs that cannot be asked any of the three are refused by Pair.
const (
	// TierIdentical: the same model in the same arithmetic under the same profile. Did anything change?
	TierIdentical Tier = "identical"
	// TierEquivalent: the same model in other arithmetic. Did the change stay within tolerance?
	TierEquivalent Tier = "equivalent"
	// TierDifferent: another model, or one that the run does not identify. Is B worse than A?
	TierDifferent Tier = "different"
)

// String is the tier with its number, as reports print it.
func (t Tier) String() string {
	switch t {
	case TierIdentical:
		return "tier 0: same model, same arithmetic"
	case TierEquivalent:
		return "tier 1: same model, other arithmetic"
	}
	return "tier 2: different models"
}

// RequestsField is the Field of a Mismatch that digests alone tell: whole samples say in what the requests differ.
const RequestsField = "digest of the requests"

// Mismatch is why two runs, or two runs' results of one task, cannot be compared: the first field that differs. It is
// an ErrIncomparable.
type Mismatch struct {
	// Task is "" where the whole runs differ.
	Task  string `json:"task,omitempty"`
	Field string `json:"field"`
	A     string `json:"a"`
	B     string `json:"b"`
	// OnlyA and OnlyB list the documents, by their identifiers, that one side alone has.
	OnlyA []string `json:"only_a,omitempty"`
	OnlyB []string `json:"only_b,omitempty"`
}

// mismatchListed is how many documents a message names; the lists are whole.
const mismatchListed = 5

// Error names task, field and both values on one line.
func (m *Mismatch) Error() string {
	var b strings.Builder
	if m.Task != "" {
		b.WriteString(m.Task + ": ")
	}
	fmt.Fprintf(&b, "%s: %s: A has %s, B has %s", ErrIncomparable, m.Field, shown(m.A), shown(m.B))
	for _, side := range []struct {
		name string
		ids  []string
	}{{"A", m.OnlyA}, {"B", m.OnlyB}} {
		if len(side.ids) > 0 {
			few := side.ids[:min(len(side.ids), mismatchListed)]
			fmt.Fprintf(&b, "; only in %s: %s", side.name, strings.Join(few, ", "))
			if more := len(side.ids) - len(few); more > 0 {
				fmt.Fprintf(&b, " and %d more", more)
			}
		}
	}
	return b.String()
}

// Unwrap makes every mismatch an ErrIncomparable.
func (m *Mismatch) Unwrap() error { return ErrIncomparable }

func shown(v string) string {
	if v == "" {
		return "none"
	}
	return v
}

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

// tier compares what the runs say of their models. A run that does not identify its model may be of any.
func tier(a, b results.Model) Tier {
	switch {
	case a.Digest == "" || a.Digest != b.Digest || a.TokenizerDigest != b.TokenizerDigest:
		return TierDifferent
	case a.DType != b.DType || a.StoredDType != b.StoredDType || a.Numerics != b.Numerics:
		return TierEquivalent
	}
	return TierIdentical
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
		return differ("limit", a.Limit+" ("+strconv.Itoa(t.A.N)+" documents)", b.Limit+" ("+strconv.Itoa(t.B.N)+" documents)")
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

// compareRequests tells whether the document was asked alike. What one side does not record does not differ.
func (d DocPair) compareRequests(task string) *Mismatch {
	differ := func(field, a, b string) *Mismatch {
		return &Mismatch{Task: task, Field: field + " of document " + name(d.A), A: a, B: b}
	}
	if d.A.Cluster != d.B.Cluster && d.A.Cluster != "" && d.B.Cluster != "" {
		return differ("cluster", strconv.Quote(d.A.Cluster), strconv.Quote(d.B.Cluster))
	}
	if d.A.RequestsDigest != "" || d.B.RequestsDigest != "" {
		return d.compareDigests(differ)
	}
	x, y := d.A.Exchanges, d.B.Exchanges
	if len(x) == 0 || len(y) == 0 {
		return nil
	}
	if len(x) != len(y) {
		return differ("number of requests", strconv.Itoa(len(x)), strconv.Itoa(len(y)))
	}
	for i := range x {
		whole, other := x[i].Prompt+x[i].Continuation, y[i].Prompt+y[i].Continuation
		// A write-out file runs prompt and continuation together.
		divided := (x[i].Continuation == "") == (y[i].Continuation == "")
		if whole != other || divided && x[i].Prompt != y[i].Prompt {
			f, g := apart(whole, other)
			return differ("prompt", f, g)
		}
		if x[i].Kind != y[i].Kind || !unstated(x[i]) && !unstated(y[i]) && (!slices.Equal(x[i].Until, y[i].Until) || x[i].MaxGenToks != y[i].MaxGenToks) {
			return differ("request", request(x[i]), request(y[i]))
		}
	}
	return nil
}

// compareDigests stands for the comparison of the requests where a side is condensed to their digest.
func (d DocPair) compareDigests(differ func(field, a, b string) *Mismatch) *Mismatch {
	x, y := d.A.Requests(), d.B.Requests()
	if x != y && x != "" && y != "" {
		return differ(RequestsField, x, y)
	}
	return nil
}

// unstated says whether a request does not say where its answer ends: of ours every generation does.
func unstated(x results.Exchange) bool { return len(x.Until) == 0 && x.MaxGenToks == 0 }

func request(x results.Exchange) string {
	return fmt.Sprintf("%s until %q within %d tokens", x.Kind, x.Until, x.MaxGenToks)
}

// apart quotes two texts from shortly before the byte where they part.
func apart(a, b string) (x, y string) {
	const before, length = 10, 40
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	from := max(0, at-before)
	for from > 0 && from < len(a) && !utf8.RuneStart(a[from]) { // up to here the texts are the same
		from--
	}
	cut := func(s string) string {
		end := min(from+length, len(s))
		for end < len(s) && !utf8.RuneStart(s[end]) {
			end++
		}
		return fmt.Sprintf("%q at byte %d", s[min(from, end):end], at)
	}
	return cut(a), cut(b)
}
