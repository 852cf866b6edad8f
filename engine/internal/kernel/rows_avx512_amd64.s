#include "textflag.h"

// Operations on rows of numbers for AVX-512, in blocks of sixteen elements. The callers pad what is left over. Lanes are
// read and written back, so that a sum can go on in another call. On the frames see gemm_avx512_amd64.s.

// REDUCED makes x what is left of it after the multiple n of ln 2, which is an integer in z over that of magic, and p the
// polynomial that num.Exp32 and num.Tanh32 have in common. R8 points at the constants.
#define REDUCED(x, z, n, p) \
	VBROADCASTSS 12(R8), z; \
	VFMADD231PS.BCST 8(R8), x, z; \
	VSUBPS.BCST 12(R8), z, n; \
	VFNMADD231PS.BCST 16(R8), n, x; \
	VFNMADD231PS.BCST 20(R8), n, x; \
	VBROADCASTSS 24(R8), p; \
	VFMADD213PS.BCST 28(R8), x, p; \
	VFMADD213PS.BCST 32(R8), x, p; \
	VFMADD213PS.BCST 36(R8), x, p; \
	VFMADD213PS.BCST 40(R8), x, p; \
	VFMADD213PS.BCST 44(R8), x, p

// EXP32 is num.Exp32 of the register x, operation by operation, to p; it changes x and uses z, n and K2. The comparison is
// "not less" and the minimum has x as its second source, so that NaN passes both.
#define EXP32(x, z, n, p) \
	VCMPPS.BCST $5, 0(R8), x, K2; \
	VBROADCASTSS 4(R8), p; \
	VMINPS x, p, x; \
	REDUCED(x, z, n, p); \
	VFMADD213PS.BCST 48(R8), x, p; \
	VFMADD213PS.BCST 48(R8), x, p; \
	VSCALEFPS.Z n, p, K2, p

// EXP64 is num.Exp64 of the register x, which is not above zero.
#define EXP64(x, z, n, p) \
	VCMPPD.BCST $5, 0(R8), x, K2; \
	VBROADCASTSD 16(R8), z; \
	VFMADD231PD.BCST 8(R8), x, z; \
	VSUBPD.BCST 16(R8), z, n; \
	VFNMADD231PD.BCST 24(R8), n, x; \
	VFNMADD231PD.BCST 32(R8), n, x; \
	VBROADCASTSD 40(R8), p; \
	VFMADD213PD.BCST 48(R8), x, p; \
	VFMADD213PD.BCST 56(R8), x, p; \
	VFMADD213PD.BCST 64(R8), x, p; \
	VFMADD213PD.BCST 72(R8), x, p; \
	VFMADD213PD.BCST 80(R8), x, p; \
	VFMADD213PD.BCST 88(R8), x, p; \
	VFMADD213PD.BCST 96(R8), x, p; \
	VFMADD213PD.BCST 104(R8), x, p; \
	VFMADD213PD.BCST 112(R8), x, p; \
	VFMADD213PD.BCST 120(R8), x, p; \
	VFMADD213PD.BCST 128(R8), x, p; \
	VFMADD213PD.BCST 136(R8), x, p; \
	VFMADD213PD.BCST 136(R8), x, p; \
	VSCALEFPD.Z n, p, K2, p

// SCALED makes z a product of the scale less the largest one.
#define SCALED(z) \
	VMULPS z, Z18, z; \
	VSUBPS Z16, z, z

// HALVE rounds the exponential z to bfloat16 in the lower halves of t, as ROUND of round_avx512_amd64.s does.
#define HALVE(z, t) \
	VPSRLD $16, z, t; \
	VPANDD Z28, t, t; \
	VPADDD Z29, t, t; \
	VPADDD z, t, t; \
	VCMPPS $3, z, z, K1; \
	VPORD Z30, z, K1, t; \
	VPSRLD $16, t, t

