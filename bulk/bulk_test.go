package bulk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/models/embedded"
)

// abacus scores pairs by arithmetic, in a random order. A context of 13 cannot be scored.
type abacus struct {
	random *rand.Rand
	asked  int
	most   int // pairs in one call
	dieAt  int // the answer before which it fails, 0 for none
}

var errDied = errors.New("the model died")

func (*abacus) EncodePair(context, continuation string) (embedded.Pair, error) {
	if context == "merge" {
		return embedded.Pair{Context: []int32{1}}, nil
	}
	return embedded.Pair{Context: []int32{int32(len(context))}, Continuation: []int32{int32(len(continuation))}}, nil
}

func (a *abacus) ScorePairs(ctx context.Context, pairs []embedded.Pair, done func(i int, s embedded.PairScore, err error) error) error {
	a.most = max(a.most, len(pairs))
	for _, i := range a.random.Perm(len(pairs)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if a.asked++; a.asked == a.dieAt {
			return errDied
		}
		var err error
		if pairs[i].Context[0] == 13 {
			err = errors.New("13 brings bad luck")
		}
		v := -float64(pairs[i].Context[0]) - float64(pairs[i].Continuation[0])/1024
		if err := done(i, embedded.PairScore{LogProb: v, TokenLogProbs: []float64{v}}, err); err != nil {
			return err
		}
	}
	return nil
}

// memory remembers in a map, and notes what was kept when a line was shown.
type memory struct {
	kept    map[[sha256.Size]byte]string
	full    int // the number at which nothing more can be kept, 0 for none
	flushed int
}

func (m *memory) Recall(request [sha256.Size]byte) ([]byte, bool) {
	object, ok := m.kept[request]
	return []byte(object), ok
}

var errFull = errors.New("no space left on device")

func (m *memory) Remember(request [sha256.Size]byte, object []byte) error {
	if m.full > 0 && len(m.kept) >= m.full {
		return errFull
	}
	m.kept[request] = string(object)
	return nil
}

func (m *memory) Flush() error {
	m.flushed = len(m.kept)
	return nil
}

func newMemory() *memory { return &memory{kept: map[[sha256.Size]byte]string{}} }

// input is n lines, blank ones among them, with what cannot be answered at some places.
func input(n int) string {
	var b strings.Builder
	for i := range n {
		switch {
		case i%101 == 50:
			b.WriteString("\n \r\n")
		case i%97 == 20:
			fmt.Fprintf(&b, `{"id":"bad%d","context":"x"}`+"\n", i)
		case i%89 == 33:
			b.WriteString("{\n")
		case i%83 == 13:
			fmt.Fprintf(&b, `{"id":%d,"context_ids":[13],"continuation_ids":[%d]}`+"\n", i, i)
		default:
			fmt.Fprintf(&b, `{"id":%d,"context_ids":[%d],"continuation_ids":[2]}`+"\r\n", i, 100+i%700)
		}
	}
	return strings.TrimSuffix(b.String(), "\r\n")
}

func score(t *testing.T, in string, m *abacus, kept Answers) (string, Counts, error) {
	t.Helper()
	var out bytes.Buffer
	counts, err := LogLikelihood(context.Background(), Stream{
		Input: iotest.HalfReader(strings.NewReader(in)), Name: "in.jsonl", Answers: kept,
		Line: func(line []byte) error {
			require.Equal(t, 1, bytes.Count(line, []byte("\n")))
			require.True(t, bytes.HasSuffix(line, []byte("\n")))
			require.True(t, json.Valid(line), "%s", line)
			out.Write(line)
			return nil
		},
	}, m)
	return out.String(), counts, err
}

func newAbacus(seed uint64) *abacus { return &abacus{random: rand.New(rand.NewPCG(seed, 1))} }

// TestEveryLineInItsPlace: one line of output for each that is not blank, in order, whatever the order of the answers,
// and the same whether or not answers are remembered.
func TestEveryLineInItsPlace(t *testing.T) {
	in := input(9000)
	m := newAbacus(1)
	kept := newMemory()
	out, counts, err := score(t, in, m, kept)
	require.NoError(t, err)
	assert.LessOrEqual(t, m.most, mostLines)
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	number, n, bad := 0, 0, 0
	for line := range strings.SplitSeq(in, "\n") {
		number++
		if strings.TrimSpace(line) == "" {
			continue
		}
		var got struct {
			ID      any      `json:"id"`
			Line    int      `json:"line"`
			Error   string   `json:"error"`
			LogProb *float64 `json:"logprob"`
		}
		require.NoError(t, json.Unmarshal([]byte(lines[n]), &got))
		var asked struct {
			ID  any       `json:"id"`
			IDs []float64 `json:"context_ids"`
			To  []float64 `json:"continuation_ids"`
		}
		perr := json.Unmarshal([]byte(line), &asked)
		if perr != nil || asked.IDs == nil || asked.IDs[0] == 13 {
			bad++
			require.Equal(t, number, got.Line)
			require.NotEmpty(t, got.Error)
			require.Nil(t, got.LogProb)
		} else {
			require.Empty(t, got.Error)
			require.Equal(t, -asked.IDs[0]-asked.To[0]/1024, *got.LogProb)
		}
		if perr == nil {
			require.Equal(t, asked.ID, got.ID)
		} else {
			require.Nil(t, got.ID)
		}
		n++
	}
	assert.Len(t, lines, n)
	assert.Equal(t, Counts{Lines: n, Asked: 700, Recalled: n - bad - 700, Bad: bad, First: "in.jsonl:14: 13 brings bad luck"}, counts)
	assert.EqualError(t, counts.Err(), fmt.Sprintf("%d of %d lines have an error in place of an answer, the first: in.jsonl:14: 13 brings bad luck", bad, n))
	assert.Len(t, kept.kept, 700)
	assert.Equal(t, 700, kept.flushed)

	without, counts, err := score(t, in, newAbacus(2), nil)
	require.NoError(t, err)
	assert.Equal(t, out, without)
	assert.Equal(t, n-bad, counts.Asked+counts.Recalled)
	assert.NoError(t, Counts{Lines: 3, Asked: 3}.Err())
}

