#include "textflag.h"
#include "neon_arm64.h"

// Operations on rows of numbers for Advanced SIMD, in blocks of sixteen elements, four registers each: lanes 0 to 3, 4 to
// 7, 8 to 11 and 12 to 15 of the canonical sums. The loop over each function in its comment is the one it replaces. On
// the frame see gemm_avx512_amd64.s.

// CONSTANTS32 loads those of num.Exp32 to V16 to V28; V28 is 1.
#define CONSTANTS32 \
	MOVD $·exp32Constants(SB), R8; \
	LD1RS(16, 8); LD1RS(17, 8); LD1RS(18, 8); LD1RS(19, 8); LD1RS(20, 8); LD1RS(21, 8); LD1RS(22, 8); \
	LD1RS(23, 8); LD1RS(24, 8); LD1RS(25, 8); LD1RS(26, 8); LD1RS(27, 8); LD1RS(28, 8)

// REDUCED makes x what is left of it after a multiple of ln 2, z that multiple as an integer, and p the polynomial that
// num.Exp32 and num.Tanh32 have in common; it uses n.
#define REDUCED(x, z, n, p) \
	MOVV(z, 19); \
	FMLA(z, x, 18); \
	FSUB(n, z, 19); \
	SUB4(z, z, 19); \
	FMLS(x, n, 20); \
	FMLS(x, n, 21); \
	MOVV(p, 23); \
	FMLA(p, 22, x); \
	MOVV(n, 24); \
	FMLA(n, p, x); \
	MOVV(p, 25); \
	FMLA(p, n, x); \
	MOVV(n, 26); \
	FMLA(n, p, x); \
	MOVV(p, 27); \
	FMLA(p, n, x)

// EXP32 is num.Exp32 of the register x to p; it changes x and uses z, n and m. The comparison is "less" and FMIN returns a
// NaN, so that NaN passes both.
#define EXP32(x, z, n, p, m) \
	FCMGT(m, 16, x); \
	FMIN(x, x, 17); \
	REDUCED(x, z, n, p); \
	MOVV(n, 28); \
	FMLA(n, p, x); \
	MOVV(p, 28); \
	FMLA(p, n, x); \
	SSHR1(n, z); \
	SUB4(z, z, n); \
	SHL23(n, n); \
	ADD4(n, n, 28); \
	FMUL(p, p, n); \
	SHL23(z, z); \
	ADD4(z, z, 28); \
	FMUL(p, p, z); \
	BICV(p, p, m)

// CONSTANTS64 loads those of num.Exp64 to V14 to V31.
#define CONSTANTS64 \
	MOVD $·exp64Constants(SB), R8; \
	LD1RD(14, 8); LD1RD(15, 8); LD1RD(16, 8); LD1RD(17, 8); LD1RD(18, 8); LD1RD(19, 8); \
	LD1RD(20, 8); LD1RD(21, 8); LD1RD(22, 8); LD1RD(23, 8); LD1RD(24, 8); LD1RD(25, 8); \
	LD1RD(26, 8); LD1RD(27, 8); LD1RD(28, 8); LD1RD(29, 8); LD1RD(30, 8); LD1RD(31, 8)

#define HORNER64(p, c, n, x) MOVV(p, c); FMLAD(p, n, x)

// EXP64 is num.Exp64 of the register x, which is not above zero: 2^n is then a float64 and one product will do.
#define EXP64(x, z, n, p, m) \
	FCMGTD(m, 14, x); \
	MOVV(z, 16); \
	FMLAD(z, x, 15); \
	FSUBD(n, z, 16); \
	FMLSD(x, n, 17); \
	FMLSD(x, n, 18); \
	HORNER64(p, 20, 19, x); \
	HORNER64(n, 21, p, x); \
	HORNER64(p, 22, n, x); \
	HORNER64(n, 23, p, x); \
	HORNER64(p, 24, n, x); \
	HORNER64(n, 25, p, x); \
	HORNER64(p, 26, n, x); \
	HORNER64(n, 27, p, x); \
	HORNER64(p, 28, n, x); \
	HORNER64(n, 29, p, x); \
	HORNER64(p, 30, n, x); \
	HORNER64(n, 31, p, x); \
	HORNER64(p, 31, n, x); \
	SHL52(z, z); \
	ADD2(z, z, 31); \
	FMULD(p, p, z); \
	BICV(p, p, m)

#define LANES(r) LDPQ(12, 13, r, 0); LDPQ(14, 15, r, 2)
#define PUTLANES(r) STPQ(12, 13, r, 0); STPQ(14, 15, r, 2)

