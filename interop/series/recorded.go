package series

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/swallow-eval/swallow-eval/internal/python"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// Recorded is what a foreign file says a metric's value is: of a task or of one document.
type Recorded struct {
	// Text is the value as the file gives it, without quotes; "" where the file does not give it at all.
	Text  string
	Value float64
	// Decimals is how many digits the file keeps after the point where it gives a rounded text, or -1 for a double in full.
	Decimals int
	// Hole says why there is no value.
	Hole string
}

// ParseRecorded reads a recorded value: a number, a truth value (1 or 0), or a string of either, as Python prints it.
// What the references' own scripts write in place of a number is a hole: "N/A", null, NaN and anything negative (-1,
// or -0.01 where a percentage of -1 was divided by 100); no metric here is negative.
func ParseRecorded(raw json.RawMessage) Recorded {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return Recorded{Hole: "not recorded"}
	}
	r := Recorded{Text: string(raw), Decimals: -1}
	var text string
	if raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		r.Text = text
		if _, digits, ok := strings.Cut(text, "."); ok && strings.Trim(digits, "0123456789") == "" {
			r.Decimals = len(digits)
		}
	}
	switch r.Text {
	case "true", "True":
		r.Value = 1
		return r
	case "false", "False":
		return r
	}
	v, err := python.ParseNumber(r.Text)
	if math.IsNaN(v) {
		r.Text = "NaN"
	}
	switch {
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		r.Hole = fmt.Sprintf("recorded as %.20q, not a number", r.Text)
	case v < 0:
		r.Hole = fmt.Sprintf("recorded as %s, which marks a missing number", r.Text)
	}
	r.Value = v
	return r
}

// Agreement is how a value found anew compares with the recorded one.
type Agreement string

// The agreements.
const (
	// Identical: the same double, or the same text where the file rounds.
	Identical Agreement = "identical"
	// Close: apart by at most 1e-9 of the value, as the last bits of another C library's roots and powers may be.
	Close      Agreement = "within 1e-9"
	Different  Agreement = "different"
	Unrecorded Agreement = "not recorded"
)

// Agrees compares a value with the recorded one. A text of decimals is compared with the value rounded to as many, half
// to even of the exact double, as Python formats it.
func (r Recorded) Agrees(v float64) Agreement {
	switch {
	case r.Hole != "":
		return Unrecorded
	case v == r.Value, r.Decimals >= 0 && strconv.FormatFloat(v, 'f', r.Decimals, 64) == r.Text:
		return Identical
	case r.Decimals < 0 && math.Abs(v-r.Value) <= 1e-9*math.Max(math.Abs(v), math.Abs(r.Value)):
		return Close
	}
	return Different
}

// ParseAnswer reads an answer: a string is a text, a number a log-probability, a pair a log-probability with its flag.
// Within a pair both may be strings, as some harnesses print them.
func ParseAnswer(raw json.RawMessage) (tasks.Answer, error) {
	var a tasks.Answer
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return a, fmt.Errorf("an answer is missing")
	}
	switch raw[0] {
	case '"':
		a.Text = new(string)
		return a, json.Unmarshal(raw, a.Text)
	case '[':
		var pair []json.RawMessage
		if err := json.Unmarshal(raw, &pair); err != nil {
			return a, err
		}
		if len(pair) != 2 {
			return a, fmt.Errorf("%.40q is neither a text nor a log-probability with its flag", raw)
		}
		log, err := parseLog(pair[0])
		if err != nil {
			return a, err
		}
		flag := strings.ToLower(strings.Trim(string(pair[1]), `"`))
		if flag != "true" && flag != "false" {
			return a, fmt.Errorf("%.20q is neither true nor false", pair[1])
		}
		greedy := flag == "true"
		return tasks.Answer{Log: &log, Greedy: &greedy}, nil
	}
	log, err := parseLog(raw)
	return tasks.Answer{Log: &log}, err
}

// parseLog reads a log-probability, which may be minus infinity or not a number.
func parseLog(raw json.RawMessage) (float64, error) {
	text := strings.Trim(string(raw), `"`)
	v, err := python.ParseNumber(text)
	if err != nil {
		return 0, fmt.Errorf("%.40q is not a log-probability", text)
	}
	return v, nil
}
