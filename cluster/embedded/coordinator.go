package embedded

import (
	"context"
	"errors"
	"fmt"

	"github.com/swallow-eval/swallow-eval/cluster"
	"github.com/swallow-eval/swallow-eval/models/wrapper"
	"github.com/swallow-eval/swallow-eval/results"
	"github.com/swallow-eval/swallow-eval/results/notes"
)

// Coordinator is a model that workers answer for, with the broker where that is this process's own.
type Coordinator struct {
	*cluster.Model
	broker *Broker
	say    func(format string, args ...any)
}

// Open waits at the broker for workers that have the model. Where o's address asks for one it first starts the broker: an error of that
// names the flag --cluster. What belongs beside every number of the model is said.
func Open(ctx context.Context, e *wrapper.Encoder, model results.Model, o cluster.Options) (*Coordinator, error) {
	c := &Coordinator{say: o.Say}
	if address, own := Address(o.URL); own {
		b, err := Start(address, o.Token, o.Say)
		if err != nil {
			return nil, fmt.Errorf("--cluster %s: %w", o.URL, err)
		}
		c.broker, o.URL = b, b.URL()
		o.Say("broker listening at %s", b.Listening())
	}
	var err error
	if c.Model, err = cluster.Open(ctx, e, model, o); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	for _, note := range notes.OfModel(c.Identity()) {
		o.Say("%s", note)
	}
	return c, nil
}

// Close says what each worker has done, and ends the broker that is this process's own.
func (c *Coordinator) Close() error {
	for _, line := range c.Told() {
		c.say("%s", line)
	}
	return errors.Join(c.Model.Close(), c.stop())
}

func (c *Coordinator) stop() error {
	if c.broker == nil {
		return nil
	}
	return c.broker.Close()
}
