package results

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swallow-eval/swallow-eval/metrics"
)

func TestCondensedKeepsEveryAnswer(t *testing.T) {
	text, log, greedy := "答え\n", -1.2500000000000002, true
	s := Sample{
		Task: "t", Position: 3, DocID: json.RawMessage(`"x"`), DocHash: "sha256:h", Cluster: "c", Shots: []json.RawMessage{json.RawMessage("1")},
		Exchanges: []Exchange{
			{Kind: "generate", Protocol: "p", Prompt: "a long prompt", Until: []string{"\n"}, MaxGenToks: 9, Text: &text, Finish: "stop", PromptTokens: 4, OutputTokens: 2, Dropped: 1, Lost: 1},
			{Kind: "loglikelihood", Prompt: "a long prompt", Continuation: " b", Log: &log, Greedy: &greedy},
		},
		Choices: []string{"a"}, Target: "b", Targets: []string{"b"}, Marks: []Mark{{"acc", "b", metrics.Stat{1}}}, Fault: "f",
	}
	c := Condensed(s)
	assert.Len(t, c.RequestsDigest, 32)
	assert.Equal(t, s.Marks, c.Marks)
	assert.Equal(t, "f", c.Fault)
	for i := range s.Exchanges {
		want := s.Exchanges[i]
		want.Protocol, want.Prompt, want.Continuation, want.Until, want.MaxGenToks = "", "", "", nil, 0
		assert.Equal(t, want, c.Exchanges[i])
	}
	b, err := AppendSample(nil, c)
	require.NoError(t, err)
	assert.NotContains(t, string(b), "long prompt")
	assert.Equal(t, c, Condensed(c))
	// Every part of a request moves the digest.
	for _, change := range []func(*Exchange){
		func(x *Exchange) { x.Prompt += "!" }, func(x *Exchange) { x.Continuation = "?" }, func(x *Exchange) { x.Until = nil },
		func(x *Exchange) { x.MaxGenToks = 8 }, func(x *Exchange) { x.Kind = "loglikelihood" },
	} {
		other := s
		other.Exchanges = append([]Exchange(nil), s.Exchanges...)
		change(&other.Exchanges[0])
		assert.NotEqual(t, c.RequestsDigest, other.Requests())
	}
	assert.Empty(t, Sample{}.Requests())
}

func TestReadSamplesFile(t *testing.T) {
	dir := t.TempDir()
	text := []byte(strings.Repeat("the same line again\n", 5000))
	var frame, again, gz bytes.Buffer
	require.NoError(t, Compress(&frame, text))
	require.NoError(t, Compress(&again, text))
	assert.Equal(t, frame.Bytes(), again.Bytes())
	assert.Less(t, frame.Len(), 200)
	z := gzip.NewWriter(&gz)
	_, err := z.Write(text)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	for name, b := range map[string][]byte{"a.jsonl": text, "a.jsonl.zst": frame.Bytes(), "a.jsonl.gz": gz.Bytes()} {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, b, 0o600))
		got, err := ReadSamplesFile(path)
		require.NoError(t, err, name)
		assert.Equal(t, text, got, name)
		if name != "a.jsonl" {
			_, err = readSamplesFile(path, 1000)
			assert.ErrorContains(t, err, name+": holds more than 1000 bytes")
			require.NoError(t, os.WriteFile(path, b[:len(b)-3], 0o600))
			_, err = ReadSamplesFile(path)
			assert.ErrorContains(t, err, name)
			require.NoError(t, os.WriteFile(path, []byte("no frame"), 0o600))
			_, err = ReadSamplesFile(path)
			assert.ErrorContains(t, err, name)
		}
	}
	_, err = ReadSamplesFile(filepath.Join(dir, "none.zst"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}
