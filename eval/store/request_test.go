package store

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// everyField changes one field of a request each. A field that a later version adds must be added here, and to the
// digest.
func everyField(q tasks.Request) []tasks.Request {
	var out []tasks.Request
	for _, change := range []func(*tasks.Request){
		func(q *tasks.Request) { q.Protocol += "x" },
		func(q *tasks.Request) { q.Prompt += "x" },
		func(q *tasks.Request) {
			if q.Kind == tasks.Generate {
				q.Kind = tasks.LogLikelihood
			} else {
				q.Kind = tasks.Generate
			}
		},
		func(q *tasks.Request) {
			if q.Kind == tasks.Generate {
				q.Stop = append([]string{"x"}, q.Stop...)
			} else {
				q.Continuation += "x"
			}
		},
		func(q *tasks.Request) {
			if q.Kind == tasks.Generate {
				q.MaxTokens++
			} else {
				q.Prompt, q.Continuation = q.Prompt+q.Continuation, ""
			}
		},
	} {
		c := q
		change(&c)
		out = append(out, c)
	}
	if q.Kind == tasks.Generate {
		for _, s := range []tasks.Sampling{{Temperature: 0.2}, {TopP: 0.95}, {Draw: 1}, {Seed: 1}} {
			c := q
			c.Sampling = s
			out = append(out, c)
		}
	}
	return out
}

func TestEveryFieldEntersTheDigest(t *testing.T) {
	for _, q := range []tasks.Request{
		{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "p", Stop: []string{"a", "b"}, MaxTokens: 3},
		{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "p"},
		{Kind: tasks.LogLikelihood, Protocol: tasks.Plain, Prompt: "p", Continuation: "c"},
	} {
		require.Equal(t, tasks.Request{Kind: q.Kind, Protocol: q.Protocol, Prompt: q.Prompt, Continuation: q.Continuation, Stop: q.Stop, MaxTokens: q.MaxTokens, Sampling: q.Sampling}, q)
		seen := map[digest]bool{requestDigest(q): true}
		for i, c := range everyField(q) {
			assert.False(t, seen[requestDigest(c)], "%s: change %d", q.Kind, i)
			seen[requestDigest(c)] = true
		}
		assert.Equal(t, requestDigest(q), requestDigest(q))
	}
	a := tasks.Request{Kind: tasks.Generate, Stop: []string{"a", "b"}}
	b := tasks.Request{Kind: tasks.Generate, Stop: []string{"b", "a"}}
	assert.NotEqual(t, requestDigest(a), requestDigest(b), "the order of stop strings matters")
	assert.Equal(t, requestDigest(tasks.Request{Kind: tasks.Generate}), requestDigest(tasks.Request{Kind: tasks.Generate, Stop: []string{}}))
}

// TestTextsThatAreNotUTF8 holds requests apart that become the same JSON.
func TestTextsThatAreNotUTF8(t *testing.T) {
	seen := map[digest]string{}
	for _, p := range []string{"a\xff", "a\xfe", "a\ufffd", "a\xff\xff", `a\ufffd`} {
		d := requestDigest(tasks.Request{Kind: tasks.Generate, Prompt: p})
		assert.Empty(t, seen[d], "%q", p)
		seen[d] = p
	}
}

func TestDigestIsStable(t *testing.T) {
	// A change here makes every stored answer of every user unreachable.
	q := tasks.Request{Kind: tasks.Generate, Protocol: tasks.Plain, Prompt: "日本\n\"<&>\u2028\x7f", Stop: []string{"\n"}, MaxTokens: 5}
	assert.Equal(t, stableDigest, hexOf(requestDigest(q)))
}

