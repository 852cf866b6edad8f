package report

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/compare"
	"github.com/swallow-eval/swallow-eval/results"
)

// TestInChromium opens pages in a browser, as their readers do.
func TestInChromium(t *testing.T) {
	ctx := chromium(t)
	for _, c := range []struct {
		name string
		test func(*testing.T, context.Context)
	}{
		{"click path", clickPath},
		{"address", theAddressNamesAView},
		{"hostile output", hostileOutput},
		{"hidden characters", hiddenCharacters},
		{"tokens", tokens},
		{"reader", languageAndThemeOfTheReader},
		{"question and slices", questionAndSlices},
		{"subjects", subjectsOfATask},
		{"narrow", narrowWindow},
		{"trend", trendInThePage},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, ctx) })
	}
}

// subjectsOfATask are the manifests' numbers of a benchmark's parts, beside each other; a task without parts has no such table.
func subjectsOfATask(t *testing.T, chromium context.Context) {
	runs := pair(t, 20)
	part := func(name string, n int, value float64) results.Subject {
		return results.Subject{Name: name, N: n, Value: results.Value{Metric: "acc", Value: value, Max: 1}}
	}
	runs[0].Run.Scores[0].Subjects = []results.Subject{part("anatomy", 12, 0.25), part("virology", 8, 0.5)}
	runs[1].Run.Scores[0].Subjects = []results.Subject{part("anatomy", 12, 0.75), part("<b>bold</b>", 8, 1)}
	b := open(t, chromium, writePage(t, madeOptions(2), runs...))
	b.choose("#task-choice", runs[0].Run.Scores[1].Task)
	b.until(`document.querySelector("#task-panel .card") !== null`)
	assert.EqualValues(t, 0, b.eval(`document.querySelectorAll("table.subjects").length`))
	b.choose("#task-choice", runs[0].Run.Scores[0].Task)
	b.until(`document.querySelector("table.subjects") !== null`)
	rows := `[...document.querySelectorAll("table.subjects tbody tr")].map((r) => [...r.children].map((c) => c.textContent).join(" ")).join("; ")`
	assert.Equal(t, "<b>bold</b> — — 8 1.0000; anatomy 12 0.2500 12 0.7500; virology 8 0.5000 — —", b.eval(rows))
	head := `document.querySelector("table.subjects").closest("details").querySelector("summary").textContent`
	assert.Equal(t, "By subject: 3", b.eval(head))
	b.eval(`document.getElementById("language").click()`)
	b.until(`document.querySelector("table.subjects") !== null && ` + head + ` === "科目別: 3"`)
}

