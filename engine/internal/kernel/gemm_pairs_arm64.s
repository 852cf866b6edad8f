#include "textflag.h"
#include "neon_arm64.h"

// Tiles of GemmMixed, GemmBF16 and GemmPairs for Advanced SIMD: up to eight rows of A by the columns of a part of a block of
// pairs of bfloat16; 64 columns for one row, 32 for two, 16 for three and four, 8 for more, which all fill sixteen
// accumulators.
//
//	func tileMixedNEON(rows, pairs int, a unsafe.Pointer, lda int, b *byte, ldb int, c *float32, ldc int, acc int, ahead int)
//	func tileFlushNEON(the same) (underflow int)
//	func tileBFMLAL(the same) (underflow int)
//
// Strides are in bytes. rows is 1 to 8, pairs at least 1, acc 0 or 1. Meanwhile memory from ahead bytes after b on is
// fetched into the second-level cache, all parts together as much as they read themselves. On the frame see
// gemm_avx512_amd64.s.
//
// tileMixedNEON takes A as float32, in order, with subnormal numbers:
//
//	for p < pairs { sum = fma(a[i][2*p], first(b[p][j]), sum); sum = fma(a[i][2*p+1], second(b[p][j]), sum) }
//
// tileFlushNEON takes the same A, and tileBFMLAL one of bfloat16, and both do what VDPBF16PS does:
//
//	for p < pairs { sum = fmaFlush(a[i][2*p+1], second(b[p][j]), sum); sum = fmaFlush(a[i][2*p], first(b[p][j]), sum) }
//
// FPCR flushes for them, but before rounding where fmaFlush flushes after it: what rounds up to 2^-126 is lost. Whether any
// result was flushed is in FPSR; if so they write nothing and return 1, and the caller takes another way. Goroutines do not
// change places meanwhile, because assembly is interrupted nowhere but in its prologue.
//
// R0 to R7 rows of A; R8 B, R17 ldb; R9 C, R10 ldc; R11 pairs left; R12 acc; R13 what to fetch; R14 scratch; R15 rows, then
// the old FPCR; R16 lda. V0 to V7 elements of A; V8, V9 pairs of B and their second elements, V10, V11 the first; V12 masks
// upper halves; V16 to V31 accumulators, row by row.

#define ARGS \
	MOVD rows+0(FP), R15; \
	MOVD pairs+8(FP), R11; \
	MOVD a+16(FP), R0; \
	MOVD lda+24(FP), R16; \
	MOVD b+32(FP), R8; \
	MOVD ldb+40(FP), R17; \
	MOVD c+48(FP), R9; \
	MOVD ldc+56(FP), R10; \
	MOVD acc+64(FP), R12; \
	MOVD ahead+72(FP), R13; \
	ADD R8, R13; \
	ADD R16, R0, R1; \
	ADD R16, R1, R2; \
	ADD R16, R2, R3; \
	ADD R16, R3, R4; \
	ADD R16, R4, R5; \
	ADD R16, R5, R6; \
	ADD R16, R6, R7; \
	MOVW $0xffff0000, R14; \
	VDUP R14, V12.S4

// Accumulators of a row: of one unit of eight columns, of two, four, eight.
#define ZERO2(c) ZERO(c); ZERO(c+1)
#define ZERO4(c) ZERO2(c); ZERO2(c+2)
#define ZERO8(c) ZERO4(c); ZERO4(c+4)
#define ZERO16(c) ZERO8(c); ZERO8(c+8)
#define LOADS2(c, i) LDPQ(c, c+1, 14, i)
#define LOADS4(c, i) LOADS2(c, i); LOADS2(c+2, i+2)
#define LOADS8(c, i) LOADS4(c, i); LOADS4(c+4, i+4)
#define LOAD2(c) LOADS2(c, 0); ADD R10, R14
#define LOAD4(c) LOADS4(c, 0); ADD R10, R14
#define LOAD8(c) LOADS8(c, 0); ADD R10, R14
#define LOAD16(c) LOADS8(c, 0); LOADS8(c+8, 8)
#define STORES2(c, i) STPQ(c, c+1, 9, i)
#define STORES4(c, i) STORES2(c, i); STORES2(c+2, i+2)
#define STORES8(c, i) STORES4(c, i); STORES4(c+4, i+4)
#define STORE2(c) STORES2(c, 0); ADD R10, R9
#define STORE4(c) STORES4(c, 0); ADD R10, R9
#define STORE8(c) STORES8(c, 0); ADD R10, R9
#define STORE16(c) STORES8(c, 0); STORES8(c+8, 8)

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

