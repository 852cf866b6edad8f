package report

import (
	"bytes"
	"encoding/json"

	"github.com/swallow-eval/swallow-eval/report/dense"
)

// squeeze is the packed JSON of v as printable characters.
func squeeze(v any) (string, error) {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	packed, err := dense.Pack(plain.Bytes())
	if err != nil {
		return "", err
	}
	return printable(packed), nil
}

// digits are the characters of ASCII that can be seen, without "<", which could end the element they stand in.
const digits = '~' - '!' // 93

// digit is the character of a number below digits.
func digit(n uint32) byte {
	c := byte('!' + n)
	if c >= '<' {
		c++
	}
	return c
}

// printable writes bytes in characters as basE91 does: two digits, lower first, are 13 bits, lower first, or 14 where those
// 14 are still a number of two digits. It takes 98 characters for 80 bytes, where Ascii85 takes 100 and base64 107.
func printable(b []byte) string {
	out := make([]byte, 0, len(b)+len(b)/4+2)
	var bits uint32
	n := 0
	for _, x := range b {
		bits |= uint32(x) << n
		if n += 8; n < 14 {
			continue
		}
		v, taken := bits&(1<<13-1), 13
		if v < digits*digits-1<<13 {
			v, taken = bits&(1<<14-1), 14
		}
		out = append(out, digit(v%digits), digit(v/digits))
		bits >>= taken
		n -= taken
	}
	if n > 0 {
		out = append(out, digit(bits%digits))
		if n > 6 {
			out = append(out, digit(bits/digits))
		}
	}
	return string(out)
}
