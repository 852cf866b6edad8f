package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/report/dense"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func pageOf(t testing.TB, o Options, runs ...compare.RunData) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, runs, o))
	return b.String()
}

// blockOf is the content of the page's element with an identifier.
func blockOf(t testing.TB, page, id string) string {
	t.Helper()
	found := regexp.MustCompile(`(?s)<script type="[^"]+" id="` + regexp.QuoteMeta(id) + `">(.*?)</script>`).FindStringSubmatch(page)
	require.NotNil(t, found, "no block %s", id)
	return found[1]
}

// unsqueeze is squeeze backwards.
func unsqueeze(t testing.TB, data string, into any) {
	t.Helper()
	assert.NotContains(t, data, "<")
	plain, err := dense.Unpack(bytesOf(data))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(plain, into))
}

// bytesOf is printable backwards.
func bytesOf(text string) []byte {
	var out []byte
	bits, n := 0, 0
	digit := func(i int) int {
		if text[i] > '<' {
			return int(text[i]) - 34
		}
		return int(text[i]) - 33
	}
	for i := 0; i < len(text); i += 2 {
		v, taken := digit(i), 7
		if i+1 < len(text) {
			v, taken = v+93*digit(i+1), 13
			if v&8191 < 457 {
				taken = 14
			}
		}
		bits |= v << n
		for n += taken; n >= 8; n -= 8 {
			out = append(out, byte(bits))
			bits >>= 8
		}
	}
	return out
}

// TestPrintable: all bytes come back, in characters that can be seen and mean nothing to a page.
func TestPrintable(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 300 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32() >> (8 * (n % 4))) // many zeros among them
		}
		if n%5 == 0 {
			clear(b)
		}
		text := printable(b)
		require.Equal(t, hex.EncodeToString(b), hex.EncodeToString(bytesOf(text)), "%d bytes", n)
		require.Regexp(t, `^[!-;=-~]*$`, text)
	}
	assert.Less(t, len(printable(make([]byte, 80000))), 98100)
}

// number gives new pieces their numbers, as the page does.
func (c *chunk) number() {
	next := c.Next
	for _, d := range c.Documents {
		for _, stored := range d.Texts {
			for i, p := range stored {
				if p == nil {
					stored[i] = next
					next++
				}
			}
		}
	}
}

// textsOf puts texts of a page together.
func textsOf(t testing.TB, page string, f facts) func(storedText) string {
	t.Helper()
	var all []string
	for i, first := range f.Pieces {
		var block []string
		unsqueeze(t, blockOf(t, page, fmt.Sprint("pieces-", i)), &block)
		require.Len(t, all, first)
		all = append(all, block...)
	}
	return func(stored storedText) string {
		var b strings.Builder
		for _, p := range stored {
			switch p := p.(type) {
			case string:
				b.WriteString(p)
			case float64:
				b.WriteString(all[int(p)])
			case int:
				b.WriteString(all[p])
			default:
				require.Fail(t, "neither a text nor a piece", "%v", p)
			}
		}
		return b.String()
	}
}

// Of a page to send the documents are those that changed, and the numbers those of all.
func TestChangedOnly(t *testing.T) {
	runs := pair(t, 60)
	o := madeOptions(2)
	var whole, changed facts
	require.NoError(t, json.Unmarshal([]byte(blockOf(t, pageOf(t, o, runs...), "facts")), &whole))
	o.ChangedOnly = true
	page := pageOf(t, o, runs...)
	require.NoError(t, json.Unmarshal([]byte(blockOf(t, page, "facts")), &changed))
	assert.True(t, changed.ChangedOnly)
	assert.Contains(t, page, "Only documents whose answer differs are in this page")
	var x index
	unsqueeze(t, blockOf(t, page, "index"), &x)
	for i, row := range mustCompare(t, runs).Tasks {
		assert.Equal(t, len(row.Changes), changed.Tasks[i].Documents, row.Task)
		assert.NotContains(t, x.Tasks[i].Outcomes[0], "-")
		assert.Len(t, x.Tasks[i].Scores[0], len(row.Changes))
		assert.Equal(t, whole.Tasks[i].Cells, changed.Tasks[i].Cells)
	}
	assert.ErrorContains(t, Write(io.Discard, runs[:1], Options{Metric: findMetric, ChangedOnly: true}), "take two runs")
}

