package kernel

import "golang.org/x/sys/cpu"

// lesser returns kernels that this machine can run but would not choose.
func lesser() []*Kernel {
	if !cpu.X86.HasAVX512F || !cpu.X86.HasAVX2 || !cpu.X86.HasFMA {
		return nil
	}
	k := avx512(false, false)
	k.name = "avx512f"
	return []*Kernel{k}
}
