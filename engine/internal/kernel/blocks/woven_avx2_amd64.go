package blocks

//go:noescape
func dotWovenQ8_0AVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ4_0AVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenIQ4_NLAVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ4_1AVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ5_0AVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ5_1AVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ2_KAVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ3_KAVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ4_KAVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ5_KAVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ6_KAVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenIQ4_XSAVX2(blocks int, strip *byte, x, out *float32)

//go:noescape
func unweaveQ8_0AVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ4_0AVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveIQ4_NLAVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ4_1AVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ5_0AVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ5_1AVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ2_KAVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ3_KAVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ4_KAVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ5_KAVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ6_KAVX2(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveIQ4_XSAVX2(blocks int, strip *byte, left, right *float32, ahead int)

func dotWovenAVX2(f Format, blocks int, strip *byte, x, out *float32) {
	switch f {
	case Q8_0:
		dotWovenQ8_0AVX2(blocks, strip, x, out)
	case Q4_0:
		dotWovenQ4_0AVX2(blocks, strip, x, out)
	case IQ4_NL:
		dotWovenIQ4_NLAVX2(blocks, strip, x, out)
	case Q4_1:
		dotWovenQ4_1AVX2(blocks, strip, x, out)
	case Q5_0:
		dotWovenQ5_0AVX2(blocks, strip, x, out)
	case Q5_1:
		dotWovenQ5_1AVX2(blocks, strip, x, out)
	case Q2_K:
		dotWovenQ2_KAVX2(blocks, strip, x, out)
	case Q3_K:
		dotWovenQ3_KAVX2(blocks, strip, x, out)
	case Q4_K:
		dotWovenQ4_KAVX2(blocks, strip, x, out)
	case Q5_K:
		dotWovenQ5_KAVX2(blocks, strip, x, out)
	case Q6_K:
		dotWovenQ6_KAVX2(blocks, strip, x, out)
	case IQ4_XS:
		dotWovenIQ4_XSAVX2(blocks, strip, x, out)
	}
}

func unweaveAVX2(f Format, blocks int, strip *byte, left, right *float32, ahead int) {
	switch f {
	case Q8_0:
		unweaveQ8_0AVX2(blocks, strip, left, right, ahead)
	case Q4_0:
		unweaveQ4_0AVX2(blocks, strip, left, right, ahead)
	case IQ4_NL:
		unweaveIQ4_NLAVX2(blocks, strip, left, right, ahead)
	case Q4_1:
		unweaveQ4_1AVX2(blocks, strip, left, right, ahead)
	case Q5_0:
		unweaveQ5_0AVX2(blocks, strip, left, right, ahead)
	case Q5_1:
		unweaveQ5_1AVX2(blocks, strip, left, right, ahead)
	case Q2_K:
		unweaveQ2_KAVX2(blocks, strip, left, right, ahead)
	case Q3_K:
		unweaveQ3_KAVX2(blocks, strip, left, right, ahead)
	case Q4_K:
		unweaveQ4_KAVX2(blocks, strip, left, right, ahead)
	case Q5_K:
		unweaveQ5_KAVX2(blocks, strip, left, right, ahead)
	case Q6_K:
		unweaveQ6_KAVX2(blocks, strip, left, right, ahead)
	case IQ4_XS:
		unweaveIQ4_XSAVX2(blocks, strip, left, right, ahead)
	}
}
