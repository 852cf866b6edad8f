package arch

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// errUnknown is the judgement of a key that nothing is known of.
var errUnknown = errors.New("unknown key")

// passed judges the keys of a description. An unknown one is an error unless ignore has it; those that it has are returned, in
// the order of the file. What the engine knows is not ignored on anybody's word, whether the file has it or not: it is harmless
// as it is, or the answers would be wrong.
func passed(keys, ignore []string, quote func(key string) string, judge func(key string) error) (ignored []string, err error) {
	for _, key := range ignore {
		if key == "" {
			return nil, errors.New("--ignore-config: a key without a name")
		}
		if !errors.Is(judge(key), errUnknown) {
			return nil, fmt.Errorf("--ignore-config %s: the engine knows the key, and does as it says or refuses it", shellWord(key, quote))
		}
	}
	var unknown []string
	for _, key := range keys {
		switch err := judge(key); {
		case err == nil:
		case !errors.Is(err, errUnknown):
			return nil, err
		case slices.Contains(ignore, key):
			ignored = append(ignored, key)
		default:
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		return nil, unknownKeys(unknown, quote)
	}
	return ignored, nil
}

// shownKeys bounds a line about a file that is no model's at all.
const shownKeys = 8

func unknownKeys(keys []string, quote func(key string) string) error {
	more := ""
	if len(keys) > shownKeys {
		more = fmt.Sprintf(" and %d more", len(keys)-shownKeys)
		keys = keys[:shownKeys]
	}
	var names, flags []string
	for _, key := range keys {
		names = append(names, quote(key))
		flags = append(flags, "--ignore-config "+shellWord(key, quote))
	}
	what := "unknown key %s%s: it may change the computation; %s if you know that it changes nothing"
	if len(names) > 1 {
		what = "unknown keys %s%s: they may change the computation; %s if you know that they change nothing"
	}
	return fmt.Errorf(what, strings.Join(names, ", "), more, strings.Join(flags, " "))
}

// shellWord is a key as it is typed: plain where no shell would take anything in it for its own.
func shellWord(key string, quote func(key string) string) string {
	odd := func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-.", r)
	}
	if strings.ContainsFunc(key, odd) {
		return quote(key)
	}
	return key
}
