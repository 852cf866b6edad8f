#include "go_asm.h"
#include "textflag.h"
#include "neon_arm64.h"

// The tile of GemmQ8 for Advanced SIMD with dot products: up to eight rows of A by columns of a panel, 32 for one and two
// rows, 16 for three and four, 8 for more.
//
//	func tileSDOT(rows, groups int, a *byte, lda int, b *byte, c *float32, ldc int)
//
//	for g < groups { sum := 0
//		for kk < groupQ8 { sum += a[i][g].bytes[kk] * (b[g].bytes[kk][j] - 128) }
//		c[i][j] = fma(float32(sum), b[g].scales[j]*a[i][g].scale, c[i][j])
//	}
//
// Strides are in bytes. rows is 1 to 8, groups at least 1. SDOT wants signed weights, which are the panel's with the upper
// bit turned, so the offsets of A are not needed. On the frame see gemm_avx512_amd64.s.
//
// R0 to R7 rows of A; R8 panel; R9 C, R10 ldc; R11 groups left; R12 steps of a group left; R14 scratch; R15 rows; R16 lda.
// V0 to V7 elements of A, then their scales; V8, V9 weights, then their scales; V10, V11 products of scales; V12 the upper
// bits; V13, V14 C; V16 to V31 sums, row by row.

#define ARGS \
	MOVD rows+0(FP), R15; \
	MOVD groups+8(FP), R11; \
	MOVD a+16(FP), R0; \
	MOVD lda+24(FP), R16; \
	MOVD b+32(FP), R8; \
	MOVD c+40(FP), R9; \
	MOVD ldc+48(FP), R10; \
	ADD $4, R0; \
	ADD R16, R0, R1; \
	ADD R16, R1, R2; \
	ADD R16, R2, R3; \
	ADD R16, R3, R4; \
	ADD R16, R4, R5; \
	ADD R16, R5, R6; \
	ADD R16, R6, R7; \
	MOVW $0x80808080, R14; \
	VDUP R14, V12.S4

#define ZERO2(c) ZERO(c); ZERO(c+1)
#define ZERO4(c) ZERO2(c); ZERO2(c+2)
#define ZERO8(c) ZERO4(c); ZERO4(c+4)

#define EACH1(f) f(16)
#define EACH2(f) f(16); f(24)
#define EACH3(f) f(16); f(20); f(24)
#define EACH4(f) EACH3(f); f(28)
#define EACH5(f) f(16); f(18); f(20); f(22); f(24)
#define EACH6(f) EACH5(f); f(26)
#define EACH7(f) EACH6(f); f(28)
#define EACH8(f) EACH7(f); f(30)

#define A1(f) f(0, 0)
#define A2(f) A1(f); f(1, 1)
#define A3(f) A2(f); f(2, 2)
#define A4(f) A3(f); f(3, 3)
#define A5(f) A4(f); f(4, 4)
#define A6(f) A5(f); f(5, 5)
#define A7(f) A6(f); f(6, 6)
#define A8(f) A7(f); f(7, 7)

#define ROWS1(f, n, c) f(16+c, n, 0)
#define ROWS2(f, n, c) f(16+c, n, 0); f(24+c, n, 1)
#define ROWS3(f, n, c) f(16+c, n, 0); f(20+c, n, 1); f(24+c, n, 2)
#define ROWS4(f, n, c) ROWS3(f, n, c); f(28+c, n, 3)
#define ROWS5(f, n, c) f(16+c, n, 0); f(18+c, n, 1); f(20+c, n, 2); f(22+c, n, 3); f(24+c, n, 4)
#define ROWS6(f, n, c) ROWS5(f, n, c); f(26+c, n, 5)
#define ROWS7(f, n, c) ROWS6(f, n, c); f(28+c, n, 6)
#define ROWS8(f, n, c) ROWS7(f, n, c); f(30+c, n, 7)

// Four inputs by unit u of eight columns.
#define UNIT(u, rows, f) \
	LDPQ(8, 9, 8, 2*(u)); \
	EORV(8, 8, 12); \
	EORV(9, 9, 12); \
	rows(f, 8, 2*(u)); \
	rows(f, 9, 2*(u)+1)

