package kernel

import "golang.org/x/sys/unix"

// Of the auxiliary vector that Linux gives a process: AT_HWCAP2, and HWCAP2_BF16 of asm/hwcap.h.
const (
	auxHardware2 = 26
	hardwareBF16 = 1 << 14
)

// hasBF16 reports FEAT_BF16, which golang.org/x/sys/cpu does not know.
func hasBF16() bool {
	vector, err := unix.Auxv()
	if err != nil {
		return false // then there is one instruction less to choose from
	}
	for _, entry := range vector {
		if entry[0] == auxHardware2 {
			return entry[1]&hardwareBF16 != 0
		}
	}
	return false
}