// LANES combines the lanes of z into the first one, with Z0: lane j takes lane j + 8, then j + 4, j + 2 and j + 1. It does so in
// whole registers, of which the first half counts, then the first quarter: shorter ones need more than AVX-512F.
#define LANES(op, z) \
	VEXTRACTF64X4 $1, z, Y0; \
	op Z0, z, z; \
	VEXTRACTF32X4 $1, z, X0; \
	op Z0, z, z; \
	VSHUFPS $0x4e, z, z, Z0; \
	op Z0, z, z; \
	VSHUFPS $0xb1, z, z, Z0; \
	op Z0, z, z

// SOFTMAX is Kernel.Softmax: SI x, CX n (at least 1), Z18 scale; the sum goes to X17. whole and part write the exponentials
// Z3, all of them or those that K3 selects, and leave in Z3 what to sum.
#define SOFTMAX(whole, part, largest, largestRest, largestDone, loop, rest, done) \
	LEAQ ·exp32Constants(SB), R8; \
	MOVQ CX, BX; \
	SHRQ $4, BX; \
	ANDQ $15, CX; \
	MOVL $1, AX; \
	SHLL CX, AX; \
	DECL AX; \
	KMOVW AX, K3; \
	MOVL $0xff800000, AX; \
	VPBROADCASTD AX, Z16; \
	VMOVAPS Z16, Z19; \
	MOVQ SI, R9; \
	MOVQ BX, R10; \
	TESTQ R10, R10; \
	JEQ largestRest; \
largest: \
	VMOVUPS (R9), Z0; \
	VMAXPS Z16, Z0, Z16; \
	ADDQ $64, R9; \
	DECQ R10; \
	JNE largest; \
largestRest: \
	TESTL CX, CX; \
	JEQ largestDone; \
	VMOVAPS Z19, Z0; \
	VMOVUPS (R9), K3, Z0; \
	VMAXPS Z16, Z0, Z16; \
largestDone: \
	LANES(VMAXPS, Z16); \
	VMULSS X18, X16, X16; \
	VBROADCASTSS X16, Z16; \
	VPXORD Z17, Z17, Z17; \
	TESTQ BX, BX; \
	JEQ rest; \
loop: \
	VMOVUPS (SI), Z0; \
	SCALED(Z0); \
	EXP32(Z0, Z1, Z2, Z3); \
	whole; \
	VADDPS Z3, Z17, Z17; \
	ADDQ $64, SI; \
	DECQ BX; \
	JNE loop; \
rest: \
	TESTL CX, CX; \
	JEQ done; \
	VMOVUPS.Z (SI), K3, Z0; \
	SCALED(Z0); \
	EXP32(Z0, Z1, Z2, Z3); \
	part; \
	VADDPS Z3, Z17, K3, Z17; \
done: \
	LANES(VADDPS, Z17)

#define WHOLE VMOVUPS Z3, (SI)
#define PART VMOVUPS Z3, K3, (SI)

// func softmaxAVX512(x *float32, n int, scale float32) float32
TEXT ·softmaxAVX512(SB), 0, $128-28
	MOVQ x+0(FP), SI
	MOVQ n+8(FP), CX
	VBROADCASTSS scale+16(FP), Z18
	SOFTMAX(WHOLE, PART, largest, largestRest, largestDone, loop, rest, done)
	VMOVSS X17, ret+24(FP)
	VZEROUPPER
	RET

#define WHOLEHALF \
	HALVE(Z3, Z4); \
	VPMOVDW Z4, (DI); \
	VPSLLD $16, Z4, Z3; \
	ADDQ $32, DI

#define PARTHALF \
	HALVE(Z3, Z4); \
	VPMOVDW Z4, K3, (DI); \
	VPSLLD $16, Z4, Z3

// func softmaxBF16AVX512(dst *uint16, x *float32, n int, scale float32) float32
TEXT ·softmaxBF16AVX512(SB), 0, $128-36
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	VBROADCASTSS scale+24(FP), Z18
	MOVL $1, AX
	VPBROADCASTD AX, Z28
	MOVL $0x7fff, AX
	VPBROADCASTD AX, Z29
	MOVL $0x400000, AX
	VPBROADCASTD AX, Z30
	SOFTMAX(WHOLEHALF, PARTHALF, largest, largestRest, largestDone, loop, rest, done)
	VMOVSS X17, ret+32(FP)
	VZEROUPPER
	RET

