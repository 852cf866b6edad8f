#include "go_asm.h"
#include "textflag.h"

// Rounding and quantising for AVX-512. On the frames see gemm_avx512_amd64.s.

DATA word<>+0(SB)/4, $1
DATA word<>+4(SB)/4, $0x7fff
DATA word<>+8(SB)/4, $0x400000
DATA word<>+12(SB)/4, $0x7fffffff
DATA word<>+16(SB)/4, $0x42fe0000
DATA word<>+20(SB)/4, $const_infinityBits
DATA word<>+24(SB)/4, $const_smallestBits
DATA word<>+28(SB)/4, $0x7fc00000
DATA word<>+32(SB)/4, $255
DATA word<>+36(SB)/4, $0x80808080
DATA word<>+40(SB)/4, $0x7f807f80
DATA word<>+44(SB)/4, $0x00800080
DATA word<>+48(SB)/4, $0x80008000
GLOBL word<>(SB), RODATA|NOPTR, $52

// ROUNDING loads what ROUND needs: Z28 one, Z29 half a unit less one, Z30 the bit that makes a NaN quiet.
#define ROUNDING \
	VPBROADCASTD word<>+0(SB), Z28; \
	VPBROADCASTD word<>+4(SB), Z29; \
	VPBROADCASTD word<>+8(SB), Z30

// ROUND rounds z to bfloat16 in the upper halves of t: half a unit, and one more where the last bit to stay is odd.
#define ROUND(z, t) \
	VPSRLD $16, z, t; \
	VPANDD Z28, t, t; \
	VPADDD Z29, t, t; \
	VPADDD z, t, t; \
	VCMPPS $3, z, z, K1; \
	VPORD Z30, z, K1, t

// func roundAVX512(blocks int, src *float32, dst *uint16): 16 elements to a block.
TEXT ·roundAVX512(SB), 0, $128-24
	MOVQ blocks+0(FP), CX
	MOVQ src+8(FP), SI
	MOVQ dst+16(FP), DI
	ROUNDING
loop:
	VMOVUPS (SI), Z0
	ROUND(Z0, Z1)
	VPSRLD $16, Z1, Z1
	VPMOVDW Z1, (DI)
	ADDQ $64, SI
	ADDQ $32, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// SIDE rounds Z0 and Z1 and puts them side by side in Z3; UPPER makes the mask Z27 that it needs.
#define SIDE \
	ROUND(Z0, Z2); \
	ROUND(Z1, Z3); \
	VPSRLD $16, Z2, Z2; \
	VPANDD Z27, Z3, Z3; \
	VPORD Z2, Z3, Z3

#define UPPER \
	VPTERNLOGD $255, Z27, Z27, Z27; \
	VPSLLD $16, Z27, Z27

#define PAIR(d) \
	VMOVUPS d(SI), Z0; \
	VMOVUPS d+128(SI), Z1; \
	SIDE; \
	VMOVDQU32 Z3, d(DI)

// func pairRowsAVX512(pairs int, src *float32, dst *byte): two rows of 32 float32 to a pair, 256 bytes apart in dst.
TEXT ·pairRowsAVX512(SB), 0, $128-24
	MOVQ pairs+0(FP), CX
	MOVQ src+8(FP), SI
	MOVQ dst+16(FP), DI
	ROUNDING
	UPPER
loop:
	PAIR(0)
	PAIR(64)
	ADDQ $256, SI
	ADDQ $256, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// func pairAVX512(blocks int, even, odd *float32, dst *byte) int: rounds 16 elements of either row to a block and writes them
// side by side. The result is not zero if an exponent has come out with all bits set.
TEXT ·pairAVX512(SB), 0, $128-40
	MOVQ blocks+0(FP), CX
	MOVQ even+8(FP), SI
	MOVQ odd+16(FP), BX
	MOVQ dst+24(FP), DI
	ROUNDING
	UPPER
	VPBROADCASTD word<>+40(SB), Z26
	VPBROADCASTD word<>+44(SB), Z25
	VPXORD Z5, Z5, Z5
loop:
	VMOVUPS (SI), Z0
	VMOVUPS (BX), Z1
	SIDE
	VMOVDQU32 Z3, (DI)
	VPANDD Z26, Z3, Z3
	VPADDD Z25, Z3, Z3
	VPORD Z3, Z5, Z5
	ADDQ $64, SI
	ADDQ $64, BX
	ADDQ $64, DI
	DECQ CX
	JNE loop
	VPTESTMD.BCST word<>+48(SB), Z5, K1
	XORL AX, AX
	KMOVW K1, AX
	MOVQ AX, ret+32(FP)
	VZEROUPPER
	RET

#define MAGNITUDE(d) \
	VPANDD d(AX), Z31, Z4; \
	VPMAXUD Z4, Z5, Z5

#define QUANTIZE(i) \
	VMULPS i*64(SI), Z6, Z7; \
	VCVTPS2DQ Z7, Z7; \
	VPMOVDB Z7, i*16(DX); \
	VPADDD Z7, Z8, Z8

