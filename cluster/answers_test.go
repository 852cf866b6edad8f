package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sent is a message as the broker numbers it.
type sent struct {
	jetstream.Msg
	data             []byte
	stream, consumer uint64
}

func (s sent) Data() []byte { return s.data }
func (s sent) Metadata() (*jetstream.MsgMetadata, error) {
	return &jetstream.MsgMetadata{Sequence: jetstream.SequencePair{Stream: s.stream, Consumer: s.consumer}}, nil
}

// tape plays messages, then fails as a connection does.
type tape []sent

func (p *tape) Next(...jetstream.NextOpt) (jetstream.Msg, error) {
	if len(*p) == 0 {
		return nil, errors.New("the connection is gone")
	}
	m := (*p)[0]
	*p = (*p)[1:]
	return m, nil
}

// TestALostAnswerIsFetchedAgain: where a number is left out, nothing behind it is taken, and the next consumer begins at what
// was lost. A message that is no answer is passed over.
func TestALostAnswerIsFetchedAgain(t *testing.T) {
	is := func(id string) []byte {
		b, err := json.Marshal(answer{ID: id})
		require.NoError(t, err)
		return b
	}
	for name, c := range map[string]struct {
		list tape
		ids  []string
		next uint64
	}{
		"whole":                   {tape{{nil, is("a"), 10, 1}, {nil, is("b"), 14, 2}}, []string{"a", "b"}, 15},
		"the second was lost":     {tape{{nil, is("a"), 10, 1}, {nil, is("c"), 12, 3}, {nil, is("d"), 13, 4}}, []string{"a"}, 11},
		"the first was lost":      {tape{{nil, is("b"), 11, 2}}, nil, 7},
		"one comes a second time": {tape{{nil, is("a"), 10, 1}, {nil, is("a"), 10, 1}}, []string{"a"}, 11},
		"of another version":      {tape{{nil, []byte("["), 10, 1}, {nil, is("b"), 11, 2}}, []string{"b"}, 12},
	} {
		t.Run(name, func(t *testing.T) {
			m := &Model{next: 7}
			answers := make(chan answer, len(c.list)+1)
			m.pass(context.Background(), &c.list, answers, func() bool { return true })
			close(answers)
			var ids []string
			for got := range answers {
				ids = append(ids, got.ID)
			}
			assert.Equal(t, c.ids, ids)
			assert.Equal(t, c.next, m.next)
		})
	}
}

// TestANewConnectionBeginsAnew: what the old one still has is not taken.
func TestANewConnectionBeginsAnew(t *testing.T) {
	m := &Model{next: 7}
	m.pass(context.Background(), &tape{{nil, []byte("{}"), 10, 1}}, make(chan answer), func() bool { return false })
	assert.EqualValues(t, 7, m.next)
}
