package hub

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// FuzzHeaders: whatever a server sends as Retry-After, RateLimit, ETag or Content-Range, waits are bounded and never
// negative, a digest is hexadecimal of its length and nothing that could be a path, and a range has a size unless it says that it has none.
func FuzzHeaders(f *testing.F) {
	for _, s := range []string{"", "5", "-1", "1e300", "NaN", "Wed, 21 Oct 2015 07:28:00 GMT", `"api";r=0;t=55`, `"api";r=0;t=-5,"x";r=0;t=inf`,
		`"` + strings.Repeat("a", 64) + `"`, `W/"` + strings.Repeat("0", 40) + `"`, "../../etc/passwd", `"../` + strings.Repeat("b", 61) + `"`,
		"bytes 5-9/10", "bytes 9223372036854775807-9223372036854775807/*", "bytes -1-5/4", "bytes 0-1/+2"} {
		f.Add(s, s)
	}
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, a, b string) {
		wait := askedWait(http.Header{"Retry-After": {a}, "Ratelimit": {b}}, now)
		require.GreaterOrEqual(t, wait, time.Duration(0))
		if d, err := ParseETag(a); err == nil {
			require.True(t, d.Known())
			require.Contains(t, []int{40, 64}, len(d.Hex()))
			require.True(t, isLowerHex(d.Hex()))
		}
		if tag := strongETag(a); tag != "" {
			require.False(t, strings.HasPrefix(tag, "W/"))
		}
		if start, total, ok := contentRange(a); ok {
			require.True(t, start >= 0 && total >= -1, "%q: start %d of %d", a, start, total)
			require.Equal(t, strings.HasSuffix(a, "/*"), total == -1, "only * leaves the size open")
		}
	})
}
