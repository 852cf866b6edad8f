#include "textflag.h"

// Operations on rows of numbers for AVX2 and FMA, in blocks of sixteen elements, two registers each: lanes 0 to 7 and 8
// to 15. See rows_avx512_amd64.s.

// REDUCED makes x what is left of it after a multiple of ln 2, z that multiple as an integer, and p the polynomial that num.Exp32
// and num.Tanh32 have in common; it uses n. R8 points at the constants.
#define REDUCED(x, z, n, p) \
	VBROADCASTSS 12(R8), z; \
	VBROADCASTSS 8(R8), n; \
	VFMADD231PS n, x, z; \
	VBROADCASTSS 12(R8), p; \
	VSUBPS p, z, n; \
	VPSUBD p, z, z; \
	VBROADCASTSS 16(R8), p; \
	VFNMADD231PS p, n, x; \
	VBROADCASTSS 20(R8), p; \
	VFNMADD231PS p, n, x; \
	VBROADCASTSS 24(R8), p; \
	VBROADCASTSS 28(R8), n; \
	VFMADD213PS n, x, p; \
	VBROADCASTSS 32(R8), n; \
	VFMADD213PS n, x, p; \
	VBROADCASTSS 36(R8), n; \
	VFMADD213PS n, x, p; \
	VBROADCASTSS 40(R8), n; \
	VFMADD213PS n, x, p; \
	VBROADCASTSS 44(R8), n; \
	VFMADD213PS n, x, p

// EXP32 is num.Exp32 of the register x to p; it changes x and uses z, n and m. The comparison is "not less" and the minimum
// has x as its second source, so that NaN passes both.
#define EXP32(x, z, n, p, m) \
	VBROADCASTSS 0(R8), m; \
	VCMPPS $5, m, x, m; \
	VBROADCASTSS 4(R8), p; \
	VMINPS x, p, x; \
	REDUCED(x, z, n, p); \
	VBROADCASTSS 48(R8), n; \
	VFMADD213PS n, x, p; \
	VFMADD213PS n, x, p; \
	VPSRAD $1, z, n; \
	VPSUBD n, z, z; \
	VBROADCASTSS 48(R8), x; \
	VPSLLD $23, n, n; \
	VPADDD x, n, n; \
	VMULPS n, p, p; \
	VPSLLD $23, z, z; \
	VPADDD x, z, z; \
	VMULPS z, p, p; \
	VANDPS m, p, p

