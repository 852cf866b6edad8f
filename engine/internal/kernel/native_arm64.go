package kernel

// native lists the kernels in assembly that this processor can run, the fastest first. Advanced SIMD is always there.
func native() []*Kernel {
	return []*Kernel{neon()}
}

func neon() *Kernel {
	k := Portable()
	k.name = "neon"
	k.gemm = gemmNEON
	k.packF32 = packRowsNEON
	k.packing = vectorNEON
	k.units[ModeF32] = unit{"FMLA", peakRateNEON}
	vectorNEON.rows(k)
	return k
}