// TestScoresThatWereNotRoundedAreNotServed: a store that was filled before bfloat16 scores were rounded has float32 numbers
// under the protocol's bare name. Every other answer stays where it was.
func TestScoresThatWereNotRoundedAreNotServed(t *testing.T) {
	rounded := []tasks.Protocol{tasks.HarnessEN0411, tasks.HarnessEN0411 + tasks.ChatSuffix}
	others := []tasks.Protocol{tasks.HarnessEN0407, tasks.HarnessEN, tasks.HarnessJP0411, tasks.LLMJPEval0411, tasks.LMEval04, tasks.BigCode, tasks.Plain}
	dir := t.TempDir()
	s, err := Open(dir, model)
	require.NoError(t, err)
	bare := func(q tasks.Request) digest { return q.Identity().Under(string(q.Protocol)) }
	for _, p := range append(rounded, others...) {
		generated := tasks.Request{Kind: tasks.Generate, Protocol: p, Prompt: "p", MaxTokens: 3}
		assert.Equal(t, bare(generated), requestDigest(generated), p)
		require.NoError(t, s.Remember(bare(tasks.Request{Kind: tasks.LogLikelihood, Protocol: p, Prompt: "p", Continuation: "c"}), []byte(`{"logprob":-1.2345}`)))
	}
	for _, p := range others {
		_, ok := s.Get(tasks.Request{Kind: tasks.LogLikelihood, Protocol: p, Prompt: "p", Continuation: "c"})
		assert.True(t, ok, p)
	}
	for _, p := range rounded {
		q := tasks.Request{Kind: tasks.LogLikelihood, Protocol: p, Prompt: "p", Continuation: "c"}
		_, ok := s.Get(q)
		assert.False(t, ok, p)
		require.NoError(t, s.Put(q, tasks.Response{LogProb: -1.234375}))
		got, ok := s.Get(q)
		require.True(t, ok, p)
		assert.Equal(t, -1.234375, got.LogProb, p)
	}
	require.NoError(t, s.Close())
}

// appendAnswer appends the record of a request of package tasks.
func appendAnswer(b []byte, seed uint32, q tasks.Request, r tasks.Response) ([]byte, error) {
	payload, err := encodeAnswer(r)
	if err != nil {
		return b, err
	}
	return appendRecord(b, seed, requestDigest(q), payload)
}

// TestObjectsUnderDigestsOfOthers are answers to requests that are none of package tasks: they come back as they were, in
// this process and the next, are verified and exported like any other, and a second one is a conflict.
func TestObjectsUnderDigestsOfOthers(t *testing.T) {
	dir := t.TempDir()
	key := sha256.Sum256([]byte("somebody's"))
	object := []byte(`{"logprob":-1.25,"is_greedy":true,"token_logprobs":[-1,-0.25],"context_tokens":3}`)
	s, err := Open(dir, model)
	require.NoError(t, err)
	_, ok := s.Recall(key)
	require.False(t, ok)
	require.NoError(t, s.Remember(key, object))
	require.NoError(t, s.Put(question(1), reply(1)))
	for _, bad := range []string{"", "[]", `{"logprob":"x"}`, "{\n}", `{"text":"a"`} {
		require.ErrorContains(t, s.Remember(sha256.Sum256([]byte(bad)), []byte(bad)), "not one line of JSON", bad)
	}
	got, ok := s.Recall(key)
	require.True(t, ok)
	assert.Equal(t, string(object), string(got))
	require.NoError(t, s.Remember(key, object))
	require.ErrorIs(t, s.Remember(key, []byte(`{"logprob":-1.5}`)), ErrConflict)
	require.NoError(t, s.Close())

	s, err = Open(dir, model)
	require.NoError(t, err)
	_, ok = s.Recall(requestDigest(question(1)))
	require.True(t, ok)
	again, ok := s.Recall(key)
	require.True(t, ok)
	assert.Equal(t, string(object), string(again))
	assert.Equal(t, string(object), string(got), "what was handed out is the caller's")
	require.NoError(t, s.Close())
	reports, err := Verify(dir)
	require.NoError(t, err)
	assert.Equal(t, 2, reports[0].Answers)
	assert.Empty(t, reports[0].Damages)
	var out bytes.Buffer
	require.NoError(t, Export(dir, &out))
	assert.Contains(t, out.String(), string(object))
}
