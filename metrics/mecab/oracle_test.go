package mecab

import (
	"io/fs"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// oracle runs the machine's own mecab over lines, none of which may hold a line feed or a NUL. The test is skipped
// where there is no mecab, or where its default dictionary is not IPADIC in UTF-8.
func oracle(t *testing.T, lines []string) [][]string {
	t.Helper()
	path, err := exec.LookPath("mecab")
	if err != nil {
		t.Skip("no mecab is installed to compare with")
	}
	// mecab -D prints what it should and exits with 1.
	about, _ := exec.Command(path, "-D").CombinedOutput()
	for _, fact := range []string{"UTF-8", "392127", "1316"} {
		if !strings.Contains(string(about), fact) {
			t.Skipf("the dictionary of %s is not IPADIC in UTF-8:\n%s", path, about)
		}
	}
	// The buffer must hold the longest line, or mecab cuts it.
	cmd := exec.Command(path, "-b", "1000000", "-Owakati")
	cmd.Stdin = strings.NewReader(strings.Join(lines, "\n") + "\n")
	out, err := cmd.Output()
	require.NoError(t, err)
	results := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	require.Len(t, results, len(lines))
	words := make([][]string, len(lines))
	for i, r := range results {
		words[i] = strings.Split(strings.TrimSuffix(r, " "), " ")
		if r == "" || r == " " {
			words[i] = []string{}
		}
	}
	return words
}

// compare fails the test for every line that is cut differently, up to a few.
func compare(t *testing.T, lines []string) {
	t.Helper()
	want := oracle(t, lines)
	g := segmenter(t)
	different := 0
	for i, line := range lines {
		if got := g.Words(line); !slices.Equal(want[i], got) {
			if different++; different <= 10 {
				t.Errorf("%q\n got %q\nwant %q", line, got, want[i])
			}
		}
	}
	t.Logf("%d lines compared with mecab, %d different", len(lines), different)
}

// splice joins random pieces of lines with characters whose treatment is peculiar.
func splice(r *rand.Rand, lines []string) string {
	const odd = " \u3000\t\v\rÐð々〇ー一二三㌔①ΑαЖаＺ９｡ﾞﾟ〜～−－‖∥£￡¢￠…‥％%。、！？😀𠮷é\u0301İ\u200b\ufffe\uffff/.:@#()「」『』"
	chars := []rune(odd)
	var b strings.Builder
	for range 1 + r.IntN(6) {
		switch c := chars[r.IntN(len(chars))]; r.IntN(10) {
		case 0:
			b.WriteString(strings.Repeat(string(c), 1+r.IntN(40)))
		case 1, 2:
			b.WriteRune(c)
		case 3:
			b.WriteRune(rune(1 + r.IntN(0xd7ff)))
		default:
			line := []rune(lines[r.IntN(len(lines))])
			begin := r.IntN(len(line))
			b.WriteString(string(line[begin:min(begin+1+r.IntN(12), len(line))]))
		}
	}
	return strings.NewReplacer("\n", "", "\x00", "").Replace(b.String())
}

func TestAgainstInstalledMeCab(t *testing.T) {
	var own []string
	for _, s := range sentences(t) {
		if s.Text != "" {
			own = append(own, s.Text)
		}
	}
	t.Run("own sentences", func(t *testing.T) { compare(t, own) })
	t.Run("splices", func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		lines := make([]string, 5000)
		for i := range lines {
			lines[i] = splice(r, own)
		}
		compare(t, lines)
	})
	for _, data := range []string{"jglue", "wmt20", "mgsm", "niilc-qa", "jemhopqa", "xlsum_ja"} {
		t.Run(data, func(t *testing.T) { compare(t, texts(t, data)) })
	}
}

// texts returns the distinct strings of all files in one folder of the reference material: what stands between
// quotation marks, tags, tabs and line ends, whatever the format.
func texts(t *testing.T, data string) []string {
	t.Helper()
	dir := shared.Dir(t)
	var all []string
	err := filepath.WalkDir(shared.Path(t, "data/"+data), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		all = append(all, strings.FieldsFunc(string(shared.Bytes(t, rel)), func(r rune) bool {
			return strings.ContainsRune("\"<>\t\n\r\x00", r)
		})...)
		return nil
	})
	require.NoError(t, err)
	slices.Sort(all)
	all = slices.Compact(all)
	require.NotEmpty(t, all)
	return all
}
