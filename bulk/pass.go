package bulk

import (
	"bytes"
	"encoding/json"
)

// pass gives done an answer as a JSON object.
func pass(i int, answer any, wrong error, done func(i int, object []byte, err error) error) error {
	if wrong != nil {
		return done(i, nil, wrong)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(answer); err != nil {
		return err
	}
	return done(i, bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil)
}
