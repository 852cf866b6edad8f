package cluster

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// receive fetches this coordinator's answers from the first on, and from where it was when the broker has been away. Answers that
// come again are no matter. It ends with ctx, or where the broker does not want this run any more.
func (m *Model) receive(ctx context.Context, answers chan<- answer) error {
	for {
		m.fetch(ctx, answers)
		if err := m.broker.wait(ctx); err != nil {
			return err
		}
	}
}

// fetch passes answers on until one may have been lost on the way: then it begins anew, behind the last one that has come.
func (m *Model) fetch(ctx context.Context, answers chan<- answer) {
	c := jetstream.ConsumerConfig{
		FilterSubject: answerSubject + m.name, AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, InactiveThreshold: time.Minute,
	}
	if m.next > 0 {
		c.DeliverPolicy, c.OptStartSeq = jetstream.DeliverByStartSequencePolicy, m.next
	}
	connected := m.broker.nc.Stats().Reconnects
	consumer, err := m.broker.js.CreateConsumer(ctx, answerStream, c)
	if err != nil {
		return
	}
	list, err := consumer.Messages(jetstream.PullMaxMessages(fetchedAhead))
	if err != nil {
		return
	}
	defer list.Stop()
	m.pass(ctx, list, answers, func() bool { return m.broker.nc.Stats().Reconnects == connected })
}

// messages is where messages come from, one after the other.
type messages interface {
	Next(...jetstream.NextOpt) (jetstream.Msg, error)
}

// pass hands messages on for as long as the connection is the same and none is missing: the broker counts what it sends to
// this consumer, and a number that is left out was lost on the way.
func (m *Model) pass(ctx context.Context, list messages, answers chan<- answer, same func() bool) {
	for taken := uint64(0); same(); {
		short, stop := context.WithTimeout(ctx, time.Second) // a new connection is noticed, the end of ctx at once
		msg, err := list.Next(jetstream.NextContext(short))
		stop()
		if ctx.Err() != nil || err != nil && !nothingYet(err) {
			return
		}
		if err != nil {
			continue
		}
		meta, err := msg.Metadata()
		if taken++; err != nil || meta.Sequence.Consumer != taken {
			return
		}
		m.next = meta.Sequence.Stream + 1
		var got answer
		if json.Unmarshal(msg.Data(), &got) != nil {
			continue // of another version; the batch's next delivery answers it
		}
		select {
		case answers <- got:
		case <-ctx.Done():
			return
		}
	}
}

// fetchedAhead is how many answers may be on their way at one time.
const fetchedAhead = 32
