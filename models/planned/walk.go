package planned

import (
	"github.com/swallow-eval/swallow-eval/engine"
	"github.com/swallow-eval/swallow-eval/engine/bench"
)

// part is what a model is asked at once: tokens that are read, and texts that are continued, each when what comes before it has been
// read.
type part struct {
	distinct float64 // tokens to read
	perToken float64 // operations of reading one, on the average
	step     float64 // operations of the products for the next token of a text
	entry    float64 // and of attention, for each position that it looks at
	texts    []text
}

// text is a continuation.
type text struct {
	prompt int     // tokens
	own    float64 // of these, those that no other text has
	ready  float64 // tokens of the part that are read before it begins
	most   int     // tokens that are generated, if nothing ends it
}

// machine is how fast a model is here.
type machine struct {
	bench.Rates
	engine.Use
	least float64 // seconds that a batch takes at least, since it reads weights
}

// seconds of a part, with texts that end at their limits or else at their first token.
func (m machine) seconds(p part, limits bool) float64 {
	w := walk{machine: m, part: p}
	for w.read < p.distinct || w.next < len(p.texts) || len(w.live) > 0 {
		w.batch(limits)
	}
	return w.time
}

// walk goes through a part as the engine does, batch by batch, with nothing computed: a token of every text under way, then as much
// reading as there is room for.
type walk struct {
	machine
	part
	read  float64 // tokens that have been read
	next  int     // text to begin
	live  []running
	bytes float64 // of keys and values that the texts under way need at their limits
	seen  positions
	time  float64
}

// positions are those that texts look at: of their own, or such that several have in common, which are read once for all.
type positions struct{ own, shared float64 }

// running is a text under way.
type running struct {
	left  int // tokens to generate
	seen  positions
	bytes float64
}

func (w *walk) batch(limits bool) {
	before, seen := w.read, w.seen
	// Those that begin have their first token of this batch, too.
	for w.admit(limits) && w.read < w.distinct {
		room := float64(w.BatchTokens) - float64(len(w.live)) - (w.read - before)
		if room <= 0 {
			break
		}
		upto := w.distinct
		if w.next < len(w.texts) {
			upto = w.texts[w.next].ready
		}
		w.read += min(room, upto-w.read)
	}
	read, continued := w.read-before, float64(len(w.live))
	products := (continued*w.step + read*w.perToken) / w.At(max(1, continued+read))
	w.time += max(products+w.entry*(seen.own/w.Recall+seen.shared/w.Shared), w.least)
	for i := len(w.live) - 1; i >= 0; i-- {
		r := &w.live[i]
		if r.left--; r.left > 0 {
			r.seen.own++
			w.seen.own++
			continue
		}
		w.bytes -= r.bytes
		w.seen.own, w.seen.shared = w.seen.own-r.seen.own, w.seen.shared-r.seen.shared
		w.live[i] = w.live[len(w.live)-1]
		w.live = w.live[:len(w.live)-1]
	}
}

// admit begins the texts that can be, and reports whether there is nothing that waits for others to end.
func (w *walk) admit(limits bool) bool {
	for w.next < len(w.texts) && w.read >= w.texts[w.next].ready {
		t := w.texts[w.next]
		need := (t.own + float64(t.most)) * float64(w.PositionBytes)
		if len(w.live) > 0 && (len(w.live) >= min(w.Together, w.BatchTokens) || w.bytes+need > float64(w.CacheBytes)) {
			return false
		}
		r := running{left: 1, seen: positions{t.own, float64(t.prompt) - t.own}, bytes: need}
		if limits {
			r.left = t.most
		}
		w.live, w.next = append(w.live, r), w.next+1
		w.bytes += need
		w.seen.own, w.seen.shared = w.seen.own+r.seen.own, w.seen.shared+r.seen.shared
	}
	return true
}
