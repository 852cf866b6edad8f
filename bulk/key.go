package bulk

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/jsonscan"
	"github.com/swallow-eval/swallow-eval/models/embedded"
)

// tokensAsked begins what is hashed: the place of the protocol's name in the other requests of an answer store, which is
// none of theirs (docs/store.md).
const tokensAsked = "\"tokens\"\n"

// pairKey is the digest of what a pair asks.
func pairKey(p embedded.Pair) [sha256.Size]byte {
	b := appendIDs([]byte(tokensAsked+`{"kind":"loglikelihood","context_ids":`), p.Context)
	b = appendIDs(append(b, `,"continuation_ids":`...), p.Continuation)
	return sha256.Sum256(append(b, "}\n"...))
}

// openingKey is the digest of what an opening asks. A greedy one depends on no random numbers.
func openingKey(o embedded.Opening) [sha256.Size]byte {
	b := appendIDs([]byte(tokensAsked+`{"kind":"generate","context_ids":`), o.IDs)
	b = append(b, `,"until":[`...)
	for i, stop := range o.Stop {
		if i > 0 {
			b = append(b, ',')
		}
		b = jsonscan.AppendString(b, stop)
	}
	b = strconv.AppendInt(append(b, `],"max_gen_toks":`...), int64(o.MaxNewTokens), 10)
	if s := o.Sampling; s.Temperature > 0 {
		b = strconv.AppendFloat(append(b, `,"temperature":`...), s.Temperature, 'g', -1, 64)
		b = strconv.AppendFloat(append(b, `,"top_p":`...), s.TopP, 'g', -1, 64)
		b = strconv.AppendUint(append(b, `,"seed":`...), s.Seed, 10)
		b = strconv.AppendUint(append(b, `,"stream":`...), s.Stream, 10)
	}
	return sha256.Sum256(append(b, "}\n"...))
}

func appendIDs(b []byte, ids []int32) []byte {
	b = append(b, '[')
	for i, id := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(id), 10)
	}
	return append(b, ']')
}

// pass gives done an answer as a JSON object.
func pass(i int, answer any, wrong error, done func(i int, object []byte, err error) error) error {
	if wrong != nil {
		return done(i, nil, wrong)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(answer); err != nil {
		return err
	}
	return done(i, bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil)
}