// func sumExpAVX512(x *float32, blocks int, max float64, lanes *[8]float64)
TEXT ·sumExpAVX512(SB), 0, $128-32
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	VBROADCASTSD max+16(FP), Z16
	MOVQ lanes+24(FP), DX
	LEAQ ·exp64Constants(SB), R8
	VMOVUPD (DX), Z17
loop:
	VCVTPS2PD (SI), Z0
	VCVTPS2PD 32(SI), Z4
	VSUBPD Z16, Z0, Z0
	VSUBPD Z16, Z4, Z4
	EXP64(Z0, Z1, Z2, Z3)
	EXP64(Z4, Z5, Z6, Z7)
	VADDPD Z3, Z17, Z17
	VADDPD Z7, Z17, Z17
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPD Z17, (DX)
	VZEROUPPER
	RET

// func siluMulAVX512(dst, gate, up *float32, blocks int)
TEXT ·siluMulAVX512(SB), 0, $128-32
	MOVQ dst+0(FP), DI
	MOVQ gate+8(FP), SI
	MOVQ up+16(FP), DX
	MOVQ blocks+24(FP), CX
	LEAQ ·exp32Constants(SB), R8
loop:
	VMOVUPS (SI), Z4
	VPXORD.BCST 52(R8), Z4, Z0
	EXP32(Z0, Z1, Z2, Z3)
	VADDPS.BCST 48(R8), Z3, Z3
	VDIVPS Z3, Z4, Z4
	VMULPS (DX), Z4, Z4
	VMOVUPS Z4, (DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func sumSquaresAVX512(x *float32, blocks int, lanes *[16]float32)
TEXT ·sumSquaresAVX512(SB), 0, $128-24
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ lanes+16(FP), DX
	VMOVUPS (DX), Z0
loop:
	VMOVUPS (SI), Z1
	VFMADD231PS Z1, Z1, Z0
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPS Z0, (DX)
	VZEROUPPER
	RET

// func maximumAVX512(x *float32, blocks int, lanes *[16]float32)
TEXT ·maximumAVX512(SB), 0, $128-24
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ lanes+16(FP), DX
	VMOVUPS (DX), Z0
loop:
	VMOVUPS (SI), Z1
	VMAXPS Z0, Z1, Z0 // in this order a NaN in x leaves the lane as it was
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPS Z0, (DX)
	VZEROUPPER
	RET

// func zeroTimesAVX512(x *float32, blocks int, lanes *[16]float32): adds 0*x, which is NaN for what is not finite.
TEXT ·zeroTimesAVX512(SB), 0, $128-24
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ lanes+16(FP), DX
	VMOVUPS (DX), Z0
	VPXORD Z1, Z1, Z1
loop:
	VFMADD231PS (SI), Z1, Z0
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPS Z0, (DX)
	VZEROUPPER
	RET

// func scaleAVX512(dst, x, w *float32, blocks int, inv float32)
TEXT ·scaleAVX512(SB), 0, $128-36
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ w+16(FP), DX
	MOVQ blocks+24(FP), CX
	VBROADCASTSS inv+32(FP), Z1
loop:
	VMULPS (SI), Z1, Z0
	VMULPS (DX), Z0, Z0
	VMOVUPS Z0, (DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func addAVX512(dst, x *float32, blocks int)
TEXT ·addAVX512(SB), 0, $128-24
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ blocks+16(FP), CX
loop:
	VMOVUPS (SI), Z0
	VADDPS (DI), Z0, Z0
	VMOVUPS Z0, (DI)
	ADDQ $64, SI
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func divideAVX512(dst, x *float32, blocks int, by float32): x/by + 0
TEXT ·divideAVX512(SB), 0, $128-28
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ blocks+16(FP), CX
	VBROADCASTSS by+24(FP), Z1
	VPXORD Z2, Z2, Z2
loop:
	VMOVUPS (SI), Z0
	VDIVPS Z1, Z0, Z0
	VADDPS Z2, Z0, Z0
	VMOVUPS Z0, (DI)
	ADDQ $64, SI
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func rotateAVX512(dst, src, cos, sin *float32, blocks, half, vectors int): half is the distance in bytes
// between partners, and from what follows the first ones to the next vector.
TEXT ·rotateAVX512(SB), 0, $128-56
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ half+40(FP), R8
	MOVQ vectors+48(FP), R9
next:
	MOVQ cos+16(FP), DX
	MOVQ sin+24(FP), BX
	MOVQ blocks+32(FP), CX
loop:
	VMOVUPS (SI), Z0
	VMOVUPS (SI)(R8*1), Z1
	VMOVUPS (DX), Z2
	VMOVUPS (BX), Z3
	VMULPS Z2, Z0, Z4
	VMULPS Z3, Z1, Z5
	VSUBPS Z5, Z4, Z4
	VMULPS Z2, Z1, Z1
	VMULPS Z3, Z0, Z0
	VADDPS Z0, Z1, Z1
	VMOVUPS Z4, (DI)
	VMOVUPS Z1, (DI)(R8*1)
	ADDQ $64, SI
	ADDQ $64, DI
	ADDQ $64, DX
	ADDQ $64, BX
	DECQ CX
	JNE loop
	ADDQ R8, SI
	ADDQ R8, DI
	DECQ R9
	JNE next
	VZEROUPPER
	RET

// func geluMulAVX512(dst, gate, up *float32, blocks int)
TEXT ·geluMulAVX512(SB), 0, $128-32
	MOVQ dst+0(FP), DI
	MOVQ gate+8(FP), SI
	MOVQ up+16(FP), DX
	MOVQ blocks+24(FP), CX
	LEAQ ·exp32Constants(SB), R8
	LEAQ ·geluConstants(SB), R9
	VBROADCASTSS 0(R9), Z5
	VBROADCASTSS 4(R9), Z6
loop:
	VMOVUPS (SI), Z4
	VMULPS Z4, Z4, Z0
	VFMADD213PS Z6, Z5, Z0
	VMULPS Z4, Z0, Z0
	VPXORD.BCST 52(R8), Z0, Z0
	EXP32(Z0, Z1, Z2, Z3)
	VADDPS.BCST 48(R8), Z3, Z3
	VDIVPS Z3, Z4, Z4
	VMULPS (DX), Z4, Z4
	VMOVUPS Z4, (DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func capAVX512(x *float32, blocks int, scale, limit float32)
TEXT ·capAVX512(SB), 0, $0-24
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	VBROADCASTSS scale+16(FP), Z16
	VBROADCASTSS limit+20(FP), Z17
	LEAQ ·exp32Constants(SB), R8
	LEAQ ·geluConstants(SB), R9
	VBROADCASTSS 52(R8), Z18 // the sign
	VBROADCASTSS 12(R8), Z19
	VBROADCASTSS 48(R8), Z20 // 1
	VBROADCASTSS 8(R9), Z21  // 10
	VBROADCASTSS 12(R9), Z22 // 2
loop:
	VMOVUPS (SI), Z0
	VMULPS Z16, Z0, Z0
	VDIVPS Z17, Z0, Z0
	VPANDD Z18, Z0, Z1
	VPANDND Z0, Z18, Z0
	VMINPS Z0, Z21, Z0 // in this order NaN stays
	VADDPS Z0, Z0, Z0
	REDUCED(Z0, Z2, Z3, Z4)
	VMULPS Z0, Z4, Z4
	VFMADD213PS Z0, Z0, Z4
	VPSUBD Z19, Z2, Z2
	VPSLLD $23, Z2, Z2
	VPADDD Z20, Z2, Z2 // 2^n
	VSUBPS Z20, Z2, Z5
	VFMADD213PS Z5, Z2, Z4
	VADDPS Z22, Z4, Z5
	VDIVPS Z5, Z4, Z4
	VPORD Z1, Z4, Z4
	VMULPS Z17, Z4, Z4
	VMOVUPS Z4, (SI)
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
