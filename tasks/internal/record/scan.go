package record

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
)

// field is one member of a JSON object, its value as it stands.
type field struct {
	name  []byte
	value json.RawMessage
}

// members takes a JSON object apart without building the values; package encoding/json reads those that are asked for.
// Reading each row with encoding/json alone would take most of the time in which requests are built.
func members(raw []byte) ([]field, bool) {
	fields := make([]field, 0, 8)
	end, err := jsonscan.Object(raw, jsonscan.SkipSpace(raw, 0), func(name, value []byte) error {
		if bytes.IndexByte(name, '\\') >= 0 {
			var s string
			if err := json.Unmarshal(slices.Concat([]byte{'"'}, name, []byte{'"'}), &s); err != nil {
				return err
			}
			name = []byte(s)
		}
		fields = append(fields, field{name, value})
		return nil
	})
	return fields, err == nil && jsonscan.SkipSpace(raw, end) == len(raw)
}
