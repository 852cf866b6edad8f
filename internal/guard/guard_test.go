package guard

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCall(t *testing.T) {
	cause := errors.New("why")
	assert.NoError(t, Call(func() error { return nil }))
	assert.Equal(t, cause, Call(func() error { return cause }))
	assert.Equal(t, cause, Call(func() error { Fail(cause); return nil }), "as it is, without a place")

	err := Call(func() error { panic(cause) })
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.ErrorIs(t, err, cause)
	assert.Regexp(t, `^panicked at guard_test.go:\d+: why$`, err.Error())
	assert.Contains(t, string(e.Stack), "TestCall")

	var list []int
	err = Call(func() error { list[1] = 0; return nil })
	assert.ErrorContains(t, err, "index out of range", "the runtime's own, too")
	assert.Regexp(t, `^panicked at guard_test.go:\d+: `, err.Error())
}
