package textsafe

import (
	"strings"
	"unicode/utf8"
)

// formulaStarts are the characters with which spreadsheets begin a formula, and their full-width forms, which Japanese
// editions accept too.
const formulaStarts = "=+-@＝＋－＠"

// CSV returns s for one cell of a CSV file: on one line, without control characters, and with an apostrophe before what
// a spreadsheet would run as a formula. Quoting is the CSV writer's. It is for text; a number is written as it is.
func CSV(s string) string {
	s = Terminal(s)
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " 　"))
	if s != "" && strings.ContainsRune(formulaStarts, first) {
		return "'" + s
	}
	return s
}
