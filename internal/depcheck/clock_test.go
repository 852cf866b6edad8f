package depcheck

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// monotonic is what of package time a step of the clock does not reach: durations, timers, tickers, and the time since a time that was
// taken here.
var monotonic = map[string]bool{
	"Duration": true, "Now": true, "Since": true, "NewTimer": true, "NewTicker": true,
	"Hour": true, "Minute": true, "Second": true, "Millisecond": true, "Microsecond": true, "Nanosecond": true,
}

// TestNobodyWaitsByTheClockOnTheWall: what crosses machines counts its patience, pauses and rates by clocks that nobody sets.
func TestNobodyWaitsByTheClockOnTheWall(t *testing.T) {
	root := moduleRoot(t)
	seen, since := 0, 0
	eachFile(t, root, func(file, rel string) {
		if !below(rel, "cluster") && !below(rel, "models/openai") || !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" {
				seen++
				assert.True(t, monotonic[s.Sel.Name], "%s: time.%s", rel, s.Sel.Name)
				if s.Sel.Name == "Since" {
					since++
				}
			}
			if call, ok := s.X.(*ast.CallExpr); ok {
				if f, ok := call.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Now" {
					assert.Fail(t, rel+": "+s.Sel.Name+" of the time of day")
				}
			}
			return true
		})
	})
	assert.Greater(t, seen, 20)
	assert.Positive(t, since)
}
