package report

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/compare"
)

// browser is a headless Chromium with one page and everything that it complained about or asked for.
type browser struct {
	testing.TB
	ctx context.Context

	mu       sync.Mutex
	trouble  []string
	requests []string
}

// open shows a page in Chromium, and skips the test where there is none.
func open(t testing.TB, file string, flags ...chromedp.ExecAllocatorOption) *browser {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("no Chromium on the path: the page is not tried in a browser")
	}
	options := append([]chromedp.ExecAllocatorOption{
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1400, 1000), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "en-US"), chromedp.Flag("hide-scrollbars", true),
	}, flags...)
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		end()
		stop()
		cancel()
	})
	b := &browser{TB: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	require.NoError(t, err)
	b.run(chromedp.Navigate("file://" + file))
	b.until(`document.documentElement.dataset.ready === "true"`)
	return b
}

func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *runtime.EventExceptionThrown:
		b.trouble = append(b.trouble, fmt.Sprint("exception: ", e.ExceptionDetails.Exception.Description))
	case *runtime.EventConsoleAPICalled:
		b.trouble = append(b.trouble, fmt.Sprint("console: ", e.Type))
	case *log.EventEntryAdded:
		b.trouble = append(b.trouble, e.Entry.Text)
	}
}

func (b *browser) run(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	require.NoError(b, chromedp.Do(b.ctx, steps...))
}

// eval is the value of a JavaScript expression.
func (b *browser) eval(expression string) any {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](expression))
	require.NoError(b, err, expression)
	return v
}

func (b *browser) text(selector string) string {
	b.Helper()
	s, ok := b.eval(fmt.Sprintf("document.querySelector(%q)?.innerText", selector)).(string)
	require.True(b, ok, "nothing is %s", selector)
	return s
}

// until waits for an expression to hold.
func (b *browser) until(expression string) {
	b.Helper()
	for end := time.Now().Add(30 * time.Second); b.eval("Boolean("+expression+")") != true; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.mu.Lock()
			require.FailNow(b, "never "+expression, "%v", b.trouble)
		}
	}
}

func (b *browser) keys(keys ...string) {
	b.Helper()
	for _, k := range keys {
		b.run(chromedp.KeyEvent(k))
	}
}

// slash presses the key as a keyboard does: a page that takes the key down gets no character.
func (b *browser) slash() {
	b.Helper()
	for _, e := range []input.DispatchKeyEventParams{
		{Type: input.DispatchKeyEventTypeKeyDown, Key: "/", Code: "Slash", Text: "/", WindowsVirtualKeyCode: 191},
		{Type: input.DispatchKeyEventTypeKeyUp, Key: "/", Code: "Slash", WindowsVirtualKeyCode: 191},
	} {
		_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, e)
		require.NoError(b, err)
	}
}

func (b *browser) choose(selector, value string) {
	b.Helper()
	b.eval(fmt.Sprintf(`(() => { const s = document.querySelector(%q); s.value = %q; s.dispatchEvent(new Event("change", {bubbles: true})); return s.value })()`, selector, value))
}

// quiet asserts that the page asked for nothing but itself and that nothing went wrong in it.
func (b *browser) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Empty(b, b.trouble)
	for _, url := range b.requests {
		if !strings.HasPrefix(url, "file://") && url != "data:," {
			assert.Fail(b, "a request left the page", url)
		}
	}
	assert.LessOrEqual(b, len(b.requests), 2, "%v", b.requests)
}

func (b *browser) shot(dir, name string) {
	b.Helper()
	b.run(chromedp.Sleep(300 * time.Millisecond))
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	require.NoError(b, err)
	require.NoError(b, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}

// writePage writes a page of runs into a file.
func writePage(t testing.TB, o Options, runs ...compare.RunData) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, runs, o))
	file := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
	return file
}

