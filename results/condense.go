package results

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/zstd"

	"github.com/swallow-eval/swallow-eval/internal/identity"
)

// Condensed returns the sample without what a comparison does not need from both sides: its prompts, of which a digest
// stays, its choices, targets and shots, which the document's hash covers. Answers and statistics stay to the last bit.
func Condensed(s Sample) Sample {
	c := Sample{
		Task: s.Task, Position: s.Position, DocID: s.DocID, DocHash: s.DocHash, RequestsDigest: s.Requests(), Cluster: s.Cluster,
		Marks: s.Marks, Fault: s.Fault,
	}
	for _, x := range s.Exchanges {
		c.Exchanges = append(c.Exchanges, Exchange{
			Kind: x.Kind, Text: x.Text, Verdict: x.Verdict, Finish: x.Finish, Log: x.Log, Greedy: x.Greedy,
			PromptTokens: x.PromptTokens, OutputTokens: x.OutputTokens, Dropped: x.Dropped, Lost: x.Lost,
		})
	}
	return c
}

// Requests is the digest of what the document was asked, "" where the sample does not hold it. It is half of a condensed
// sample.
func (s Sample) Requests() string {
	if s.RequestsDigest != "" || len(s.Exchanges) == 0 {
		return s.RequestsDigest
	}
	requests := make([]identity.Request, len(s.Exchanges))
	for i, x := range s.Exchanges {
		requests[i] = identity.Request{Kind: x.Kind, Context: x.Prompt, Continuation: x.Continuation, Until: x.Until, MaxGenToks: x.MaxGenToks}
		if x.Sampling != nil {
			requests[i].Sampling = *x.Sampling
		}
	}
	return identity.Condensed(requests)
}

// CondensedSuffix ends the names of files of samples that Compress wrote.
const CondensedSuffix = ".zst"

// Compress writes b as one Zstandard frame. The same bytes give the same frame.
func Compress(w io.Writer, b []byte) error {
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(8<<20))
	if err != nil {
		return err
	}
	_, err = z.Write(b)
	return errors.Join(err, z.Close())
}

// MaxSamplesBytes is the most that a compressed file of samples may hold: many times the largest of a real run, and
// little enough that a hostile file ends in an error.
const MaxSamplesBytes = 4 << 30

// ReadSamplesFile returns the content of a file of samples. One whose name ends in .zst or .gz is decompressed.
func ReadSamplesFile(name string) (b []byte, err error) {
	return readSamplesFile(name, MaxSamplesBytes)
}

func readSamplesFile(name string, limit int64) (b []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var r io.Reader
	switch filepath.Ext(name) {
	case CondensedSuffix:
		z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		defer z.Close()
		r = z
	case ".gz":
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r = z
	default:
		return io.ReadAll(f)
	}
	b, err = io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: holds more than %d bytes", name, limit)
	}
	return b, nil
}
