package wrapper

import "strings"

// spaceFixes undoes the spaces that word tokenizers leave, in the order of Hugging Face's
// clean_up_tokenization (transformers, tokenization_utils_base.py): each replacement sees the result of the one before.
var spaceFixes = []struct{ from, to string }{
	{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","}, {" ' ", "'"},
	{" n't", "n't"}, {" 'm", "'m"}, {" 's", "'s"}, {" 've", "'ve"}, {" 're", "'re"},
}

func cleanUp(s string) string {
	for _, r := range spaceFixes {
		s = strings.ReplaceAll(s, r.from, r.to)
	}
	return s
}

func containsAny(s string, stops []string) bool {
	for _, stop := range stops {
		if stop != "" && strings.Contains(s, stop) {
			return true
		}
	}
	return false
}
