//go:build !amd64 && !arm64

package blocks

func (Vector) weaves(Format) bool { return false }

// dotWoven and unweave are never called where weaves denies.
func (Vector) dotWoven(Format, int, *byte, *float32, *float32) { panic("blocks: no assembly") }

func (Vector) unweave(Format, int, *byte, *float32, *float32, int) { panic("blocks: no assembly") }