// Rows by one register n of B, the c'th of the part.
#define ROWS1(f, n, c) f(16+c, n, 0)
#define ROWS2(f, n, c) f(16+c, n, 0); f(24+c, n, 1)
#define ROWS3(f, n, c) f(16+c, n, 0); f(20+c, n, 1); f(24+c, n, 2)
#define ROWS4(f, n, c) ROWS3(f, n, c); f(28+c, n, 3)
#define ROWS5(f, n, c) f(16+c, n, 0); f(18+c, n, 1); f(20+c, n, 2); f(22+c, n, 3); f(24+c, n, 4)
#define ROWS6(f, n, c) ROWS5(f, n, c); f(26+c, n, 5)
#define ROWS7(f, n, c) ROWS6(f, n, c); f(28+c, n, 6)
#define ROWS8(f, n, c) ROWS7(f, n, c); f(30+c, n, 7)

// A pair of k by unit u: first multiplies by the first elements, second by the second ones.
#define WIDEN(u) \
	LDPQ(8, 9, 8, 2*(u)); \
	SHL16(10, 8); \
	SHL16(11, 9); \
	ANDV(8, 8, 12); \
	ANDV(9, 9, 12)

#define MIXED(u, rows, first, second) \
	WIDEN(u); \
	rows(first, 10, 2*(u)); \
	rows(first, 11, 2*(u)+1); \
	rows(second, 8, 2*(u)); \
	rows(second, 9, 2*(u)+1)

#define FLUSH(u, rows, first, second) \
	WIDEN(u); \
	rows(second, 8, 2*(u)); \
	rows(second, 9, 2*(u)+1); \
	rows(first, 10, 2*(u)); \
	rows(first, 11, 2*(u)+1)

#define WHOLE(u, rows, first, second) \
	LDPQ(8, 9, 8, 2*(u)); \
	rows(second, 8, 2*(u)); \
	rows(second, 9, 2*(u)+1); \
	rows(first, 8, 2*(u)); \
	rows(first, 9, 2*(u)+1)

#define UNITS1(unit, rows, first, second) unit(0, rows, first, second); ADD R17, R8
#define UNITS2(unit, rows, first, second) unit(0, rows, first, second); unit(1, rows, first, second); ADD R17, R8
#define UNITS4(unit, rows, first, second) \
	unit(0, rows, first, second); unit(1, rows, first, second); \
	unit(2, rows, first, second); unit(3, rows, first, second); ADD R17, R8
#define UNITS8(unit, rows, first, second) \
	unit(0, rows, first, second); unit(1, rows, first, second); \
	unit(2, rows, first, second); unit(3, rows, first, second); \
	unit(4, rows, first, second); unit(5, rows, first, second); \
	unit(6, rows, first, second); unit(7, rows, first, second); ADD R17, R8

// As many lines as a part takes of two pairs.
#define FETCH1 PRFM (R13), PLDL2KEEP; ADD $64, R13
#define FETCH2 PRFM (R13), PLDL2KEEP; PRFM 64(R13), PLDL2KEEP; ADD $128, R13
#define FETCH4 FETCH2; FETCH2
#define FETCH8

// BFMLAL by the i'th pair of A.
#define T0(d, n, m) BFMLALT(d, n, m, 1)
#define T1(d, n, m) BFMLALT(d, n, m, 3)
#define T2(d, n, m) BFMLALT(d, n, m, 5)
#define T3(d, n, m) BFMLALT(d, n, m, 7)
#define B0(d, n, m) BFMLALB(d, n, m, 0)
#define B1(d, n, m) BFMLALB(d, n, m, 2)
#define B2(d, n, m) BFMLALB(d, n, m, 4)
#define B3(d, n, m) BFMLALB(d, n, m, 6)

// What a kind of tile does with the pairs of one load of A, and with a last single one. The load is of two pairs of float32
// or four of bfloat16.
#define TWOPAIRS(unit, units, rows, elements, fetch, loop, rest, single, done) \
	SUBS $2, R11; \
	BLT rest; \
loop: \
	elements(LDRQP); \
	units(unit, rows, FMLAE0, FMLAE1); \
	units(unit, rows, FMLAE2, FMLAE3); \
	fetch; \
	SUBS $2, R11; \
	BGE loop; \
rest: \
	ADDS $2, R11; \
	BEQ done; \
	elements(LDRDP); \
	units(unit, rows, FMLAE0, FMLAE1)

#define FOURPAIRS(unit, units, rows, elements, fetch, loop, rest, single, done) \
	SUBS $4, R11; \
	BLT rest; \
loop: \
	elements(LDRQP); \
	units(unit, rows, B0, T0); \
	units(unit, rows, B1, T1); \
	units(unit, rows, B2, T2); \
	units(unit, rows, B3, T3); \
	fetch; \
	fetch; \
	SUBS $4, R11; \
	BGE loop; \
rest: \
	ADDS $4, R11; \
	BEQ done; \
single: \
	elements(LDRSP); \
	units(unit, rows, B0, T0); \
	SUBS $1, R11; \
	BNE single