// What many prompts have in common stands in the page once.
func TestPiecesAreStoredOnce(t *testing.T) {
	var group errgroup.Group
	p := newPieces(&group)
	example, other := strings.Repeat("an example ", 9)+"\n\n", strings.Repeat("another ", 9)+"\n\n"
	assert.Equal(t, storedText{nil, nil, "Q: a?\nA:"}, p.intern(example+other+"Q: a?\nA:"))
	assert.Equal(t, storedText{"short\n\n", 1, 0, "short\n\nQ: b?\nA:"}, p.intern("short\n\n"+other+example+"short\n\nQ: b?\nA:"))
	assert.Equal(t, storedText{}, p.intern(""))
	p.end()
	require.NoError(t, group.Wait())
	require.Equal(t, []int{0}, p.first)
	var block []string
	unsqueeze(t, *p.data[0], &block)
	assert.Equal(t, []string{example, other}, block)
	for i := range 3 * pieceBytes / 100 {
		p.intern(strings.Repeat("x", 90) + fmt.Sprintf("%010d", i))
	}
	p.end()
	require.NoError(t, group.Wait())
	assert.Equal(t, len(p.data), len(p.first))
	assert.Greater(t, len(p.first), 3, "a block ends in time")
}

func TestTheSameRunsGiveTheSamePage(t *testing.T) {
	runs := pair(t, 300)
	first := pageOf(t, madeOptions(2), runs...)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	assert.True(t, first == pageOf(t, madeOptions(2), runs...), "pages differ")
	again := pair(t, 300)
	assert.True(t, first == pageOf(t, madeOptions(2), again...), "pages of equal runs differ")
}

// TestPage compares what the template makes of two small runs, one of them with a hole and a deviating file, with a golden
// file. Program, style and data are left out: they are files of their own or tested elsewhere.
func TestPage(t *testing.T) {
	runs := []compare.RunData{
		made{digest: "1a", documents: 12, tasks: []string{"jcommonsenseqa", "jemhopqa", "hellaswag"}}.run(t, "results/before"),
		made{digest: "2b", documents: 12, tasks: []string{"jcommonsenseqa", "jemhopqa", "gsm8k"}}.run(t, "results/after"),
	}
	runs[1].Run.Limit, runs[1].Run.Status = "12", "incomplete"
	runs[1].Run.Scores[1].Hole, runs[1].Run.Scores[1].Values = "out of memory <b>", nil
	runs[1].Run.AllowUnpinnedData, runs[1].Run.Scores[0].Data[0].State = true, "unpinned"
	page := pageOf(t, madeOptions(2), runs...)
	for _, element := range []string{`(?s)(<style>).*?(</style>)`, `(?s)(<script[^>]*>).*?(</script>)`, `(?s)(<pre class="licences">).*?(</pre>)`} {
		page = regexp.MustCompile(element).ReplaceAllString(page, "${1}…${2}")
	}
	page = regexp.MustCompile(`sha256-(?:[A-Za-z0-9+/=]|&#43;)+`).ReplaceAllString(page, "sha256-…")
	golden := filepath.Join("testdata", "page.html")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(page), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), page)
}

