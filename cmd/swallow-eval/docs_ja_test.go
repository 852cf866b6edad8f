package main

import (
	"flag"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var updateJA = flag.Bool("update-ja", false, "record that the Japanese pages say what the English ones say now")

// translated are the pages that exist in Japanese, too: README.md as README.ja.md.
func translated() []string { return []string{"README.md", "docs/protocol.md", "docs/compare.md"} }

func japanese(page string) string { return strings.TrimSuffix(page, ".md") + ".ja.md" }

// translations holds, for every piece of a page that is not the same in both languages, a line: the page, and the digests
// of the piece and of its translation when somebody last held them side by side.
const translations = "testdata/japanese.txt"

var (
	digits   = regexp.MustCompile(`[0-9]+`)
	letters  = regexp.MustCompile(`\p{L}`)
	explains = regexp.MustCompile(`   +.*$`)
)

// spans are the texts in code, numbers the runs of digits outside those and the targets of links.
func spans(text string) []string { return sorted(anySpan.FindAllString(text, -1)) }

func numbers(text string) []string {
	return digits.FindAllString(link.ReplaceAllString(anySpan.ReplaceAllString(text, ""), ""), -1)
}

// lacking returns what b has not of a.
func lacking(a, b []string) []string {
	left, missing := slices.Clone(b), []string(nil)
	for _, x := range a {
		if i := slices.Index(left, x); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			missing = append(missing, x)
		}
	}
	return missing
}

// inJapanese are the links that a translation has for an English page's.
func inJapanese(targets []string, page string) []string {
	var list []string
	for _, target := range targets {
		file, anchor, _ := strings.Cut(target, "#")
		if slices.Contains(translated(), path.Join(path.Dir(page), file)) {
			file = japanese(file)
			anchor = "" // headings have other words there
		}
		if anchor != "" {
			file += "#" + anchor
		}
		list = append(list, file)
	}
	return sorted(list)
}

// cells are those of a row of a table.
func cells(row string) []string {
	return strings.Split(strings.Trim(strings.TrimSpace(row), "|"), "|")
}

// differ says in what a text and its translation differ of that which is the same in any language.
func differ(page, en, ja string) []string {
	var list []string
	if a, b := spans(en), spans(ja); !slices.Equal(a, b) {
		list = append(list, fmt.Sprintf("code: lacks %v, has beyond that %v", lacking(a, b), lacking(b, a)))
	}
	if a, b := inJapanese(links(en), page), links(ja); !slices.Equal(a, b) {
		list = append(list, fmt.Sprintf("links are %v, want %v", b, a))
	}
	if missing := lacking(numbers(en), numbers(ja)); missing != nil {
		list = append(list, fmt.Sprintf("lacks the numbers %v", missing))
	}
	return list
}

// differTables compares two tables cell by cell.
func differTables(page string, en, ja piece) []string {
	if len(en.lines) != len(ja.lines) {
		return []string{fmt.Sprintf("has %d rows, want %d", len(ja.lines), len(en.lines))}
	}
	var list []string
	for i, row := range en.lines {
		a, b := cells(row), cells(ja.lines[i])
		if len(a) != len(b) {
			list = append(list, fmt.Sprintf("row %d has %d cells, want %d", i, len(b), len(a)))
			continue
		}
		for k := range a {
			for _, d := range differ(page, a[k], b[k]) {
				list = append(list, fmt.Sprintf("row %d, cell %d: %s", i, k+1, d))
			}
			if !letters.MatchString(a[k]) && strings.TrimSpace(a[k]) != strings.TrimSpace(b[k]) {
				list = append(list, fmt.Sprintf("row %d, cell %d is %q, want %q", i, k+1, b[k], a[k]))
			}
		}
	}
	return list
}

// differCode compares two blocks of code line by line; what explains a command, behind three spaces, may be translated.
func differCode(en, ja piece) []string {
	if len(en.lines) != len(ja.lines) {
		return []string{fmt.Sprintf("has %d lines, want %d", len(ja.lines), len(en.lines))}
	}
	var list []string
	for i, a := range en.lines {
		b := ja.lines[i]
		if name := programName.FindString(strings.TrimSpace(a)); name != "" {
			a, b = explains.ReplaceAllString(strings.TrimSpace(a), ""), explains.ReplaceAllString(strings.TrimSpace(b), "")
		}
		if a != b {
			list = append(list, fmt.Sprintf("has %q, want %q", b, a))
		}
	}
	return list
}

// compareLanguages says where a page and its translation differ, piece by piece.
func compareLanguages(page string, en, ja []piece) []string {
	var list []string
	for i, p := range en {
		if i == len(ja) {
			return append(list, fmt.Sprintf("%s ends before %s %s", japanese(page), page, p))
		}
		if p.kind != ja[i].kind {
			return append(list, fmt.Sprintf("%s %s stands where %s has %s", japanese(page), ja[i], page, p))
		}
		var found []string
		switch text := strings.Join(p.lines, " "); {
		case i == 1: // the other language
			if want := "[日本語](" + path.Base(japanese(page)) + ")"; text != want {
				found = append(found, "English: is not "+want)
			}
			if want := "[English](" + path.Base(page) + ")"; strings.Join(ja[i].lines, " ") != want {
				found = append(found, "is not "+want)
			}
		case p.kind == "code":
			found = differCode(p, ja[i])
		case p.kind == "table":
			found = differTables(page, p, ja[i])
		case p.kind == "comment":
			if !slices.Equal(p.lines, ja[i].lines) {
				found = append(found, "is another comment")
			}
		default:
			found = differ(page, text, strings.Join(ja[i].lines, " "))
		}
		for _, d := range found {
			list = append(list, fmt.Sprintf("%s %s, for %s %s: %s", japanese(page), ja[i], page, p, d))
		}
	}
	if len(ja) > len(en) {
		list = append(list, fmt.Sprintf("%s has %s beyond %s", japanese(page), ja[len(en)], page))
	}
	return list
}

