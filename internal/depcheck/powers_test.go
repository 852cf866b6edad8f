package depcheck

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A power is something that text from outside must never reach: starting a program, loading code, opening a connection,
// stepping around the type system.
type power struct {
	imported string
	// holders are the files and folders that may have it, outside tests.
	holders []string
	why     string
}

var powers = []power{
	{"os/exec", []string{"judge/sandbox.go"}, "no program is started, so none can be chosen by an input; but bubblewrap, with a fixed command line, where the user allows it"},
	{"plugin", nil, "no code is loaded"},
	{"encoding/gob", nil, "no format is read whose decoder allocates by what it is told"},
	{"net/rpc", nil, "nothing is served"},
	{"text/template", nil, "no template of a stranger's is run"},
	{"expvar", nil, "nothing is served but by package serve"},
	{"net/http/pprof", nil, "nothing is served but by package serve"},
	{"net", []string{"internal/hub", "serve", "cmd/swallow-eval/run_serve.go", "cluster/embedded"}, "connections are the hub client's, the server's and the broker's"},
	{"github.com/nats-io/nats-server/v2/server", []string{"cluster/embedded"}, "the broker is one package's"},
	{"net/http", []string{"internal/hub", "serve", "models/openai", "cmd/swallow-eval"}, "connections are the hub client's, to which the command hands the network, the server's and those to servers that are asked"},
	{"unsafe", []string{"engine/internal/kernel", "engine/internal/graph/mapped_linux.go", "models/wrapper/scoring.go"}, "kernels see memory as it is; everything else is checked"},
}

// calls are functions that start programs without any of the packages above.
var calls = map[string][]string{
	"os":      {"StartProcess"},
	"syscall": {"Exec", "ForkExec", "StartProcess", "CreateProcess", "CreateProcessAsUser"},
}

// checkPower returns an error if the file (a path within the module) may not import that package.
func checkPower(file, imported string) error {
	if strings.HasSuffix(file, "_test.go") {
		return nil
	}
	for _, p := range powers {
		if p.imported == imported && !slices.ContainsFunc(p.holders, func(h string) bool { return below(file, h) }) {
			return fmt.Errorf("%s imports %s: %s", file, imported, p.why)
		}
	}
	return nil
}

func TestNobodyHasPowersThatInputsCouldUse(t *testing.T) {
	root := moduleRoot(t)
	held := map[string]bool{}
	eachFile(t, root, func(file, rel string) {
		if slices.Contains(strings.Split(rel, "/"), "testdata") {
			return
		}
		if strings.HasSuffix(rel, ".s") {
			assert.True(t, below(rel, "engine/internal/kernel") || strings.HasPrefix(rel, "internal/limits/entry_"),
				"%s: assembly is for kernels and for the first instructions of the process", rel)
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, i := range f.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			require.NoError(t, err)
			assert.NoError(t, checkPower(rel, imported))
			held[imported] = true
		}
		for _, group := range f.Comments {
			for _, c := range group.List {
				assert.False(t, strings.HasPrefix(c.Text, "//go:linkname"), "%s: linkname reaches into other packages", rel)
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok {
					assert.NotContains(t, calls[x.Name], s.Sel.Name, "%s starts a program", rel)
				}
			}
			return true
		})
	})
	for _, p := range powers {
		if len(p.holders) > 0 {
			assert.True(t, held[p.imported], "the walk found who imports %s", p.imported)
		}
	}
}

// TestPowersBite shows that the check fails where it should.
func TestPowersBite(t *testing.T) {
	for _, c := range []struct {
		file, imported string
		ok             bool
	}{
		{"cmd/swallow-eval/run.go", "os/exec", false},
		{"cmd/swallow-eval/run_test.go", "os/exec", true},
		{"eval/eval.go", "net/http", false},
		{"cmd/swallow-eval/run.go", "net", false},
		{"internal/hub/wire.go", "net/http", true},
		{"internal/hubris/x.go", "net/http", false},
		{"report/render.go", "net/http", false},
		{"datasets/read.go", "unsafe", false},
		{"engine/internal/kernel/panels.go", "unsafe", true},
		{"engine/model.go", "plugin", false},
		{"report/render.go", "html/template", true},
	} {
		err := checkPower(c.file, c.imported)
		assert.Equal(t, c.ok, err == nil, "%s -> %s: %v", c.file, c.imported, err)
	}
}
