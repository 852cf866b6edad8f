package record

import (
	"bytes"
	"encoding/json"
)

// field is one member of a JSON object, its value as it stands.
type field struct {
	name  []byte
	value json.RawMessage
}

// members takes a JSON object apart without looking into the values. The rows of a Source are valid JSON, so it checks
// no more than it needs to find its way; package encoding/json reads the values afterwards, which is where anything
// else shows. Reading each row with encoding/json alone would take most of the time in which requests are built.
func members(raw []byte) ([]field, bool) {
	i := skipSpace(raw, 0)
	if i == len(raw) || raw[i] != '{' {
		return nil, false
	}
	fields := make([]field, 0, 8)
	i = skipSpace(raw, i+1)
	if i < len(raw) && raw[i] == '}' {
		return fields, skipSpace(raw, i+1) == len(raw)
	}
	for {
		end := skipString(raw, i)
		if end < 0 {
			return nil, false
		}
		name := raw[i+1 : end-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			var s string
			if json.Unmarshal(raw[i:end], &s) != nil {
				return nil, false
			}
			name = []byte(s)
		}
		i = skipSpace(raw, end)
		if i == len(raw) || raw[i] != ':' {
			return nil, false
		}
		i = skipSpace(raw, i+1)
		end = skipValue(raw, i)
		if end <= i {
			return nil, false
		}
		fields = append(fields, field{name, json.RawMessage(raw[i:end])})
		i = skipSpace(raw, end)
		switch {
		case i == len(raw):
			return nil, false
		case raw[i] == '}':
			return fields, skipSpace(raw, i+1) == len(raw)
		case raw[i] != ',':
			return nil, false
		}
		i = skipSpace(raw, i+1)
	}
}

func skipSpace(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\t' || raw[i] == '\n' || raw[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i, or -1.
func skipString(raw []byte, i int) int {
	if i >= len(raw) || raw[i] != '"' {
		return -1
	}
	for i++; ; {
		n := bytes.IndexByte(raw[i:], '"')
		if n < 0 {
			return -1
		}
		i += n + 1
		backslashes := 0
		for raw[i-2-backslashes] == '\\' {
			backslashes++ // the opening quote ends the run
		}
		if backslashes%2 == 0 {
			return i
		}
	}
}

// skipValue returns the index after the value that begins at i, or -1.
func skipValue(raw []byte, i int) int {
	if i >= len(raw) {
		return -1
	}
	switch raw[i] {
	case '"':
		return skipString(raw, i)
	case '{', '[':
		depth := 0
		for i < len(raw) {
			switch raw[i] {
			case '"':
				if i = skipString(raw, i); i < 0 {
					return -1
				}
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			i++
			if depth == 0 {
				return i
			}
		}
		return -1
	}
	n := bytes.IndexAny(raw[i:], ",}] \t\r\n")
	if n < 0 {
		return len(raw)
	}
	return i + n
}
