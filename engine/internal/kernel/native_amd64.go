package kernel

import "golang.org/x/sys/cpu"

// native lists the kernels in assembly that this processor can run, the fastest first.
func native() []*Kernel {
	var ks []*Kernel
	if cpu.X86.HasAVX512F && cpu.X86.HasFMA {
		ks = append(ks, avx512())
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C {
		ks = append(ks, avx2())
	}
	return ks
}

// avx512 needs AVX-512F only, none of its extensions.
func avx512() *Kernel {
	k := Portable()
	k.name = "avx512"
	k.gemm = gemmAVX512
	k.pack = packAVX512
	k.packF32 = packRowsAVX512
	k.peak = peakRateAVX512
	vectorAVX512.rows(k)
	return k
}

func avx2() *Kernel {
	k := Portable()
	k.name = "avx2"
	k.gemm = gemmAVX2
	k.pack = packAVX2
	k.packF32 = packRowsAVX2
	k.peak = peakRateAVX2
	vectorAVX2.rows(k)
	return k
}
