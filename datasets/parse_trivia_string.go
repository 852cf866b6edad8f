package datasets

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
)

// appendStripped adds a JSON string that was scanned before, without the white space that Python's str.strip removes
// from its value if strip says so.
func appendStripped(b, raw []byte, strip bool) ([]byte, error) {
	in := raw[1 : len(raw)-1]
	if bytes.IndexByte(in, '\\') >= 0 {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return b, err
		}
		if strip {
			s = strings.TrimFunc(s, pythonSpace)
		}
		return jsonscan.AppendString(b, s), nil
	}
	if strip {
		in = bytes.TrimFunc(in, pythonSpace)
	}
	if bytes.Contains(in, []byte("\u2028")) || bytes.Contains(in, []byte("\u2029")) {
		return jsonscan.AppendString(b, string(in)), nil
	}
	b = append(append(b, '"'), in...) // it stands there as it would be written
	return append(b, '"'), nil
}
