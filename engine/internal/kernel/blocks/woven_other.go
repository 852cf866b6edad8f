//go:build !amd64

package blocks

func weavesAVX512(Format) bool { return false }

// dotWovenAVX512 and unweaveAVX512 are never called where weavesAVX512 denies.
func dotWovenAVX512(Format, int, *byte, *float32, *float32, int) { panic("blocks: no assembly") }

func unweaveAVX512(Format, int, *byte, *float32, *float32, int) { panic("blocks: no assembly") }
