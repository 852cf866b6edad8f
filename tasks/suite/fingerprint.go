package suite

import (
	"fmt"

	"github.com/swallow-eval/swallow-eval/tasks"
)

// Fingerprint is the digest of all requests of a task at one number of examples, and of the answers that count as right.
// Whoever has the files can show that their copy of this program asks the very same questions, and scores the answers
// against the very same golds.
type Fingerprint struct {
	// Profile is the one whose texts these are, as Profile.TextsOf names it.
	Profile string
	Task    string
	Shots   int
	// Docs is the number of documents.
	Docs int
	// Digest is what tasks.Digest gives over the requests in evaluation order, for a model whose window is never too
	// small.
	Digest string
	// Golds is what tasks.GoldsDigest gives over the documents in evaluation order.
	Golds string
}

// Fingerprints returns the digests, at the published number of examples, of the tasks whose files are all pinned. What
// they stand for was compared with the reference's own requests before it was written down.
func Fingerprints() []Fingerprint {
	return []Fingerprint{
		{"swallow-2023", "jcommonsenseqa", 4, 1119,
			"sha256:8c7bd66e3f7fb9d55d569dd412847ada5b3f9a0241cc6f7bc49cd48dd7f3a4db", "sha256:f56c03156971245f6630da1df245ea5b3975fe5d60ca819ba35a5592163eba3d"},
		{"swallow-2023", "jemhopqa", 4, 120,
			"sha256:d4a281743d3c35bf2e25ea366fe66f17fe248328e1e2aeaa52e1a03509d27fcc", "sha256:12c4c8da15e0b5dd863a5a72a13ec3ce84ddb6b7241740cb810cf9ac9192fd6c"},
		{"swallow-2023", "niilc", 4, 198,
			"sha256:d7bc7fb619ba69d5638df67bf81569fd8c1400a29309a3311439a1d03e47b4d6", "sha256:17a3918849e38ea5e895320290435bc1ef720cde86d46c3a7812fe19d45dc494"},
		{"swallow-2023", "jsquad", 4, 4442,
			"sha256:04e23983e7a1d9c25d06111b288553073cef5144d06423b5aa23acc07e3a832b", "sha256:c219f2c02bbcfa94f839784bea9dc8121144a2b5e98de866e6ab08369e4f9b94"},
		{"swallow-2023", "mgsm", 4, 250,
			"sha256:355a4d22556d19b17fd05689e4a0d2ef1fa02cad317da6a4767ed77914ec12d3", "sha256:111872a1881fac651c07f9583e2c5f2f9f0d52b1345908657613c2a870797f3e"},
		{"swallow-2023", "wmt20-en-ja", 4, 1000,
			"sha256:d8b82da388887d6fe9b26051ee7c3017ed0c22324add9a8ebfb6157823031cbd", "sha256:536d31b3eb74db70c388c9af97473818f80fc0507606bc250b92156886c7b375"},
		{"swallow-2023", "wmt20-ja-en", 4, 993,
			"sha256:310d1d6128a6466a9349b78f3e18e522372c4fc2dbfebd16c90d42fae688fe1b", "sha256:afe38ebf19b433b4909f65b7d5886df592d29b2008f1e0cf25921d920bed89bb"},
		{"swallow-2023", "openbookqa", 8, 500,
			"sha256:556e0713a056fcb7ecfec785a1ff9703c94fc220e794a0c9ba2c5cb0e134b77f", "sha256:993ad0dafeb3763d04e9ab996039f50ec8cdefed7ee0cadbcb9b4e854bc6fe0e"},
		{"swallow-2023", "gsm8k", 8, 1319,
			"sha256:7defd09512d362ad3bc240194fc403dc981e45bfd17d9d43ebcd8cae555408ff", "sha256:7333d0f43eef0c94eec9fc80747579e13665261d1320570875040755ff1930b8"},
		{"swallow-202411", "jcommonsenseqa", 4, 1119,
			"sha256:5cba6200e24deaf1f34ade28f73a78b5e0c7958e8cae01acafa39ad85e4bfcd3", "sha256:f56c03156971245f6630da1df245ea5b3975fe5d60ca819ba35a5592163eba3d"},
		{"swallow-202411", "jemhopqa", 4, 120,
			"sha256:16c49149a66afebbf1391de2849e3d3bbf22819b706ef9453bf21e07c428da07", "sha256:12c4c8da15e0b5dd863a5a72a13ec3ce84ddb6b7241740cb810cf9ac9192fd6c"},
		{"swallow-202411", "niilc", 4, 198,
			"sha256:ff2b46132648d20b531028c27fac3bea8f2dec89fc999444520577b526a7aff7", "sha256:17a3918849e38ea5e895320290435bc1ef720cde86d46c3a7812fe19d45dc494"},
		{"swallow-202411", "mgsm", 4, 250,
			"sha256:355a4d22556d19b17fd05689e4a0d2ef1fa02cad317da6a4767ed77914ec12d3", "sha256:111872a1881fac651c07f9583e2c5f2f9f0d52b1345908657613c2a870797f3e"},
		{"swallow-202411", "wmt20-en-ja", 4, 1000,
			"sha256:d8b82da388887d6fe9b26051ee7c3017ed0c22324add9a8ebfb6157823031cbd", "sha256:536d31b3eb74db70c388c9af97473818f80fc0507606bc250b92156886c7b375"},
		{"swallow-202411", "wmt20-ja-en", 4, 993,
			"sha256:310d1d6128a6466a9349b78f3e18e522372c4fc2dbfebd16c90d42fae688fe1b", "sha256:afe38ebf19b433b4909f65b7d5886df592d29b2008f1e0cf25921d920bed89bb"},
		{"swallow-202411", "jmmlu", 5, 3541,
			"sha256:c06f045cfeb3513ab6a627d27919a0294968ac40d6dd6fcb14564ee12be4d920", "sha256:d8369a1470326090367781c0ed8b4090790b82ef22143920333f6a8476c1baff"},
		{"swallow-202411", "jhumaneval", 0, 164,
			"sha256:368fa5bc338234c6ee1870348598e077215cfe575eac425b66f9cf6bdc353664", "sha256:361c1a6be9bfa178bbf42a2658f19b2d5bf336926196870eaa340bb57d97447f"},
		{"swallow-202411", "openbookqa", 4, 500,
			"sha256:81e35530bffd1c38ed04eaaf15d4c14cd3c25422c73e72f4916ad1a47e753bee", "sha256:c80a61af3c26c7a2a9bda89c325757670650793f0191e0ccec767d68453a622b"},
		{"swallow-202411", "mmlu", 5, 14042,
			"sha256:104d175e2612cfb46c476eebafa53cab493e25af0fc45e27168d7036b6340e7d", "sha256:1151871ae0c140ef8c01a4a6e61b012bb74946ef20e9acbe17251df729bfb688"},
		{"swallow-202411", "gsm8k", 4, 1319,
			"sha256:31ce711301175c081f0bfa9d580612e7cd5d637dd4ea8cf98e2bce0864f27594", "sha256:6b035f44097599710a93b55bd5239037a4a25520fe730ffd53aa75785c9819d2"},
		{"swallow-202411", "math", 4, 500,
			"sha256:5b79e17c91342f2443c9ae0e2206c1c5d4e6bf30a1dd886ed4c7a8e278885610", "sha256:2ea7b28f627fe047b39672fa702b54b73485750c792e30dddcbb1a1d5fa09859"},
		{"swallow-202411", "bbh", 3, 6511,
			"sha256:65225a21d013d546badb115fff15459592521d902a85b71c92039747deeb4272", "sha256:a2ab4d3d4aeda3632c2dec1b7cf1763e75ffbcaa2833df0a5a73bdd42c924cfc"},
		{"swallow-202411", "humaneval", 0, 164,
			"sha256:47e3706afa8ef4fb507f653730d00c86f6faaadc2d11bf7d06b4f394882ba982", "sha256:361c1a6be9bfa178bbf42a2658f19b2d5bf336926196870eaa340bb57d97447f"},
	}
}