// FLUSHING and FLUSHED enclose arithmetic without subnormal numbers.
#define SUBNORMAL
#define FLUSHING \
	READFPCR(15); \
	ORR $0x1000000, R15, R14; \
	WRITEFPCR(14); \
	WRITEFPSR(31)
#define FLUSHED(stored) \
	READFPSR(14); \
	WRITEFPCR(15); \
	AND $8, R14; \
	LSR $3, R14; \
	MOVD R14, underflow+80(FP); \
	CBZ R14, stored; \
	RET; \
stored:
#define UNFLUSHED(stored)

// BODY is the tile for one number of rows; what ends in a digit belongs to it, the rest are labels.
#define BODY(pairs, unit, units, rows, each, zero, load, store, elements, fetch, begin, end, start, loop, rest, single, done, stored) \
	begin; \
	each(zero); \
	CBZ R12, start; \
	MOVD R9, R14; \
	each(load); \
start: \
	pairs(unit, units, rows, elements, fetch, loop, rest, single, done); \
done: \
	end(stored) \
	each(store); \
	RET

#define TILE(pairs, unit, begin, end) \
	CMP $8, R15; \
	BEQ eight; \
	CMP $7, R15; \
	BEQ seven; \
	CMP $6, R15; \
	BEQ six; \
	CMP $5, R15; \
	BEQ five; \
	CMP $4, R15; \
	BEQ four; \
	CMP $3, R15; \
	BEQ three; \
	CMP $2, R15; \
	BEQ two; \
	BODY(pairs, unit, UNITS8, ROWS1, EACH1, ZERO16, LOAD16, STORE16, A1, FETCH8, begin, end, start1, loop1, rest1, single1, done1, stored1); \
two: \
	BODY(pairs, unit, UNITS4, ROWS2, EACH2, ZERO8, LOAD8, STORE8, A2, FETCH4, begin, end, start2, loop2, rest2, single2, done2, stored2); \
three: \
	BODY(pairs, unit, UNITS2, ROWS3, EACH3, ZERO4, LOAD4, STORE4, A3, FETCH2, begin, end, start3, loop3, rest3, single3, done3, stored3); \
four: \
	BODY(pairs, unit, UNITS2, ROWS4, EACH4, ZERO4, LOAD4, STORE4, A4, FETCH2, begin, end, start4, loop4, rest4, single4, done4, stored4); \
five: \
	BODY(pairs, unit, UNITS1, ROWS5, EACH5, ZERO2, LOAD2, STORE2, A5, FETCH1, begin, end, start5, loop5, rest5, single5, done5, stored5); \
six: \
	BODY(pairs, unit, UNITS1, ROWS6, EACH6, ZERO2, LOAD2, STORE2, A6, FETCH1, begin, end, start6, loop6, rest6, single6, done6, stored6); \
seven: \
	BODY(pairs, unit, UNITS1, ROWS7, EACH7, ZERO2, LOAD2, STORE2, A7, FETCH1, begin, end, start7, loop7, rest7, single7, done7, stored7); \
eight: \
	BODY(pairs, unit, UNITS1, ROWS8, EACH8, ZERO2, LOAD2, STORE2, A8, FETCH1, begin, end, start8, loop8, rest8, single8, done8, stored8)

TEXT ·tileMixedNEON(SB), 0, $128-80
	ARGS
	TILE(TWOPAIRS, MIXED, SUBNORMAL, UNFLUSHED)

TEXT ·tileFlushNEON(SB), 0, $128-88
	ARGS
	TILE(TWOPAIRS, FLUSH, FLUSHING, FLUSHED)

TEXT ·tileBFMLAL(SB), 0, $128-88
	ARGS
	TILE(FOURPAIRS, WHOLE, FLUSHING, FLUSHED)

// func widenNEON(blocks int, src unsafe.Pointer, dst *float32): blocks of eight bfloat16.
//
//	for i := range dst { dst[i] = num.BF16ToF32(src[i]) }
TEXT ·widenNEON(SB), 0, $128-24
	MOVD blocks+0(FP), R2
	MOVD src+8(FP), R1
	MOVD dst+16(FP), R3
loop:
	LDRQP(0, 1)
	SHLL16(1, 0)
	SHLL16H(2, 0)
	STPQ(1, 2, 3, 0)
	ADD $32, R3
	SUBS $1, R2
	BNE loop
	RET

#define PEAK(c) B0(c, 8, 0); B0(c+1, 9, 0)

// func peakBFMLAL(n int): n times 16 independent BFMLALB of 4 multiply-adds.
TEXT ·peakBFMLAL(SB), 0, $128-8
	MOVD n+0(FP), R11
	EACH8(ZERO2)
	ZERO8(0)
	ZERO2(8)
loop:
	EACH8(PEAK)
	SUBS $1, R11
	BNE loop
	RET
