package commonprefix

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestLen at every length around the steps in which texts are compared, whichever of them is longer.
func TestLen(t *testing.T) {
	for n := range 100 {
		same := strings.Repeat("x", n)
		for _, c := range [][2]string{{same, same}, {same, same + "y"}, {same + "y", same + "z"}, {same + strings.Repeat("y", 40), same + strings.Repeat("z", 40)}} {
			assert.Equal(t, n, Len(c[0], c[1]), "%q", c)
			assert.Equal(t, n, Len(c[1], c[0]), "%q", c)
		}
	}
	assert.Equal(t, 1, Len("\xe3\x81", "\xe3\x82"), "bytes, not characters")
}