#define EXPSUM(o, a, b) \
	LDPQ(0, 5, 1, o); \
	FMUL(0, 0, 31); \
	FMUL(5, 5, 31); \
	FSUB(0, 0, 30); \
	FSUB(5, 5, 30); \
	EXP32(0, 1, 2, 3, 4); \
	EXP32(5, 6, 7, 8, 9); \
	STPQ(3, 8, 1, o); \
	FADD(a, a, 3); \
	FADD(b, b, 8)

// func expSumNEON(x *float32, blocks int, max, scale float32, lanes *[16]float32)
//
//	for i := range x { x[i] = num.Exp32(x[i]*scale - max); lanes[i%16] += x[i] }
TEXT ·expSumNEON(SB), 0, $128-32
	MOVD x+0(FP), R1
	MOVD blocks+8(FP), R2
	MOVWU max+16(FP), R3
	MOVWU scale+20(FP), R4
	MOVD lanes+24(FP), R5
	CONSTANTS32
	VDUP R3, V30.S4
	VDUP R4, V31.S4
	LANES(5)
loop:
	EXPSUM(0, 12, 13)
	EXPSUM(2, 14, 15)
	ADD $64, R1
	SUBS $1, R2
	BNE loop
	PUTLANES(5)
	RET

// func sumHalvesNEON(x *uint16, blocks int, lanes *[16]float32)
//
//	for i := range x { lanes[i%16] += num.BF16ToF32(x[i]) }
TEXT ·sumHalvesNEON(SB), 0, $128-24
	MOVD x+0(FP), R1
	MOVD blocks+8(FP), R2
	MOVD lanes+16(FP), R5
	LANES(5)
loop:
	LDPQ(0, 1, 1, 0)
	SHLL16(2, 0)
	SHLL16H(3, 0)
	SHLL16(4, 1)
	SHLL16H(5, 1)
	FADD(12, 12, 2)
	FADD(13, 13, 3)
	FADD(14, 14, 4)
	FADD(15, 15, 5)
	ADD $32, R1
	SUBS $1, R2
	BNE loop
	PUTLANES(5)
	RET

#define EXPSUM64(widen, from, lane) \
	widen(0, from); \
	FSUBD(0, 0, 7); \
	EXP64(0, 1, 2, 3, 4); \
	FADDD(lane, lane, 3)

#define EXPSUMS64(o) \
	LDPQ(8, 9, 1, o); \
	EXPSUM64(FCVTL, 8, 10); \
	EXPSUM64(FCVTLH, 8, 11); \
	EXPSUM64(FCVTL, 9, 12); \
	EXPSUM64(FCVTLH, 9, 13)

// func sumExpNEON(x *float32, blocks int, max float64, lanes *[8]float64)
//
//	for i := range x { lanes[i%8] += num.Exp64(float64(x[i]) - max) }
TEXT ·sumExpNEON(SB), 0, $128-32
	MOVD x+0(FP), R1
	MOVD blocks+8(FP), R2
	MOVD max+16(FP), R3
	MOVD lanes+24(FP), R5
	CONSTANTS64
	VDUP R3, V7.D2
	LDPQ(10, 11, 5, 0)
	LDPQ(12, 13, 5, 2)
loop:
	EXPSUMS64(0)
	EXPSUMS64(2)
	ADD $64, R1
	SUBS $1, R2
	BNE loop
	STPQ(10, 11, 5, 0)
	STPQ(12, 13, 5, 2)
	RET

// GATE is gate / (1 + exp(x)) * up, for x in V0 and V5 and the gates in V10 and V11.
#define GATE(o) \
	EXP32(0, 1, 2, 3, 4); \
	EXP32(5, 6, 7, 8, 9); \
	LDPQ(12, 13, 4, o); \
	FADD(3, 3, 28); \
	FADD(8, 8, 28); \
	FDIV(3, 10, 3); \
	FDIV(8, 11, 8); \
	FMUL(3, 3, 12); \
	FMUL(8, 8, 13); \
	STPQ(3, 8, 3, o)

#define SILU(o) \
	LDPQ(10, 11, 1, o); \
	FNEG(0, 10); \
	FNEG(5, 11); \
	GATE(o)

// func siluMulNEON(dst, gate, up *float32, blocks int)
//
//	for i := range dst { dst[i] = gate[i] / (1 + num.Exp32(-gate[i])) * up[i] }
TEXT ·siluMulNEON(SB), 0, $128-32
	MOVD dst+0(FP), R3
	MOVD gate+8(FP), R1
	MOVD up+16(FP), R4
	MOVD blocks+24(FP), R2
	CONSTANTS32
loop:
	SILU(0)
	SILU(2)
	ADD $64, R1
	ADD $64, R3
	ADD $64, R4
	SUBS $1, R2
	BNE loop
	RET

