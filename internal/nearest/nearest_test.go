package nearest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOf(t *testing.T) {
	names := []string{"7b", "13b", "13b-nve", "llama2-13b", "jsquad", "squad2"}
	for name, want := range map[string][]string{
		"13bb": {"13b"}, "jsqad": {"jsquad"}, "squad2.0": {"squad2"}, "llama2": {"llama2-13b"}, "entirely-else": nil, "": nil,
		"xsquad": {"jsquad"}, "8b": {"7b"},
	} {
		assert.Equal(t, want, Of(name, names), name)
	}
}

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "ab", 2}, {"kitten", "sitting", 3}, {"mgms", "mgsm", 2}} {
		assert.Equal(t, c.want, edits(c.a, c.b), "%s %s", c.a, c.b)
		assert.Equal(t, c.want, edits(c.b, c.a), "%s %s", c.b, c.a)
	}
}
