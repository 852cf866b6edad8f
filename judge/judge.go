// Package judge finds out what programs are worth: by running them in a sandbox, or from a file of verdicts that somebody
// else's run of them left.
//
// It promises that no program runs outside a sandbox that was seen to work: without network, on a read-only file system, as a process
// that can start no other, in limited memory and time. It promises nothing about a program's honesty: one that fakes its
// verdict has it, as with the reference.
package judge

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/results"
)

// digest identifies a program's text.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

var (
	_ eval.Judge = (*Sandbox)(nil)
	_ eval.Judge = (*Verdicts)(nil)
)

// Judge runs programs, equal ones once, as many together as there are processors.
func (s *Sandbox) Judge(ctx context.Context, programs []eval.Program) ([]string, error) {
	users := map[string][]int{}
	var distinct []int
	for i, p := range programs {
		key := digest(p.Text)
		if users[key] == nil {
			distinct = append(distinct, i)
		}
		users[key] = append(users[key], i)
	}
	verdicts := make([]string, len(programs))
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, i := range distinct {
		group.Go(func() error {
			verdict, err := s.run(ctx, programs[i].Text)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			for _, j := range users[digest(programs[i].Text)] {
				verdicts[j] = verdict
			}
			return nil
		})
	}
	return verdicts, group.Wait()
}

// About says what ran the programs.
func (s *Sandbox) About() results.Judge {
	return results.Judge{By: s.version, Python: s.python, Seconds: s.limits.Seconds, MemoryBytes: s.limits.Memory}
}
