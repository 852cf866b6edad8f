#include "textflag.h"

// Widening of half a panel of bfloat16, 32 of its 64 columns, to a panel of float32.
//
//	func widenAVX512(pairs int, b *byte, dst *float32)
//	func widenAVX2(pairs int, b *byte, dst *float32)
//
// b is the first of the columns in the first pair of rows; pairs are 256 bytes apart in it, and become two rows of 128
// bytes each in dst. pairs is at least 1. SI b, DI dst, CX pairs left; Z31 and Y15 mask the upper half.

#define WIDEN512(d) \
	VMOVDQU32 d(SI), Z0; \
	VPSLLD $16, Z0, Z1; \
	VPANDD Z0, Z31, Z2; \
	VMOVUPS Z1, d(DI); \
	VMOVUPS Z2, 128+d(DI)

TEXT ·widenAVX512(SB), 0, $128-24
	MOVQ pairs+0(FP), CX
	MOVQ b+8(FP), SI
	MOVQ dst+16(FP), DI
	VPTERNLOGD $255, Z31, Z31, Z31
	VPSLLD $16, Z31, Z31
loop:
	WIDEN512(0)
	WIDEN512(64)
	ADDQ $256, SI
	ADDQ $256, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

#define WIDEN2(d) \
	VMOVDQU d(SI), Y0; \
	VPSLLD $16, Y0, Y1; \
	VPAND Y0, Y15, Y2; \
	VMOVUPS Y1, d(DI); \
	VMOVUPS Y2, 128+d(DI)

TEXT ·widenAVX2(SB), 0, $128-24
	MOVQ pairs+0(FP), CX
	MOVQ b+8(FP), SI
	MOVQ dst+16(FP), DI
	VPCMPEQD Y15, Y15, Y15
	VPSLLD $16, Y15, Y15
loop:
	WIDEN2(0)
	WIDEN2(32)
	WIDEN2(64)
	WIDEN2(96)
	ADDQ $256, SI
	ADDQ $256, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