// TestJapanesePages holds the pages in both languages equal: the same headings, paragraphs, lists, commands, tables, numbers
// and links, and of every piece a translation that was made, or looked at, when the piece had the words that it has.
func TestJapanesePages(t *testing.T) {
	content, err := os.ReadFile(translations)
	if !*updateJA {
		require.NoError(t, err)
	}
	recorded := strings.Split(string(content), "\n")
	has := func(parts ...string) bool {
		return slices.ContainsFunc(recorded, func(line string) bool {
			f := strings.Fields(line)
			return len(f) == 3 && f[0] == parts[0] && (parts[1] == "" || f[1] == parts[1]) && (parts[2] == "" || f[2] == parts[2])
		})
	}
	var file strings.Builder
	for _, page := range translated() {
		en, ja := readPieces(t, page), readPieces(t, japanese(page))
		require.Greater(t, len(en), 20)
		problems := compareLanguages(page, en, ja)
		for _, p := range problems {
			t.Error(p)
		}
		for i := 0; i < len(en) && len(problems) == 0; i++ {
			a, b := en[i].digest(), ja[i].digest()
			if a == b {
				continue
			}
			fmt.Fprintln(&file, page, a, b)
			switch {
			case *updateJA || has(page, a, b):
			case has(page, "", b):
				t.Errorf("%s %s has changed, but not %s %s: translate it, then go test ./cmd/swallow-eval -run TestJapanesePages -update-ja", page, en[i], japanese(page), ja[i])
			default:
				t.Errorf("%s %s has changed: hold it beside %s %s, then go test ./cmd/swallow-eval -run TestJapanesePages -update-ja", japanese(page), ja[i], page, en[i])
			}
		}
	}
	if *updateJA && !t.Failed() {
		require.NoError(t, os.WriteFile(translations, []byte(file.String()), 0o644))
	}
}

// TestJapanesePagesBite changes one thing at a time in a page, and wants it named.
func TestJapanesePagesBite(t *testing.T) {
	const en = "# A\n\n[日本語](compare.ja.md)\n\nSee [the protocol](protocol.md) and `run`, 12.5 %.\n\n" +
		"    swallow-eval run   does it\n    1 2\n\n| a | b |\n|---|---|\n| `x` | 0.5 |\n| word | 7 words |\n\n<!-- c -->\n\n* one\n  goes on\n* two 2\n\n## B\n\nEnd.\n"
	const ja = "# あ\n\n[English](compare.md)\n\n[プロトコル](protocol.ja.md)と`run`を参照、12.5 %。\n\n" +
		"    swallow-eval run      する\n    1 2\n\n| い | う |\n|---|---|\n| `x` | 0.5 |\n| 語 | 7 語 |\n\n<!-- c -->\n\n* 一\n* 二 2\n\n## え\n\n終わり。\n"
	const page = "docs/compare.md"
	require.Empty(t, compareLanguages(page, pieces(en), pieces(ja)))
	for _, c := range []struct{ old, changed, want string }{
		{"protocol.ja.md", "protocol.md", "links are [protocol.md], want [protocol.ja.md]"},
		{"`run`を", "`runs`を", "code: lacks [`run`]"},
		{"12.5", "12.6", "lacks the numbers [5]"},
		{"eval run  ", "eval score  ", `has "swallow-eval score", want "swallow-eval run"`},
		{"    1 2", "    1 3", `has "    1 3", want "    1 2"`},
		{"    1 2\n", "", "has 1 lines, want 2"},
		{"0.5", "0.50", `row 2, cell 2 is " 0.50 ", want " 0.5 "`},
		{"7 語", "8 語", "row 3, cell 2: lacks the numbers [7]"},
		{"| 語 | 7 語 |\n", "", "has 3 rows, want 4"},
		{"| 語 |", "|", "row 3 has 1 cells, want 2"},
		{"<!-- c -->", "<!-- d -->", "is another comment"},
		{"* 一\n", "", `line 19, heading ## "## え" stands where docs/compare.md has line 19, item`},
		{"## え", "### え", `heading ### "### え" stands where`},
		{"\n終わり。\n", "", "ends before docs/compare.md line 23, paragraph"},
		{"終わり。\n", "終わり。\n\nまだ。\n", "beyond docs/compare.md"},
		{"[English](compare.md)", "[English](README.md)", "is not [English](compare.md)"},
	} {
		require.Contains(t, ja, c.old)
		found := compareLanguages(page, pieces(en), pieces(strings.Replace(ja, c.old, c.changed, 1)))
		assert.Contains(t, strings.Join(found, "\n"), c.want, "%q", c.changed)
	}
	first, second := pieces(en)[2].digest(), pieces(strings.Replace(en, "See", "Look at", 1))[2].digest()
	assert.NotEqual(t, first, second, "other words are another piece")
	assert.Equal(t, first, pieces(strings.Replace(en, "See ", "See\n", 1))[2].digest(), "other lines are not")
}
