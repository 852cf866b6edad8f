package jpharness

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadHarnessConfig(t *testing.T) {
	four := 4
	for name, c := range map[string]struct {
		in   string
		want Config
	}{
		"lm-eval": {
			`{"results":{},"config":{"model_args":"pretrained=x,dtype=auto","num_fewshot":null},"n-shot":{"gsm8k":5,"odd":null},"n-samples":{"gsm8k":{"original":1319,"effective":5},"odd":{"original":3},"list":[1]},"versions":{"gsm8k":3.0,"mgsm":"1"},"model_name":"org/x"}`,
			Config{Model: "org/x", Shots: map[string]int{"gsm8k": 5}, Versions: map[string]string{"gsm8k": "3.0", "mgsm": "1"}, Evaluated: map[string]int{"gsm8k": 5}},
		},
		"2023": {
			`{"results":{},"config":{"model_args":"use_fast=True,pretrained=y","num_fewshot":4}}`,
			Config{Model: "y", AllShots: &four, Shots: map[string]int{}, Versions: map[string]string{}, Evaluated: map[string]int{}},
		},
		"strange": {
			`{"config":"{'model': 1}","versions":[1],"n-shot":"N/A","n-samples":"N/A","model_name":7}`,
			Config{Shots: map[string]int{}, Versions: map[string]string{}, Evaluated: map[string]int{}},
		},
	} {
		got, err := ReadConfig("r.json", strings.NewReader(c.in))
		require.NoError(t, err, name)
		assert.Equal(t, c.want, got, name)
	}
	_, err := ReadConfig("r.json", strings.NewReader(`{"config":{`))
	assert.ErrorContains(t, err, "r.json")
}
