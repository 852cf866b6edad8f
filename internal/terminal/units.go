package terminal

import "fmt"

// MiB shows a number of bytes in mebibytes.
func MiB(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// KiB shows a number of bytes in kibibytes.
func KiB(n int64) string { return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10)) }
