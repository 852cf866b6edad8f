#include "textflag.h"
#include "neon_arm64.h"

// Packing for Advanced SIMD: four rows of weights become four columns of a panel, in blocks of four 32-bit words, or of
// four float16, of every row.
//
//	func packXNEON(blocks int, rows *[16]unsafe.Pointer, n int, dst unsafe.Pointer, stride int)
//
//	for i < 4*blocks { for j < 4 { dst[i][j] = j < n ? widened(rows[j][i]) : 0 } }
//
// The first four pointers count and can be read; columns from n on become zero. Rows of dst are stride bytes apart.
//
// R1 to R4 rows; R5 blocks left; R6 panel, R7 stride. V16 masks columns, V17 upper halves.

DATA columns4<>+0(SB)/8, $-1
DATA columns4<>+8(SB)/8, $-1
DATA columns4<>+16(SB)/8, $0
DATA columns4<>+24(SB)/8, $0
GLOBL columns4<>(SB), RODATA|NOPTR, $32

#define ARGS \
	MOVD blocks+0(FP), R5; \
	MOVD rows+8(FP), R8; \
	MOVD n+16(FP), R9; \
	MOVD dst+24(FP), R6; \
	MOVD stride+32(FP), R7; \
	LDP (R8), (R1, R2); \
	LDP 16(R8), (R3, R4); \
	MOVD $columns4<>(SB), R10; \
	ADD $16, R10; \
	SUB R9<<2, R10; \
	FMOVQ (R10), F16; \
	MOVW $0xffff0000, R8; \
	VDUP R8, V17.S4

#define LOADROWS(f) f(0, 1); f(1, 2); f(2, 3); f(3, 4)

// TRANSPOSE turns V0 to V3, rows of four words, into columns.
#define TRANSPOSE \
	ZIP1(4, 0, 1); \
	ZIP2(5, 0, 1); \
	ZIP1(6, 2, 3); \
	ZIP2(7, 2, 3); \
	ZIP1D(0, 4, 6); \
	ZIP2D(1, 4, 6); \
	ZIP1D(2, 5, 7); \
	ZIP2D(3, 5, 7); \
	ANDV(0, 0, 16); \
	ANDV(1, 1, 16); \
	ANDV(2, 2, 16); \
	ANDV(3, 3, 16)

#define PUT(v) STRQ(v, 6, 0); ADD R7, R6
#define PUTS PUT(0); PUT(1); PUT(2); PUT(3)
// PUT2 splits pairs of bfloat16.
#define PUT2(v) \
	SHL16(4, v); \
	ANDV(5, v, 17); \
	PUT(4); \
	PUT(5)

TEXT ·packWordsNEON(SB), 0, $128-40
	ARGS
loop:
	LOADROWS(LDRQP)
	TRANSPOSE
	PUTS
	SUBS $1, R5
	BNE loop
	RET

TEXT ·packF16NEON(SB), 0, $128-40
	ARGS
loop:
	LOADROWS(LDRDP)
	FCVTL16(0, 0)
	FCVTL16(1, 1)
	FCVTL16(2, 2)
	FCVTL16(3, 3)
	TRANSPOSE
	PUTS
	SUBS $1, R5
	BNE loop
	RET

TEXT ·packBF16NEON(SB), 0, $128-40
	ARGS
loop:
	LOADROWS(LDRQP)
	TRANSPOSE
	PUT2(0)
	PUT2(1)
	PUT2(2)
	PUT2(3)
	SUBS $1, R5
	BNE loop
	RET
