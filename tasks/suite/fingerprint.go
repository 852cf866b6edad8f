package suite

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Fingerprint is the digest of all requests of a task at its published number of examples, built from pinned files.
// Whoever has the files can show that their copy of this program asks the very same questions.
type Fingerprint struct {
	Task  string
	Shots int
	// Docs is the number of documents.
	Docs int
	// Digest is what tasks.Digest gives over the requests in evaluation order, for a model whose window is never too
	// small.
	Digest string
}

// Fingerprints returns the digests of the tasks whose files are all pinned. What they stand for was compared with the
// reference's own requests before it was written down.
func Fingerprints() []Fingerprint {
	return []Fingerprint{
		{"jcommonsenseqa", 4, 1119, "sha256:8c7bd66e3f7fb9d55d569dd412847ada5b3f9a0241cc6f7bc49cd48dd7f3a4db"},
		{"jemhopqa", 4, 120, "sha256:d4a281743d3c35bf2e25ea366fe66f17fe248328e1e2aeaa52e1a03509d27fcc"},
		{"niilc", 4, 198, "sha256:d7bc7fb619ba69d5638df67bf81569fd8c1400a29309a3311439a1d03e47b4d6"},
		{"jsquad", 4, 4442, "sha256:04e23983e7a1d9c25d06111b288553073cef5144d06423b5aa23acc07e3a832b"},
		{"mgsm", 4, 250, "sha256:355a4d22556d19b17fd05689e4a0d2ef1fa02cad317da6a4767ed77914ec12d3"},
		{"wmt20-en-ja", 4, 1000, "sha256:d8b82da388887d6fe9b26051ee7c3017ed0c22324add9a8ebfb6157823031cbd"},
		{"wmt20-ja-en", 4, 993, "sha256:310d1d6128a6466a9349b78f3e18e522372c4fc2dbfebd16c90d42fae688fe1b"},
		{"openbookqa", 8, 500, "sha256:556e0713a056fcb7ecfec785a1ff9703c94fc220e794a0c9ba2c5cb0e134b77f"},
		{"gsm8k", 8, 1319, "sha256:7defd09512d362ad3bc240194fc403dc981e45bfd17d9d43ebcd8cae555408ff"},
	}
}

// Check builds the requests from src's records. got equals f where they are the same.
func (f Fingerprint) Check(t tasks.Task, src tasks.Source) (got Fingerprint, err error) {
	if name := t.Spec().Name; name != f.Task {
		return Fingerprint{}, fmt.Errorf("the fingerprint of %s does not fit %s", f.Task, name)
	}
	docs, err := t.Docs(src, f.Shots, tasks.Unlimited{})
	if err != nil {
		return Fingerprint{}, err
	}
	digest := tasks.NewDigest()
	for _, d := range docs {
		for _, r := range t.Requests(d, tasks.Unlimited{}) {
			digest.Add(r)
		}
	}
	return Fingerprint{f.Task, f.Shots, len(docs), digest.String()}, nil
}
