package lmeval

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLMEvalArguments(t *testing.T) {
	for _, c := range []struct {
		arguments              string
		prompts, continuations []string
	}{
		{`{"gen_args_0":{"arg_0":"p","arg_1":{"until":["x"]}}}`, []string{"p"}, []string{""}},
		{`[["p"," a"]]`, []string{"p"}, []string{" a"}},
		{`[["p",{"until":[]}]]`, []string{"p"}, []string{""}},
		{`{}`, nil, nil}, {`[["p"],["q"]]`, nil, nil}, {`"x"`, nil, nil}, {`[[]]`, nil, nil}, {`[[3]]`, nil, nil}, {`null`, nil, nil},
	} {
		s, err := parse([]byte(`{"doc_id":0,"doc":{},"resps":[["a"]],"filtered_resps":["a"],"arguments":` + c.arguments + `}`))
		require.NoError(t, err)
		assert.Equal(t, c.prompts, s.Prompts, c.arguments)
		assert.Equal(t, c.continuations, s.Continuations, c.arguments)
	}
}
