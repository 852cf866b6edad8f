package terminal

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// half writes half of what it is given, and says so in its count alone.
type half struct{}

func (half) Write(b []byte) (int, error) { return len(b) / 2, nil }

// TestAHalfLineIsAnError: an answer of which a part is missing was not shown.
func TestAHalfLineIsAnError(t *testing.T) {
	assert.ErrorIs(t, LineWriter(half{})([]byte("{\"id\":1}\n")), io.ErrShortWrite)
	assert.NoError(t, LineWriter(io.Discard)([]byte("{\"id\":1}\n")))
}

// TestEachLineDropsAMark: a byte order mark is no part of the first line, and anywhere else it stays.
func TestEachLineDropsAMark(t *testing.T) {
	var got []string
	assert.NoError(t, EachLine("in", strings.NewReader("\ufeffa\r\n\n\ufeffb"), func(b []byte) error { got = append(got, string(b)); return nil }))
	assert.Equal(t, []string{"a", "\ufeffb"}, got)
}
