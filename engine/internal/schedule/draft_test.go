package schedule

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestPrecedent(t *testing.T) {
	for name, c := range map[string]struct {
		tokens []int32
		most   int
		want   []int32
	}{
		"nothing before":            {[]int32{1, 2}, 4, nil},
		"one token is no precedent": {[]int32{7, 8, 9, 1, 7}, 4, nil},
		"two are":                   {[]int32{7, 8, 9, 5, 6, 7, 8}, 2, []int32{9, 5}},
		"the last place wins":       {[]int32{7, 8, 1, 7, 8, 2, 7, 8}, 1, []int32{2}},
		"the longest key wins":      {[]int32{3, 7, 8, 1, 4, 7, 8, 2, 3, 7, 8}, 1, []int32{1}},
		"beyond the end itself":     {[]int32{5, 6, 5, 6}, 5, []int32{5, 6, 5, 6, 5}},
		"one token again and again": {[]int32{5, 5, 5}, 3, []int32{5, 5, 5}},
		"none asked for":            {[]int32{5, 5, 5}, 0, nil},
		"fewer than none":           {[]int32{5, 5, 5}, -1, nil},
		"empty":                     {nil, 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, precedent(nil, c.tokens, c.most))
		})
	}
}

// TestDraftsFollowLuck: right guesses make more, wrong ones fewer, and after several wrong ones there is a pause that grows
// and ends.
func TestDraftsFollowLuck(t *testing.T) {
	var d drafts
	d.begin()
	try := func(made, right int) {
		d.tokens = make([]int32, made)
		d.judged(right)
	}
	assert.Equal(t, firstDraft, d.length)
	try(4, 4)
	assert.Equal(t, 8, d.length)
	try(8, 8)
	try(16, 16)
	assert.Equal(t, longestDraft, d.length)
	try(16, 3)
	assert.Equal(t, 4, d.length)
	assert.Zero(t, d.pause)
	var pauses []int
	for range 7 {
		try(1, 0)
		pauses = append(pauses, d.pause)
	}
	assert.Equal(t, []int{0, 1, 3, 7, 15, 15, 15}, pauses)
	assert.Equal(t, 1, d.length)
	try(1, 1)
	assert.Equal(t, 2, d.length)
	assert.Zero(t, d.wrong)
}