#define GELUARG(y, t, z) \
	FMUL(y, z, z); \
	MOVV(t, 31); \
	FMLA(t, y, 30); \
	FMUL(y, t, z); \
	FNEG(y, y)

#define GELU(o) \
	LDPQ(10, 11, 1, o); \
	GELUARG(0, 1, 10); \
	GELUARG(5, 6, 11); \
	GATE(o)

// func geluMulNEON(dst, gate, up *float32, blocks int)
//
//	for i := range dst { z := gate[i]; dst[i] = z / (1 + num.Exp32(-z*fma(z*z, geluC, geluB))) * up[i] }
TEXT ·geluMulNEON(SB), 0, $128-32
	MOVD dst+0(FP), R3
	MOVD gate+8(FP), R1
	MOVD up+16(FP), R4
	MOVD blocks+24(FP), R2
	CONSTANTS32
	MOVD $·geluConstants(SB), R8
	LD1RS(30, 8)
	LD1RS(31, 8)
loop:
	GELU(0)
	GELU(2)
	ADD $64, R1
	ADD $64, R3
	ADD $64, R4
	SUBS $1, R2
	BNE loop
	RET

// TANH is num.Tanh32 of the register x times scale by limit, times limit, to p; it changes x and uses s, z and n. FMIN returns
// a NaN.
#define TANH(x, s, z, n, p) \
	FMUL(x, x, 30); \
	FDIV(x, x, 31); \
	ANDV(s, x, 29); \
	BICV(x, x, 29); \
	FMIN(x, x, 16); \
	FADD(x, x, x); \
	REDUCED(x, z, n, p); \
	FMUL(n, p, x); \
	MOVV(p, x); \
	FMLA(p, n, x); \
	SHL23(z, z); \
	ADD4(z, z, 28); \
	FSUB(n, z, 28); \
	FMLA(n, p, z); \
	FADD(p, n, 17); \
	FDIV(p, n, p); \
	ORRV(p, p, s); \
	FMUL(p, p, 31)

#define CAP(o) \
	LDPQ(0, 5, 1, o); \
	TANH(0, 1, 2, 3, 4); \
	TANH(5, 6, 7, 8, 9); \
	STPQ(4, 9, 1, o)

// func capNEON(x *float32, blocks int, scale, limit float32)
//
//	for i := range x { x[i] = limit * num.Tanh32(x[i] * scale / limit) }
TEXT ·capNEON(SB), 0, $128-24
	MOVD x+0(FP), R1
	MOVD blocks+8(FP), R2
	MOVWU scale+16(FP), R3
	MOVWU limit+20(FP), R4
	CONSTANTS32
	LD1RS(29, 8) // the sign
	VDUP R3, V30.S4
	VDUP R4, V31.S4
	MOVD $·geluConstants+8(SB), R8
	LD1RS(16, 8) // 10
	LD1RS(17, 8) // 2
loop:
	CAP(0)
	CAP(2)
	ADD $64, R1
	SUBS $1, R2
	BNE loop
	RET

#define LOADX LDPQ(0, 1, 1, 0); LDPQ(2, 3, 1, 2)

// func sumSquaresNEON(x *float32, blocks int, lanes *[16]float32)
//
//	for i := range x { lanes[i%16] = fma(x[i], x[i], lanes[i%16]) }
TEXT ·sumSquaresNEON(SB), 0, $128-24
	MOVD x+0(FP), R1
	MOVD blocks+8(FP), R2
	MOVD lanes+16(FP), R5
	LANES(5)
loop:
	LOADX
	FMLA(12, 0, 0)
	FMLA(13, 1, 1)
	FMLA(14, 2, 2)
	FMLA(15, 3, 3)
	ADD $64, R1
	SUBS $1, R2
	BNE loop
	PUTLANES(5)
	RET

// func maximumNEON(x *float32, blocks int, lanes *[16]float32)
//
//	for i := range x { if x[i] > lanes[i%16] { lanes[i%16] = x[i] } }
TEXT ·maximumNEON(SB), 0, $128-24
	MOVD x+0(FP), R1
	MOVD blocks+8(FP), R2
	MOVD lanes+16(FP), R5
	LANES(5)
loop:
	LOADX
	FCMGT(4, 0, 12)
	FCMGT(5, 1, 13)
	FCMGT(6, 2, 14)
	FCMGT(7, 3, 15)
	BIT(12, 0, 4)
	BIT(13, 1, 5)
	BIT(14, 2, 6)
	BIT(15, 3, 7)
	ADD $64, R1
	SUBS $1, R2
	BNE loop
	PUTLANES(5)
	RET