// pair are two runs of every task with few documents, the first with a hostile answer in each task.
func pair(t testing.TB, documents int) []compare.RunData {
	t.Helper()
	return []compare.RunData{
		made{digest: "1a", documents: documents, hostile: true}.run(t, "results/before"),
		made{digest: "2b", documents: documents, worse: 0.06}.run(t, "results/after"),
	}
}

func TestClickPath(t *testing.T) {
	runs := pair(t, 60)
	b := open(t, writePage(t, madeOptions(2), runs...))
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

// TestTheAddressNamesAView opens a page at a view that somebody linked to, and at nonsense.
func TestTheAddressNamesAView(t *testing.T) {
	file := writePage(t, madeOptions(2), pair(t, 20)...)
	b := open(t, file+"#task=niilc&show=lost%3A0&sort=loss&doc=niilc%2F3")
	assert.Equal(t, []any{"niilc", "lost:0", "loss"}, b.eval(`["task-choice", "filter-outcome", "filter-sort"].map((id) => document.getElementById(id).value)`))
	b.until(`document.querySelector("#detail h3")?.innerText.includes("100003")`)
	b.quiet()
	for _, nonsense := range []string{"#task=nowhere&doc=x%2F9&show=lost%3A7", "#doc=niilc%2F99999&comparison=5", "#=&&task"} {
		b := open(t, file+nonsense)
		assert.Equal(t, "Choose a document.", b.text("#detail"), nonsense)
		b.quiet()
	}
}

// TestHostileOutput puts everything a model could say into the page and looks at what becomes of it.
func TestHostileOutput(t *testing.T) {
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
	b := open(t, writePage(t, o, runs...))
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

// TestHiddenCharacters compares what the page writes out with what internal/textsafe does, over all of Unicode. The
// browser may know newer characters.
func TestHiddenCharacters(t *testing.T) {
	b := open(t, writePage(t, madeOptions(1), made{digest: "1a", documents: 2, tasks: []string{"mgsm"}}.run(t, "a")))
	list, ok := b.eval(`(() => { const out = []; for (let c = 0; c <= 0x10ffff; c++) if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u.test(String.fromCodePoint(c))) out.push(c); return out })()`).([]any)
	require.True(t, ok)
	page := map[rune]bool{}
	for _, c := range list {
		page[rune(c.(float64))] = true
	}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) && !page[r] {
			assert.Fail(t, "not hidden in the page", "%U", r)
		}
	}
	assert.Contains(t, asset("app/text.js"), `/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu`, "the page's own class is the one compared here")
}

// TestLanguageAndThemeOfTheReader opens the page for a Japanese reader in the dark.
func TestLanguageAndThemeOfTheReader(t *testing.T) {
	b := open(t, writePage(t, madeOptions(2), pair(t, 10)...), chromedp.Flag("lang", "ja"), chromedp.Flag("accept-lang", "ja"), chromedp.Flag("force-dark-mode", true))
	if language := b.eval("navigator.language"); strings.HasPrefix(fmt.Sprint(language), "ja") {
		assert.Equal(t, "ja", b.eval("document.documentElement.lang"))
	}
	want := "light"
	if b.eval(`matchMedia("(prefers-color-scheme: dark)").matches`) == true {
		want = "dark"
	}
	assert.Equal(t, want, b.eval("document.documentElement.dataset.theme"))
	b.quiet()
}

// TestScreenshots leaves pictures of the page in the folder that SWALLOW_EVAL_SHOTS names, for a person to look at.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("SWALLOW_EVAL_SHOTS")
	if dir == "" {
		t.Skip("SWALLOW_EVAL_SHOTS names no folder for pictures")
	}
	b := open(t, writePage(t, madeOptions(2), pair(t, 0)...))
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
	file := writePage(bench, madeOptions(2), pair(bench, 0)...)
	info, err := os.Stat(file)
	require.NoError(bench, err)
	for bench.Loop() {
		b := open(bench, file)
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
