package depcheck

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// faultCases is how many cases each group of the list of faults has.
var faultCases = map[string]int{"A": 13, "B": 8, "C": 8, "D": 17, "E": 11, "F": 8, "G": 9, "H": 12, "I": 12}

var (
	faultRow  = regexp.MustCompile(`(?m)^\| ([A-I][0-9]+) \| ([^|]+) \| (.+) \|$`)
	namedTest = regexp.MustCompile("`([a-z0-9/-]+): ((?:Test|Fuzz)[A-Za-z0-9_]+)`")
	namedFile = regexp.MustCompile("`(script/[a-z]+|\\.ci/[a-z]+)`")
)

// testsOf lists the test and fuzz functions of the module as "folder: Name".
func testsOf(t *testing.T, root string) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	eachFile(t, root, func(file, rel string) {
		if !strings.HasSuffix(rel, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil {
				found[path.Dir(rel)+": "+fn.Name.Name] = true
			}
		}
	})
	return found
}

// TestEveryFaultHasItsTest reads docs/faults.md: every case of the list is there and names tests that exist.
func TestEveryFaultHasItsTest(t *testing.T) {
	root := moduleRoot(t)
	b, err := os.ReadFile(filepath.Join(root, "docs", "faults.md"))
	require.NoError(t, err)
	page := string(b)
	tests := testsOf(t, root)
	require.Greater(t, len(tests), 400)

	seen := map[string]bool{}
	for _, m := range faultRow.FindAllStringSubmatch(page, -1) {
		assert.False(t, seen[m[1]], "%s is there twice", m[1])
		seen[m[1]] = true
		if !strings.Contains(m[3], "cannot occur") {
			assert.True(t, namedTest.MatchString(m[3]) || namedFile.MatchString(m[3]), "%s has neither a test nor a reason why it cannot occur", m[1])
		}
	}
	for group, n := range faultCases {
		for i := 1; i <= n; i++ {
			assert.True(t, seen[fmt.Sprint(group, i)], "%s%d is missing", group, i)
		}
	}
	named := namedTest.FindAllStringSubmatch(page, -1)
	require.Greater(t, len(named), 150)
	for _, m := range named {
		assert.True(t, tests[m[1]+": "+m[2]], "docs/faults.md names %s: %s, which does not exist", m[1], m[2])
	}
	for _, m := range namedFile.FindAllStringSubmatch(page, -1) {
		file := m[1]
		if name, ok := strings.CutPrefix(file, "script/"); ok {
			file = "cmd/swallow-eval/testdata/script/" + name + ".txtar"
		}
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(file)))
		assert.NoError(t, err)
	}
	for test := range tests {
		if folder, name, _ := strings.Cut(test, ": "); strings.HasPrefix(name, "Fuzz") && !strings.Contains(page, "`"+folder+": "+name+"`") {
			t.Logf("docs/faults.md does not say yet how long %s has run", test)
		}
	}
}
