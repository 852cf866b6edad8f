package suite

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/datasets/smokedata"
	"github.com/swallow-eval/swallow-eval/tasks"
	"github.com/swallow-eval/swallow-eval/tasks/internal/golden"
)

// smokeFile holds a line for each setting under which the data within the program is asked: the profile, the task, its shots, its
// budget, the number of documents, the digests of requests and of golds, and the documents' marks in base64.
const smokeFile = "testdata/smoke.txt"

// smokeSetting is one way to build a task's requests from the data within the program.
type smokeSetting struct {
	profile string
	task    tasks.Task
	shots   int
	budget  string
}

func (s smokeSetting) String() string {
	return fmt.Sprintf("%s %s %d-shot %s", s.profile, s.task.Spec().Name, s.shots, s.budget)
}

// windows are numbers of code points: small enough to cost MGSM all or some of its examples, or XL-Sum a part of its
// articles.
func windows() []int { return []int{560, 470, 120, 75} }

// smokeBudget is a model to which everything fits, or one that counts code points, by name.
func smokeBudget(name string) tasks.Budget {
	for _, n := range windows() {
		if name == codePoints(n) {
			return golden.CodePoints(n)
		}
	}
	return tasks.Unlimited{}
}

func codePoints(window int) string { return fmt.Sprintf("codepoints-%d", window) }

// smokeSettings are, for every task of the profile, no examples, half of the published number and all, and the small
// windows.
func smokeSettings() []smokeSetting {
	var all []smokeSetting
	for _, p := range Profiles() {
		if p.SharesTexts != "" { // TestSharedTexts
			continue
		}
		for _, t := range p.OnInvented().Tasks {
			n := t.Spec().Shots
			shots := []int{0, (n + 1) / 2, n}
			if n == 1 {
				shots = append(shots, 3)
			}
			for _, k := range slices.Compact(shots) {
				if k >= t.Spec().MinShots {
					all = append(all, smokeSetting{p.Name, t, k, "unlimited"})
				}
			}
			for _, w := range windows() {
				all = append(all, smokeSetting{p.Name, t, n, codePoints(w)})
			}
		}
	}
	return all
}

// TestEveryRequestOverTheDataWithin compares every request that the tasks make of the data within the program, and every
// gold, with those on record: in a clone without reference material this is what notices a changed character of a prompt.
// Where they are meant to change, -update records them, and the reviewer reads the change of the prompt instead.
func TestEveryRequestOverTheDataWithin(t *testing.T) {
	src, err := smokedata.Open()
	require.NoError(t, err)
	recorded := map[string][]string{}
	content, err := os.ReadFile(smokeFile)
	require.NoError(t, err)
	for line := range strings.Lines(string(content)) {
		f := strings.Fields(line)
		recorded[strings.Join(f[:4], " ")] = f[4:]
	}
	var file bytes.Buffer
	settings := smokeSettings()
	for _, s := range settings {
		f, marks, err := fingerprint(s.task, src, s.shots, smokeBudget(s.budget))
		require.NoError(t, err, s)
		got := []string{fmt.Sprint(f.Docs), f.Digest, f.Golds, base64.StdEncoding.EncodeToString(marks)}
		fmt.Fprintln(&file, s, strings.Join(got, " "))
		if !*update && !slices.Equal(recorded[s.String()], got) {
			t.Errorf("%s: requests or golds are not those on record, %s", s, firstSmokeDifference(s, src, recorded[s.String()], marks))
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(smokeFile, file.Bytes(), 0o644))
		return
	}
	assert.Len(t, recorded, len(settings), "settings on record")
}

// TestSharedTexts: a profile that shares another's texts asks the very same, over the data within the program and, where they
// are at hand, over the benchmarks' own.
func TestSharedTexts(t *testing.T) {
	src, err := smokedata.Open()
	require.NoError(t, err)
	shared := 0
	for _, p := range Profiles() {
		if p.SharesTexts == "" {
			continue
		}
		of, err := Find(Profiles(), p.SharesTexts)
		require.NoError(t, err)
		for _, task := range p.OnInvented().Tasks {
			other, ok := of.OnInvented().Task(task.Spec().Name)
			require.True(t, ok, task.Spec().Name)
			a, _, err := fingerprint(task, src, task.Spec().Shots, tasks.Unlimited{})
			require.NoError(t, err)
			b, _, err := fingerprint(other, src, task.Spec().Shots, tasks.Unlimited{})
			require.NoError(t, err)
			assert.Equal(t, a, b)
			shared++
		}
	}
	assert.Positive(t, shared)
}

// firstSmokeDifference names the first document that differs.
func firstSmokeDifference(s smokeSetting, src tasks.Source, recorded []string, marks []byte) string {
	if len(recorded) != 4 {
		return "of which there are none"
	}
	old, err := base64.StdEncoding.DecodeString(recorded[3])
	if err != nil {
		return err.Error()
	}
	docs, err := s.task.Docs(src, s.shots, smokeBudget(s.budget))
	if err != nil {
		return err.Error()
	}
	for i, d := range docs {
		if differs(old, i, marks[i*markSize:(i+1)*markSize]) {
			return fmt.Sprintf("first at position %d, document %s: %+v", i, d.ID, s.task.Requests(d, smokeBudget(s.budget))[0])
		}
	}
	return fmt.Sprintf("%d documents where %s are on record", len(docs), recorded[0])
}

// TestSmallWindowsMatter: the windows among the settings are small enough for the tasks that look at them.
func TestSmallWindowsMatter(t *testing.T) {
	src, err := smokedata.Open()
	require.NoError(t, err)
	for name, changed := range map[string][]int{"xlsum": {120, 75}, "mgsm": {560, 470, 120}, "niilc": nil} {
		task := task(t, name)
		whole, _, err := fingerprint(task, src, task.Spec().Shots, tasks.Unlimited{})
		require.NoError(t, err)
		digests := map[string]bool{whole.Digest: true}
		for _, w := range changed {
			f, _, err := fingerprint(task, src, task.Spec().Shots, golden.CodePoints(w))
			require.NoError(t, err)
			digests[f.Digest] = true
		}
		assert.Len(t, digests, 1+len(changed), "%s: windows that change its requests", name)
	}
}

// specFile is what a task says of itself, as tables, exports and comparisons repeat it: one line a metric.
const specFile = "testdata/specs.txt"

// TestSpecsAreThoseOnRecord: names, numbers of examples, versions and signatures are what results are compared by.
func TestSpecsAreThoseOnRecord(t *testing.T) {
	var file bytes.Buffer
	for _, p := range Profiles() {
		for _, k := range p.Tasks {
			s := k.Spec()
			fmt.Fprintf(&file, "%s|%s|%s|%s|%s|%d of %d|%s|%s|%s|%s\n", p.Name, s.Name, s.Reference, s.Title, s.Language,
				s.Shots, s.MaxShots, s.Dataset, s.Version, s.Protocol, s.Source)
			for _, m := range s.Metrics {
				fmt.Fprintf(&file, "\t%s %v %s\n", m.Name, m.Max, m.Signature)
			}
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(specFile, file.Bytes(), 0o644))
	}
	content, err := os.ReadFile(specFile)
	require.NoError(t, err)
	assert.Equal(t, string(content), file.String())
}
