package tokenizer

import "unicode"

// class is the set of character classes of splitting expressions that a character belongs to.
type class uint8

const (
	upper    class = 1 << iota // \p{Lu}, \p{Lt}
	lower                      // \p{Ll}
	caseless                   // \p{Lm}, \p{Lo}
	accent                     // \p{M}
	number                     // \p{N}
	blank                      // \s
	newline                    // \r and \n, which are blank too

	letter = upper | lower | caseless // \p{L}
)

// classTable holds the class of every character of the basic multilingual plane; looking up ranges for each character
// of a Japanese text would take longer than merging.
type classTable [1 << 16]class

func newClassTable() *classTable {
	t := new(classTable)
	for _, c := range classRanges() {
		for _, r := range c.table.R16 {
			for x := uint32(r.Lo); x <= uint32(r.Hi); x += uint32(r.Stride) {
				t[x] |= c.class
			}
		}
	}
	for _, c := range laterRanges() {
		for r := c.first; r <= min(c.last, 1<<16-1); r++ {
			t[r] = c.class
		}
	}
	t['\r'] |= newline
	t['\n'] |= newline
	return t
}

type classRange struct {
	class class
	table *unicode.RangeTable
}

func classRanges() [8]classRange {
	return [...]classRange{
		{upper, unicode.Lu}, {upper, unicode.Lt}, {lower, unicode.Ll}, {caseless, unicode.Lm}, {caseless, unicode.Lo},
		{accent, unicode.M}, {number, unicode.N}, {blank, unicode.White_Space},
	}
}

// of returns the classes of a character.
func (t *classTable) of(r rune) class {
	if r < 1<<16 {
		return t[r]
	}
	for _, c := range laterRanges() {
		if c.first <= r && r <= c.last {
			return c.class
		}
	}
	var all class
	for _, c := range classRanges() {
		if unicode.Is(c.table, r) {
			all |= c.class
		}
	}
	return all
}

type laterRange struct {
	class       class
	first, last rune
}

// laterRanges lists the letters and numbers that Unicode 15.1 and 16 added. Go's tables are those of 15.0, the ones of
// tokenizers 0.23.2 those of 16.
func laterRanges() [35]laterRange {
	return [...]laterRange{
		{upper, 0x1C89, 0x1C89}, {upper, 0xA7CB, 0xA7CC}, {upper, 0xA7DA, 0xA7DA}, {upper, 0xA7DC, 0xA7DC}, {upper, 0x10D50, 0x10D65},
		{lower, 0x1C8A, 0x1C8A}, {lower, 0xA7CD, 0xA7CD}, {lower, 0xA7DB, 0xA7DB}, {lower, 0x10D70, 0x10D85},
		{caseless, 0x105C0, 0x105F3}, {caseless, 0x10D4A, 0x10D4F}, {caseless, 0x10D6F, 0x10D6F}, {caseless, 0x10EC2, 0x10EC4},
		{caseless, 0x11380, 0x11389}, {caseless, 0x1138B, 0x1138B}, {caseless, 0x1138E, 0x1138E}, {caseless, 0x11390, 0x113B5},
		{caseless, 0x113B7, 0x113B7}, {caseless, 0x113D1, 0x113D1}, {caseless, 0x113D3, 0x113D3}, {caseless, 0x11BC0, 0x11BE0},
		{caseless, 0x13460, 0x143FA}, {caseless, 0x16100, 0x1611D}, {caseless, 0x16D40, 0x16D6C}, {caseless, 0x18CFF, 0x18CFF},
		{caseless, 0x1E5D0, 0x1E5ED}, {caseless, 0x1E5F0, 0x1E5F0}, {caseless, 0x2EBF0, 0x2EE5D},
		{number, 0x10D40, 0x10D49}, {number, 0x116D0, 0x116E3}, {number, 0x11BF0, 0x11BF9}, {number, 0x16130, 0x16139},
		{number, 0x16D70, 0x16D79}, {number, 0x1CCF0, 0x1CCF9}, {number, 0x1E5F1, 0x1E5FA},
	}
}
