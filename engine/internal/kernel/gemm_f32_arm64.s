#include "textflag.h"
#include "neon_arm64.h"

// Tiles of Gemm for Advanced SIMD: up to six rows of A by 16 columns of B, or by 4, all of k in one call.
//
//	func tileF32NEON(rows, k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)
//	func quadF32NEON(the same)
//
//	for i < rows { for j < columns {
//		sum := acc ? c[i][j] : 0
//		for kk < k { sum = fma(a[i][kk], b[kk][j], sum) }
//		c[i][j] = sum
//	}}
//
// Strides are in bytes; rows is 1 to 6, k at least 1, acc 0 or 1. FMLA is rounded once, so the bits are those of every
// other kernel. Four elements of every row of A are loaded at a time and multiplied lane by lane. On the frame see
// gemm_avx512_amd64.s.
//
// R1 to R6 rows of A, R7 lda; R8 B, R9 ldb; R10 C, R11 ldc; R12 acc; R13 k left; R14 scratch; R15 rows. V0 to V23
// accumulators, row by row; V24 to V29 elements of A; V30, V31 a part of a row of B.

#define ARGS \
	MOVD rows+0(FP), R15; \
	MOVD k+8(FP), R13; \
	MOVD a+16(FP), R1; \
	MOVD lda+24(FP), R7; \
	MOVD b+32(FP), R8; \
	MOVD ldb+40(FP), R9; \
	MOVD c+48(FP), R10; \
	MOVD ldc+56(FP), R11; \
	MOVD acc+64(FP), R12; \
	ADD R7, R1, R2; \
	ADD R7, R2, R3; \
	ADD R7, R3, R4; \
	ADD R7, R4, R5; \
	ADD R7, R5, R6

#define ZERO4(c) ZERO(c); ZERO(c+1); ZERO(c+2); ZERO(c+3)
#define LOAD4(c) LDPQ(c, c+1, 14, 0); LDPQ(c+2, c+3, 14, 2); ADD R11, R14
#define STORE4(c) STPQ(c, c+1, 10, 0); STPQ(c+2, c+3, 10, 2); ADD R11, R10

#define LOAD1(c) LDRQ(c, 14, 0); ADD R11, R14
#define STORE1(c) STRQ(c, 10, 0); ADD R11, R10

#define EACH1(f) f(0)
#define EACH2(f) EACH1(f); f(4)
#define EACH3(f) EACH2(f); f(8)
#define EACH4(f) EACH3(f); f(12)
#define EACH5(f) EACH4(f); f(16)
#define EACH6(f) EACH5(f); f(20)

// Elements of A: f is LDRQP for four, LDRSP for one.
#define A1(f) f(24, 1)
#define A2(f) A1(f); f(25, 2)
#define A3(f) A2(f); f(26, 3)
#define A4(f) A3(f); f(27, 4)
#define A5(f) A4(f); f(28, 5)
#define A6(f) A5(f); f(29, 6)

#define TWO(f, o, a, c) f(c+o, 30, a); f(c+o+1, 31, a)
#define ROWS1(f, o) TWO(f, o, 24, 0)
#define ROWS2(f, o) ROWS1(f, o); TWO(f, o, 25, 4)
#define ROWS3(f, o) ROWS2(f, o); TWO(f, o, 26, 8)
#define ROWS4(f, o) ROWS3(f, o); TWO(f, o, 27, 12)
#define ROWS5(f, o) ROWS4(f, o); TWO(f, o, 28, 16)
#define ROWS6(f, o) ROWS5(f, o); TWO(f, o, 29, 20)

// STEP multiplies one lane of A by a row of B.
#define STEP(f, rows) \
	LDPQ(30, 31, 8, 0); \
	rows(f, 0); \
	LDPQ(30, 31, 8, 2); \
	rows(f, 2); \
	ADD R9, R8

#define ONE(f, a, c) f(c, 30, a)
#define QUADS1(f) ONE(f, 24, 0)
#define QUADS2(f) QUADS1(f); ONE(f, 25, 4)
#define QUADS3(f) QUADS2(f); ONE(f, 26, 8)
#define QUADS4(f) QUADS3(f); ONE(f, 27, 12)
#define QUADS5(f) QUADS4(f); ONE(f, 28, 16)
#define QUADS6(f) QUADS5(f); ONE(f, 29, 20)