// func zeroTimesNEON(x *float32, blocks int, lanes *[16]float32)
//
//	for i := range x { lanes[i%16] = fma(0, x[i], lanes[i%16]) } // NaN for what is not finite
TEXT ·zeroTimesNEON(SB), 0, $128-24
	MOVD x+0(FP), R1
	MOVD blocks+8(FP), R2
	MOVD lanes+16(FP), R5
	LANES(5)
	ZERO(4)
loop:
	LOADX
	FMLA(12, 0, 4)
	FMLA(13, 1, 4)
	FMLA(14, 2, 4)
	FMLA(15, 3, 4)
	ADD $64, R1
	SUBS $1, R2
	BNE loop
	PUTLANES(5)
	RET

#define PUTX(r) STPQ(0, 1, r, 0); STPQ(2, 3, r, 2)

// func scaleNEON(dst, x, w *float32, blocks int, inv float32)
//
//	for i := range dst { dst[i] = x[i] * inv * w[i] }
TEXT ·scaleNEON(SB), 0, $128-36
	MOVD dst+0(FP), R3
	MOVD x+8(FP), R1
	MOVD w+16(FP), R4
	MOVD blocks+24(FP), R2
	MOVWU inv+32(FP), R5
	VDUP R5, V8.S4
loop:
	LOADX
	LDPQ(4, 5, 4, 0)
	LDPQ(6, 7, 4, 2)
	FMUL(0, 0, 8)
	FMUL(1, 1, 8)
	FMUL(2, 2, 8)
	FMUL(3, 3, 8)
	FMUL(0, 0, 4)
	FMUL(1, 1, 5)
	FMUL(2, 2, 6)
	FMUL(3, 3, 7)
	PUTX(3)
	ADD $64, R1
	ADD $64, R3
	ADD $64, R4
	SUBS $1, R2
	BNE loop
	RET

// func addNEON(dst, x *float32, blocks int)
//
//	for i := range dst { dst[i] += x[i] }
TEXT ·addNEON(SB), 0, $128-24
	MOVD dst+0(FP), R3
	MOVD x+8(FP), R1
	MOVD blocks+16(FP), R2
loop:
	LOADX
	LDPQ(4, 5, 3, 0)
	LDPQ(6, 7, 3, 2)
	FADD(0, 0, 4)
	FADD(1, 1, 5)
	FADD(2, 2, 6)
	FADD(3, 3, 7)
	PUTX(3)
	ADD $64, R1
	ADD $64, R3
	SUBS $1, R2
	BNE loop
	RET

// func divideNEON(dst, x *float32, blocks int, by float32)
//
//	for i := range dst { dst[i] = x[i]/by + 0 }
TEXT ·divideNEON(SB), 0, $128-28
	MOVD dst+0(FP), R3
	MOVD x+8(FP), R1
	MOVD blocks+16(FP), R2
	MOVWU by+24(FP), R4
	VDUP R4, V8.S4
	ZERO(9)
loop:
	LOADX
	FDIV(0, 0, 8)
	FDIV(1, 1, 8)
	FDIV(2, 2, 8)
	FDIV(3, 3, 8)
	FADD(0, 0, 9)
	FADD(1, 1, 9)
	FADD(2, 2, 9)
	FADD(3, 3, 9)
	PUTX(3)
	ADD $64, R1
	ADD $64, R3
	SUBS $1, R2
	BNE loop
	RET

#define TURN(a, b, c, s) \
	FMUL(16, a, c); \
	FMUL(17, b, s); \
	FMUL(18, b, c); \
	FMUL(19, a, s); \
	FSUB(a, 16, 17); \
	FADD(b, 18, 19)

// func rotateNEON(dst, src, cos, sin *float32, blocks, half, vectors int): half is the distance in bytes between partners,
// and from what follows the first ones to the next vector.
//
//	a, b = a*cos - b*sin, b*cos + a*sin
TEXT ·rotateNEON(SB), 0, $128-56
	MOVD dst+0(FP), R3
	MOVD src+8(FP), R1
	MOVD half+40(FP), R7
	MOVD vectors+48(FP), R9
next:
	MOVD cos+16(FP), R4
	MOVD sin+24(FP), R5
	MOVD blocks+32(FP), R2
	LSL $1, R2
loop:
	ADD R7, R1, R10
	ADD R7, R3, R11
	LDPQ(0, 1, 1, 0)
	LDPQ(2, 3, 10, 0)
	LDPQ(4, 5, 4, 0)
	LDPQ(6, 7, 5, 0)
	TURN(0, 2, 4, 6)
	TURN(1, 3, 5, 7)
	STPQ(0, 1, 3, 0)
	STPQ(2, 3, 11, 0)
	ADD $32, R1
	ADD $32, R3
	ADD $32, R4
	ADD $32, R5
	SUBS $1, R2
	BNE loop
	ADD R7, R1
	ADD R7, R3
	SUBS $1, R9
	BNE next
	RET
