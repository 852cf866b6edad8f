package store

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// A record is one line: eight hex digits of CRC-32C, a space, the request's digest in hex, a space, the answer as JSON
// without line feeds, a line feed. The checksum covers the identity's digest and everything from the digest to the end
// of the JSON.
const (
	crcLength     = 8
	keyStart      = crcLength + 1
	payloadStart  = keyStart + 2*len(digest{}) + 1
	maxLine       = 64 << 20 // a line beyond this is not a record; it bounds the memory for a file of garbage
	formatName    = "swallow-eval answers"
	formatVersion = 1
)

// answer is a Response as it is stored.
type answer struct {
	Text string `json:"text,omitempty"`
	// Bytes holds a text that is not UTF-8, in base64.
	Bytes        []byte  `json:"text_bytes,omitempty"`
	LogProb      float64 `json:"logprob"` // always there: -0 is not 0
	Greedy       bool    `json:"is_greedy,omitempty"`
	PromptTokens int     `json:"prompt_tokens,omitempty"`
	OutputTokens int     `json:"output_tokens,omitempty"`
	Dropped      int     `json:"dropped_tokens,omitempty"`
	Lost         int     `json:"lost_tokens,omitempty"`
	Finish       string  `json:"finish,omitempty"`
}

func encodeAnswer(r tasks.Response) ([]byte, error) {
	a := answer{
		LogProb: r.LogProb, Greedy: r.Greedy, PromptTokens: r.PromptTokens, OutputTokens: r.OutputTokens,
		Dropped: r.Dropped, Lost: r.Lost, Finish: r.Finish,
	}
	if math.IsNaN(r.LogProb) || math.IsInf(r.LogProb, 0) {
		return nil, fmt.Errorf("an answer with log-probability %v", r.LogProb)
	}
	if !utf8.ValidString(r.Finish) {
		return nil, fmt.Errorf("an answer with finish %q", r.Finish)
	}
	if utf8.ValidString(r.Text) {
		a.Text = r.Text
	} else {
		a.Bytes = []byte(r.Text)
	}
	return marshal(a)
}

func decodeAnswer(payload []byte) (tasks.Response, error) {
	var a answer
	if err := json.Unmarshal(payload, &a); err != nil {
		return tasks.Response{}, err
	}
	r := tasks.Response{
		Text: a.Text, LogProb: a.LogProb, Greedy: a.Greedy, PromptTokens: a.PromptTokens, OutputTokens: a.OutputTokens,
		Dropped: a.Dropped, Lost: a.Lost, Finish: a.Finish,
	}
	if a.Bytes != nil {
		r.Text = string(a.Bytes)
	}
	return r, nil
}

// appendRecord appends the record's line.
func appendRecord(b []byte, seed uint32, key digest, payload []byte) ([]byte, error) {
	start := len(b)
	b = append(b, "00000000 "...)
	b = hex.AppendEncode(b, key[:])
	b = append(b, ' ')
	b = append(b, payload...)
	putChecksum(b[start:], seed)
	b = append(b, '\n')
	if len(b)-start > maxLine {
		return b[:start], fmt.Errorf("an answer of %d bytes", len(payload))
	}
	return b, nil
}

// putChecksum fills in the checksum of a line that has no line feed yet.
func putChecksum(line []byte, seed uint32) {
	sum := crc32.Update(seed, castagnoli(), line[keyStart:])
	hex.Encode(line[:crcLength], []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

// recordPayload is the answer within a record that appendRecord made.
func recordPayload(line []byte) []byte { return line[payloadStart : len(line)-1] }

// parseRecord checks a line, line feed included. The reason is empty where the line is a record.
func parseRecord(line []byte, seed uint32) (key digest, payload []byte, reason string) {
	if len(line) <= payloadStart || line[len(line)-1] != '\n' || line[crcLength] != ' ' || line[payloadStart-1] != ' ' {
		return key, nil, "not a record"
	}
	line = line[:len(line)-1]
	if !checksumHolds(line, seed) {
		return key, nil, "checksum does not match"
	}
	if !decodeHex(key[:], line[keyStart:payloadStart-1]) {
		return key, nil, "no request digest"
	}
	return key, line[payloadStart:], ""
}

func checksumHolds(line []byte, seed uint32) bool {
	var sum [4]byte
	return decodeHex(sum[:], line[:crcLength]) &&
		crc32.Update(seed, castagnoli(), line[keyStart:]) ==
			uint32(sum[0])<<24|uint32(sum[1])<<16|uint32(sum[2])<<8|uint32(sum[3])
}

// decodeHex reads lower-case hex digits, two for each byte of to.
func decodeHex(to, from []byte) bool {
	for i := range to {
		hi, lo := nibble(from[2*i]), nibble(from[2*i+1])
		if hi|lo > 15 {
			return false
		}
		to[i] = hi<<4 | lo
	}
	return true
}

// nibble is the value of a hex digit, or 255. A table: a million records have 72 million digits.
func nibble(c byte) byte {
	const x = "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	const table = x + x + x + "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\xff\xff\xff\xff\xff\xff" + x + x +
		"\xff\x0a\x0b\x0c\x0d\x0e\x0f\xff\xff\xff\xff\xff\xff\xff\xff\xff" + x + x + x + x + x + x + x + x + x
	return table[c]
}

// header is a segment's first line, behind a checksum of its own: eight hex digits, a space, JSON.
type header struct {
	Format   string   `json:"format"`
	Version  int      `json:"version"`
	Identity Identity `json:"identity"`
}

func appendHeader(b []byte, id Identity) []byte {
	payload, err := marshal(header{formatName, formatVersion, id})
	if err != nil {
		panic(err) // strings and integers
	}
	start := len(b)
	b = append(append(b, "00000000 "...), payload...)
	putChecksum(b[start:], 0)
	return append(b, '\n')
}

// The reasons for which a segment as a whole is not believed.
var (
	errNoHeader = errors.New("no header of a segment of answers")
	errNewer    = errors.New("written by a newer swallow-eval")
	errForeign  = errors.New("holds another model's answers")
)

// parseHeader reads a segment's first line, line feed included.
func parseHeader(line []byte) (Identity, error) {
	var h header
	if len(line) <= keyStart || line[len(line)-1] != '\n' || line[crcLength] != ' ' {
		return h.Identity, errNoHeader
	}
	line = bytes.TrimSuffix(line, []byte("\n"))
	if !checksumHolds(line, 0) || json.Unmarshal(line[keyStart:], &h) != nil || h.Format != formatName {
		return h.Identity, errNoHeader
	}
	if h.Version > formatVersion {
		return h.Identity, errNewer
	}
	return h.Identity, nil
}
