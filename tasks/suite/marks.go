package suite

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// markSize is how much of a document's digest is kept: enough to find the first document that differs, while the
// fingerprint over all of them proves that none does.
const markSize = 4

// marksFile holds a line for each fingerprint: the profile, the task, and in base64 the first markSize bytes of the sha256
// of every document's requests (as tasks.Digest encodes them) and golds (as Fingerprint.Golds does), in evaluation order.
//
//go:embed marks.txt
var marksFile []byte

// mark is the beginning of the digest of one document's requests and golds.
func mark(t tasks.Task, d tasks.Doc, budget tasks.Budget) []byte {
	var b bytes.Buffer
	for _, r := range t.Requests(d, budget) {
		b.Write(r.Identity().AppendLine(nil))
	}
	b.Write(tasks.GoldLine(d))
	sum := sha256.Sum256(b.Bytes())
	return sum[:markSize]
}

// marks returns the recorded marks of a profile's task.
func marks(profile, task string) ([]byte, error) {
	sc := bufio.NewScanner(bytes.NewReader(marksFile))
	sc.Buffer(nil, len(marksFile)+1)
	for sc.Scan() {
		if text, ok := strings.CutPrefix(sc.Text(), profile+" "+task+" "); ok {
			return base64.StdEncoding.DecodeString(text)
		}
	}
	return nil, fmt.Errorf("no marks of %s under %s are recorded", task, profile)
}

// FirstDifference finds the first document whose requests or golds are not the recorded ones, under the fingerprint's
// setting. ok is false where all are the same. A list that is shorter or longer differs at its end.
func (f Fingerprint) FirstDifference(t tasks.Task, src tasks.Source) (position int, id string, ok bool, err error) {
	recorded, err := marks(f.Profile, f.Task)
	if err != nil {
		return 0, "", false, err
	}
	docs, err := t.Docs(src, f.Shots, tasks.Unlimited{})
	if err != nil {
		return 0, "", false, err
	}
	for i, d := range docs {
		if differs(recorded, i, mark(t, d, tasks.Unlimited{})) {
			return i, d.ID.String(), true, nil
		}
	}
	if n := len(recorded) / markSize; len(docs) < n {
		return len(docs), "", true, nil
	}
	return 0, "", false, nil
}

// differs tells whether m is not the i-th of the recorded marks.
func differs(recorded []byte, i int, m []byte) bool {
	at := i * markSize
	return at >= len(recorded) || !bytes.Equal(m, recorded[at:at+markSize])
}