#define UNITS1(rows, f) UNIT(0, rows, f); ADD $128, R8
#define UNITS2(rows, f) UNIT(0, rows, f); UNIT(1, rows, f); ADD $128, R8
#define UNITS4(rows, f) UNIT(0, rows, f); UNIT(1, rows, f); UNIT(2, rows, f); UNIT(3, rows, f); ADD $128, R8

// A row's scale; what follows is the offset of its next group, which is passed over.
#define SCALES1 LDRSP(0, 0); ADD $4, R0
#define SCALES2 SCALES1; LDRSP(1, 1); ADD $4, R1
#define SCALES3 SCALES2; LDRSP(2, 2); ADD $4, R2
#define SCALES4 SCALES3; LDRSP(3, 3); ADD $4, R3
#define SCALES5 SCALES4; LDRSP(4, 4); ADD $4, R4
#define SCALES6 SCALES5; LDRSP(5, 5); ADD $4, R5
#define SCALES7 SCALES6; LDRSP(6, 6); ADD $4, R6
#define SCALES8 SCALES7; LDRSP(7, 7); ADD $4, R7

// SUM adds the sums s, s+1 of row r, unit u to C.
#define SUM(u, s, r) \
	LDPQ(13, 14, 14, 2*(u)); \
	FMULE0(10, 8, r); \
	FMULE0(11, 9, r); \
	SCVTF(s, s); \
	SCVTF(s+1, s+1); \
	FMLA(13, s, 10); \
	FMLA(14, s+1, 11); \
	STPQ(13, 14, 14, 2*(u)); \
	ADD R10, R14

#define SUMS1(u) SUM(u, 16+2*(u), 0)
#define SUMS2(u) SUMS1(u); SUM(u, 24+2*(u), 1)
#define SUMS3(u) SUM(u, 16+2*(u), 0); SUM(u, 20+2*(u), 1); SUM(u, 24+2*(u), 2)
#define SUMS4(u) SUMS3(u); SUM(u, 28+2*(u), 3)
#define SUMS5(u) SUM(u, 16, 0); SUM(u, 18, 1); SUM(u, 20, 2); SUM(u, 22, 3); SUM(u, 24, 4)
#define SUMS6(u) SUMS5(u); SUM(u, 26, 5)
#define SUMS7(u) SUMS6(u); SUM(u, 28, 6)
#define SUMS8(u) SUMS7(u); SUM(u, 30, 7)

#define UNITSUM(u, sums) MOVD R9, R14; LDPQ(8, 9, 8, 2*(u)); sums(u)
#define TOTAL1(sums) UNITSUM(0, sums)
#define TOTAL2(sums) UNITSUM(0, sums); UNITSUM(1, sums)
#define TOTAL4(sums) UNITSUM(0, sums); UNITSUM(1, sums); UNITSUM(2, sums); UNITSUM(3, sums)

// BODY is the tile for one number of rows; what ends in a digit belongs to it, the rest are labels.
#define BODY(units, rows, each, zero, elements, scales, total, sums, group, step) \
group: \
	each(zero); \
	MOVD $(const_groupQ8/16), R12; \
step: \
	elements(LDRQP); \
	units(rows, SDOT0); \
	units(rows, SDOT1); \
	units(rows, SDOT2); \
	units(rows, SDOT3); \
	SUBS $1, R12; \
	BNE step; \
	scales; \
	total(sums); \
	ADD $128, R8; \
	SUBS $1, R11; \
	BNE group; \
	RET

