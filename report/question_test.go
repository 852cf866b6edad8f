package report

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/internal/shared"
)

// The question begins behind the examples, whatever separates them.
func TestQuestionAt(t *testing.T) {
	for _, c := range []struct {
		prompt, want string
		shots        int
	}{
		{"Q: a?\nA: b\n\nQ: c?\nA:", "Q: c?\nA:", 1},
		{"Q: a?\nA: b\nQ: c?\nA:", "Q: c?\nA:", 1},
		{"言う。\n\n### 入力:\nあ\n\n### 応答:\n一\n\n### 入力:\nい\n\nう\n\n### 応答:\n", "### 入力:\nい\n\nう\n\n### 応答:\n", 1},
		{"a cat sits\n\na dog\n\na bird flies and", "a bird flies and", 2},
		{"Q: c?\n\nText.\nA:", "Q: c?\n\nText.\nA:", 0},
		{"one line", "one line", 3},
		{"", "", 1},
	} {
		assert.Equal(t, c.want, c.prompt[questionAt(c.prompt, c.shots):], c.prompt)
	}
}

// Prompts of the reference's own making: what is found begins as the task's questions do and holds one cue alone.
func TestQuestionAtOfReferencePrompts(t *testing.T) {
	for name, want := range map[string]struct {
		start string
		cue   string
	}{
		"gsm8k": {"Question: ", "\nAnswer:"}, "triviaqa": {"Question: ", "\nAnswer:"}, "squad2": {"Title: ", "\nAnswer:"},
		"mgsm": {"問題：", "ステップごとの答え："}, "wmt20-en-ja": {"English phrase: ", "Japanese phrase:"}, "wmt20-ja-en": {"Japanese phrase: ", "English phrase:"},
		"jcommonsenseqa": {"### 入力", "### 回答"}, "jemhopqa": {"### 入力", "### 回答"}, "niilc": {"### 入力", "### 回答"}, "jsquad": {"### 入力", "### 回答"},
		"xlsum_synthetic": {"ニュース記事:", "要約:"}, "hellaswag": {"", ""}, "openbookqa": {"", ""}, "xwino": {"", ""},
	} {
		for _, line := range shared.Lines(t, "goldens/prompts/"+name+".jsonl.gz") {
			var r struct {
				Shots    int
				Prompt   string
				Requests []struct{ Context string }
			}
			require.NoError(t, json.Unmarshal(line, &r), name)
			if r.Prompt == "" {
				r.Prompt = r.Requests[0].Context
			}
			if r.Shots == 0 {
				require.Zero(t, questionAt(r.Prompt, 0), name)
				continue
			}
			got := r.Prompt[questionAt(r.Prompt, r.Shots):]
			require.True(t, strings.HasPrefix(got, want.start), "%s: %.80q", name, got)
			require.NotEmpty(t, strings.TrimSpace(got), name)
			if want.cue == "" {
				require.NotContains(t, strings.TrimSpace(got), "\n\n", name)
				continue
			}
			require.Equal(t, 1, strings.Count("\n"+got, want.cue), "%s: %.200q", name, got)
		}
	}
}

// Places are counted as the page counts them, whatever characters stand before.
func TestUnitsAreThoseOfThePage(t *testing.T) {
	for _, s := range []string{"", "abc", "日本語", "😀a\U0001d11e", "\ufffd"} {
		assert.Equal(t, len(utf16.Encode([]rune(s))), units(s), "%q", s)
	}
}
