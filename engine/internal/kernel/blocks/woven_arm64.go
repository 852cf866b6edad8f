package blocks

//go:noescape
func dotWovenQ8_0NEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ4_0NEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenIQ4_NLNEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ4_1NEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ5_0NEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ5_1NEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ2_KNEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ3_KNEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ4_KNEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ5_KNEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenQ6_KNEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func dotWovenIQ4_XSNEON(blocks int, strip *byte, x, out *float32)

//go:noescape
func unweaveQ8_0NEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ4_0NEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveIQ4_NLNEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ4_1NEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ5_0NEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ5_1NEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ2_KNEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ3_KNEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ4_KNEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ5_KNEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveQ6_KNEON(blocks int, strip *byte, left, right *float32, ahead int)

//go:noescape
func unweaveIQ4_XSNEON(blocks int, strip *byte, left, right *float32, ahead int)

// weaves says for which formats there is assembly: for all that are woven.
func (v Vector) weaves(f Format) bool {
	words, _ := f.woven()
	return words != nil && v == NEON
}

func (Vector) dotWoven(f Format, blocks int, strip *byte, x, out *float32) {
	switch f {
	case Q8_0:
		dotWovenQ8_0NEON(blocks, strip, x, out)
	case Q4_0:
		dotWovenQ4_0NEON(blocks, strip, x, out)
	case IQ4_NL:
		dotWovenIQ4_NLNEON(blocks, strip, x, out)
	case Q4_1:
		dotWovenQ4_1NEON(blocks, strip, x, out)
	case Q5_0:
		dotWovenQ5_0NEON(blocks, strip, x, out)
	case Q5_1:
		dotWovenQ5_1NEON(blocks, strip, x, out)
	case Q2_K:
		dotWovenQ2_KNEON(blocks, strip, x, out)
	case Q3_K:
		dotWovenQ3_KNEON(blocks, strip, x, out)
	case Q4_K:
		dotWovenQ4_KNEON(blocks, strip, x, out)
	case Q5_K:
		dotWovenQ5_KNEON(blocks, strip, x, out)
	case Q6_K:
		dotWovenQ6_KNEON(blocks, strip, x, out)
	case IQ4_XS:
		dotWovenIQ4_XSNEON(blocks, strip, x, out)
	}
}

func (Vector) unweave(f Format, blocks int, strip *byte, left, right *float32, ahead int) {
	switch f {
	case Q8_0:
		unweaveQ8_0NEON(blocks, strip, left, right, ahead)
	case Q4_0:
		unweaveQ4_0NEON(blocks, strip, left, right, ahead)
	case IQ4_NL:
		unweaveIQ4_NLNEON(blocks, strip, left, right, ahead)
	case Q4_1:
		unweaveQ4_1NEON(blocks, strip, left, right, ahead)
	case Q5_0:
		unweaveQ5_0NEON(blocks, strip, left, right, ahead)
	case Q5_1:
		unweaveQ5_1NEON(blocks, strip, left, right, ahead)
	case Q2_K:
		unweaveQ2_KNEON(blocks, strip, left, right, ahead)
	case Q3_K:
		unweaveQ3_KNEON(blocks, strip, left, right, ahead)
	case Q4_K:
		unweaveQ4_KNEON(blocks, strip, left, right, ahead)
	case Q5_K:
		unweaveQ5_KNEON(blocks, strip, left, right, ahead)
	case Q6_K:
		unweaveQ6_KNEON(blocks, strip, left, right, ahead)
	case IQ4_XS:
		unweaveIQ4_XSNEON(blocks, strip, left, right, ahead)
	}
}