// FOLD combines the lanes of z into the first one.
#define FOLD(op, z, y, x) \
	VEXTRACTI64X4 $1, z, Y4; \
	op Y4, y, y; \
	VEXTRACTI128 $1, y, X4; \
	op X4, x, x; \
	VPSHUFD $0x4e, x, X4; \
	op X4, x, x; \
	VPSHUFD $0xb1, x, X4; \
	op X4, x, x

// func quantizeAVX512(groups int, src *float32, dst *byte)
TEXT ·quantizeAVX512(SB), 0, $128-24
	MOVQ groups+0(FP), CX
	MOVQ src+8(FP), SI
	MOVQ dst+16(FP), DI
	VPBROADCASTD word<>+12(SB), Z31
	VMOVSS word<>+16(SB), X30
loop:
	VPXORD Z5, Z5, Z5
	MOVQ SI, AX
	MOVQ $(const_groupQ8/64), R8
top:
	MAGNITUDE(0)
	MAGNITUDE(64)
	MAGNITUDE(128)
	MAGNITUDE(192)
	ADDQ $256, AX
	DECQ R8
	JNE top
	FOLD(VPMAXUD, Z5, Y5, X5)
	VMOVD X5, AX
	LEAQ 4(DI), DX
	MOVQ $(const_groupQ8/64), R8
	MOVL $0x7fc00000, BX
	CMPL AX, $const_infinityBits
	JCC empty
	MOVL $0, BX
	CMPL AX, $const_smallestBits
	JCS empty
	VDIVSS X30, X5, X9
	VMOVD X9, BX
	VDIVSS X5, X30, X6
	VBROADCASTSS X6, Z6
	VPXORD Z8, Z8, Z8
block:
	QUANTIZE(0)
	QUANTIZE(1)
	QUANTIZE(2)
	QUANTIZE(3)
	ADDQ $256, SI
	ADDQ $64, DX
	DECQ R8
	JNE block
	FOLD(VPADDD, Z8, Y8, X8)
	VMOVD X8, AX
	SHLL $7, AX
	NEGL AX
	JMP next
empty:
	VPXORD Z4, Z4, Z4
	MOVL $0, AX
blank:
	VMOVDQU32 Z4, (DX)
	ADDQ $256, SI
	ADDQ $64, DX
	DECQ R8
	JNE blank
next:
	MOVL AX, (DI)
	MOVL BX, (DX)
	LEAQ 4(DX), DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

#define COLUMN(i, z) \
	VMULPS i*128(SI), Z3, z; \
	VCVTPS2DQ.Z z, K3, z

// func quantizeColumnsAVX512(src *float32, dst *byte): src a group of rows of 32, dst a group of a panel.
TEXT ·quantizeColumnsAVX512(SB), 0, $128-16
	MOVQ src+0(FP), SI
	MOVQ dst+8(FP), DI
	VPBROADCASTD word<>+12(SB), Z31
	VPBROADCASTD word<>+16(SB), Z30
	VPBROADCASTD word<>+20(SB), Z29
	VPBROADCASTD word<>+24(SB), Z28
	VPBROADCASTD word<>+28(SB), Z27
	VPBROADCASTD word<>+32(SB), Z26
	VPBROADCASTD word<>+36(SB), Z25
	MOVQ $2, BX
half:
	VPXORD Z0, Z0, Z0
	MOVQ SI, AX
	MOVQ $const_groupQ8, CX
top:
	VPANDD (AX), Z31, Z1
	VPMAXUD Z1, Z0, Z0
	ADDQ $128, AX
	DECQ CX
	JNE top
	VPCMPUD $5, Z29, Z0, K1
	VPCMPUD $1, Z28, Z0, K2
	KORW K1, K2, K3
	KNOTW K3, K3
	VDIVPS.Z Z30, Z0, K3, Z2
	VDIVPS.Z Z0, Z30, K3, Z3
	VMOVAPS Z27, K1, Z2
	VMOVUPS Z2, const_weightsSize(DI)
	MOVQ DI, DX
	MOVQ SI, AX
	MOVQ $(const_groupQ8/4), CX
quad:
	COLUMN(0, Z4)
	COLUMN(1, Z5)
	COLUMN(2, Z6)
	COLUMN(3, Z7)
	VPANDD Z26, Z4, Z4
	VPANDD Z26, Z5, Z5
	VPANDD Z26, Z6, Z6
	VPSLLD $8, Z5, Z5
	VPSLLD $16, Z6, Z6
	VPSLLD $24, Z7, Z7
	VPORD Z5, Z4, Z4
	VPORD Z7, Z6, Z6
	VPORD Z6, Z4, Z4
	VPXORD Z25, Z4, Z4
	VMOVDQU32 Z4, (DX)
	ADDQ $512, SI
	ADDQ $128, DX
	DECQ CX
	JNE quad
	LEAQ 64(AX), SI
	ADDQ $64, DI
	DECQ BX
	JNE half
	VZEROUPPER
	RET
