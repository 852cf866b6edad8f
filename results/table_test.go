package results

import (
	"bytes"
	"strings"
	"testing"

	"github.com/mattn/go-runewidth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFaultF7WidthOfJapanese: characters of two columns and those of none keep the frame of a table straight.
func TestFaultF7WidthOfJapanese(t *testing.T) {
	r := exampleRun()
	for i, title := range []string{"日本語の長い題名", "e\u0301\u0302", "👩‍👩‍👧 家族", "ascii"} {
		s := r.Scores[0]
		s.Title = title
		if i > 0 {
			r.Scores = append(r.Scores, s)
		} else {
			r.Scores[0].Title = title
		}
	}
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, r))
	widths := map[string]int{}
	for _, line := range strings.Split(b.String(), "\n") {
		if strings.HasPrefix(line, "┌") {
			widths["now"] = runewidth.StringWidth(line)
		}
		if strings.HasPrefix(line, "│") {
			assert.Equal(t, widths["now"], runewidth.StringWidth(line), line)
			widths["rows"]++
		}
	}
	assert.Greater(t, widths["rows"], 6)
}
