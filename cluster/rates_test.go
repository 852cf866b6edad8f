package cluster

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/tasks"
)

func TestRates(t *testing.T) {
	many, later := map[string]int{}, map[string]int{}
	for i := range 20 {
		name := fmt.Sprintf("w%02d", i)
		many[name], later[name] = 100, 100+i*60
	}
	for name, c := range map[string]struct {
		before, after map[string]int
		want          string
	}{
		"two, one of them new": {
			map[string]int{"a": 30}, map[string]int{"a": 90, "b": 300},
			"in the last 1m0s: 6.0 requests/s of 2 workers: b 5.0, a 1.0",
		},
		"one stands still": {
			map[string]int{"a": 30, "b": 7}, map[string]int{"a": 90, "b": 7, "c": 0},
			"in the last 1m0s: 1.0 requests/s of 1 worker: a 1.0; nothing from b, c",
		},
		"all stand still": {map[string]int{"a": 30}, map[string]int{"a": 30}, "in the last 1m0s: 0.0 requests/s of 0 workers; nothing from a"},
		"many": {
			many, later,
			"in the last 1m0s: 190.0 requests/s of 19 workers: fastest w19 19.0, w18 18.0, w17 17.0, w16 16.0; slowest w04 4.0, w03 3.0, w02 2.0, w01 1.0; nothing from w00",
		},
		"many stand still": {
			many, many,
			"in the last 1m0s: 0.0 requests/s of 0 workers; nothing from w00, w01, w02, w03, w04, w05, w06, w07 and 12 more",
		},
	} {
		assert.Equal(t, c.want, rates(c.before, c.after, time.Minute), name)
	}
}

// TestRatesAreSaidMeanwhile: before the run has its answers, the user hears of the workers.
func TestRatesAreSaidMeanwhile(t *testing.T) {
	s := startBroker(t, t.TempDir(), -1)
	defer stopBroker(s)
	heard := make(chan struct{})
	var once sync.Once
	w := newOracle(encoder(t))
	w.asked = func(q tasks.Request) {
		if strings.Contains(q.Prompt, "question 149 ") {
			<-heard // is answered only when the rates were said
		}
	}
	m := open(t, s.ClientURL(), results.Model{}, w)
	m.options.Tell = 10 * time.Millisecond
	m.options.Say = func(format string, args ...any) {
		if line := fmt.Sprintf(format, args...); strings.HasPrefix(line, "in the last 10ms: ") {
			once.Do(func() { close(heard) })
		}
	}
	answered(t, m, questions(150))
	<-heard
}