TEXT ·tileSDOT(SB), 0, $128-56
	ARGS
	CMP $8, R15
	BEQ group8
	CMP $7, R15
	BEQ group7
	CMP $6, R15
	BEQ group6
	CMP $5, R15
	BEQ group5
	CMP $4, R15
	BEQ group4
	CMP $3, R15
	BEQ group3
	CMP $2, R15
	BEQ group2
	BODY(UNITS4, ROWS1, EACH1, ZERO8, A1, SCALES1, TOTAL4, SUMS1, group1, step1)
	BODY(UNITS4, ROWS2, EACH2, ZERO8, A2, SCALES2, TOTAL4, SUMS2, group2, step2)
	BODY(UNITS2, ROWS3, EACH3, ZERO4, A3, SCALES3, TOTAL2, SUMS3, group3, step3)
	BODY(UNITS2, ROWS4, EACH4, ZERO4, A4, SCALES4, TOTAL2, SUMS4, group4, step4)
	BODY(UNITS1, ROWS5, EACH5, ZERO2, A5, SCALES5, TOTAL1, SUMS5, group5, step5)
	BODY(UNITS1, ROWS6, EACH6, ZERO2, A6, SCALES6, TOTAL1, SUMS6, group6, step6)
	BODY(UNITS1, ROWS7, EACH7, ZERO2, A7, SCALES7, TOTAL1, SUMS7, group7, step7)
	BODY(UNITS1, ROWS8, EACH8, ZERO2, A8, SCALES8, TOTAL1, SUMS8, group8, step8)

// Four inputs of a row, the i'th of V0, by eight columns. Products of one column stay neighbours until the end.
#define LONG(dup) \
	LDPQ(8, 9, 8, 0); \
	ADD $128, R8; \
	dup(1, 0); \
	EORV(8, 8, 12); \
	EORV(9, 9, 12); \
	SMULL(2, 8, 1); \
	SMULLH(3, 8, 1); \
	SMULL(4, 9, 1); \
	SMULLH(5, 9, 1); \
	SADALP(20, 2); \
	SADALP(21, 3); \
	SADALP(22, 4); \
	SADALP(23, 5)

// func tileSMULL(groups int, a *byte, b *byte, c *float32): tileSDOT without dot products, one row by 8 columns.
TEXT ·tileSMULL(SB), 0, $128-32
	MOVD groups+0(FP), R11
	MOVD a+8(FP), R0
	MOVD b+16(FP), R8
	MOVD c+24(FP), R9
	ADD $4, R0
	MOVW $0x80808080, R14
	VDUP R14, V12.S4
group:
	ZERO4(20)
	MOVD $(const_groupQ8/16), R12
step:
	LDRQP(0, 0)
	LONG(DUP0)
	LONG(DUP1)
	LONG(DUP2)
	LONG(DUP3)
	SUBS $1, R12
	BNE step
	ADDP4(16, 20, 21)
	ADDP4(17, 22, 23)
	SCALES1
	MOVD R9, R14
	LDPQ(8, 9, 8, 0)
	SUM(0, 16, 0)
	ADD $128, R8
	SUBS $1, R11
	BNE group
	RET

#define PEAK(c) SDOT0(c, 8, 0); SDOT0(c+1, 9, 0)

// func peakSDOT(n int): n times 16 independent SDOT of 16 multiply-adds.
TEXT ·peakSDOT(SB), 0, $128-8
	MOVD n+0(FP), R11
	EACH8(ZERO2)
	ZERO8(0)
	ZERO2(8)
loop:
	EACH8(PEAK)
	SUBS $1, R11
	BNE loop
	RET

// func peakSMULL(n int): n times 8 pairs of SMULL and SADALP, of 8 multiply-adds each.
TEXT ·peakSMULL(SB), 0, $128-8
	MOVD n+0(FP), R11
	ZERO8(16)
	ZERO2(8)
loop:
	SMULL(0, 8, 9)
	SADALP(16, 0)
	SMULLH(1, 8, 9)
	SADALP(17, 1)
	SMULL(2, 8, 9)
	SADALP(18, 2)
	SMULLH(3, 8, 9)
	SADALP(19, 3)
	SMULL(4, 8, 9)
	SADALP(20, 4)
	SMULLH(5, 8, 9)
	SADALP(21, 5)
	SMULL(6, 8, 9)
	SADALP(22, 6)
	SMULLH(7, 8, 9)
	SADALP(23, 7)
	SUBS $1, R11
	BNE loop
	RET
