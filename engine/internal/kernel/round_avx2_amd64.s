#include "go_asm.h"
#include "textflag.h"

// Rounding and quantising for AVX2; see round_avx512_amd64.s.

DATA words<>+0(SB)/4, $1
DATA words<>+4(SB)/4, $0x7fff
DATA words<>+8(SB)/4, $0x400000
DATA words<>+12(SB)/4, $0x7fffffff
DATA words<>+16(SB)/4, $0x42fe0000
DATA words<>+20(SB)/4, $0x7f807f80
DATA words<>+24(SB)/4, $0x00800080
DATA words<>+28(SB)/4, $0x80008000
GLOBL words<>(SB), RODATA|NOPTR, $32

// Where VPACKSSDW and VPACKSSWB, which work in halves, have put each four elements.
DATA order<>+0(SB)/4, $0
DATA order<>+4(SB)/4, $4
DATA order<>+8(SB)/4, $1
DATA order<>+12(SB)/4, $5
DATA order<>+16(SB)/4, $2
DATA order<>+20(SB)/4, $6
DATA order<>+24(SB)/4, $3
DATA order<>+28(SB)/4, $7
GLOBL order<>(SB), RODATA|NOPTR, $32

#define ROUNDING \
	VPBROADCASTD words<>+0(SB), Y13; \
	VPBROADCASTD words<>+4(SB), Y14; \
	VPBROADCASTD words<>+8(SB), Y15

#define ROUND(y, t, nan) \
	VPSRLD $16, y, t; \
	VPAND Y13, t, t; \
	VPADDD Y14, t, t; \
	VPADDD y, t, t; \
	VCMPPS $3, y, y, nan; \
	VPOR Y15, y, y; \
	VBLENDVPS nan, y, t, t

TEXT ·roundAVX2(SB), 0, $128-24
	MOVQ blocks+0(FP), CX
	MOVQ src+8(FP), SI
	MOVQ dst+16(FP), DI
	ROUNDING
loop:
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	ROUND(Y0, Y2, Y4)
	ROUND(Y1, Y3, Y5)
	VPSRLD $16, Y2, Y2
	VPSRLD $16, Y3, Y3
	VPACKUSDW Y3, Y2, Y2
	VPERMQ $0xd8, Y2, Y2
	VMOVDQU Y2, (DI)
	ADDQ $64, SI
	ADDQ $32, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// SIDE rounds Y0 and Y1 and puts them side by side in Y3; UPPER makes the mask Y12 that it needs.
#define SIDE \
	ROUND(Y0, Y2, Y4); \
	ROUND(Y1, Y3, Y5); \
	VPSRLD $16, Y2, Y2; \
	VPAND Y12, Y3, Y3; \
	VPOR Y2, Y3, Y3

#define UPPER \
	VPCMPEQD Y12, Y12, Y12; \
	VPSLLD $16, Y12, Y12

#define PAIR(d) \
	VMOVUPS d(SI), Y0; \
	VMOVUPS d+128(SI), Y1; \
	SIDE; \
	VMOVDQU Y3, d(DI)

TEXT ·pairRowsAVX2(SB), 0, $128-24
	MOVQ pairs+0(FP), CX
	MOVQ src+8(FP), SI
	MOVQ dst+16(FP), DI
	ROUNDING
	UPPER
loop:
	PAIR(0)
	PAIR(32)
	PAIR(64)
	PAIR(96)
	ADDQ $256, SI
	ADDQ $256, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

TEXT ·pairAVX2(SB), 0, $128-40
	MOVQ blocks+0(FP), CX
	MOVQ even+8(FP), SI
	MOVQ odd+16(FP), BX
	MOVQ dst+24(FP), DI
	ROUNDING
	UPPER
	VPBROADCASTD words<>+20(SB), Y11
	VPBROADCASTD words<>+24(SB), Y10
	VPXOR Y9, Y9, Y9
	SHLQ $1, CX
loop:
	VMOVUPS (SI), Y0
	VMOVUPS (BX), Y1
	SIDE
	VMOVDQU Y3, (DI)
	VPAND Y11, Y3, Y3
	VPADDD Y10, Y3, Y3
	VPOR Y3, Y9, Y9
	ADDQ $32, SI
	ADDQ $32, BX
	ADDQ $32, DI
	DECQ CX
	JNE loop
	VPBROADCASTD words<>+28(SB), Y0
	VPAND Y0, Y9, Y9
	VPMOVMSKB Y9, AX
	MOVQ AX, ret+32(FP)
	VZEROUPPER
	RET

#define MAGNITUDE(d) \
	VPAND d(AX), Y15, Y4; \
	VPMAXUD Y4, Y5, Y5

#define QUANTIZE(d, y) \
	VMULPS d(SI), Y6, y; \
	VCVTPS2DQ y, y; \
	VPADDD y, Y8, Y8

// FOLD combines the lanes of y into the first one.
#define FOLD(op, y, x) \
	VEXTRACTI128 $1, y, X4; \
	op X4, x, x; \
	VPSHUFD $0x4e, x, X4; \
	op X4, x, x; \
	VPSHUFD $0xb1, x, X4; \
	op X4, x, x

TEXT ·quantizeAVX2(SB), 0, $128-24
	MOVQ groups+0(FP), CX
	MOVQ src+8(FP), SI
	MOVQ dst+16(FP), DI
	VPBROADCASTD words<>+12(SB), Y15
	VMOVSS words<>+16(SB), X14
	VMOVDQU order<>(SB), Y13
loop:
	VPXOR Y5, Y5, Y5
	MOVQ SI, AX
	MOVQ $(const_groupQ8/32), R8
top:
	MAGNITUDE(0)
	MAGNITUDE(32)
	MAGNITUDE(64)
	MAGNITUDE(96)
	ADDQ $128, AX
	DECQ R8
	JNE top
	FOLD(VPMAXUD, Y5, X5)
	VMOVD X5, AX
	LEAQ 4(DI), DX
	MOVQ $(const_groupQ8/32), R8
	MOVL $0x7fc00000, BX
	CMPL AX, $const_infinityBits
	JCC empty
	MOVL $0, BX
	CMPL AX, $const_smallestBits
	JCS empty
	VDIVSS X14, X5, X9
	VMOVD X9, BX
	VDIVSS X5, X14, X6
	VBROADCASTSS X6, Y6
	VPXOR Y8, Y8, Y8
block:
	QUANTIZE(0, Y0)
	QUANTIZE(32, Y1)
	QUANTIZE(64, Y2)
	QUANTIZE(96, Y3)
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKSSWB Y2, Y0, Y0
	VPERMD Y0, Y13, Y0
	VMOVDQU Y0, (DX)
	ADDQ $128, SI
	ADDQ $32, DX
	DECQ R8
	JNE block
	FOLD(VPADDD, Y8, X8)
	VMOVD X8, AX
	SHLL $7, AX
	NEGL AX
	JMP next
empty:
	VPXOR Y4, Y4, Y4
	MOVL $0, AX
blank:
	VMOVDQU Y4, (DX)
	ADDQ $128, SI
	ADDQ $32, DX
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
