#include "go_asm.h"
#include "textflag.h"
#include "neon_arm64.h"

// Rounding to bfloat16 and quantising for Advanced SIMD.

// ROUNDING sets what ROUND needs: V31 1, V30 0x7fff, V29 the bit that makes a NaN quiet.
#define ROUNDING \
	MOVW $1, R8; \
	VDUP R8, V31.S4; \
	MOVW $0x7fff, R8; \
	VDUP R8, V30.S4; \
	MOVW $0x400000, R8; \
	VDUP R8, V29.S4

// ROUND is num.F32ToBF16 of y to the upper halves of t; it changes y and uses m.
#define ROUND(y, t, m) \
	USHR16(t, y); \
	ANDV(t, t, 31); \
	ADD4(t, t, 30); \
	ADD4(t, t, y); \
	FCMEQ(m, y, y); \
	ORRV(y, y, 29); \
	BIF(t, y, m)

// func roundNEON(blocks int, src *float32, dst *uint16)
//
//	for i := range dst { dst[i] = num.F32ToBF16(src[i]) }
TEXT ·roundNEON(SB), 0, $128-24
	MOVD blocks+0(FP), R2
	MOVD src+8(FP), R1
	MOVD dst+16(FP), R3
	ROUNDING
loop:
	LDPQ(0, 1, 1, 0)
	LDPQ(2, 3, 1, 2)
	ROUND(0, 4, 8)
	ROUND(1, 5, 9)
	ROUND(2, 6, 10)
	ROUND(3, 7, 11)
	SHRN16(12, 4)
	SHRN16H(12, 5)
	SHRN16(13, 6)
	SHRN16H(13, 7)
	STPQ(12, 13, 3, 0)
	ADD $64, R1
	ADD $32, R3
	SUBS $1, R2
	BNE loop
	RET

// SIDE rounds the even elements y and the odd ones z and puts them side by side in y. V28 masks the upper halves.
#define SIDE(y, z, t, u, m) \
	ROUND(y, t, m); \
	ROUND(z, u, m); \
	USHR16(t, t); \
	ANDV(u, u, 28); \
	ORRV(y, t, u)

#define UPPER \
	MOVW $0xffff0000, R8; \
	VDUP R8, V28.S4

// func pairRowsNEON(pairs int, src *float32, dst *byte): pairs of rows of 32 float32, to rows of 64 pairs of which the
// first 32 are written.
//
//	dst[p][j] = num.F32ToBF16(src[2*p][j]), num.F32ToBF16(src[2*p+1][j])
TEXT ·pairRowsNEON(SB), 0, $128-24
	MOVD pairs+0(FP), R2
	MOVD src+8(FP), R1
	MOVD dst+16(FP), R3
	ROUNDING
	UPPER
loop:
	MOVD $4, R4
quarter:
	LDPQ(0, 1, 1, 0)
	LDPQ(2, 3, 1, 8)
	SIDE(0, 2, 4, 5, 6)
	SIDE(1, 3, 7, 8, 9)
	STPQ(0, 1, 3, 0)
	ADD $32, R1
	ADD $32, R3
	SUBS $1, R4
	BNE quarter
	ADD $128, R1
	ADD $128, R3
	SUBS $1, R2
	BNE loop
	RET

// func pairNEON(blocks int, even, odd *float32, dst *byte) int: as pairBF16Portable; not zero where something is not finite.
TEXT ·pairNEON(SB), 0, $128-40
	MOVD blocks+0(FP), R2
	MOVD even+8(FP), R1
	MOVD odd+16(FP), R4
	MOVD dst+24(FP), R3
	ROUNDING
	UPPER
	MOVW $0x7f807f80, R8
	VDUP R8, V27.S4
	MOVW $0x00800080, R8
	VDUP R8, V26.S4
	ZERO(25)
	LSL $1, R2
loop:
	LDPQ(0, 1, 1, 0)
	LDPQ(2, 3, 4, 0)
	SIDE(0, 2, 4, 5, 6)
	SIDE(1, 3, 7, 8, 9)
	STPQ(0, 1, 3, 0)
	ANDV(0, 0, 27)
	ANDV(1, 1, 27)
	ADD4(0, 0, 26)
	ADD4(1, 1, 26)
	ORRV(25, 25, 0)
	ORRV(25, 25, 1)
	ADD $32, R1
	ADD $32, R4
	ADD $32, R3
	SUBS $1, R2
	BNE loop
	MOVW $0x80008000, R8
	VDUP R8, V0.S4
	ANDV(25, 25, 0)
	UMAXV(0, 25)
	VMOV V0.S[0], R8
	MOVD R8, ret+32(FP)
	RET

// func topNEON(src *float32) uint32: the largest magnitude, as bits, of a group.
//
//	for i < groupQ8 { top = max(top, magnitudeBits(src[i])) }
TEXT ·topNEON(SB), 0, $128-12
	MOVD src+0(FP), R1
	MOVD $(const_groupQ8/16), R2
	MOVW $0x7fffffff, R8
	VDUP R8, V31.S4
	ZERO(8)
	ZERO(9)
loop:
	LDPQ(0, 1, 1, 0)
	LDPQ(2, 3, 1, 2)
	ANDV(0, 0, 31)
	ANDV(1, 1, 31)
	ANDV(2, 2, 31)
	ANDV(3, 3, 31)
	UMAX4(0, 0, 1)
	UMAX4(2, 2, 3)
	UMAX4(8, 8, 0)
	UMAX4(9, 9, 2)
	ADD $64, R1
	SUBS $1, R2
	BNE loop
	UMAX4(8, 8, 9)
	UMAXV(0, 8)
	VMOV V0.S[0], R8
	MOVW R8, ret+8(FP)
	RET

// func quantizeNEON(src *float32, dst *byte, inverse float32) int32: a group whose inverse scale is not zero, and the sum of
// its bytes. FCVTNS rounds to the nearest integer, ties to even.
//
//	for i < groupQ8 { dst[i] = byte(quantized(src[i], inverse)); sum += quantized(src[i], inverse) }
TEXT ·quantizeNEON(SB), 0, $128-28
	MOVD src+0(FP), R1
	MOVD dst+8(FP), R3
	MOVWU inverse+16(FP), R4
	MOVD $(const_groupQ8/16), R2
	VDUP R4, V31.S4
	ZERO(8)
loop:
	LDPQ(0, 1, 1, 0)
	LDPQ(2, 3, 1, 2)
	FMUL(0, 0, 31)
	FMUL(1, 1, 31)
	FMUL(2, 2, 31)
	FMUL(3, 3, 31)
	FCVTNS(0, 0)
	FCVTNS(1, 1)
	FCVTNS(2, 2)
	FCVTNS(3, 3)
	ADD4(4, 0, 1)
	ADD4(5, 2, 3)
	ADD4(8, 8, 4)
	ADD4(8, 8, 5)
	XTN4(6, 0)
	XTN4H(6, 1)
	XTN4(7, 2)
	XTN4H(7, 3)
	XTN8(9, 6)
	XTN8H(9, 7)
	STRQ(9, 3, 0)
	ADD $64, R1
	ADD $16, R3
	SUBS $1, R2
	BNE loop
	ADDV(0, 8)
	VMOV V0.S[0], R8
	MOVW R8, ret+24(FP)
	RET
