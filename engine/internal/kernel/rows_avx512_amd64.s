#include "textflag.h"

// Operations on rows of numbers for AVX-512, in blocks of sixteen elements. The callers pad what is left over. Lanes are
// read and written back, so that a sum can go on in another call. On the frames see gemm_avx512_amd64.s.

// EXP32 is num.Exp32 of the register x, operation by operation, to p; it changes x and uses z, n and K2. R8 points at the
// constants. The comparison is "not less" and the minimum has x as its second source, so that NaN passes both.
#define EXP32(x, z, n, p) \
	VCMPPS.BCST $5, 0(R8), x, K2; \
	VBROADCASTSS 4(R8), p; \
	VMINPS x, p, x; \
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
	VFMADD213PS.BCST 44(R8), x, p; \
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

// func expSumAVX512(x *float32, blocks int, max, scale float32, lanes *[16]float32)
TEXT ·expSumAVX512(SB), 0, $128-32
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	VBROADCASTSS max+16(FP), Z16
	VBROADCASTSS scale+20(FP), Z18
	MOVQ lanes+24(FP), DX
	LEAQ ·exp32Constants(SB), R8
	VMOVUPS (DX), Z17
loop:
	VMULPS (SI), Z18, Z0
	VSUBPS Z16, Z0, Z0
	EXP32(Z0, Z1, Z2, Z3)
	VMOVUPS Z3, (SI)
	VADDPS Z3, Z17, Z17
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPS Z17, (DX)
	VZEROUPPER
	RET

// func expRoundAVX512(x *float32, blocks int, max, scale float32, lanes *[16]float32, dst *uint16): expSumAVX512 that writes the
// exponentials rounded to bfloat16 as ROUND of round_avx512_amd64.s does, and elsewhere.
TEXT ·expRoundAVX512(SB), 0, $128-40
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	VBROADCASTSS max+16(FP), Z16
	VBROADCASTSS scale+20(FP), Z18
	MOVQ lanes+24(FP), DX
	MOVQ dst+32(FP), DI
	LEAQ ·exp32Constants(SB), R8
	MOVL $1, AX
	VPBROADCASTD AX, Z28
	MOVL $0x7fff, AX
	VPBROADCASTD AX, Z29
	MOVL $0x400000, AX
	VPBROADCASTD AX, Z30
	VMOVUPS (DX), Z17
loop:
	VMULPS (SI), Z18, Z0
	VSUBPS Z16, Z0, Z0
	EXP32(Z0, Z1, Z2, Z3)
	VADDPS Z3, Z17, Z17
	VPSRLD $16, Z3, Z4
	VPANDD Z28, Z4, Z4
	VPADDD Z29, Z4, Z4
	VPADDD Z3, Z4, Z4
	VCMPPS $3, Z3, Z3, K1
	VPORD Z30, Z3, K1, Z4
	VPSRLD $16, Z4, Z4
	VPMOVDW Z4, (DI)
	ADDQ $64, SI
	ADDQ $32, DI
	DECQ CX
	JNE loop
	VMOVUPS Z17, (DX)
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

// func rotateAVX512(dst, src, cos, sin *float32, blocks, half int): half is the distance in bytes between partners.
TEXT ·rotateAVX512(SB), 0, $128-48
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ cos+16(FP), DX
	MOVQ sin+24(FP), BX
	MOVQ blocks+32(FP), CX
	MOVQ half+40(FP), R8
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
	VZEROUPPER
	RET
