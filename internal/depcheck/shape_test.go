package depcheck

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The measures of the house: what exceeds them is taken apart, or stands below with the reason why not.
const (
	mostFunctionLines = 60
	mostFileLines     = 400
	mostMethods       = 4
)

// longFunctions may exceed mostFunctionLines. A table of data may be of any length; the others are to be split, so this
// list must become shorter: an entry that is no longer needed fails the test.
func longFunctions() map[string]string {
	return map[string]string{
		"datasets/manifest.go: manifest":        "a table of data",
		"models/locate/aliases.go: Aliases":     "a table of data",
		"results/notes/sentences.go: Sentences": "a table of data",
		"interop/swallow/write.go: table":       "a table of data",
	}
}

// longFiles may exceed mostFileLines, likewise.
func longFiles() map[string]string {
	return map[string]string{}
}

// wideInterfaces may have more than mostMethods methods, with those that they embed.
func wideInterfaces() map[string]string {
	return map[string]string{
		"cmd/swallow-eval: model": "eval.Model, and what the command alone needs of the model that it opened: its pieces and its end",
	}
}

// foreignInterfaces are the numbers of methods of interfaces from elsewhere that ours embed.
func foreignInterfaces() map[string]int {
	return map[string]int{
		"error": 1, "comparable": 0, "io.Reader": 1, "io.Writer": 1, "io.Closer": 1, "io.ReaderAt": 1, "io.WriteCloser": 2, "io.ReadCloser": 2, "fs.File": 3,
	}
}

// exceptions checks off those that are allowed to be too large.
type exceptions struct {
	allowed map[string]string
	needed  map[string]bool
}

func newExceptions(allowed map[string]string) *exceptions {
	return &exceptions{allowed: allowed, needed: map[string]bool{}}
}

// check fails for a name whose size exceeds most and that is no exception.
func (e *exceptions) check(t *testing.T, name string, size, most int, unit string) {
	t.Helper()
	if size <= most {
		return
	}
	e.needed[name] = true
	assert.NotEmpty(t, e.allowed[name], "%s has %d %s, more than %d", name, size, unit, most)
}

// end fails for exceptions that nothing needed.
func (e *exceptions) end(t *testing.T) {
	t.Helper()
	for name := range e.allowed {
		assert.True(t, e.needed[name], "%s is within the measure: take it off the list", name)
	}
}

// declared is an interface of the module.
type declared struct {
	methods  int
	embedded []string // as foreignInterfaces has them, or the module's folder and the name
}

// TestMeasures: no function is longer than a screen, no file than a sitting, no interface wider than its consumer's need.
func TestMeasures(t *testing.T) {
	functions, files, interfaces := newExceptions(longFunctions()), newExceptions(longFiles()), newExceptions(wideInterfaces())
	found := map[string]declared{}
	checked := 0
	eachFile(t, moduleRoot(t), func(file, rel string) {
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return
		}
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		files.check(t, rel, bytes.Count(content, []byte("\n")), mostFileLines, "lines")
		positions := token.NewFileSet()
		f, err := parser.ParseFile(positions, file, content, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, decl := range f.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				checked++
				lines := positions.Position(fn.End()).Line - positions.Position(fn.Pos()).Line + 1
				functions.check(t, rel+": "+fn.Name.Name, lines, mostFunctionLines, "lines")
			}
		}
		interfacesOf(t, f, path.Dir(rel), found)
	})
	assert.Greater(t, checked, 1000, "the walk found the module's functions")
	assert.Greater(t, len(found), 15, "the walk found the module's interfaces")
	for name := range found {
		interfaces.check(t, name, methodsOf(t, found, name), mostMethods, "methods")
	}
	functions.end(t)
	files.end(t)
	interfaces.end(t)
}

// interfacesOf adds a file's interfaces to found, by folder and name.
func interfacesOf(t *testing.T, f *ast.File, dir string, found map[string]declared) {
	t.Helper()
	folders := map[string]string{}
	for _, i := range f.Imports {
		imported, err := strconv.Unquote(i.Path.Value)
		require.NoError(t, err)
		name := path.Base(imported)
		if i.Name != nil {
			name = i.Name.Name
		}
		if folder, ours := strings.CutPrefix(imported, module+"/"); ours {
			folders[name] = folder + ": "
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok {
			return true
		}
		typ, ok := spec.Type.(*ast.InterfaceType)
		if !ok {
			return true
		}
		d := declared{}
		for _, field := range typ.Methods.List {
			switch e := field.Type.(type) {
			case *ast.FuncType:
				d.methods += len(field.Names)
			case *ast.Ident:
				d.embedded = append(d.embedded, local(e.Name, dir))
			case *ast.SelectorExpr:
				from := e.X.(*ast.Ident).Name
				if folder, ours := folders[from]; ours {
					d.embedded = append(d.embedded, folder+e.Sel.Name)
				} else {
					d.embedded = append(d.embedded, from+"."+e.Sel.Name)
				}
			default: // a set of types
			}
		}
		found[dir+": "+spec.Name.Name] = d
		return true
	})
}

// local is the name of an interface that a file of a folder calls by name alone.
func local(name, dir string) string {
	if _, predeclared := foreignInterfaces()[name]; predeclared {
		return name
	}
	return dir + ": " + name
}

// methodsOf counts an interface's methods with those that it embeds.
func methodsOf(t *testing.T, found map[string]declared, name string) int {
	t.Helper()
	n := found[name].methods
	for _, embedded := range found[name].embedded {
		if methods, ok := foreignInterfaces()[embedded]; ok {
			n += methods
			continue
		}
		if assert.Contains(t, found, embedded, "%s embeds an interface of which this test knows nothing", name) {
			n += methodsOf(t, found, embedded)
		}
	}
	return n
}

// TestMeasuresBite: too large fails, an exception does not, and one that is not needed does.
func TestMeasuresBite(t *testing.T) {
	inner := &testing.T{}
	e := newExceptions(map[string]string{"known": "why", "stale": "why"})
	e.check(inner, "small", 60, 60, "lines")
	e.check(inner, "known", 61, 60, "lines")
	assert.False(t, inner.Failed())
	e.end(inner)
	assert.True(t, inner.Failed(), "stale is not needed")
	inner = &testing.T{}
	e.check(inner, "unknown", 61, 60, "lines")
	assert.True(t, inner.Failed())

	found := map[string]declared{}
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", `package x
import ("io"; "`+module+`/eval")
type A interface { io.WriteCloser; B; eval.C; M(); N() }
type B interface { O() }
`, 0)
	require.NoError(t, err)
	interfacesOf(t, f, "x", found)
	found["eval: C"] = declared{methods: 3}
	assert.Equal(t, 8, methodsOf(t, found, "x: A"))
}
