package datasets

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// segment finds the text of a line of WMT's SGML: what stands between the first ">" after "<seg" and the last "</seg>".
// The expression is that of sacreBLEU 1.5.0 (sacrebleu/utils.py, process_to_text); what follows "</seg>" stays.
var segment = regexp.MustCompile(`<seg.*?>(.*)</seg>.*?`)

// sgmLines converts WMT's SGML as sacreBLEU 1.5.0 does (mjpost/sacrebleu tag v1.5.0, sacrebleu/utils.py,
// process_to_text): only lines that begin with "<seg " count, their text is stripped and every run of white space
// becomes one space, which includes U+3000. Entities are not decoded. The order is the file's, the ids are not read.
func sgmLines(content []byte) []string {
	var all []string
	// The callback never fails, so neither does lines.
	_ = lines(content, func(_ int, line []byte) error {
		if bytes.HasPrefix(line, []byte("<seg ")) {
			text := segment.ReplaceAllString(string(line), "${1}")
			all = append(all, strings.Join(strings.FieldsFunc(text, pythonSpace), " "))
		}
		return nil
	})
	return all
}

// parseSGM joins sources and references segment by segment.
func parseSGM(sources, references []byte) ([]json.RawMessage, error) {
	return pair(sgmLines(sources), sgmLines(references))
}
