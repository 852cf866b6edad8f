package report

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// questionAt is where a document's own question begins in its prompt, in bytes: behind the examples, of which there are
// so many. A prompt ends in the cue for the answer ("Answer:", 「### 応答:」), which every example has before its own: the
// question follows the blank line after the last example's answer. Where there is no cue, as before a text to be
// continued, the question is what follows the last blank line. It is a guess for the reader's eye; nothing is computed
// from it.
func questionAt(prompt string, shots int) int {
	if shots == 0 {
		return 0
	}
	end := len(strings.TrimRight(prompt, "\n"))
	line := strings.LastIndexByte(prompt[:end], '\n') + 1
	if cue := prompt[line:end]; strings.HasSuffix(cue, ":") || strings.HasSuffix(cue, "：") {
		if at := strings.LastIndex(prompt[:line], "\n"+cue); at >= 0 {
			answer := at + 1 + len(cue)
			if gap := strings.Index(prompt[answer:line], "\n\n"); gap >= 0 {
				return skipBlank(prompt, answer+gap)
			}
			if gap := strings.IndexByte(prompt[answer:line], '\n'); gap >= 0 && gap < line-answer-1 {
				return skipBlank(prompt, answer+gap)
			}
		}
	}
	if gap := strings.LastIndex(prompt[:end], "\n\n"); gap >= 0 {
		return skipBlank(prompt, gap)
	}
	return 0
}

// skipBlank is the first place from at on that is no line feed.
func skipBlank(s string, at int) int {
	for at < len(s) && s[at] == '\n' {
		at++
	}
	return at
}

// questionOf is the document's first prompt with the place of its question.
func (d document) questionOf() (prompt string, at int, ok bool) {
	s := d.any()
	if len(s.Exchanges) == 0 || s.Exchanges[0].Prompt == "" {
		return "", 0, false
	}
	prompt = s.Exchanges[0].Prompt
	return prompt, questionAt(prompt, len(s.Shots)), true
}

// units is the length of a text as the page's program counts it, in UTF-16.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += utf16.RuneLen(r)
		if r == utf8.RuneError { // what is no character is one there
			n += 1 - utf16.RuneLen(utf8.RuneError)
		}
	}
	return n
}
