package identity

import (
	"crypto/sha256"
	"strconv"
)

// tokens stands where Request.Under has a protocol, and is the name of none.
const tokens = "\"tokens\"\n"

// Scored is the sha256 by which the log-probability of some tokens after others is kept.
func Scored(context, continuation []int32) [sha256.Size]byte {
	b := appendIDs([]byte(tokens+`{"kind":"loglikelihood","context_ids":`), context)
	b = appendIDs(append(b, `,"continuation_ids":`...), continuation)
	return sha256.Sum256(append(b, "}\n"...))
}

// Draw is how tokens are chosen at random. The zero value is greedy, whatever the numbers beside Temperature are.
type Draw struct {
	Temperature, TopP float64
	Seed, Stream      uint64
}

// Generated is the sha256 by which what follows some tokens is kept.
func Generated(context []int32, until []string, maxGenToks int, d Draw) [sha256.Size]byte {
	b := appendIDs([]byte(tokens+`{"kind":"generate","context_ids":`), context)
	b = appendStrings(append(b, `,"until":`...), until)
	b = strconv.AppendInt(append(b, `,"max_gen_toks":`...), int64(maxGenToks), 10)
	if d.Temperature > 0 {
		b = strconv.AppendFloat(append(b, `,"temperature":`...), d.Temperature, 'g', -1, 64)
		b = strconv.AppendFloat(append(b, `,"top_p":`...), d.TopP, 'g', -1, 64)
		b = strconv.AppendUint(append(b, `,"seed":`...), d.Seed, 10)
		b = strconv.AppendUint(append(b, `,"stream":`...), d.Stream, 10)
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
