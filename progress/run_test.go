package progress

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
)

// clock is a time that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time              { return c.at }
func (c *clock) after(seconds time.Duration) { c.at = c.at.Add(seconds * time.Second) }

// looked is a run of three tasks whose outlook has come by the time it is asked for again.
func looked(c *clock) whole {
	w := whole{now: c.now}
	w.outlook = func(context.Context) []eval.Share {
		return []eval.Share{{Task: "a", Weight: 100}, {Task: "b", Weight: 300}, {Task: "c", Weight: 50}}
	}
	return w
}

// arrived waits until the outlook is there.
func arrived(w *whole) {
	shares := <-w.got
	w.got <- shares
}

// TestWholeRun: the other tasks take as long for their weight as the run has taken for what is done.
func TestWholeRun(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	w := looked(c)
	w.begin("a", 10)
	for range 4 {
		c.after(1)
		w.answered()
	}
	assert.Nil(t, w.got, "a short run is not asked")
	task, _, known := w.left()
	assert.False(t, known)
	assert.Equal(t, 6*time.Second, task)
	c.after(1)
	w.answered()
	arrived(&w)
	task, run, known := w.left()
	assert.True(t, known)
	assert.Equal(t, 5*time.Second, task)
	assert.Equal(t, (5+35)*time.Second, run, "half of a hundred in five seconds")
	w.end("a")
	c.after(5)
	w.begin("b", 2)
	c.after(10)
	w.answered()
	task, run, known = w.left()
	assert.True(t, known)
	assert.Equal(t, 10*time.Second, task)
	assert.Equal(t, (10+4)*time.Second, run, "twenty seconds for 250, and then 50")
	w.end("b")
	w.begin("c", 2)
	c.after(1)
	w.answered()
	task, run, known = w.left()
	assert.False(t, known, "the last task says it all")
	assert.Equal(t, task, run)
	w.close()
}

// TestTasksThatEndBeforeTheOutlook count as soon as it is there.
func TestTasksThatEndBeforeTheOutlook(t *testing.T) {
	c := &clock{time.Unix(1e9, 0)}
	w := looked(c)
	w.begin("a", 1)
	c.after(4)
	w.answered()
	w.end("a")
	w.begin("b", 3)
	c.after(4)
	w.answered()
	arrived(&w)
	_, run, known := w.left()
	assert.True(t, known)
	assert.Equal(t, 8*time.Second+2*time.Second, run, "a and a third of b, 200, in eight seconds; then 50")
}

// TestClosedOutlook: the end of the run ends an outlook that has not come.
func TestClosedOutlook(t *testing.T) {
	c, ended := &clock{time.Unix(1e9, 0)}, make(chan struct{})
	w := whole{now: c.now, outlook: func(ctx context.Context) []eval.Share { <-ctx.Done(); close(ended); return nil }}
	w.begin("a", 2)
	c.after(5)
	w.answered()
	_, _, known := w.left()
	assert.False(t, known)
	w.close()
	<-ended
}

// TestLines: a log has a line now and then, with the whole run's time once it is known.
func TestLines(t *testing.T) {
	c, out := &clock{time.Unix(1e9, 0)}, &bytes.Buffer{}
	p := &lineProgress{whole: looked(c), w: out, every: 10 * time.Second}
	p.Begin("a", 10, 10)
	c.after(5)
	p.Answered(100)
	arrived(&p.whole)
	c.after(5)
	p.Answered(100)
	assert.Equal(t, "a: 2 of 10 requests, 20 tokens/s, about 40s left, 3m35s of all tasks\n", out.String())
	p.End(results.Score{Task: "a", N: 10, Values: []results.Value{{Metric: "acc", Value: 0.5, Max: 1}}})
	p.Close()
	assert.Contains(t, out.String(), "a: acc 0.5000, 10 documents\n")
}

// TestBar: what is left of the task and of the run stands on the bar, which fits the terminals that get one.
func TestBar(t *testing.T) {
	c, out := &clock{time.Unix(1e9, 0)}, &bytes.Buffer{}
	p := &barProgress{whole: looked(c), w: out}
	p.Begin("a", 100000, 100000)
	c.after(10)
	p.Answered(1)
	arrived(&p.whole)
	c.after(10)
	p.Answered(1)
	p.Close()
	assert.Contains(t, out.String(), "a               277h46m left, all 1250h00m ")
	for line := range strings.SplitSeq(out.String(), "\r") {
		assert.LessOrEqual(t, len([]rune(line)), barWidth, line)
	}
}

func TestBrief(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"0s": 0, "59s": 59 * time.Second, "1m00s": 59*time.Second + 600*time.Millisecond, "2m05s": 125 * time.Second,
		"59m59s": time.Hour - time.Second, "1h00m": time.Hour, "26h03m": 26*time.Hour + 3*time.Minute,
	} {
		assert.Equal(t, want, brief(d))
	}
}
