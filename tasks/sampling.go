package tasks

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"

	"github.com/swallow-eval/swallow-eval/internal/identity"
)

// Sampling is how an answer is drawn; the zero value is greedy.
type Sampling = identity.Sampling

// Drawn returns the sampling of one of a document's answers, numbered from 0. Its seed is the first 31 bits of the sha256
// of the task's name, the document's identifier and the number, as text between spaces: whoever asks again, on whatever
// machine, draws the same, and no server takes it for a negative number.
func Drawn(task string, id DocID, draw int, temperature, topP float64) Sampling {
	sum := sha256.Sum256([]byte(task + " " + id.String() + " " + strconv.Itoa(draw)))
	return Sampling{Temperature: temperature, TopP: topP, Draw: draw, Seed: binary.BigEndian.Uint32(sum[:4]) >> 1}
}
