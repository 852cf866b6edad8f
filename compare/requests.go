package compare

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/swallow-eval/swallow-eval/results"
)

// compareRequests tells whether the document was asked alike. What one side does not record does not differ.
func (d DocPair) compareRequests(task string) *Mismatch {
	differ := func(field, a, b string) *Mismatch {
		return &Mismatch{Task: task, Field: field + " of document " + name(d.A), A: a, B: b}
	}
	if d.A.Cluster != d.B.Cluster && d.A.Cluster != "" && d.B.Cluster != "" {
		return differ("cluster", strconv.Quote(d.A.Cluster), strconv.Quote(d.B.Cluster))
	}
	if d.A.RequestsDigest != "" || d.B.RequestsDigest != "" {
		return d.compareDigests(differ)
	}
	x, y := d.A.Exchanges, d.B.Exchanges
	if len(x) == 0 || len(y) == 0 {
		return nil
	}
	if len(x) != len(y) {
		return differ("number of requests", strconv.Itoa(len(x)), strconv.Itoa(len(y)))
	}
	for i := range x {
		whole, other := x[i].Prompt+x[i].Continuation, y[i].Prompt+y[i].Continuation
		// A write-out file runs prompt and continuation together.
		divided := (x[i].Continuation == "") == (y[i].Continuation == "")
		if whole != other || divided && x[i].Prompt != y[i].Prompt {
			f, g := apart(whole, other)
			return differ("prompt", f, g)
		}
		if x[i].Kind != y[i].Kind || !unstated(x[i]) && !unstated(y[i]) && (!slices.Equal(x[i].Until, y[i].Until) || x[i].MaxGenToks != y[i].MaxGenToks) {
			return differ("request", request(x[i]), request(y[i]))
		}
	}
	return nil
}

// compareDigests stands for the comparison of the requests where a side is condensed to their digest.
func (d DocPair) compareDigests(differ func(field, a, b string) *Mismatch) *Mismatch {
	x, y := d.A.Requests(), d.B.Requests()
	if x != y && x != "" && y != "" {
		return differ(RequestsField, x, y)
	}
	return nil
}

// unstated says whether a request does not say where its answer ends: of ours every generation does.
func unstated(x results.Exchange) bool { return len(x.Until) == 0 && x.MaxGenToks == 0 }

func request(x results.Exchange) string {
	return fmt.Sprintf("%s until %q within %d tokens", x.Kind, x.Until, x.MaxGenToks)
}

// apart quotes two texts from shortly before the byte where they part.
func apart(a, b string) (x, y string) {
	const before, length = 10, 40
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	from := max(0, at-before)
	for from > 0 && from < len(a) && !utf8.RuneStart(a[from]) { // up to here the texts are the same
		from--
	}
	cut := func(s string) string {
		end := min(from+length, len(s))
		for end < len(s) && !utf8.RuneStart(s[end]) {
			end++
		}
		return fmt.Sprintf("%q at byte %d", s[min(from, end):end], at)
	}
	return cut(a), cut(b)
}
