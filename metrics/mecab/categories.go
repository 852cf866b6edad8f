package mecab

// category is one character category of IPADIC's char.def with its rules for unknown words.
type category struct {
	name string
	// invoke: unknown-word nodes are made even where the dictionary knows a word.
	invoke bool
	// group: a run of characters of the category makes one unknown word.
	group bool
	// length: besides, the first 1 to length characters of such a run make one each.
	length int
	// unknown is what unk.def gives for the category, in its order: the order decides between equal costs.
	unknown []morph
}

// morph is a lexical entry as the lattice sees it: the ids of its left and right context in the connection matrix and
// the cost of the word itself.
type morph struct{ left, right, cost int16 }

// Indices into categories.
const (
	catDefault = iota
	catSpace
	catKanji
	catSymbol
	catNumeric
	catAlpha
	catHiragana
	catKatakana
	catKanjiNumeric
	catGreek
	catCyrillic
)

// categories is the category section of char.def together with unk.def, both of mecab-ipadic-2.7.0-20070801. Read only.
var categories = [...]category{
	catDefault: {"DEFAULT", false, true, 0, []morph{{5, 5, 4769}}},
	catSpace:   {"SPACE", false, true, 0, []morph{{9, 9, 8903}}},
	catKanji: {"KANJI", false, false, 2, []morph{
		{1285, 1285, 11426}, {1283, 1283, 17290}, {1293, 1293, 17611}, {1292, 1292, 12649}, {1289, 1289, 17340},
		{1288, 1288, 15295}}},
	catSymbol:  {"SYMBOL", true, true, 0, []morph{{1283, 1283, 17585}}},
	catNumeric: {"NUMERIC", true, true, 0, []morph{{1295, 1295, 27386}}},
	catAlpha: {"ALPHA", true, true, 0, []morph{
		{1285, 1285, 13398}, {1293, 1293, 18706}, {1292, 1292, 13835}, {1289, 1289, 18188}, {1288, 1288, 15673},
		{3, 3, 15235}}},
	catHiragana: {"HIRAGANA", false, true, 2, []morph{
		{1285, 1285, 13069}, {1283, 1283, 20223}, {1293, 1293, 17882}, {1292, 1292, 14761}, {1289, 1289, 18060},
		{1288, 1288, 14787}, {3, 3, 16989}}},
	catKatakana: {"KATAKANA", true, true, 2, []morph{
		{1285, 1285, 9461}, {1293, 1293, 13661}, {1292, 1292, 10922}, {1289, 1289, 13581}, {1288, 1288, 10521},
		{3, 3, 14138}}},
	catKanjiNumeric: {"KANJINUMERIC", true, true, 0, []morph{{1295, 1295, 27473}}},
	catGreek: {"GREEK", true, true, 0, []morph{
		{1285, 1285, 7884}, {1293, 1293, 12681}, {1292, 1292, 8573}, {1289, 1289, 12697}, {1288, 1288, 10029}}},
	catCyrillic: {"CYRILLIC", true, true, 0, []morph{
		{1285, 1285, 7966}, {1293, 1293, 12600}, {1292, 1292, 8492}, {1289, 1289, 12615}, {1288, 1288, 9866}}},
}

// charRange gives the characters low to high a first category, whose rules they follow, and further ones, which only
// count where a run of one kind is sought.
type charRange struct {
	low, high rune
	first     uint8
	further   []uint8
}