// FingerprintOf returns the fingerprint of a profile's task; ok is false where none is on record.
func FingerprintOf(p tasks.Profile, task string) (f Fingerprint, ok bool) {
	for _, f := range Fingerprints() {
		if f.Profile == p.TextsOf() && f.Task == task {
			return f, true
		}
	}
	return Fingerprint{}, false
}

// Check builds the documents and requests from src's records. got equals f where they are the same.
func (f Fingerprint) Check(t tasks.Task, src tasks.Source) (got Fingerprint, err error) {
	if name := t.Spec().Name; name != f.Task {
		return Fingerprint{}, fmt.Errorf("the fingerprint of %s does not fit %s", f.Task, name)
	}
	got, _, err = fingerprint(t, src, f.Shots, tasks.Unlimited{})
	got.Profile = f.Profile
	return got, err
}

// fingerprint takes a task's fingerprint under a budget, of no profile in particular, and the marks of its documents.
func fingerprint(t tasks.Task, src tasks.Source, shots int, b tasks.Budget) (f Fingerprint, marks []byte, err error) {
	docs, err := t.Docs(src, shots, b)
	if err != nil {
		return Fingerprint{}, nil, err
	}
	requests, golds := tasks.NewDigest(), tasks.NewGoldsDigest()
	for _, d := range docs {
		for _, r := range t.Requests(d, b) {
			requests.Add(r)
		}
		golds.Add(d)
		marks = append(marks, mark(t, d, b)...)
	}
	return Fingerprint{"", t.Spec().Name, shots, len(docs), requests.String(), golds.String()}, marks, nil
}