#define QUADSTEP(f, rows) \
	LDRQ(30, 8, 0); \
	rows(f); \
	ADD R9, R8

// BODY is the tile for one number of rows; what ends in a digit belongs to it, the rest are labels.
#define BODY(step, rows, each, zero, load, store, elements, start, loop, rest, single, done) \
	each(zero); \
	CBZ R12, start; \
	MOVD R10, R14; \
	each(load); \
start: \
	SUBS $4, R13; \
	BLT rest; \
loop: \
	elements(LDRQP); \
	step(FMLAE0, rows); \
	step(FMLAE1, rows); \
	step(FMLAE2, rows); \
	step(FMLAE3, rows); \
	SUBS $4, R13; \
	BGE loop; \
rest: \
	ADDS $4, R13; \
	BEQ done; \
single: \
	elements(LDRSP); \
	step(FMLAE0, rows); \
	SUBS $1, R13; \
	BNE single; \
done: \
	each(store); \
	RET

#define CHOOSE \
	CMP $6, R15; \
	BEQ six; \
	CMP $5, R15; \
	BEQ five; \
	CMP $4, R15; \
	BEQ four; \
	CMP $3, R15; \
	BEQ three; \
	CMP $2, R15; \
	BEQ two

TEXT ·tileF32NEON(SB), 0, $128-72
	ARGS
	CHOOSE
	BODY(STEP, ROWS1, EACH1, ZERO4, LOAD4, STORE4, A1, start1, loop1, rest1, single1, done1)
two:
	BODY(STEP, ROWS2, EACH2, ZERO4, LOAD4, STORE4, A2, start2, loop2, rest2, single2, done2)
three:
	BODY(STEP, ROWS3, EACH3, ZERO4, LOAD4, STORE4, A3, start3, loop3, rest3, single3, done3)
four:
	BODY(STEP, ROWS4, EACH4, ZERO4, LOAD4, STORE4, A4, start4, loop4, rest4, single4, done4)
five:
	BODY(STEP, ROWS5, EACH5, ZERO4, LOAD4, STORE4, A5, start5, loop5, rest5, single5, done5)
six:
	BODY(STEP, ROWS6, EACH6, ZERO4, LOAD4, STORE4, A6, start6, loop6, rest6, single6, done6)

TEXT ·quadF32NEON(SB), 0, $128-72
	ARGS
	CHOOSE
	BODY(QUADSTEP, QUADS1, EACH1, ZERO, LOAD1, STORE1, A1, start1, loop1, rest1, single1, done1)
two:
	BODY(QUADSTEP, QUADS2, EACH2, ZERO, LOAD1, STORE1, A2, start2, loop2, rest2, single2, done2)
three:
	BODY(QUADSTEP, QUADS3, EACH3, ZERO, LOAD1, STORE1, A3, start3, loop3, rest3, single3, done3)
four:
	BODY(QUADSTEP, QUADS4, EACH4, ZERO, LOAD1, STORE1, A4, start4, loop4, rest4, single4, done4)
five:
	BODY(QUADSTEP, QUADS5, EACH5, ZERO, LOAD1, STORE1, A5, start5, loop5, rest5, single5, done5)
six:
	BODY(QUADSTEP, QUADS6, EACH6, ZERO, LOAD1, STORE1, A6, start6, loop6, rest6, single6, done6)

#define PEAK(c) FMLAE0(c, 30, 24); FMLAE0(c+1, 31, 24); FMLAE0(c+2, 30, 24); FMLAE0(c+3, 31, 24)

// func peakNEON(n int): n times 24 independent FMLA of 4 lanes.
TEXT ·peakNEON(SB), 0, $128-8
	MOVD n+0(FP), R13
	EACH6(ZERO4)
	ZERO4(24)
	ZERO4(28)
loop:
	EACH6(PEAK)
	SUBS $1, R13
	BNE loop
	RET
