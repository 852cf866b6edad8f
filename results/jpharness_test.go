package results

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseJPResult(t *testing.T) {
	const detail = `{"completion":"答えは7","extracted_answer":7,"answer":8,"acc":false}`
	good := `{"results":{"mgsm-1.0-0.0":{"acc":0.5,"acc_stderr":0.25,"details":[` + detail + `,
		{"completion":"","extracted_answer":"[invalid]","answer":123456789012345678901,"acc":false}]},"xlsum":{"rouge2":1}},"versions":{}}`
	rs, without, err := ParseJPResult("r.json", []byte(good))
	require.NoError(t, err)
	assert.True(t, IsJPResult([]byte(good)))
	assert.Equal(t, []string{"xlsum"}, without)
	require.Len(t, rs, 1)
	assert.Equal(t, "mgsm", rs[0].Task())
	assert.Equal(t, JPDetail{"答えは7", "7", "8", false}, rs[0].Details[0])
	assert.Equal(t, JPDetail{"", "[invalid]", "123456789012345678901", false}, rs[0].Details[1])

	for _, c := range []struct{ name, in, want string }{
		{"not JSON", `{`, "r.json: unexpected end"},
		{"no acc", `{"results":{"mgsm":{"acc_stderr":1,"details":[` + detail + `]}}}`, "r.json: mgsm: acc or acc_stderr is missing"},
		{"field missing", `{"results":{"mgsm":{"acc":1,"acc_stderr":1,"details":[` + detail + `,{"completion":"x"}]}}}`, "record 1: completion"},
		{"wrong type", `{"results":{"mgsm":{"acc":1,"acc_stderr":1,"details":[{"completion":"x","extracted_answer":[1],"answer":1,"acc":true}]}}}`, "record 0: extracted_answer is neither"},
		{"N/A", `{"results":{"mgsm":{"acc":1,"acc_stderr":"N/A","details":[]}}}`, "r.json: json: cannot unmarshal"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := ParseJPResult("r.json", []byte(c.in))
			assert.ErrorContains(t, err, c.want)
		})
	}
}

func FuzzImportSwallow(f *testing.F) {
	f.Add([]byte(`{"results":{"mgsm-1.0-0.0":{"acc":0.5,"acc_stderr":0.25,"details":[{"completion":"1","extracted_answer":1,"answer":1,"acc":true}]}},"versions":{}}`))
	f.Add([]byte(`{"results":null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		rs, _, err := ParseJPResult("fuzz", b)
		if err == nil {
			for _, r := range rs {
				assert.NotEmpty(t, r.Details)
			}
		}
	})
}
