package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestExitCodes(t *testing.T) {
	background := context.Background()
	stopped := func(s syscall.Signal) context.Context {
		ctx, cancel := context.WithCancelCause(background)
		cancel(&signalError{s})
		return ctx
	}
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		code int
		line string
	}{
		{"done", background, nil, 0, ""},
		{"failure", background, errors.New("no such file"), 2, "swallow-eval: no such file\n"},
		{"lines become one", background, errors.New("a\nb\x1b[2J"), 2, "swallow-eval: a; b\\u001b[2J\n"},
		{"told once", background, errors.Join(errors.New("x: disk full"), errors.New("disk full"), errors.New("y")), 2, "swallow-eval: x: disk full; y\n"},
		{"coded", background, fmt.Errorf("x: %w", &codedError{3, errors.New("holes")}), 3, "swallow-eval: x: holes\n"},
		{"interrupted", stopped(syscall.SIGINT), fmt.Errorf("run: %w", context.Canceled), 130, "swallow-eval: stopped by interrupt\n"},
		{"terminated", stopped(syscall.SIGTERM), context.Canceled, 143, "swallow-eval: stopped by terminated\n"},
		{"failed before the signal", stopped(syscall.SIGINT), errors.New("disk full"), 2, "swallow-eval: disk full\n"},
		{"reader gone", background, fmt.Errorf("write: %w", syscall.EPIPE), 2, ""},
	} {
		var b bytes.Buffer
		assert.Equal(t, c.code, exitCode(c.ctx, c.err, &b), c.name)
		assert.Equal(t, c.line, b.String(), c.name)
	}
}
