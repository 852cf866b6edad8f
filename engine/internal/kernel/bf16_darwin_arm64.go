package kernel

import "golang.org/x/sys/unix"

// hasBF16 reports FEAT_BF16, which golang.org/x/sys/cpu does not know. Systems that do not know it either lack it.
func hasBF16() bool {
	has, err := unix.SysctlUint32("hw.optional.arm.FEAT_BF16")
	return err == nil && has != 0
}