// TestThePolicyAdmitsTheProgramAlone computes the hashes as a browser does.
func TestThePolicyAdmitsTheProgramAlone(t *testing.T) {
	page := pageOf(t, madeOptions(1), made{digest: "1a", documents: 3}.run(t, "a"))
	policy := regexp.MustCompile(`<meta http-equiv="Content-Security-Policy" content="([^"]*)">`).FindStringSubmatch(page)
	require.NotNil(t, policy)
	allowed := strings.ReplaceAll(strings.ReplaceAll(policy[1], "&#39;", "'"), "&#43;", "+")
	assert.True(t, strings.HasPrefix(allowed, "default-src 'none'; script-src 'sha256-"), allowed)
	for _, no := range []string{"unsafe", "http", "*", "self", "blob"} {
		assert.NotContains(t, allowed, no)
	}
	run := 0
	for _, script := range regexp.MustCompile(`(?s)<(script|style)>(.*?)</(?:script|style)>`).FindAllStringSubmatch(page, -1) {
		sum := sha256.Sum256([]byte(script[2]))
		assert.Contains(t, allowed, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'", script[1])
		run++
	}
	assert.Equal(t, 3, run, "one style, the library and the program")
	assert.Empty(t, regexp.MustCompile(`(?i)<[^>]+\s(on[a-z]+|style|src)=`).FindAllString(strings.Split(page, "<script>")[0], -1), "inline handlers and styles are never admitted")
	// Nothing on the page names a place to load from. Namespaces of SVG are names, not addresses.
	library := asset("plot/plot.js")
	own := strings.ReplaceAll(strings.ReplaceAll(page, library, ""), template.HTMLEscapeString(asset("plot/LICENSES")), "")
	assert.Empty(t, regexp.MustCompile(`https?://.{0,40}`).FindAllString(own, -1))
	for _, word := range []string{"innerHTML", "insertAdjacentHTML", "outerHTML", "document.write", "eval(", "new Function", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "import("} {
		assert.False(t, strings.Contains(program(), word), word)
	}
}

// TestHostileTextStaysData looks at the page as a parser of HTML does: whatever the runs say, the page has the same
// elements.
func TestHostileTextStaysData(t *testing.T) {
	elements := func(text string) map[string]int {
		run := made{digest: "1a", documents: 5, tasks: []string{"niilc"}}.run(t, "run")
		run.Name, run.Run.Model.Name, run.Run.Limit, run.Run.Tool.Version, run.Run.Model.DType = text, text, text, text, text
		s := &run.Run.Scores[0]
		s.Title, s.Cuts.Fault, s.Cuts.FaultDocs, s.Values[0].Metric = text, text, 1, "char_f1"
		run.Samples["niilc"][0].Marks[0].Output = text
		page := pageOf(t, Options{Metric: findMetric, Tool: text}, run)
		for _, r := range page {
			if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == 0x202e || r == 0x2066 || r == 0x200b {
				require.Fail(t, "a raw control character", "%U", r)
			}
		}
		count := map[string]int{}
		for _, tag := range regexp.MustCompile(`<(/?[a-zA-Z!][a-zA-Z0-9-]*)`).FindAllStringSubmatch(page, -1) {
			count[strings.ToLower(tag[1])]++
		}
		return count
	}
	assert.Equal(t, elements("plain"), elements(hostile))
}

func TestTheDataIsAllThere(t *testing.T) {
	runs := pair(t, 600)
	page := pageOf(t, madeOptions(2), runs...)
	var f facts
	require.NoError(t, json.Unmarshal([]byte(blockOf(t, page, "facts")), &f))
	assert.False(t, strings.Contains(blockOf(t, page, "facts")+blockOf(t, page, "words"), "<"))
	var x index
	unsqueeze(t, blockOf(t, page, "index"), &x)
	want := mustCompare(t, runs)
	text := textsOf(t, page, f)
	seen := 0
	for i, place := range f.Chunks {
		var c chunk
		unsqueeze(t, blockOf(t, page, fmt.Sprint("chunk-", i)), &c)
		c.number()
		require.Len(t, c.Documents, place.N)
		task := f.Tasks[place.Task]
		for n, d := range c.Documents {
			at := place.From + n
			a, b := runs[0].Samples[task.Task][at], runs[1].Samples[task.Task][at]
			assert.JSONEq(t, string(a.DocID), string(x.Tasks[place.Task].IDs[at]))
			assert.Equal(t, a.Position, x.Tasks[place.Task].Positions[at])
			assert.Equal(t, a.Targets, d.Targets)
			switch {
			case len(a.Choices) == 0:
				assert.Nil(t, d.Choices)
			case a.Choices[0] == strings.TrimPrefix(a.Exchanges[0].Continuation, " "):
				assert.Equal(t, true, d.Choices)
			default:
				assert.Len(t, d.Choices, len(a.Choices))
			}
			for k, s := range []results.Sample{a, b} {
				require.Len(t, d.Runs[k].Exchanges, len(s.Exchanges))
				for e, asked := range s.Exchanges {
					got := d.Runs[k].Exchanges[e]
					assert.Equal(t, asked.Prompt, text(d.Texts[got.Prompt]))
					got.Exchange.Prompt = asked.Prompt
					if asked.Log != nil {
						assert.InDelta(t, *asked.Log, *got.Log, 5e-7)
						got.Log = asked.Log
					}
					assert.Equal(t, asked, got.Exchange)
				}
				assert.Equal(t, s.Marks, d.Runs[k].Marks)
			}
			seen++
		}
	}
	assert.Equal(t, 14*600, seen)
	assert.Len(t, f.Chunks, 2*14, "600 documents do not fit a block")
	for t1, task := range f.Tasks {
		row, ok := rowOf(want, task.Task)
		require.True(t, ok)
		assert.Equal(t, row.Lost, strings.Count(x.Tasks[t1].Outcomes[0], "l"), task.Task)
		assert.Equal(t, row.Won, strings.Count(x.Tasks[t1].Outcomes[0], "w"), task.Task)
		assert.Nil(t, f.Comparisons[0].Tasks[t1].Changes, "documents are in the chunks alone")
		assert.Len(t, x.Tasks[t1].IDs, 600)
	}
}

func TestRunsThatDiffer(t *testing.T) {
	a := made{digest: "1a", documents: 6, tasks: []string{"mgsm", "niilc"}}.run(t, "a")
	b := made{digest: "2b", documents: 6, tasks: []string{"niilc", "gsm8k"}}.run(t, "b")
	// B lacks a document and has one of its own.
	b.Samples["niilc"][2].DocHash = "only in b"
	o := madeOptions(2)
	tasks, err := collect([]compare.RunData{a, b}, nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"niilc", "mgsm", "gsm8k"}, []string{tasks[0].name, tasks[1].name, tasks[2].name})
	assert.Len(t, tasks[0].docs, 7)
	page := pageOf(t, o, a, b)
	var f facts
	require.NoError(t, json.Unmarshal([]byte(blockOf(t, page, "facts")), &f))
	assert.Equal(t, compare.Incomparable, f.Comparisons[0].Tasks[0].Verdict)
	assert.Equal(t, []string{"mgsm"}, f.Comparisons[0].OnlyA)
	assert.Nil(t, f.Tasks[2].Scores[0])

	// Nothing in common is still two runs side by side.
	c := made{digest: "2b", documents: 6, tasks: []string{"xlsum"}}.run(t, "c")
	pageOf(t, o, a, c)

	// Documents of equal content are told apart by their order, as compare does.
	for _, r := range []compare.RunData{a, b} {
		for i := range r.Samples["niilc"] {
			r.Samples["niilc"][i].DocHash = "same"
		}
	}
	docs := pairDocuments([]compare.RunData{a, b}, "niilc")
	require.Len(t, docs, 6)
	for i, d := range docs {
		assert.Equal(t, d.samples[0].DocID, d.samples[1].DocID, "document %d", i)
	}
}

