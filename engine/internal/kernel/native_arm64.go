package kernel

import "golang.org/x/sys/cpu"

// native lists the kernels in assembly that this processor can run, those with the most of its instructions first. Advanced
// SIMD is always there.
func native() []*Kernel {
	bf16, dot := hasBF16(), cpu.ARM64.HasASIMDDP
	ks := []*Kernel{neon(bf16, dot)}
	if bf16 {
		k := neon(false, dot)
		k.name = "neon-fma"
		ks = append(ks, k)
	}
	return ks
}

// neon needs Advanced SIMD alone; of its extensions it uses BF16 (BFMLALB and BFMLALT, which are rounded as GemmBF16 asks,
// but not BFDOT and BFMMLA, which are not) and DotProd where they are there.
func neon(bf16, dot bool) *Kernel {
	k := Portable()
	k.name = "neon"
	k.gemm = gemmNEON
	k.gemmMixed = mixedNEON.gemmMixed
	k.gemmBF16 = flushNEON.gemmBF16
	k.gemmPairs = flushNEON.gemmPairs
	k.gemmQ8 = quadsSMULL.gemmQ8
	k.packF32 = packRowsNEON
	k.packing = vectorNEON
	k.units[ModeF32] = unit{"FMLA", peakRateNEON}
	k.units[ModeBF16] = unit{"FMLA", peakRateNEON}
	k.units[ModeQ8] = unit{"SMULL", peakRateSMULL}
	if bf16 {
		k.gemmBF16 = bfmlal.gemmBF16
		k.gemmPairs = bfmlal.gemmPairs
		k.units[ModeBF16] = unit{"BFMLAL", peakRateBFMLAL}
	}
	if dot {
		k.gemmQ8 = quadsSDOT.gemmQ8
		k.units[ModeQ8] = unit{"SDOT", peakRateSDOT}
	}
	vectorNEON.rows(k)
	return k
}
