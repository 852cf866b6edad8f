package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
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

// chromium starts a headless Chromium, and skips the test where there is none.
func chromium(t testing.TB) context.Context {
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
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	ctx, stop := chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.Headless, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1400, 1000), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("lang", "en-US"), chromedp.Flag("hide-scrollbars", true))
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		end()
		stop()
		cancel()
	})
	require.NoError(t, chromedp.Do(ctx), "Chromium does not start")
	return ctx
}

// open shows a page in a tab of its own. before prepares the tab.
func open(t testing.TB, chromium context.Context, file string, before ...func(b *browser)) *browser {
	t.Helper()
	ctx, end := chromedp.NewContext(chromium)
	t.Cleanup(end)
	b := &browser{TB: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.listen))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	require.NoError(t, err)
	// What a reader chose on another page is remembered; here each page has a new reader.
	_, err = chromedp.Call(ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{Source: "localStorage.clear()"})
	require.NoError(t, err)
	for _, prepare := range before {
		prepare(b)
	}
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
	for end := time.Now().Add(time.Minute); b.eval("Boolean("+expression+")") != true; time.Sleep(20 * time.Millisecond) {
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