// charRanges is the mapping section of char.def, in its order: a later range overrides an earlier one entirely, which
// decides among others the ideographic iteration mark and zero (U+3005, U+3007), and the eth (U+00D0). Read only.
var charRanges = [...]charRange{
	{0x0020, 0x0020, catSpace, nil},
	{0x00d0, 0x00d0, catSpace, nil},
	{0x0009, 0x0009, catSpace, nil},
	{0x000b, 0x000b, catSpace, nil},
	{0x000a, 0x000a, catSpace, nil},

	// ASCII.
	{0x0021, 0x002f, catSymbol, nil},
	{0x0030, 0x0039, catNumeric, nil},
	{0x003a, 0x0040, catSymbol, nil},
	{0x0041, 0x005a, catAlpha, nil},
	{0x005b, 0x0060, catSymbol, nil},
	{0x0061, 0x007a, catAlpha, nil},
	{0x007b, 0x007e, catSymbol, nil},

	// Latin.
	{0x00a1, 0x00bf, catSymbol, nil},
	{0x00c0, 0x00ff, catAlpha, nil},
	{0x0100, 0x017f, catAlpha, nil},
	{0x0180, 0x0236, catAlpha, nil},
	{0x1e00, 0x1ef9, catAlpha, nil},

	// Cyrillic and Greek.
	{0x0400, 0x04f9, catCyrillic, nil},
	{0x0500, 0x050f, catCyrillic, nil},
	{0x0374, 0x03fb, catGreek, nil},

	// Kana.
	{0x3041, 0x309f, catHiragana, nil},
	{0x30a1, 0x30ff, catKatakana, nil},
	{0x31f0, 0x31ff, catKatakana, nil},
	{0x30fc, 0x30fc, catKatakana, nil},
	{0xff66, 0xff9d, catKatakana, nil},
	{0xff9e, 0xff9f, catKatakana, nil},

	// Ideographs.
	{0x2e80, 0x2ef3, catKanji, nil},
	{0x2f00, 0x2fd5, catKanji, nil},
	{0x3005, 0x3005, catKanji, nil},
	{0x3007, 0x3007, catKanji, nil},
	{0x3400, 0x4db5, catKanji, nil},
	{0x4e00, 0x9fa5, catKanji, nil},
	{0xf900, 0xfa2d, catKanji, nil},
	{0xfa30, 0xfa6a, catKanji, nil},

	// Ideographs that are numbers: 一 二 三 四 五 六 七 八 九 十 百 千 万 億 兆.
	{0x4e00, 0x4e00, catKanjiNumeric, []uint8{catKanji}},
	{0x4e8c, 0x4e8c, catKanjiNumeric, []uint8{catKanji}},
	{0x4e09, 0x4e09, catKanjiNumeric, []uint8{catKanji}},
	{0x56db, 0x56db, catKanjiNumeric, []uint8{catKanji}},
	{0x4e94, 0x4e94, catKanjiNumeric, []uint8{catKanji}},
	{0x516d, 0x516d, catKanjiNumeric, []uint8{catKanji}},
	{0x4e03, 0x4e03, catKanjiNumeric, []uint8{catKanji}},
	{0x516b, 0x516b, catKanjiNumeric, []uint8{catKanji}},
	{0x4e5d, 0x4e5d, catKanjiNumeric, []uint8{catKanji}},
	{0x5341, 0x5341, catKanjiNumeric, []uint8{catKanji}},
	{0x767e, 0x767e, catKanjiNumeric, []uint8{catKanji}},
	{0x5343, 0x5343, catKanjiNumeric, []uint8{catKanji}},
	{0x4e07, 0x4e07, catKanjiNumeric, []uint8{catKanji}},
	{0x5104, 0x5104, catKanjiNumeric, []uint8{catKanji}},
	{0x5146, 0x5146, catKanjiNumeric, []uint8{catKanji}},

	// Full-width forms.
	{0xff10, 0xff19, catNumeric, nil},
	{0xff21, 0xff3a, catAlpha, nil},
	{0xff41, 0xff5a, catAlpha, nil},
	{0xff01, 0xff0f, catSymbol, nil},
	{0xff1a, 0xff1f, catSymbol, nil},
	{0xff3b, 0xff40, catSymbol, nil},
	{0xff5b, 0xff65, catSymbol, nil},
	{0xffe0, 0xffef, catSymbol, nil},

	// Other symbols.
	{0x2000, 0x206f, catSymbol, nil},
	{0x2070, 0x209f, catNumeric, nil},
	{0x20a0, 0x20cf, catSymbol, nil},
	{0x20d0, 0x20ff, catSymbol, nil},
	{0x2100, 0x214f, catSymbol, nil},
	{0x2150, 0x218f, catNumeric, nil},
	{0x2100, 0x214b, catSymbol, nil},
	{0x2190, 0x21ff, catSymbol, nil},
	{0x2200, 0x22ff, catSymbol, nil},
	{0x2300, 0x23ff, catSymbol, nil},
	{0x2460, 0x24ff, catSymbol, nil},
	{0x2501, 0x257f, catSymbol, nil},
	{0x2580, 0x259f, catSymbol, nil},
	{0x25a0, 0x25ff, catSymbol, nil},
	{0x2600, 0x26fe, catSymbol, nil},
	{0x2700, 0x27bf, catSymbol, nil},
	{0x27f0, 0x27ff, catSymbol, nil},
	{0x27c0, 0x27ef, catSymbol, nil},
	{0x2800, 0x28ff, catSymbol, nil},
	{0x2900, 0x297f, catSymbol, nil},
	{0x2b00, 0x2bff, catSymbol, nil},
	{0x2a00, 0x2aff, catSymbol, nil},
	{0x3300, 0x33ff, catSymbol, nil},
	{0x3200, 0x32fe, catSymbol, nil},
	{0x3000, 0x303f, catSymbol, nil},
	{0xfe30, 0xfe4f, catSymbol, nil},
	{0xfe50, 0xfe6b, catSymbol, nil},

	// Added to char.def last, and so what holds for the ideographic zero.
	{0x3007, 0x3007, catSymbol, []uint8{catKanjiNumeric}},
}

