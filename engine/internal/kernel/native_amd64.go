package kernel

import "golang.org/x/sys/cpu"

// native lists the kernels in assembly that this processor can run, those with the most of its instructions first.
func native() []*Kernel {
	var ks []*Kernel
	has2 := cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasF16C
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && has2 {
		ks = append(ks, avx512(cpu.X86.HasAVX512BF16, cpu.X86.HasAVX512VNNI))
		if cpu.X86.HasAVX512BF16 {
			k := avx512(false, cpu.X86.HasAVX512VNNI) // VDPBF16PS takes four times as long on some processors
			k.name = "avx512-fma"
			ks = append(ks, k)
		}
	}
	if has2 {
		ks = append(ks, avx2())
	}
	return ks
}

// avx512 needs AVX-512F, AVX2 and FMA; of the extensions of AVX-512 it uses BF16 and VNNI where they are there.
func avx512(bf16, vnni bool) *Kernel {
	k := Portable()
	k.name = "avx512"
	k.gemm = gemmAVX512
	k.gemmMixed = mixedAVX512.gemmWidened
	k.gemmBF16 = flushAVX512.gemmBF16
	k.gemmPairs = flushAVX512.gemmPairs
	k.gemmQ8 = quadsAVX2.gemmQ8
	k.packF32 = packRowsAVX512
	k.packing = vectorAVX512
	k.units[ModeF32] = unit{"VFMADD231PS", peakRateAVX512}
	k.units[ModeBF16] = unit{"VFMADD231PS", peakRateAVX512}
	k.units[ModeQ8] = unit{"VPMADDWD", peakRateMaddAVX2}
	if bf16 {
		k.gemmBF16 = dotBF16.gemmBF16
		k.gemmPairs = dotBF16.gemmPairs
		k.units[ModeBF16] = unit{"VDPBF16PS", peakRateBF16}
	}
	if vnni {
		k.gemmQ8 = quadsVNNI.gemmQ8
		k.units[ModeQ8] = unit{"VPDPBUSD", peakRateVNNI}
	}
	vectorAVX512.rows(k)
	return k
}

func avx2() *Kernel {
	k := Portable()
	k.name = "avx2"
	k.gemm = gemmAVX2
	k.gemmMixed = mixedAVX2.gemmWidened
	k.gemmBF16 = flushAVX2.gemmBF16
	k.gemmPairs = flushAVX2.gemmPairs
	k.gemmQ8 = quadsAVX2.gemmQ8
	k.packF32 = packRowsAVX2
	k.packing = vectorAVX2
	k.units[ModeF32] = unit{"VFMADD231PS", peakRateAVX2}
	k.units[ModeBF16] = unit{"VFMADD231PS", peakRateAVX2}
	k.units[ModeQ8] = unit{"VPMADDWD", peakRateMaddAVX2}
	vectorAVX2.rows(k)
	return k
}