// clickPath does what a reader does, with the mouse and with the keyboard.
func clickPath(t *testing.T, chromium context.Context) {
	runs := pair(t, 60)
	b := open(t, chromium, writePage(t, madeOptions(2), runs...))
	lost := 0
	for _, c := range mustCompare(t, runs).Tasks {
		lost += c.Lost
	}
	require.Positive(t, lost)
	assert.Equal(t, fmt.Sprintf("%d of %d documents", 14*60, 14*60), b.text("#search-status"))

	// The charts are there, with as many marks as the published table has numbers.
	assert.EqualValues(t, 14*10, b.eval(`document.querySelectorAll("#published figure [aria-label=dot] circle").length`))
	assert.EqualValues(t, 3, b.eval(`document.querySelectorAll("#chart-published-ja svg, #chart-published-en svg, #chart-forest svg").length`))

	// Filter lost documents, as the table's own count says.
	b.choose("#filter-outcome", "lost:0")
	b.until(fmt.Sprintf(`document.getElementById("search-status").innerText === "%d of %d documents"`, lost, 14*60))
	assert.Equal(t, "lost", b.text(".row .outcome"))

	// Search: full-width digits find what was written in half-width ones.
	b.choose("#filter-outcome", "all")
	question := runs[0].Samples["jcommonsenseqa"][7].Target
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + '０'
		}
		return -1
	}, question)
	b.slash()
	assert.Equal(t, "filter-text", b.eval("document.activeElement.id"))
	b.run(chromedp.SendKeys(chromedp.CSS("#filter-text"), digits))
	b.until(fmt.Sprintf(`decodeURIComponent(location.hash).includes("text=%s") && /^[1-9]\d? of/.test(document.getElementById("search-status").innerText)`, digits))

	// Enter moves to the list, the arrow chooses a document, Enter reads it, Escape returns.
	b.keys(kb.Enter)
	assert.Equal(t, "list", b.eval("document.activeElement.id"))
	b.keys(kb.ArrowDown)
	b.until(`document.querySelector("#detail h3") !== null`)
	assert.Contains(t, b.text("#detail"), question)
	assert.Contains(t, b.text("#detail .prompt"), "大岡山の倉庫")
	assert.Equal(t, b.eval(`document.querySelector('[aria-selected="true"]').id`), b.eval(`document.getElementById("list").getAttribute("aria-activedescendant")`))
	b.keys(kb.Enter)
	assert.Equal(t, "detail", b.eval("document.activeElement.id"))
	b.keys(kb.Escape)
	assert.Equal(t, "list", b.eval("document.activeElement.id"))

	// The address leads back here.
	assert.Contains(t, b.eval("location.hash"), "doc=jcommonsenseqa")

	// Without a search the keys go through all documents.
	b.eval(`(() => { const e = document.getElementById("filter-text"); e.value = ""; e.dispatchEvent(new Event("input")) })()`)
	b.until(fmt.Sprintf(`document.getElementById("search-status").innerText.startsWith("%d ")`, 14*60))
	b.keys(kb.End)
	b.until(`location.hash.includes("doc=gsm8k%2F59")`)
	b.keys(kb.Home, kb.PageDown, kb.ArrowUp)
	b.until(`location.hash.includes("doc=jcommonsenseqa")`)
	assert.Equal(t, float64(14*60), b.eval(`Number(document.querySelector(".row").getAttribute("aria-setsize"))`))

	// Several requests of one document.
	b.choose("#task-choice", "hellaswag")
	b.until(`document.querySelector("#task-panel .card") !== null && document.getElementById("search-status").innerText.startsWith("60 of")`)
	assert.Contains(t, b.text("#task-panel"), "Signature")
	b.run(chromedp.Focus(chromedp.CSS("#list")))
	b.keys(kb.Home)
	b.until(`document.querySelector("#detail h3")?.innerText.startsWith("HellaSwag")`)
	b.run(chromedp.Click(chromedp.CSS("#request-next")))
	assert.Contains(t, b.text("#detail .prompttools"), "request 2 of 4")
	assert.Equal(t, "request-next", b.eval("document.activeElement.id"))

	// The language changes every word, also those made since, and what is shown stays.
	before := b.eval("location.hash")
	b.run(chromedp.Click(chromedp.CSS("#language")))
	assert.Equal(t, "ja", b.eval("document.documentElement.lang"))
	for selector, want := range map[string]string{
		"#scores h2": "スコア", "#detail": "モデルに入力されたプロンプト", "#chart-forest svg": "差（ポイント）", "#task-panel": "シグネチャ", "#search-status": "840件中60件", "#compared-table": "判定", "#list": "正解",
	} {
		got, ok := b.eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); return e.innerText ?? e.textContent })()`, selector)).(string)
		require.True(t, ok, selector)
		if selector == "#list" {
			continue // marks are signs; their meaning is a title
		}
		assert.Contains(t, got, want, selector)
	}
	assert.Equal(t, before, b.eval("location.hash"))
	assert.Equal(t, []any{}, b.eval(`[...document.querySelectorAll("[data-word]")].filter((e) => /^[a-z ]{6,}$/i.test(e.textContent)).map((e) => e.dataset.word).filter((w) => !["published.llama","published.swallow","method.wilson","method.student"].includes(w))`),
		"words that stayed English")

	// Dark and light.
	background := b.eval(`getComputedStyle(document.body).backgroundColor`)
	b.run(chromedp.Click(chromedp.CSS("#theme")))
	assert.Equal(t, "dark", b.eval("document.documentElement.dataset.theme"))
	assert.NotEqual(t, background, b.eval(`getComputedStyle(document.body).backgroundColor`))
	assert.Equal(t, "true", b.eval(`document.getElementById("theme").getAttribute("aria-pressed")`))

	// A count in the comparison leads to its documents.
	b.run(chromedp.Click(chromedp.CSS("#compared-table button.link")))
	b.until(`document.getElementById("filter-outcome").value.match(/^(lost|won):0$/) !== null && location.hash.includes("task=")`)
	b.quiet()
}

func mustCompare(t testing.TB, runs []compare.RunData) compare.Comparison {
	t.Helper()
	p, err := compare.Pair(runs[0], runs[1])
	require.NoError(t, err)
	c, err := compare.Compare(p, compare.Defaults(findMetric))
	require.NoError(t, err)
	return c
}

// questionAndSlices reads a document's question before anything else, finds the right choice marked, and goes from a slice
// to its documents.
func questionAndSlices(t *testing.T, chromium context.Context) {
	runs := pair(t, 60)
	b := open(t, chromium, writePage(t, madeOptions(2), runs...)+"#task=hellaswag&doc=hellaswag%2F7")
	b.until(`document.querySelector("#detail h4") !== null`)
	assert.Equal(t, "Question", b.eval(`document.querySelector("#detail h4").innerText`))
	prompt := runs[0].Samples["hellaswag"][7].Exchanges[0].Prompt
	question := strings.TrimSpace(prompt[strings.LastIndex(strings.TrimSpace(prompt), "\n\n"):])
	assert.Equal(t, question, b.eval(`document.querySelector("#detail pre").textContent`))
	assert.Equal(t, "✓ right", b.text("#detail .choices li:first-child .mark.right"))
	assert.EqualValues(t, 1, b.eval(`document.querySelectorAll("#detail .choices .right .mark").length`))
	assert.EqualValues(t, 2, b.eval(`document.querySelectorAll("#detail .choices .letter").length`), "either run chose one")

	b.choose("#task-choice", "jsquad")
	b.until(`document.querySelectorAll("#task-panel .slices").length > 0`)
	clusters := map[string]int{}
	for _, s := range runs[0].Samples["jsquad"] {
		if s.Cluster != "" {
			clusters[s.Cluster]++
		}
	}
	require.Len(t, clusters, 2)
	assert.Contains(t, b.text("#task-panel .slicetables"), fmt.Sprintf("2 of %d clusters", len(clusters)))
	b.eval(`[...document.querySelectorAll("#task-panel .slices button")].find((e) => e.innerText === "article 1").click()`)
	b.until(fmt.Sprintf(`document.getElementById("search-status").innerText.startsWith("%d of")`, clusters["article 1"]))
	assert.Equal(t, "a slice of JSQuAD", b.eval(`document.querySelector("#filter-outcome option:checked").innerText`))
	// Questions by length: every document of the task is in one of the slices.
	b.choose("#task-choice", "xlsum")
	b.until(`location.hash.includes("task=xlsum")`)
	b.quiet()
}

// narrowWindow looks at what must be seen without scrolling sideways: the verdicts, and that an answer differs.
func narrowWindow(t *testing.T, chromium context.Context) {
	runs := pair(t, 60)
	b := open(t, chromium, writePage(t, madeOptions(2), runs...))
	for _, width := range []int64{1300, 820, 400} {
		b.run(chromedp.EmulateViewport(width, 900))
		hidden := fmt.Sprintf(`[...document.querySelectorAll("#scores td .verdict, #compared-table .verdict")].filter((e) => !e.closest("td").matches(":nth-child(2)") ? false : e.getBoundingClientRect().right > %d || e.getBoundingClientRect().width === 0).length`, width)
		assert.EqualValues(t, 0, b.eval(hidden), "verdicts hidden at %d pixels", width)
		assert.EqualValues(t, 28, b.eval(`document.querySelectorAll("#scores td:nth-child(2) .verdict, #compared-table td:nth-child(2) .verdict").length`))
		b.choose("#filter-outcome", "changed:0")
		b.choose("#task-choice", "jemhopqa")
		b.until(`document.querySelectorAll("#list .outcome").length > 3`)
		assert.EqualValues(t, 0, b.eval(`[...document.querySelectorAll("#list .outcome")].filter((e) => { const box = e.closest(".row").getBoundingClientRect(), own = e.getBoundingClientRect(); return own.right > box.right || own.left < box.left || e.scrollWidth > e.clientWidth + 1 }).length`),
			"labels cut at %d pixels", width)
	}
	b.quiet()
}

// theAddressNamesAView opens a page at a view that somebody linked to, and at nonsense.
func theAddressNamesAView(t *testing.T, chromium context.Context) {
	file := writePage(t, madeOptions(2), pair(t, 20)...)
	b := open(t, chromium, file+"#task=niilc&show=lost%3A0&sort=loss&doc=niilc%2F3")
	assert.Equal(t, []any{"niilc", "lost:0", "loss"}, b.eval(`["task-choice", "filter-outcome", "filter-sort"].map((id) => document.getElementById(id).value)`))
	b.until(`document.querySelector("#detail h3")?.innerText.includes("100003")`)
	b.quiet()
	// With three runs there are two comparisons to choose from.
	runs := append(pair(t, 20), made{digest: "3c", documents: 20, tasks: []string{"niilc", "mgsm"}}.run(t, "results/third"))
	b = open(t, chromium, writePage(t, madeOptions(3), runs...)+"#comparison=1&task=mgsm")
	assert.Equal(t, "1", b.eval(`document.getElementById("comparison").value`))
	assert.Contains(t, b.text("#compared-table"), "Only in run A: jcommonsenseqa, jemhopqa, jsquad")
	assert.Contains(t, b.text("#task-panel"), "lost by C")
	b.choose("#comparison", "0")
	assert.NotContains(t, b.text("#compared-table"), "Only in run A")
	b.quiet()
	for _, nonsense := range []string{"#task=nowhere&doc=x%2F9&show=lost%3A7", "#doc=niilc%2F99999&comparison=5", "#=&&task"} {
		b := open(t, chromium, file+nonsense)
		assert.Equal(t, "Choose a document.", b.text("#detail"), nonsense)
		b.quiet()
	}
}

// hostileOutput puts everything a model could say into the page and looks at what becomes of it.
func hostileOutput(t *testing.T, chromium context.Context) {
	runs := pair(t, 20)
	for _, r := range runs {
		for i := range r.Samples["niilc"] {
			s := &r.Samples["niilc"][i]
			s.DocID, _ = json.Marshal(fmt.Sprint(hostile, i))
			s.Exchanges[0].Prompt += hostile
			s.Exchanges[0].Finish, s.Exchanges[0].Protocol, s.Exchanges[0].Until = hostile, hostile, []string{hostile}
			s.Target, s.Targets, s.Choices, s.Fault = hostile, []string{hostile}, []string{hostile}, hostile
		}
	}
	for k := range runs {
		r := &runs[k]
		r.Name = hostile
		r.Run.Model.Name, r.Run.Limit, r.Run.Tool.Version = hostile, hostile, hostile
		for i := range r.Run.Scores {
			s := &r.Run.Scores[i]
			if s.Task == "niilc" {
				s.Title, s.Protocol, s.Cuts.Fault, s.Cuts.FaultDocs, s.Data[0].Path = hostile, hostile, hostile, 3, hostile
			}
		}
	}
	runs[1].Run.Scores[1].Hole, runs[1].Run.Scores[1].Values = hostile, nil
	o := madeOptions(2)
	o.Rows = nil
	b := open(t, chromium, writePage(t, o, runs...))
	b.choose("#task-choice", "niilc")
	b.until(`document.querySelectorAll("#list .row").length > 3`)
	b.run(chromedp.Focus(chromedp.CSS("#list")))
	b.keys(kb.Home, kb.ArrowDown)
	b.until(`document.querySelector("#detail h3") !== null`)
	assert.Contains(t, b.text("#detail"), `<img src=x onerror="window.pwned=2">`)
	assert.Contains(t, b.text("#detail"), `\u001b[31mred\u001b]52;c;aGk=\u0007\u202egnp.exe\u2066\u200b\u0085`)
	b.run(chromedp.Click(chromedp.CSS("#language")), chromedp.Click(chromedp.CSS("#theme")))
	assert.Nil(t, b.eval("window.pwned ?? null"))
	assert.EqualValues(t, 0, b.eval(`document.querySelectorAll("img, iframe, object, b, [onerror], [onclick], [href^=javascript]").length`))
	// No character without a shape of its own is anywhere in what is shown; innerText puts tabs between cells.
	assert.Equal(t, "", b.eval(`[...document.body.innerText + document.title].filter((c) => c !== "\n" && c !== "\t" && /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]/u.test(c)).map((c) => c.codePointAt(0).toString(16)).join()`))
	b.quiet()
	// Even a script that got into the page would not run.
	assert.Equal(t, "refused", b.eval(`(() => { try { document.body.innerHTML += "<b>"; return "done" } catch { return "refused" } })()`))
	assert.Equal(t, "refused", b.eval(`(() => { try { document.body.setAttribute("onclick", "window.pwned = 9"); return "done" } catch { return "refused" } })()`))
	assert.Nil(t, b.eval("window.pwned ?? null"))
}

// hiddenCharacters compares what the page writes out with what internal/textsafe does, over all of Unicode. The
// browser may know newer characters.
func hiddenCharacters(t *testing.T, chromium context.Context) {
	b := open(t, chromium, writePage(t, madeOptions(1), made{digest: "1a", documents: 2, tasks: []string{"mgsm"}}.run(t, "a")))
	list, ok := b.eval(`(() => { const out = []; for (let c = 0; c <= 0x10ffff; c++) if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u.test(String.fromCodePoint(c))) out.push(c); return out })()`).([]any)
	require.True(t, ok)
	escaped := map[rune]bool{}
	for _, c := range list {
		escaped[rune(c.(float64))] = true
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) && !escaped[r] {
			assert.Fail(t, "not hidden in the page", "%U", r)
		}
	}
	assert.Contains(t, asset("app/text.js"), `/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu`, "the page's own class is the one compared here")
}

// languageAndThemeOfTheReader opens the page for a Japanese reader in the dark.
func languageAndThemeOfTheReader(t *testing.T, chromium context.Context) {
	b := open(t, chromium, writePage(t, madeOptions(2), pair(t, 10)...), func(b *browser) {
		_, err := chromedp.Call(b.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "test", AcceptLanguage: "ja"})
		require.NoError(t, err)
		_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}})
		require.NoError(t, err)
	})
	require.Equal(t, "ja", b.eval("navigator.language"))
	assert.Equal(t, "ja", b.eval("document.documentElement.lang"))
	assert.Equal(t, "dark", b.eval("document.documentElement.dataset.theme"))
	assert.Equal(t, "スコア", b.text("#scores h2"))
	b.quiet()
}

// madeTokens are tokens of one to five bytes, which share characters. It is a Tokens.
type madeTokens struct{}

func (madeTokens) Of(_ results.Run, task string, x results.Exchange) (*TokenView, error) {
	v := &TokenView{Text: " " + x.Prompt + x.Continuation, Dropped: x.Dropped}
	if task == "niilc" {
		v.Text = "other" + v.Text
	}
	for rest := len(v.Text); rest > 0; {
		n := min(rest, 1+(7*rest)%5)
		v.Lengths = append(v.Lengths, n)
		rest -= n
	}
	v.ScoredFrom = len(v.Lengths)
	if x.Continuation != "" {
		v.ScoredFrom -= 3
	}
	return v, nil
}

// loneBytes turns bytes that the page writes out into bytes.
func loneBytes(s string) string {
	return regexp.MustCompile(`\\x[0-9a-f]{2}`).ReplaceAllStringFunc(s, func(e string) string {
		b, err := hex.DecodeString(e[2:])
		if err != nil {
			return e
		}
		return string(b)
	})
}

// tokens looks at prompts whose tokens are known.
func tokens(t *testing.T, chromium context.Context) {
	runs := pair(t, 20)
	o := madeOptions(2)
	o.Tokens = madeTokens{}
	b := open(t, chromium, writePage(t, o, runs...))
	for _, c := range []struct{ task, before string }{{"jsquad", " "}, {"niilc", "other "}, {"hellaswag", " "}} {
		b.choose("#task-choice", c.task)
		b.run(chromedp.Focus(chromedp.CSS("#list")))
		b.keys(kb.Home, kb.ArrowDown, kb.ArrowDown, kb.ArrowDown)
		b.until(fmt.Sprintf(`location.hash.includes("doc=%s%%2F3") && document.querySelector("#detail h3")?.innerText.includes("100003")`, c.task))
		x := runs[0].Samples[c.task][3].Exchanges[0]
		shown, ok := b.eval(`[...document.querySelectorAll("#detail .token")].map((e) => e.textContent.replaceAll("↵\n", "\n")).join("")`).(string)
		require.True(t, ok)
		assert.Equal(t, c.before+x.Prompt+x.Continuation, loneBytes(shown), c.task)
		assert.NotZero(t, b.eval(`document.querySelectorAll("#detail .token.bytes").length`))
		v, err := madeTokens{}.Of(results.Run{}, c.task, x)
		require.NoError(t, err)
		gone := 0
		for _, n := range v.Lengths[:v.Dropped] {
			gone += n
		}
		assert.Contains(t, b.text("#detail .prompt"), fmt.Sprintf("%d tokens dropped", x.Dropped))
		dropped, ok := b.eval(`document.querySelector("#detail .dropped").textContent.replaceAll("↵\n", "\n")`).(string)
		require.True(t, ok)
		assert.Len(t, loneBytes(dropped), gone, "what is cut is cut to the byte")
		assert.Equal(t, x.Continuation != "", b.eval(`document.querySelector("#detail .scored") !== null`))
		// Without boundaries the text is the same.
		b.run(chromedp.Click(chromedp.CSS(".prompttools input")))
		assert.EqualValues(t, 0, b.eval(`document.querySelectorAll("#detail .token").length`))
		assert.Contains(t, b.text("#detail .prompt"), fmt.Sprintf("%d tokens dropped", x.Dropped))
		b.run(chromedp.Click(chromedp.CSS(".prompttools input")))
	}
	b.quiet()
}

// TestScreenshots leaves pictures of the page in the folder that SWALLOW_EVAL_SHOTS names, for a person to look at.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SWALLOW_EVAL_SHOTS")
	if dir == "" {
		t.Skip("SWALLOW_EVAL_SHOTS names no folder for pictures")
	}
	o := madeOptions(2)
	o.Tokens = madeTokens{}
	b := open(t, chromium(t), writePage(t, o, pair(t, 0)...))
	places := []string{"top", "scores", "published", "compared", "task", "samples"}
	views := func(prefix string) {
		for _, id := range places {
			if id == "top" {
				b.eval("scrollTo(0, 0)")
			} else {
				b.eval(fmt.Sprintf("document.getElementById(%q).scrollIntoView()", id))
			}
			b.shot(dir, prefix+"-"+id)
		}
	}
	b.choose("#task-choice", "jsquad")
	b.choose("#filter-outcome", "lost:0")
	b.until(`document.querySelectorAll("#list .row").length > 3`)
	b.run(chromedp.Focus(chromedp.CSS("#list")))
	b.keys(kb.Home)
	b.until(`document.querySelector("#detail h3") !== null`)
	views("light")
	b.run(chromedp.Click(chromedp.CSS("#theme")))
	views("dark")
	b.run(chromedp.Click(chromedp.CSS("#language")), chromedp.Click(chromedp.CSS("#theme")))
	views("japanese")
	b.run(chromedp.Click(chromedp.CSS("#language")), chromedp.EmulateViewport(420, 900))
	views("narrow")
	b.quiet()
}

// BenchmarkInteractive is the time from opening a page of two runs of all tasks in full until it can be used, and until a
// search through all its text is done.
func BenchmarkInteractive(bench *testing.B) {
	file := os.Getenv("SWALLOW_EVAL_PAGE")
	if file == "" {
		file = writePage(bench, madeOptions(2), pair(bench, 0)...)
	}
	info, err := os.Stat(file)
	require.NoError(bench, err)
	ctx := chromium(bench)
	for bench.Loop() {
		b := open(bench, ctx, file)
		ready, ok := b.eval(`performance.getEntriesByName("ready")[0].startTime`).(float64)
		require.True(bench, ok)
		bench.ReportMetric(ready, "ms-to-interactive")
		documents, ok := b.eval(`Number(document.getElementById("search-status").innerText.match(/of (\d+)/)[1])`).(float64)
		require.True(bench, ok)
		bench.ReportMetric(documents, "documents")
		b.eval(`window.begun = performance.now()`)
		b.run(chromedp.SendKeys(chromedp.CSS("#filter-text"), "no such words"))
		b.until(`/^0 of/.test(document.getElementById("search-status").innerText)`)
		done, ok := b.eval(`performance.now() - window.begun`).(float64)
		require.True(bench, ok)
		bench.ReportMetric(done, "ms-to-search-all")
		bench.ReportMetric(float64(info.Size())/1e6, "MB")
	}
}
