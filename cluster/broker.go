package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/swallow-eval/swallow-eval/internal/pause"
)

// Options say where the broker is and how patient everybody is. The zero value of a field stands for its default.
type Options struct {
	// URL is nats://host:4222 or tls://host:4222, several between commas; Credentials and CA are files.
	URL, Credentials, CA string
	// Token is what the broker asks for, "" for one that asks for none.
	Token string
	// Replicas is how many of the broker's servers keep each message.
	Replicas int
	// Patience is after what silence of a worker its batch goes to another one.
	Patience time.Duration
	// Deaths is how many workers a batch may kill before its requests are tried one by one, and one before it is an error.
	Deaths int
	// Outstanding is the most batches that are published and unanswered.
	Outstanding int
	// Tell is how often the rates of the workers are said while they work.
	Tell time.Duration
	// Say tells the user; nil says nothing.
	Say func(format string, args ...any)
}

func (o Options) filled() Options {
	if o.Replicas == 0 {
		o.Replicas = 1
	}
	if o.Patience == 0 {
		o.Patience = 30 * time.Second
	}
	if o.Deaths == 0 {
		o.Deaths = 3
	}
	if o.Outstanding == 0 {
		o.Outstanding = 256
	}
	if o.Tell == 0 {
		o.Tell = time.Minute
	}
	if o.Say == nil {
		o.Say = func(string, ...any) {}
	}
	return o
}

// keepAnswers is how long the broker keeps answers that nobody has fetched.
const keepAnswers = 24 * time.Hour

// broker is a connection with the two streams.
type broker struct {
	nc *nats.Conn
	js jetstream.JetStream
}

// connect reaches the broker, and makes the streams where they are not there yet.
func connect(ctx context.Context, name string, o Options) (*broker, error) {
	options := []nats.Option{
		nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				o.Say("the broker is away, waiting for it: %v", err)
			}
		}),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // what matters is returned where it matters; the library's own handler prints
		nats.ReconnectHandler(func(*nats.Conn) { o.Say("the broker is back") }),
	}
	if o.Credentials != "" {
		options = append(options, nats.UserCredentials(o.Credentials))
	}
	if o.Token != "" {
		options = append(options, nats.Token(o.Token))
	}
	if o.CA != "" {
		options = append(options, nats.RootCAs(o.CA))
	}
	nc, err := nats.Connect(o.URL, options...)
	if err != nil {
		return nil, fmt.Errorf("--cluster: the broker cannot be reached: %w", err)
	}
	b := &broker{nc: nc}
	if b.js, err = jetstream.New(nc); err == nil {
		err = b.streams(ctx, o)
	}
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("--cluster: %w", err)
	}
	return b, nil
}

// shown are a broker's addresses without passwords.
func shown(urls string) string {
	list := strings.Split(urls, ",")
	for i, text := range list {
		if at := strings.LastIndex(text, "@"); at >= 0 {
			scheme, _, _ := strings.Cut(text, "://")
			list[i] = scheme + "://" + text[at+1:]
		}
	}
	return strings.Join(list, ",")
}

func (b *broker) streams(ctx context.Context, o Options) error {
	for _, c := range []jetstream.StreamConfig{
		{Name: workStream, Subjects: []string{workSubject + "*.*"}, Retention: jetstream.WorkQueuePolicy},
		{Name: answerStream, Subjects: []string{answerSubject + "*"}, MaxAge: keepAnswers},
	} {
		c.Storage, c.Replicas, c.Duplicates = jetstream.FileStorage, o.Replicas, 2*time.Minute
		if _, err := b.js.CreateOrUpdateStream(ctx, c); err != nil {
			return fmt.Errorf("stream %s (does the broker run with JetStream?): %w", c.Name, err)
		}
	}
	return nil
}

// publish stores a message, which the broker keeps once however often it comes. While the broker is away it waits.
func (b *broker) publish(ctx context.Context, subject, id string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	for {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		_, err := b.js.Publish(attempt, subject, data, jetstream.WithMsgID(id))
		cancel()
		if err == nil || ctx.Err() != nil {
			return ctx.Err()
		}
		if err := b.wait(ctx); err != nil {
			return err
		}
	}
}

// wait lets some time go by where the broker has not answered. A connection that the broker has closed for ever, because it
// knows the user no more, is an error.
func (b *broker) wait(ctx context.Context) error {
	if b.nc.IsClosed() && ctx.Err() == nil {
		return fmt.Errorf("--cluster: the broker wants no more of this connection: %w", cmp.Or(b.nc.LastError(), nats.ErrConnectionClosed))
	}
	return pause.For(ctx, 200*time.Millisecond)
}
