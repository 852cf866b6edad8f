package depcheck

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the table of imports in CONTRIBUTING.md from the rules")

const (
	guide                     = "CONTRIBUTING.md"
	importsBegin, importsEnd  = "<!-- imports -->\n", "<!-- /imports -->\n"
	mapHeading, sectionHeader = "\n## The map\n", "\n## "
)

var (
	mapRow   = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")
	codeSpan = regexp.MustCompile("`([^`\n]+)`")
	aPath    = regexp.MustCompile(`^[.a-z][A-Za-z0-9_./-]*/[A-Za-z0-9_.-]+$`)
)

func readGuide(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(moduleRoot(t), guide))
	require.NoError(t, err)
	return string(b)
}

// packages are the folders of the module that hold Go files, those of test data aside.
func packages(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	eachFile(t, moduleRoot(t), func(_, rel string) {
		if strings.HasSuffix(rel, ".go") && !slices.Contains(strings.Split(rel, "/"), "testdata") {
			found[path.Dir(rel)] = true
		}
	})
	var list []string
	for p := range found {
		list = append(list, p)
	}
	slices.Sort(list)
	return list
}

// TestTheMapNamesEveryPackage: every package of the module has its row in CONTRIBUTING.md, and every row its package.
func TestTheMapNamesEveryPackage(t *testing.T) {
	_, section, ok := strings.Cut(readGuide(t), mapHeading)
	require.True(t, ok, "%s has no map", guide)
	section, _, _ = strings.Cut(section, sectionHeader)
	var rows []string
	for _, m := range mapRow.FindAllStringSubmatch(section, -1) {
		assert.False(t, slices.Contains(rows, m[1]), "%s is twice on the map", m[1])
		rows = append(rows, m[1])
	}
	all := packages(t)
	require.Greater(t, len(all), 50)
	for _, p := range all {
		if !slices.Contains(rows, p) {
			t.Errorf("the map in %s lacks the package %s", guide, p)
		}
	}
	for _, p := range rows {
		if !slices.Contains(all, p) {
			t.Errorf("the map in %s has %s, which is no package", guide, p)
		}
	}
}

// importsTable is the rules as a table.
func importsTable() string {
	var b strings.Builder
	code := func(names []string) string {
		var quoted []string
		for _, n := range names {
			if n == "" {
				return "everything"
			}
			quoted = append(quoted, "`"+n+"`")
		}
		if quoted == nil {
			return "nothing"
		}
		return strings.Join(quoted, ", ")
	}
	b.WriteString("| below | may import of this module | since |\n|---|---|---|\n")
	for _, r := range rules {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", r.from, code(r.allow), r.why)
	}
	fmt.Fprintf(&b, "\nLeaves, which import nothing of ours but each other and which everybody may import: %s. For tests only, whatever they import: %s.\n", code(leaves), code(testOnly))
	return b.String()
}

// TestTheArrowsAreOnThePage holds the table of imports in CONTRIBUTING.md to the rules that are tested.
func TestTheArrowsAreOnThePage(t *testing.T) {
	page := readGuide(t)
	before, rest, ok := strings.Cut(page, importsBegin)
	require.True(t, ok)
	table, after, ok := strings.Cut(rest, importsEnd)
	require.True(t, ok)
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(moduleRoot(t), guide), []byte(before+importsBegin+importsTable()+importsEnd+after), 0o644))
		return
	}
	assert.Equal(t, importsTable(), table, "%s: go test ./internal/depcheck -update", guide)
}

// TestTheGuideNamesWhatExists: files, folders and tests that CONTRIBUTING.md names are there.
func TestTheGuideNamesWhatExists(t *testing.T) {
	root, page, files, tests := moduleRoot(t), readGuide(t), 0, testsOf(t, moduleRoot(t))
	for _, m := range codeSpan.FindAllStringSubmatch(page, -1) {
		if !aPath.MatchString(m[1]) || strings.HasPrefix(m[1], "../") {
			continue
		}
		files++
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(m[1])))
		assert.NoError(t, err, "%s names %s", guide, m[1])
	}
	require.Greater(t, files, 80)
	named := namedTest.FindAllStringSubmatch(page, -1)
	require.NotEmpty(t, named)
	for _, m := range named {
		assert.True(t, tests[m[1]+": "+m[2]], "%s names %s: %s, which does not exist", guide, m[1], m[2])
	}
}

// maxMethods is how many methods an interface may have.
const maxMethods = 4

// TestStyle: init functions and interfaces are as CONTRIBUTING.md says.
func TestStyle(t *testing.T) {
	interfaces, inits := 0, 0
	eachFile(t, moduleRoot(t), func(file, rel string) {
		if !strings.HasSuffix(rel, ".go") || slices.Contains(strings.Split(rel, "/"), "testdata") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" {
					inits++
					assert.Equal(t, "internal/limits", path.Dir(rel), "%s has an init function", rel)
				}
			case *ast.TypeSpec:
				if i, ok := n.Type.(*ast.InterfaceType); ok {
					interfaces++
					assert.LessOrEqual(t, i.Methods.NumFields(), maxMethods, "%s: methods of %s", rel, n.Name.Name)
				}
			}
			return true
		})
	})
	require.Greater(t, interfaces, 5)
	require.Equal(t, 1, inits)
}
