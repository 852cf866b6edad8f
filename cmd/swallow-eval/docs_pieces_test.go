package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// piece is a heading, a paragraph, an item of a list, a table, a block of code or a comment of a page.
type piece struct {
	kind  string
	line  int
	lines []string
}

func (p piece) String() string {
	text := []rune(strings.Join(p.lines, " "))
	if len(text) > 60 {
		text = append(text[:60], '…')
	}
	return fmt.Sprintf("line %d, %s %q", p.line, p.kind, string(text))
}

// digest is that of the text, however its lines are broken.
func (p piece) digest() string {
	sum := sha256.Sum256([]byte(strings.Join(strings.Fields(strings.Join(p.lines, " ")), " ")))
	return hex.EncodeToString(sum[:8])
}

// kindOf says what a line begins or goes on with, "" where nothing.
func kindOf(line, before string, fenced bool) string {
	switch {
	case fenced || fence.MatchString(line):
		return "code"
	case strings.TrimSpace(line) == "":
		return ""
	case strings.HasPrefix(line, "#"):
		return "heading " + line[:strings.IndexByte(line+" ", ' ')]
	case strings.HasPrefix(line, "|"):
		return "table"
	case strings.HasPrefix(line, "<!--"):
		return "comment"
	case strings.HasPrefix(line, "* "):
		return "item"
	case strings.HasPrefix(line, "    ") && (before == "" || before == "code"):
		return "code"
	case before == "item":
		return "item"
	}
	return "paragraph"
}

// pieces cuts a page.
func pieces(page string) []piece {
	var list []piece
	before, fenced, gap := "", false, 0
	for i, line := range strings.Split(page, "\n") {
		kind := kindOf(line, before, fenced)
		if fence.MatchString(line) {
			fenced = !fenced
		}
		switch {
		case kind == "":
			gap++
			if before != "code" { // a block of code may have empty lines
				before = ""
			}
			continue
		case kind == before && !strings.HasPrefix(kind, "heading") && kind != "comment" && !strings.HasPrefix(line, "* "):
			last := &list[len(list)-1]
			last.lines = append(append(last.lines, make([]string, gap)...), line)
		default:
			list = append(list, piece{kind, i + 1, []string{line}})
		}
		before, gap = kind, 0
	}
	return list
}

func readPieces(t *testing.T, page string) []piece {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(page)))
	require.NoError(t, err)
	return pieces(string(b))
}

var (
	anySpan     = regexp.MustCompile("`[^`]+`")
	link        = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	punctuation = regexp.MustCompile(`[^\p{L}\p{N}\p{M}_ -]`)
)

// links are the targets of a text's links.
func links(text string) []string {
	var list []string
	for _, m := range link.FindAllStringSubmatch(anySpan.ReplaceAllString(text, ""), -1) {
		list = append(list, m[1])
	}
	return sorted(list)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}

// anchors are the names that GitHub gives a page's headings.
func anchors(list []piece) []string {
	var names []string
	for _, p := range list {
		if title, ok := strings.CutPrefix(p.kind, "heading "); ok {
			text := strings.ToLower(strings.TrimSpace(strings.TrimPrefix(p.lines[0], title)))
			names = append(names, strings.ReplaceAll(punctuation.ReplaceAllString(text, ""), " ", "-"))
		}
	}
	return names
}

// TestLinksLead: every link of a page to a file or a heading of this repository leads there.
func TestLinksLead(t *testing.T) {
	followed := 0
	for _, page := range pages(t) {
		for _, p := range readPieces(t, page) {
			if p.kind == "code" {
				continue
			}
			for _, target := range links(strings.Join(p.lines, " ")) {
				if strings.Contains(target, "://") {
					continue
				}
				followed++
				file, anchor, _ := strings.Cut(target, "#")
				to := page
				if file != "" {
					to = path.Join(path.Dir(page), file)
				}
				_, err := os.Stat(filepath.Join("..", "..", filepath.FromSlash(to)))
				if assert.NoError(t, err, "%s %s", page, p) && anchor != "" {
					assert.Contains(t, anchors(readPieces(t, to)), anchor, "%s %s", page, p)
				}
			}
		}
	}
	require.Greater(t, followed, 30)
}
