package blocks

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStreamIsTheKernels: this package has a copy of a header of package kernel, for what a package includes from elsewhere is not seen to
// change when it is built again.
func TestStreamIsTheKernels(t *testing.T) {
	want, err := os.ReadFile("../stream_amd64.h")
	require.NoError(t, err)
	got, err := os.ReadFile("stream_amd64.h")
	require.NoError(t, err)
	assert.Equal(t, string(want), string(got))
}
