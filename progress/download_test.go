package progress

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/internal/hub"
)

// TestDownloadLines: in a log a long download says now and then how far it is, how fast, and how long it will take.
func TestDownloadLines(t *testing.T) {
	var b bytes.Buffer
	now := time.Unix(0, 0)
	d := &downloadLines{w: &b, now: func() time.Time { return now }}
	repo := hub.Repo{ID: "org/13b"}
	d.show(hub.Event{Kind: hub.Resolved, Repo: repo, Total: 26 << 30})
	for range 40 {
		now = now.Add(time.Second)
		d.show(hub.Event{Kind: hub.Progress, Repo: repo, Path: "model-1.safetensors", Done: 3 << 30, Total: 26 << 30, Rate: 100 << 20, ETA: 235500 * time.Millisecond})
	}
	d.show(hub.Event{Kind: hub.Retrying, Path: "model-1.safetensors", Err: errors.New("body ended early"), Wait: 2 * time.Second})
	d.show(hub.Event{Kind: hub.Fetched, Path: "a\x1b[31m", FileSize: 2 << 20})
	now = now.Add(time.Minute)
	d.show(hub.Event{Kind: hub.Progress, Path: "exemplars.py", Done: 1 << 20, Total: -1, ETA: -1})
	const line = "org/13b: 3072.0 MiB of 26624.0 MiB, 100.0 MiB/s, 3m56s left\n"
	assert.Equal(t, line+line+"model-1.safetensors: body ended early; again in 2s\na\\u001b[31m: 2.0 MiB\nexemplars.py: 1.0 MiB\n", b.String())
}
