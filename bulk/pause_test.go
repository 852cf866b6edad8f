package bulk

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestAnswersWhenTheInputPauses: what a program or a person has written so far is answered before more comes, in order, and
// lines that come without a pause are still asked together.
func TestAnswersWhenTheInputPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, feed := io.Pipe()
		var shown []string
		m := newAbacus(1)
		ended := make(chan error)
		go func() {
			_, err := LogLikelihood(context.Background(), Stream{Input: in, Name: "standard input", Line: func(line []byte) error {
				shown = append(shown, strings.SplitN(string(line), ",", 2)[0])
				return nil
			}}, m)
			ended <- err
		}()
		want := []string(nil)
		for _, round := range []int{1, 5, 1, 3 * firstLines} {
			m.most = 0
			for range round {
				_, err := fmt.Fprintf(feed, `{"id":%d,"context_ids":[%d],"continuation_ids":[2]}`+"\n", len(want), 100+len(want))
				require.NoError(t, err)
				want = append(want, fmt.Sprintf(`{"id":%d`, len(want)))
				time.Sleep(pause / 2)
			}
			_, err := io.WriteString(feed, `{"id":"half of a line`)
			require.NoError(t, err)
			time.Sleep(pause)
			synctest.Wait()
			assert.Equal(t, want, shown)
			assert.GreaterOrEqual(t, m.most, min(round, firstLines), "without a pause between them they are one piece")
			_, err = io.WriteString(feed, `","context_ids":[1],"continuation_ids":[2]}`+"\n")
			require.NoError(t, err)
			want = append(want, `{"id":"half of a line"`)
		}
		require.NoError(t, feed.Close())
		require.NoError(t, <-ended)
		assert.Equal(t, want, shown)
	})
}

// TestReaderEndsWithItsUser: what reads ahead does not outlive the call that a broken output ended.
func TestReaderEndsWithItsUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // fails where a goroutine is left
		_, err := LogLikelihood(context.Background(), Stream{Input: strings.NewReader(input(900)), Line: func([]byte) error { return io.ErrClosedPipe }}, newAbacus(1))
		require.ErrorIs(t, err, io.ErrClosedPipe)
	})
}
