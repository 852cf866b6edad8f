package metrics

import "strings"

// PublishedSegmenter begins the name of what finds the words of Japanese for the published columns that count in them.
const PublishedSegmenter = "nagisa"

// modelPieces is how a signature names the pieces of the model's own tokenizer.
const modelPieces = "lm"

// piecesShown is how many hexadecimal digits of a tokenizer's digest a signature has.
const piecesShown = 12

// SegmenterOf is what put words between spaces before a metric's tokenizer saw the text ("tok:nagisa-0.2.11+13a"), "" for
// none.
func SegmenterOf(signature string) string {
	name, _, ok := strings.Cut(field(signature, "tok"), "+")
	if !ok {
		return ""
	}
	return name
}

// CountsModelPieces says whether a metric's number depends on the tokenizer of the model that answered.
func CountsModelPieces(signature string) bool {
	tok := field(signature, "tok")
	return tok == modelPieces || strings.HasPrefix(tok, modelPieces+"-")
}

// WithPieces is the signature of a metric that counts in a model's pieces with the tokenizer in it ("tok:lm-0123456789ab"),
// which is identified by "sha256:" and hexadecimal digits, or any other text that tells tokenizers apart. A signature that
// names its tokenizer stays as it is, as does one that counts in something else.
func WithPieces(signature, digest string) string {
	name := strings.TrimPrefix(digest, "sha256:")
	if name == "" || field(signature, "tok") != modelPieces {
		return signature
	}
	fields := strings.Split(signature, "|")
	for i, f := range fields {
		if f == "tok:"+modelPieces {
			fields[i] += "-" + name[:min(len(name), piecesShown)]
		}
	}
	return strings.Join(fields, "|")
}

// field is the value of a signature's key, "" where it has none.
func field(signature, key string) string {
	for f := range strings.SplitSeq(signature, "|") {
		if value, ok := strings.CutPrefix(f, key+":"); ok {
			return value
		}
	}
	return ""
}
