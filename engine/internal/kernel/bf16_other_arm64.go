//go:build !linux && !darwin

package kernel

// hasBF16 reports FEAT_BF16: no, where nobody has found out how to ask.
func hasBF16() bool { return false }