// charInfo is what MeCab knows of one character: its first category and the set of all its categories.
type charInfo struct {
	kinds uint16
	first uint8
}

// kindOf reports whether two characters share a category.
func (c charInfo) kindOf(d charInfo) bool { return c.kinds&d.kinds != 0 }

// tableSize is the number of UTF-16 code units. MeCab compiles one entry fewer; what it then reads for U+FFFF is the
// zero padding of the mapped file, no category at all, and the zero charInfo stands for that here.
const tableSize = 1 << 16

// charTable maps every code unit to its charInfo.
func charTable() []charInfo {
	table := make([]charInfo, tableSize)
	for i := range table[:tableSize-1] {
		table[i] = charInfo{1 << catDefault, catDefault}
	}
	for _, r := range charRanges {
		info := charInfo{1 << r.first, r.first}
		for _, c := range r.further {
			info.kinds |= 1 << c
		}
		for i := r.low; i <= r.high; i++ {
			table[i] = info
		}
	}
	return table
}

// char returns the category information of the character s begins with and its length in bytes, at least 1. Like
// MeCab it looks at the lead byte only: what is not UTF-8, and everything beyond the basic plane, counts as U+0000.
// s must not be empty.
func (g *Segmenter) char(s string) (info charInfo, size int) {
	switch b := s[0]; {
	case b < 0x80:
		return g.chars[b], 1
	case len(s) >= 2 && b&0xe0 == 0xc0:
		return g.chars[uint16(b&0x1f)<<6|uint16(s[1]&0x3f)], 2
	case len(s) >= 3 && b&0xf0 == 0xe0:
		return g.chars[uint16(b&0x0f)<<12|uint16(s[1]&0x3f)<<6|uint16(s[2]&0x3f)], 3
	case len(s) >= 4 && b&0xf8 == 0xf0:
		return g.chars[0], 4
	case len(s) >= 5 && b&0xfc == 0xf8:
		return g.chars[0], 5
	case len(s) >= 6 && b&0xfe == 0xfc:
		return g.chars[0], 6
	default:
		return g.chars[0], 1
	}
}