func TestWhatIsRefused(t *testing.T) {
	run := made{digest: "1a", documents: 3, tasks: []string{"mgsm"}}.run(t, "a")
	other := made{digest: "1a", documents: 3, tasks: []string{"mgsm"}}.run(t, "b")
	other.Run.Profile = "swallow-2024"
	many := slices.Repeat([]compare.RunData{run}, MaxRuns+1)
	twice := made{digest: "1a", documents: 3, tasks: []string{"mgsm"}}.run(t, "c")
	twice.Run.Scores = append(twice.Run.Scores, twice.Run.Scores[0])
	for _, c := range []struct {
		name string
		runs []compare.RunData
		o    Options
		want string
	}{
		{"no runs", nil, madeOptions(0), "no runs given"},
		{"too many", many, madeOptions(MaxRuns + 1), "at most 6"},
		{"no metrics", []compare.RunData{run}, Options{}, "no metrics given"},
		{"rows", []compare.RunData{run}, madeOptions(2), "2 published rows for 1 runs"},
		{"profiles", []compare.RunData{run, other}, madeOptions(2), "not comparable: profile: A has swallow-2023, B has swallow-2024"},
		{"published", []compare.RunData{other}, madeOptions(1), "published numbers of swallow-2023 beside a run of swallow-2024"},
		{"task twice", []compare.RunData{twice}, madeOptions(1), "c: task mgsm occurs twice"},
	} {
		err := Write(io.Discard, c.runs, c.o)
		require.ErrorContains(t, err, c.want, c.name)
		assert.Equal(t, c.name == "profiles", errors.Is(err, compare.ErrIncomparable), c.name)
	}
	// A writer that fails ends the page.
	assert.ErrorIs(t, Write(failing{}, []compare.RunData{run}, madeOptions(1)), io.ErrClosedPipe)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestNotes holds the page's notes against those of the terminal's table.
func TestNotes(t *testing.T) {
	shots := 3
	r := results.Run{
		Status: "interrupted", Limit: "5", Samples: true, ShotsOverride: &shots, AllowUnpinnedData: true, Model: results.Model{
			Window: 512, DType: "q8", StoredDType: "q4_k_m", Vocabulary: 512, Pieces: 276,
			Generation: []results.GenerationSetting{{File: "generation_config.json", Key: "top_k", Value: "5"}},
		},
		Scores: []results.Score{
			{Task: "a", Title: "A", Hole: "why"},
			{Task: "c", Title: "Char", Values: []results.Value{{Max: 1, Signature: "nrefs:1|tok:char+13a|version:1"}}, Cuts: results.Cuts{FewerShotsDocs: 7}},
			{Task: "d", Title: "Pieces", Values: []results.Value{{Max: 1, Signature: "tok:lm-0123456789ab|version:1"}}},
			{Task: "e", Title: "Nagisa", Values: []results.Value{{Max: 1, Signature: "nrefs:1|tok:nagisa-0.2.11+13a|version:1"}}},
			{
				Task: "b", Title: "B", N: 9, Cuts: results.Cuts{DroppedDocs: 1, DroppedTokens: 2, LostDocs: 3, LostTokens: 4, PastWindowDocs: 5, FaultDocs: 6, Fault: "f"},
				Data: []results.DataFile{{Path: "p", State: "unpinned", Rows: 1, ExpectedRows: 2}, {Path: "q", State: "stand-in"}, {Path: "r", State: "official"}},
			},
		},
	}
	words, err := readWords()
	require.NoError(t, err)
	want := notes.Of(r)
	got := notesOf(r)
	require.Len(t, got, len(want))
	for i, n := range got {
		w, ok := words[n.Key]
		require.True(t, ok, n.Key)
		assert.Equal(t, want[i], fill(w.English, n.Args))
	}
}

// TestWords checks the dictionary: every word that is used is there, every word that is there is used, and both languages
// have the same arguments.
func TestWords(t *testing.T) {
	words, err := readWords()
	require.NoError(t, err)
	arguments := regexp.MustCompile(`\{\d\}`)
	for key, w := range words {
		assert.NotEmpty(t, w.English, key)
		assert.NotEmpty(t, w.Japanese, key)
		sorted := func(s string) []string { x := arguments.FindAllString(s, -1); slices.Sort(x); return slices.Compact(x) }
		assert.Equal(t, sorted(w.English), sorted(w.Japanese), key)
	}
	used := map[string]bool{}
	sources := asset("page.html") + program()
	for _, m := range regexp.MustCompile("(?:\\bt |word\\(|say\\(|add\\(|data-word=|\\[)[\"']([a-z_]+(?:\\.[a-z_ ]+)?)[\"']").FindAllStringSubmatch(sources, -1) {
		if _, ok := words[m[1]]; ok || strings.Contains(m[1], ".") {
			used[m[1]] = true
		}
	}
	for key := range used {
		assert.Contains(t, words, key)
	}
	for key := range words {
		family, _, _ := strings.Cut(key, ".")
		made := slices.Contains([]string{"verdict", "distance", "average", "method", "note", "tier", "outcome", "filter", "published", "detail", "column", "sort", "where", "alike"}, family)
		assert.True(t, used[key] || made || strings.Contains(sources, `"`+key+`"`), "word %s is never used", key)
	}
	for _, v := range []compare.Verdict{compare.Identical, compare.Changed, compare.Equivalent, compare.NotEquivalent, compare.Regressed, compare.Improved, compare.OK, compare.NoEvidence, compare.Incomparable} {
		assert.Contains(t, words, "verdict."+string(v))
	}
	for _, v := range []compare.Tier{compare.TierIdentical, compare.TierEquivalent, compare.TierDifferent} {
		assert.Contains(t, words, "tier."+string(v))
	}
	for _, v := range []string{compare.MethodWilson, compare.MethodStudent, compare.MethodClusters, compare.MethodBootstrap, methodStdErr} {
		assert.Contains(t, words, "method."+v)
	}
}

func TestStoredTokens(t *testing.T) {
	table := &textTable{}
	x := results.Exchange{Prompt: "箱 a", Continuation: " b"}
	v := TokenView{Text: " 箱 a b", Lengths: []int{1, 1, 1, 1, 2, 2}, Dropped: 1, ScoredFrom: 5}
	five := 5
	assert.Equal(t, &tokenView{Lengths: "111122", Dropped: 1, ScoredFrom: &five, Front: 1}, storeTokens(v, x, table))
	// Tokens that spell something else bring their text; long tokens are written in full.
	v = TokenView{Text: strings.Repeat("x", 90), Lengths: []int{35, 36, 19}, ScoredFrom: 3}
	zero := 0
	assert.Equal(t, &tokenView{Lengths: "z(36)j", Text: &zero}, storeTokens(v, x, table))
	assert.Equal(t, textTable{v.Text}, *table)
}

func TestPartsEndInTime(t *testing.T) {
	long := strings.Repeat("あ", partBytes/3-100)
	doc := func(text string) document {
		return document{samples: []*results.Sample{nil, {Exchanges: []results.Exchange{{Prompt: text}, {Prompt: text}}}}}
	}
	assert.Equal(t, 1, partLength([]document{doc(long), doc(long), doc("")}))
	assert.Equal(t, 1, partLength([]document{doc(long + long)}), "a document that is too large is a part of its own")
	assert.Equal(t, partDocuments, partLength(make300(doc("a"))))
}

func make300(d document) []document { return slices.Repeat([]document{d}, 300) }