// TestStoppedAndRunAgain: what was shown before the model died is a beginning of the whole, everything answered was
// remembered, and running again asks nothing twice.
func TestStoppedAndRunAgain(t *testing.T) {
	in := input(3000)
	want, all, err := score(t, in, newAbacus(1), nil)
	require.NoError(t, err)
	kept := newMemory()
	asked := 0
	for round := range uint64(12) {
		m := newAbacus(round)
		m.dieAt = 70 + 3*int(round)
		before := len(kept.kept)
		got, counts, err := score(t, in, m, kept)
		assert.Equal(t, len(kept.kept)-before, counts.Asked, "each is remembered")
		assert.Equal(t, len(kept.kept), kept.flushed)
		asked += counts.Asked
		if err == nil {
			assert.Equal(t, want, got)
			assert.Equal(t, 700, asked)
			assert.Equal(t, all.Bad, counts.Bad)
			return
		}
		require.ErrorIs(t, err, errDied)
		require.True(t, strings.HasPrefix(want, got))
		if round > 0 {
			require.NotEmpty(t, got, "the first ones need not wait for all")
		}
	}
	t.Fatal("it never came to an end")
}

// TestFailures end it, with what was shown before: the disk of the answers, the output, the input.
func TestFailures(t *testing.T) {
	in := input(500)
	want, _, err := score(t, in, newAbacus(1), nil)
	require.NoError(t, err)
	kept := newMemory()
	kept.full = 90
	got, counts, err := score(t, in, newAbacus(2), kept)
	require.ErrorIs(t, err, errFull)
	assert.ErrorContains(t, err, "answers cannot be stored")
	assert.True(t, strings.HasPrefix(want, got))
	assert.Equal(t, 90, counts.Asked)

	shown := 0
	_, err = LogLikelihood(context.Background(), Stream{Input: strings.NewReader(in), Line: func([]byte) error {
		if shown++; shown == 40 {
			return io.ErrClosedPipe
		}
		return nil
	}}, newAbacus(3))
	require.ErrorIs(t, err, io.ErrClosedPipe)
	assert.Equal(t, 40, shown)

	var out strings.Builder
	broken := io.MultiReader(strings.NewReader(in[:4000]), iotest.ErrReader(errors.New("input/output error")))
	_, err = LogLikelihood(context.Background(), Stream{Input: broken, Name: "in.jsonl", Line: func(b []byte) error {
		_, err := out.Write(b)
		return err
	}}, newAbacus(4))
	require.EqualError(t, err, "in.jsonl: input/output error")
	assert.Equal(t, strings.Count(in[:4000], "\n")-strings.Count(in[:4000], "\n \r\n")*2, strings.Count(out.String(), "\n"), "what was read whole is answered")
}

// TestCancelledWhileTheInputWaits ends with the context where the input gives nothing.
func TestCancelledWhileTheInputWaits(t *testing.T) {
	in, feed := io.Pipe()
	defer feed.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := LogLikelihood(ctx, Stream{Input: in, Name: "standard input", Line: func([]byte) error { return nil }}, newAbacus(1))
	require.ErrorIs(t, err, context.Canceled)
}

// TestLinesTooLong are passed over, and the next is read.
func TestLinesTooLong(t *testing.T) {
	l := newLineReader(strings.NewReader(strings.Repeat("x", 200_000) + "\nok\n" + strings.Repeat("y", 100_001)))
	l.most = 100_000
	_, err := l.next()
	require.ErrorIs(t, err, errLong)
	assert.Equal(t, 1, l.number)
	line, err := l.next()
	require.NoError(t, err)
	assert.Equal(t, "ok", string(line))
	_, err = l.next()
	require.ErrorIs(t, err, errLong)
	assert.Equal(t, 3, l.number)
	_, err = l.next()
	require.ErrorIs(t, err, io.EOF)
}

// TestPiecesAreBounded: a model is never asked more at once than a piece holds, in lines and in bytes, however many there are.
func TestPiecesAreBounded(t *testing.T) {
	var many, long strings.Builder
	for i := range 15_000 {
		fmt.Fprintf(&many, `{"context_ids":[%d],"continuation_ids":[2]}`+"\n", 100+i)
	}
	for i := range 30 {
		fmt.Fprintf(&long, `{"context_ids":[%d],"continuation_ids":[2],"comment":%q}`+"\n", 100+i, strings.Repeat("x", 1<<20))
	}
	m := newAbacus(1)
	_, counts, err := score(t, many.String(), m, nil)
	require.NoError(t, err)
	assert.Equal(t, 15_000, counts.Asked)
	assert.Equal(t, mostLines, m.most)
	m = newAbacus(1)
	_, counts, err = score(t, long.String(), m, nil)
	require.NoError(t, err)
	assert.Equal(t, 30, counts.Asked)
	assert.Equal(t, mostBytes>>20, m.most)
}
