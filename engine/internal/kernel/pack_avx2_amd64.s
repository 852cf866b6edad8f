#include "textflag.h"

// Packing for AVX2: eight rows of weights become eight columns of a panel. A block is 32 bytes (F32, BF16) or 16 bytes
// (F16) of every row; otherwise as pack_avx512_amd64.s.
//
//	func packXAVX2(blocks int, rows *[16]unsafe.Pointer, n int, dst *float32)
//
// The first eight pointers count; columns from n on become zero.

#define ARGS \
	MOVQ blocks+0(FP), CX; \
	MOVQ rows+8(FP), SI; \
	MOVQ n+16(FP), R8; \
	NEGQ R8; \
	LEAQ columns8<>(SB), R9; \
	MOVQ dst+24(FP), DI; \
	XORQ DX, DX

DATA columns8<>+0(SB)/8, $-1
DATA columns8<>+8(SB)/8, $-1
DATA columns8<>+16(SB)/8, $-1
DATA columns8<>+24(SB)/8, $-1
DATA columns8<>+32(SB)/8, $0
DATA columns8<>+40(SB)/8, $0
DATA columns8<>+48(SB)/8, $0
DATA columns8<>+56(SB)/8, $0
GLOBL columns8<>(SB), RODATA|NOPTR, $64

#define LOADROW(i, op, y) \
	MOVQ i*8(SI), AX; \
	op (AX)(DX*1), y; \
	PREFETCHT0 256(AX)(DX*1)

#define LOADROWS(op) \
	LOADROW(0, op, Y0); LOADROW(1, op, Y1); LOADROW(2, op, Y2); LOADROW(3, op, Y3); \
	LOADROW(4, op, Y4); LOADROW(5, op, Y5); LOADROW(6, op, Y6); LOADROW(7, op, Y7)

#define PAIR(a, b, lo, hi) \
	VUNPCKLPS b, a, lo; \
	VUNPCKHPS b, a, hi

#define QUAD(lo01, hi01, lo23, hi23, c0, c1, c2, c3) \
	VUNPCKLPD lo23, lo01, c0; \
	VUNPCKHPD lo23, lo01, c1; \
	VUNPCKLPD hi23, hi01, c2; \
	VUNPCKHPD hi23, hi01, c3

#define LANES(a, b, e, o) \
	VPERM2F128 $0x20, b, a, e; \
	VPERM2F128 $0x31, b, a, o

// TRANSPOSE turns Y0 to Y7, rows of eight 32-bit elements, into the columns Y8 to Y15, and loads the mask to Y0.
#define TRANSPOSE \
	PAIR(Y0, Y1, Y8, Y9); PAIR(Y2, Y3, Y10, Y11); PAIR(Y4, Y5, Y12, Y13); PAIR(Y6, Y7, Y14, Y15); \
	QUAD(Y8, Y9, Y10, Y11, Y0, Y1, Y2, Y3); \
	QUAD(Y12, Y13, Y14, Y15, Y4, Y5, Y6, Y7); \
	LANES(Y0, Y4, Y8, Y12); LANES(Y1, Y5, Y9, Y13); LANES(Y2, Y6, Y10, Y14); LANES(Y3, Y7, Y11, Y15); \
	VMOVUPS 32(R9)(R8*4), Y0

#define PUT(i, y) \
	VANDPS Y0, y, y; \
	VMOVUPS y, i*128(DI)

#define PUTS \
	PUT(0, Y8); PUT(1, Y9); PUT(2, Y10); PUT(3, Y11); PUT(4, Y12); PUT(5, Y13); PUT(6, Y14); PUT(7, Y15)

// PUT2 splits pairs of bfloat16; Y1 masks the upper half.
#define PUT2(i, y) \
	VPAND Y0, y, y; \
	VPSLLD $16, y, Y2; \
	VPAND Y1, y, Y3; \
	VMOVUPS Y2, i*256(DI); \
	VMOVUPS Y3, i*256+128(DI)

TEXT ·packF32AVX2(SB), 0, $128-32
	ARGS
loop:
	LOADROWS(VMOVUPS)
	TRANSPOSE
	PUTS
	ADDQ $32, DX
	ADDQ $1024, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

TEXT ·packF16AVX2(SB), 0, $128-32
	ARGS
loop:
	LOADROWS(VCVTPH2PS)
	TRANSPOSE
	PUTS
	ADDQ $16, DX
	ADDQ $1024, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

TEXT ·packBF16AVX2(SB), 0, $128-32
	ARGS
loop:
	LOADROWS(VMOVUPS)
	TRANSPOSE
	VPCMPEQD Y1, Y1, Y1
	VPSLLD $16, Y1, Y1
	PUT2(0, Y8); PUT2(1, Y9); PUT2(2, Y10); PUT2(3, Y11); PUT2(4, Y12); PUT2(5, Y13); PUT2(6, Y14); PUT2(7, Y15)
	ADDQ $32, DX
	ADDQ $2048, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// INTERLEAVE is PUT where consecutive rows of the panel are 256 bytes apart.
#define INTERLEAVE(i, y) \
	VANDPS Y0, y, y; \
	VMOVUPS y, i*256(DI)

// func interleaveAVX2(blocks int, rows *[16]unsafe.Pointer, n int, dst *byte): pairs of bfloat16 are 32-bit elements.
TEXT ·interleaveAVX2(SB), 0, $128-32
	ARGS
loop:
	LOADROWS(VMOVUPS)
	TRANSPOSE
	INTERLEAVE(0, Y8); INTERLEAVE(1, Y9); INTERLEAVE(2, Y10); INTERLEAVE(3, Y11)
	INTERLEAVE(4, Y12); INTERLEAVE(5, Y13); INTERLEAVE(6, Y14); INTERLEAVE(7, Y15)
	ADDQ $32, DX
	ADDQ $2048, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