// EXP64 is num.Exp64 of the register x, which is not above zero: 2^n is then a float64 and one product will do.
#define EXP64(x, z, n, p, m) \
	VBROADCASTSD 0(R8), m; \
	VCMPPD $5, m, x, m; \
	VBROADCASTSD 16(R8), z; \
	VMOVAPD z, p; \
	VBROADCASTSD 8(R8), n; \
	VFMADD231PD n, x, z; \
	VSUBPD p, z, n; \
	VBROADCASTSD 24(R8), p; \
	VFNMADD231PD p, n, x; \
	VBROADCASTSD 32(R8), p; \
	VFNMADD231PD p, n, x; \
	VBROADCASTSD 40(R8), p; \
	VBROADCASTSD 48(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 56(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 64(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 72(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 80(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 88(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 96(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 104(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 112(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 120(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 128(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 136(R8), n; \
	VFMADD213PD n, x, p; \
	VBROADCASTSD 136(R8), n; \
	VFMADD213PD n, x, p; \
	VPSLLQ $52, z, z; \
	VPADDQ n, z, z; \
	VMULPD z, p, p; \
	VANDPD m, p, p

// func expSumAVX2(x *float32, blocks int, max, scale float32, lanes *[16]float32)
TEXT ·expSumAVX2(SB), 0, $128-32
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	VBROADCASTSS max+16(FP), Y10
	VBROADCASTSS scale+20(FP), Y13
	MOVQ lanes+24(FP), DX
	LEAQ ·exp32Constants(SB), R8
	VMOVUPS (DX), Y11
	VMOVUPS 32(DX), Y12
loop:
	VMULPS (SI), Y13, Y0
	VMULPS 32(SI), Y13, Y5
	VSUBPS Y10, Y0, Y0
	VSUBPS Y10, Y5, Y5
	EXP32(Y0, Y1, Y2, Y3, Y4)
	EXP32(Y5, Y6, Y7, Y8, Y9)
	VMOVUPS Y3, (SI)
	VMOVUPS Y8, 32(SI)
	VADDPS Y3, Y11, Y11
	VADDPS Y8, Y12, Y12
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPS Y11, (DX)
	VMOVUPS Y12, 32(DX)
	VZEROUPPER
	RET

// func sumHalvesAVX2(x *uint16, blocks int, lanes *[16]float32): adds bfloat16 numbers to the lanes.
TEXT ·sumHalvesAVX2(SB), 0, $128-24
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ lanes+16(FP), DX
	VMOVUPS (DX), Y2
	VMOVUPS 32(DX), Y3
loop:
	VPMOVZXWD (SI), Y0
	VPMOVZXWD 16(SI), Y1
	VPSLLD $16, Y0, Y0
	VPSLLD $16, Y1, Y1
	VADDPS Y0, Y2, Y2
	VADDPS Y1, Y3, Y3
	ADDQ $32, SI
	DECQ CX
	JNE loop
	VMOVUPS Y2, (DX)
	VMOVUPS Y3, 32(DX)
	VZEROUPPER
	RET

// func sumExpAVX2(x *float32, blocks int, max float64, lanes *[8]float64)
TEXT ·sumExpAVX2(SB), 0, $128-32
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	VBROADCASTSD max+16(FP), Y10
	MOVQ lanes+24(FP), DX
	LEAQ ·exp64Constants(SB), R8
	VMOVUPD (DX), Y11
	VMOVUPD 32(DX), Y12
loop:
	VCVTPS2PD 0(SI), Y0
	VCVTPS2PD 16(SI), Y5
	VSUBPD Y10, Y0, Y0
	VSUBPD Y10, Y5, Y5
	EXP64(Y0, Y1, Y2, Y3, Y4)
	EXP64(Y5, Y6, Y7, Y8, Y9)
	VADDPD Y3, Y11, Y11
	VADDPD Y8, Y12, Y12
	VCVTPS2PD 32(SI), Y0
	VCVTPS2PD 48(SI), Y5
	VSUBPD Y10, Y0, Y0
	VSUBPD Y10, Y5, Y5
	EXP64(Y0, Y1, Y2, Y3, Y4)
	EXP64(Y5, Y6, Y7, Y8, Y9)
	VADDPD Y3, Y11, Y11
	VADDPD Y8, Y12, Y12
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPD Y11, (DX)
	VMOVUPD Y12, 32(DX)
	VZEROUPPER
	RET

// func siluMulAVX2(dst, gate, up *float32, blocks int)
TEXT ·siluMulAVX2(SB), 0, $128-32
	MOVQ dst+0(FP), DI
	MOVQ gate+8(FP), SI
	MOVQ up+16(FP), DX
	MOVQ blocks+24(FP), CX
	LEAQ ·exp32Constants(SB), R8
	VBROADCASTSS 52(R8), Y10
	VBROADCASTSS 48(R8), Y11
loop:
	VMOVUPS (SI), Y12
	VMOVUPS 32(SI), Y13
	VXORPS Y10, Y12, Y0
	VXORPS Y10, Y13, Y5
	EXP32(Y0, Y1, Y2, Y3, Y4)
	EXP32(Y5, Y6, Y7, Y8, Y9)
	VADDPS Y11, Y3, Y3
	VADDPS Y11, Y8, Y8
	VDIVPS Y3, Y12, Y12
	VDIVPS Y8, Y13, Y13
	VMULPS (DX), Y12, Y12
	VMULPS 32(DX), Y13, Y13
	VMOVUPS Y12, (DI)
	VMOVUPS Y13, 32(DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func sumSquaresAVX2(x *float32, blocks int, lanes *[16]float32)
TEXT ·sumSquaresAVX2(SB), 0, $128-24
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ lanes+16(FP), DX
	VMOVUPS (DX), Y0
	VMOVUPS 32(DX), Y1
loop:
	VMOVUPS (SI), Y2
	VMOVUPS 32(SI), Y3
	VFMADD231PS Y2, Y2, Y0
	VFMADD231PS Y3, Y3, Y1
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPS Y0, (DX)
	VMOVUPS Y1, 32(DX)
	VZEROUPPER
	RET

// func maximumAVX2(x *float32, blocks int, lanes *[16]float32)
TEXT ·maximumAVX2(SB), 0, $128-24
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ lanes+16(FP), DX
	VMOVUPS (DX), Y0
	VMOVUPS 32(DX), Y1
loop:
	VMOVUPS (SI), Y2
	VMOVUPS 32(SI), Y3
	VMAXPS Y0, Y2, Y0 // in this order a NaN in x leaves the lane as it was
	VMAXPS Y1, Y3, Y1
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPS Y0, (DX)
	VMOVUPS Y1, 32(DX)
	VZEROUPPER
	RET

// func zeroTimesAVX2(x *float32, blocks int, lanes *[16]float32): adds 0*x, which is NaN for what is not finite.
TEXT ·zeroTimesAVX2(SB), 0, $128-24
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ lanes+16(FP), DX
	VMOVUPS (DX), Y0
	VMOVUPS 32(DX), Y1
	VXORPS Y2, Y2, Y2
loop:
	VFMADD231PS (SI), Y2, Y0
	VFMADD231PS 32(SI), Y2, Y1
	ADDQ $64, SI
	DECQ CX
	JNE loop
	VMOVUPS Y0, (DX)
	VMOVUPS Y1, 32(DX)
	VZEROUPPER
	RET

// func scaleAVX2(dst, x, w *float32, blocks int, inv float32)
TEXT ·scaleAVX2(SB), 0, $128-36
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ w+16(FP), DX
	MOVQ blocks+24(FP), CX
	VBROADCASTSS inv+32(FP), Y2
loop:
	VMULPS (SI), Y2, Y0
	VMULPS 32(SI), Y2, Y1
	VMULPS (DX), Y0, Y0
	VMULPS 32(DX), Y1, Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ $64, SI
	ADDQ $64, DX
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func addAVX2(dst, x *float32, blocks int)
TEXT ·addAVX2(SB), 0, $128-24
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ blocks+16(FP), CX
loop:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	VADDPS (DI), Y0, Y0
	VADDPS 32(DI), Y1, Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ $64, SI
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func divideAVX2(dst, x *float32, blocks int, by float32): x/by + 0
TEXT ·divideAVX2(SB), 0, $128-28
	MOVQ dst+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ blocks+16(FP), CX
	VBROADCASTSS by+24(FP), Y2
	VXORPS Y3, Y3, Y3
loop:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	VDIVPS Y2, Y0, Y0
	VDIVPS Y2, Y1, Y1
	VADDPS Y3, Y0, Y0
	VADDPS Y3, Y1, Y1
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	ADDQ $64, SI
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func rotateAVX2(dst, src, cos, sin *float32, blocks, half, vectors int): half is the distance in bytes
// between partners, and from what follows the first ones to the next vector.
TEXT ·rotateAVX2(SB), 0, $128-56
	MOVQ dst+0(FP), DI
	MOVQ src+8(FP), SI
	MOVQ half+40(FP), R8
	MOVQ vectors+48(FP), R9
next:
	MOVQ cos+16(FP), DX
	MOVQ sin+24(FP), BX
	MOVQ blocks+32(FP), CX
	ADDQ CX, CX
loop:
	VMOVUPS (SI), Y0
	VMOVUPS (SI)(R8*1), Y1
	VMOVUPS (DX), Y2
	VMOVUPS (BX), Y3
	VMULPS Y2, Y0, Y4
	VMULPS Y3, Y1, Y5
	VSUBPS Y5, Y4, Y4
	VMULPS Y2, Y1, Y1
	VMULPS Y3, Y0, Y0
	VADDPS Y0, Y1, Y1
	VMOVUPS Y4, (DI)
	VMOVUPS Y1, (DI)(R8*1)
	ADDQ $32, SI
	ADDQ $32, DI
	ADDQ $32, DX
	ADDQ $32, BX
	DECQ CX
	JNE loop
	ADDQ R8, SI
	ADDQ R8, DI
	DECQ R9
	JNE next
	VZEROUPPER
	RET

// func maximumLanes(lanes *[16]float32) float32
TEXT ·maximumLanes(SB), 0, $0-12
	MOVQ lanes+0(FP), SI
	VMOVUPS (SI), Y0
	VMAXPS 32(SI), Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VMAXPS X1, X0, X0
	VPERMILPS $0x4e, X0, X1
	VMAXPS X1, X0, X0
	VPERMILPS $0xb1, X0, X1
	VMAXPS X1, X0, X0
	VMOVSS X0, ret+8(FP)
	VZEROUPPER
	RET

// func geluMulAVX2(dst, gate, up *float32, blocks int)
TEXT ·geluMulAVX2(SB), 0, $128-32
	MOVQ dst+0(FP), DI
	MOVQ gate+8(FP), SI
	MOVQ up+16(FP), DX
	MOVQ blocks+24(FP), CX
	ADDQ CX, CX // half a block at a time
	LEAQ ·exp32Constants(SB), R8
	LEAQ ·geluConstants(SB), R9
	VBROADCASTSS 52(R8), Y10
	VBROADCASTSS 48(R8), Y11
	VBROADCASTSS 0(R9), Y13
	VBROADCASTSS 4(R9), Y14
loop:
	VMOVUPS (SI), Y12
	VMULPS Y12, Y12, Y0
	VFMADD213PS Y14, Y13, Y0
	VMULPS Y12, Y0, Y0
	VXORPS Y10, Y0, Y0
	EXP32(Y0, Y1, Y2, Y3, Y4)
	VADDPS Y11, Y3, Y3
	VDIVPS Y3, Y12, Y12
	VMULPS (DX), Y12, Y12
	VMOVUPS Y12, (DI)
	ADDQ $32, SI
	ADDQ $32, DX
	ADDQ $32, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func capAVX2(x *float32, blocks int, scale, limit float32)
TEXT ·capAVX2(SB), 0, $0-24
	MOVQ x+0(FP), SI
	MOVQ blocks+8(FP), CX
	ADDQ CX, CX // half a block at a time
	VBROADCASTSS scale+16(FP), Y7
	VBROADCASTSS limit+20(FP), Y8
	LEAQ ·exp32Constants(SB), R8
	LEAQ ·geluConstants(SB), R9
	VBROADCASTSS 52(R8), Y9 // the sign
	VBROADCASTSS 48(R8), Y11 // 1
	VBROADCASTSS 8(R9), Y12  // 10
	VBROADCASTSS 12(R9), Y13 // 2
loop:
	VMOVUPS (SI), Y0
	VMULPS Y7, Y0, Y0
	VDIVPS Y8, Y0, Y0
	VANDPS Y9, Y0, Y1
	VANDNPS Y0, Y9, Y0
	VMINPS Y0, Y12, Y0 // in this order NaN stays
	VADDPS Y0, Y0, Y0
	REDUCED(Y0, Y2, Y3, Y4)
	VMULPS Y0, Y4, Y4
	VFMADD213PS Y0, Y0, Y4
	VPSLLD $23, Y2, Y2
	VPADDD Y11, Y2, Y2 // 2^n
	VSUBPS Y11, Y2, Y5
	VFMADD213PS Y5, Y2, Y4
	VADDPS Y13, Y4, Y5
	VDIVPS Y5, Y4, Y4
	VORPS Y1, Y4, Y4
	VMULPS Y8, Y4, Y4
	VMOVUPS Y4, (SI)
	ADDQ $32, SI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
