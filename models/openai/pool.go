package openai

import (
	"context"
	"sync"
)

// Patience with a server whose connections break, where others can answer in its place; and on how many servers a question may fail
// before it is the question's fault.
const (
	attemptsInPool = 3
	serversTried   = 3
)

// fleet is which of several servers are there. One that died is not asked again: what comes back may be another model.
type fleet struct {
	mutex sync.Mutex
	alive int
	say   func(format string, args ...any)
}

// spare says whether a server may be given up.
func (p *fleet) spare() bool {
	if p == nil {
		return false
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.alive > 1
}

// leave gives a server up and says so once. It returns false for the last one.
func (p *fleet) leave(s *server, err error) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if s.gone.Load() {
		return true
	}
	if p.alive <= 1 {
		return false
	}
	p.alive--
	s.gone.Store(true)
	p.say("%s is asked no more, %d others are: %v", s.Root, p.alive, err)
	return true
}

// queue hands out questions by their numbers, again where they failed.
type queue struct {
	mutex  sync.Mutex
	news   *sync.Cond
	ctx    context.Context
	n      int // questions
	next   int // never handed out
	failed []int
	tries  map[int]int // on how many servers they failed
	out    int         // handed out and neither answered nor failed
}

func newQueue(ctx context.Context, n int) *queue {
	q := &queue{ctx: ctx, n: n, tries: map[int]int{}}
	q.news = sync.NewCond(&q.mutex)
	context.AfterFunc(ctx, q.wake)
	return q
}

func (q *queue) wake() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.news.Broadcast()
}

// take waits for a question. There is none when all are answered, or ctx has ended.
func (q *queue) take() (i int, some bool) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for q.ctx.Err() == nil {
		switch last := len(q.failed) - 1; {
		case last >= 0:
			i, q.failed = q.failed[last], q.failed[:last]
		case q.next < q.n:
			i = q.next
			q.next++
		case q.out == 0:
			return 0, false
		default:
			q.news.Wait()
			continue
		}
		q.out++
		return i, true
	}
	return 0, false
}

// again gives a question back that a server failed at. It returns false where so many did that it is the question's fault.
func (q *queue) again(i int) bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.tries[i]++; q.tries[i] >= serversTried {
		return false
	}
	q.out--
	q.failed = append(q.failed, i)
	q.news.Broadcast()
	return true
}

// done says that a question is answered.
func (q *queue) done() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if q.out--; q.out == 0 {
		q.news.Broadcast()
	}
}
