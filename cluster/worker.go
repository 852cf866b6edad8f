package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/swallow-eval/swallow-eval/eval"
	"github.com/swallow-eval/swallow-eval/internal/guard"
	"github.com/swallow-eval/swallow-eval/internal/pause"
	"github.com/swallow-eval/swallow-eval/tasks"
)

// ErrRefused is wrapped where a coordinator refuses a worker.
var ErrRefused = errors.New("the coordinator refuses this worker")

// Work answers batches with a model until ctx ends or a coordinator refuses the model.
func Work(ctx context.Context, name string, m eval.Model, o Options) error {
	o = o.filled()
	b, err := await(ctx, name, o)
	if err != nil {
		return err
	}
	defer b.nc.Close()
	w := &worker{name: name, model: m, broker: b, options: o, greeting: hello{name, m.Identity()}}
	if err := w.greet(ctx); err != nil {
		return err
	}
	o.Say("worker %s: ready for batches from %s", name, b.nc.ConnectedUrlRedacted())
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go w.greetAgain(ctx, cancel)
	if err := w.run(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	if cause := context.Cause(ctx); errors.Is(cause, ErrRefused) {
		return cause
	}
	return ctx.Err()
}

// await reaches the broker, and waits where nobody listens there yet: a run may start it later than its workers.
func await(ctx context.Context, name string, o Options) (*broker, error) {
	for said := false; ; {
		b, err := connect(ctx, name, o)
		if !away(err) {
			return b, err
		}
		if !said {
			o.Say("worker %s: no broker answers at %s, waiting for one", name, shown(o.URL))
			said = true
		}
		if err := pause.For(ctx, 500*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

// away is whether a broker may be there later: nobody listens, or whoever does breaks off, as a broker that is just
// beginning or ending. One that answers and refuses stays where it is.
func away(err error) bool {
	for _, no := range []error{
		nats.ErrNoServers, nats.ErrTimeout, os.ErrDeadlineExceeded, io.EOF, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE,
	} {
		if errors.Is(err, no) {
			return true
		}
	}
	return false
}

type worker struct {
	name     string
	model    eval.Model
	broker   *broker
	options  Options
	greeting hello
}

// greet says who the worker is. Where nobody listens yet, that is no refusal.
func (w *worker) greet(ctx context.Context) error {
	data, err := json.Marshal(w.greeting)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	reply, err := w.broker.nc.RequestWithContext(ctx, helloSubject, data)
	if err != nil {
		return nil
	}
	var answer welcome
	if err := json.Unmarshal(reply.Data, &answer); err != nil {
		return fmt.Errorf("a coordinator of another version: %w", err)
	}
	if answer.Refused != "" {
		return fmt.Errorf("%w: %s", ErrRefused, answer.Refused)
	}
	return nil
}

func (w *worker) greetAgain(ctx context.Context, cancel context.CancelCauseFunc) {
	for pause.For(ctx, time.Second) == nil {
		if err := w.greet(ctx); err != nil {
			cancel(err)
			return
		}
	}
}

// run takes one batch after the other.
func (w *worker) run(ctx context.Context) error {
	kind := kindOf(w.greeting.Identity)
	for {
		consumer, err := w.broker.js.CreateOrUpdateConsumer(ctx, workStream, jetstream.ConsumerConfig{
			Durable: "workers-" + kind, FilterSubject: workSubject + kind + ".*", AckPolicy: jetstream.AckExplicitPolicy, AckWait: w.options.Patience,
		})
		for err == nil {
			err = w.next(ctx, consumer)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errBroken) {
			return err
		}
		if err := w.broker.wait(ctx); err != nil { // the broker is away
			return err
		}
	}
}

// errBroken ends a worker whose model can answer nothing any more.
var errBroken = errors.New("the model failed")

// next waits for a batch for a while, and answers it.
func (w *worker) next(ctx context.Context, consumer jetstream.Consumer) error {
	msg, err := consumer.Next(jetstream.FetchMaxWait(time.Second))
	if err != nil {
		if ctx.Err() == nil && nothingYet(err) {
			return nil
		}
		return err
	}
	meta, err := msg.Metadata()
	if err != nil {
		return err
	}
	var b batch
	if err := json.Unmarshal(msg.Data(), &b); err != nil {
		return msg.Term() // of another version: it has nobody who could read an answer
	}
	out := answer{ID: b.ID, Worker: w.name}
	if died := int(meta.NumDelivered) - 1; died >= w.options.Deaths {
		out.Deadly = died
	} else if err := w.answer(ctx, msg, b, &out); err != nil {
		return errors.Join(err, msg.Nak())
	}
	// The answer is stored before the batch is done with: a death in between gives the answer twice, never none.
	if err := w.broker.publish(ctx, answerSubject+b.Coordinator, b.ID, out); err != nil {
		return err
	}
	return msg.Ack()
}

// nothingYet says that there was no message for as long as was waited.
func nothingYet(err error) bool {
	return errors.Is(err, nats.ErrTimeout) || errors.Is(err, jetstream.ErrNoMessages) || errors.Is(err, context.DeadlineExceeded)
}

// answer asks the model. The broker hears meanwhile that the worker is alive.
func (w *worker) answer(ctx context.Context, msg jetstream.Msg, b batch, out *answer) error {
	alive, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		for pause.For(alive, w.options.Patience/3) == nil {
			_ = msg.InProgress() // lost with the connection, as the batch is then
		}
	}()
	begin := time.Now()
	list := make([]response, len(b.Requests))
	err := guard.Call(func() error {
		return w.model.Do(ctx, b.requests(), func(i int, r tasks.Response) error {
			list[i] = toResponse(r)
			return nil
		})
	})
	out.Took = time.Since(begin)
	var re *eval.RequestError
	switch {
	case err == nil:
		out.Responses = list
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &re):
		out.Failed, out.Index = re.Err.Error(), re.Index
	default:
		return fmt.Errorf("%w: %w", errBroken, err)
	}
	return nil
}
