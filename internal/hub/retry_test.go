package hub

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPersistLimits: a wait longer than MaxWait ends it, one as long does not, and only a megabyte of headway makes earlier
// failures forgotten.
func TestPersistLimits(t *testing.T) {
	for _, c := range []struct {
		after    time.Duration
		moved    []int64 // by each attempt; later ones move nothing
		attempts int
		want     string
	}{
		{10 * time.Second, nil, 3, "(3 attempts)"},
		{10*time.Second + 1, nil, 1, "the hub asks to wait"},
		{0, []int64{headway / 2, headway/2 - 1}, 3, "(3 attempts)"},
		{0, []int64{headway / 2, headway / 2}, 4, "(3 attempts)"},
		{0, []int64{0, headway}, 4, "(3 attempts)"},
		{0, slices.Repeat([]int64{headway}, 19), 20, "done"},
	} {
		client := &Client{o: Options{
			Retries: 2, MaxWait: 10 * time.Second, Random: func() float64 { return 0 },
			Sleep: func(context.Context, time.Duration) error { return nil },
		}}
		attempts := 0
		err := client.persist(context.Background(), func(error, time.Duration) {}, func() (int64, error) {
			if attempts++; attempts == 20 {
				return 0, errors.New("done")
			}
			var moved int64
			if attempts <= len(c.moved) {
				moved = c.moved[attempts-1]
			}
			return moved, &retryable{errors.New("busy"), c.after}
		})
		require.ErrorContains(t, err, c.want)
		assert.Equal(t, c.attempts, attempts, "%+v", c)
	}
}
