package lmeval

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestModelArgs reads what means the same here, the last of what is said twice.
func TestModelArgs(t *testing.T) {
	for text, want := range map[string]ModelArgs{
		"pretrained=org/name,dtype=bfloat16":                {Model: "org/name", Named: true, DType: "bf16"},
		"pretrained=a,pretrained=b,revision=r,max_length=9": {Model: "b@r", Named: true, Window: 9},
		"revision=r,peft=lora":                              {Model: "given@r", Adapter: "lora"},
		"dtype=auto":                                        {Model: "given", DType: "f32"},
		"dtype=q8,tokenizer=given":                          {Model: "given", DType: "q8"},
		"pretrained=a,revision=r,tokenizer=a":               {Model: "a@r", Named: true},
		"trust_remote_code=False":                           {Model: "given", TrustRemoteCode: true},
	} {
		got, err := ParseModelArgs(text, "given")
		require.NoError(t, err, text)
		got.pretrained, got.revision, got.tokenizer = "", "", ""
		assert.Equal(t, want, got, text)
	}
}

// TestModelArgsThatAreRefused say what is wrong with them.
func TestModelArgsThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"pretrained":                `"pretrained" is not of the form key=value`,
		"dtype=f32,":                `"" is not of the form key=value`,
		"max_length=0":              `max_length "0" is not a positive number`,
		"max_length=x":              `max_length "x" is not a positive number`,
		"trust_remote_code=perhaps": `trust_remote_code "perhaps" is neither True nor False`,
		"pretrained=a@b,revision=c": "revision c, but a@b names one already",
		"pretrained=a,tokenizer=b":  "tokenizer=b is not supported: a model is read with the tokenizer in its own folder",
		"parallelize=True":          "parallelize is not supported: pretrained, peft, revision, dtype, max_length, tokenizer and trust_remote_code are",
	} {
		_, err := ParseModelArgs(text, "given")
		assert.EqualError(t, err, want, text)
	}
}
