package xlsum

import (
	"errors"
	"strings"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// The exceptions that end the reference's run, by their Python names and messages.
var (
	errTooFew  = errors.New("ValueError: not enough values to unpack (expected 2, got 1)")
	errTooMany = errors.New("ValueError: too many values to unpack (expected 2)")
	errNoParts = errors.New("ZeroDivisionError: integer division or modulo by zero")
)

// block is one article, with the mark before it, and what follows its summary mark.
type block struct{ article, tail string }

// split takes a prompt apart at its marks: what precedes the first article, and the blocks. An article or a summary
// that holds a mark itself makes a block with too few or too many parts.
func split(prompt string) (head string, blocks []block, err error) {
	parts := strings.Split(prompt, articleMark)
	if !strings.Contains(parts[0], summaryMark) {
		head, parts = parts[0], parts[1:]
	}
	if len(parts) == 0 {
		return "", nil, errNoParts
	}
	for _, part := range parts {
		halves := strings.Split(articleMark+part, summaryMark)
		switch {
		case len(halves) < 2:
			return "", nil, errTooFew
		case len(halves) > 2:
			return "", nil, errTooMany
		}
		blocks = append(blocks, block{halves[0], halves[1]})
	}
	return head, blocks, nil
}

// fit shortens a prompt of more than room tokens as the reference does: every article gets an equal share of the room
// and is cut at the last sentence end within it. What is not an article is charged to nobody, so the result may still
// be too long.
func fit(prompt string, room int, b tasks.Budget) (string, error) {
	if b.Count(prompt) <= room {
		return prompt, nil
	}
	head, blocks, err := split(prompt)
	if err != nil {
		return "", err
	}
	share := floorDiv(room, len(blocks))
	var out strings.Builder
	out.WriteString(head)
	for _, bl := range blocks {
		out.WriteString(shorten(bl.article, share, b))
		out.WriteString(summaryMark)
		out.WriteString(bl.tail)
	}
	return out.String(), nil
}

// shorten keeps the sentences, split at 。, that fit into share tokens together. When the next one does not fit, the
// last kept one gets its 。 and a line feed; when not even the first fits, its first tokens are kept.
func shorten(article string, share int, b tasks.Budget) string {
	sentences := strings.Split(article, stop)
	for i, sentence := range sentences {
		if b.Count(strings.Join(sentences[:i+1], stop)) <= share {
			continue
		}
		if i > 0 {
			return strings.Join(sentences[:i], stop) + stop + "\n"
		}
		return first(sentence, share, b) + "\n"
	}
	return article
}

// stop ends a sentence.
const stop = "。"

// first decodes tokens[:n] of a text. As in Python, a negative n counts from the end.
func first(text string, n int, b tasks.Budget) string {
	if n < 0 {
		n = max(0, b.Count(text)+n)
	}
	return b.Cut(text, n)
}

// floorDiv is Python's //, which rounds down.
func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
