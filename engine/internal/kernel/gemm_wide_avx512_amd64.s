#include "textflag.h"
#include "stream_amd64.h"

// Tiles of GemmBF16 and GemmMixed for AVX-512 without BF16: the panel's bfloat16 are widened on the way, and fused
// multiply-adds of float32 take a pair of k one after the other. Arguments and shape are those of gemm_bf16_amd64.s.
//
// tileFlushAVX512 takes A as bfloat16 and does what VDPBF16PS does: the second element of a pair first, without subnormal
// numbers. MXCSR says so for as long as the tile lasts; goroutines do not change places meanwhile, because assembly is
// interrupted nowhere but in its prologue. tileMixedAVX512 takes A as float32, in order and with subnormal numbers.
//
// SI A; R8, R9, R10 = 1, 3, 5 times lda; DI panel; DX C, R12 ldc; CX pairs left; R11 what to fetch, R14
// stride. Z0 to Z23 accumulators, row by row; Z24 to Z27 a row of the panel; Z28 to Z30 elements of A; Z31 masks the upper
// half.

#define ARGS \
	MOVQ rows+0(FP), BX; \
	MOVQ pairs+8(FP), CX; \
	MOVQ a+16(FP), SI; \
	MOVQ lda+24(FP), R8; \
	MOVQ b+32(FP), DI; \
	MOVQ c+40(FP), DX; \
	MOVQ ldc+48(FP), R12; \
	MOVQ acc+56(FP), R13; \
	LEAQ (R8)(R8*2), R9; \
	LEAQ (R8)(R8*4), R10; \
	MOVQ ahead+64(FP), R11; \
	ADDQ DI, R11; \
	MOVQ stride+72(FP), R14; \
	VPTERNLOGD $255, Z31, Z31, Z31; \
	VPSLLD $16, Z31, Z31

#define ZERO(c0, c1, c2, c3) \
	VPXORD c0, c0, c0; \
	VPXORD c1, c1, c1; \
	VPXORD c2, c2, c2; \
	VPXORD c3, c3, c3

#define LOAD(c0, c1, c2, c3) \
	VMOVUPS (AX), c0; \
	VMOVUPS 64(AX), c1; \
	VMOVUPS 128(AX), c2; \
	VMOVUPS 192(AX), c3; \
	ADDQ R12, AX

#define STORE(c0, c1, c2, c3) \
	VMOVUPS c0, (DX); \
	VMOVUPS c1, 64(DX); \
	VMOVUPS c2, 128(DX); \
	VMOVUPS c3, 192(DX); \
	ADDQ R12, DX

// FIRST and SECOND widen the elements of a pair of rows of the panel.
#define FIRST \
	VPSLLD $16, (DI), Z24; \
	VPSLLD $16, 64(DI), Z25; \
	VPSLLD $16, 128(DI), Z26; \
	VPSLLD $16, 192(DI), Z27

#define SECOND \
	VPANDD (DI), Z31, Z24; \
	VPANDD 64(DI), Z31, Z25; \
	VPANDD 128(DI), Z31, Z26; \
	VPANDD 192(DI), Z31, Z27

// The ways to an element of A in all lanes.
#define FIRSTA(addr, t) VPSLLD.BCST $16, addr, t
#define SECONDA(addr, t) VPANDD.BCST addr, Z31, t
#define WHOLEA(addr, t) VBROADCASTSS addr, t

#define ROW(get, addr, t, c0, c1, c2, c3) \
	get(addr, t); \
	VFMADD231PS Z24, t, c0; \
	VFMADD231PS Z25, t, c1; \
	VFMADD231PS Z26, t, c2; \
	VFMADD231PS Z27, t, c3

#define ROWS1(get, d) \
	ROW(get, d(SI), Z28, Z0, Z1, Z2, Z3)
#define ROWS2(get, d) \
	ROWS1(get, d); \
	ROW(get, d(SI)(R8*1), Z29, Z4, Z5, Z6, Z7)
#define ROWS3(get, d) \
	ROWS2(get, d); \
	ROW(get, d(SI)(R8*2), Z30, Z8, Z9, Z10, Z11)
#define ROWS4(get, d) \
	ROWS3(get, d); \
	ROW(get, d(SI)(R9*1), Z28, Z12, Z13, Z14, Z15)
#define ROWS5(get, d) \
	ROWS4(get, d); \
	ROW(get, d(SI)(R8*4), Z29, Z16, Z17, Z18, Z19)
#define ROWS6(get, d) \
	ROWS5(get, d); \
	ROW(get, d(SI)(R10*1), Z30, Z20, Z21, Z22, Z23)

#define EACH1(f) f(Z0, Z1, Z2, Z3)
#define EACH2(f) EACH1(f); f(Z4, Z5, Z6, Z7)
#define EACH3(f) EACH2(f); f(Z8, Z9, Z10, Z11)
#define EACH4(f) EACH3(f); f(Z12, Z13, Z14, Z15)
#define EACH5(f) EACH4(f); f(Z16, Z17, Z18, Z19)
#define EACH6(f) EACH5(f); f(Z20, Z21, Z22, Z23)

// A pair of k, and how far it takes SI.
#define FLUSHPAIR(rows) \
	SECOND; \
	rows(SECONDA, 0); \
	FIRST; \
	rows(FIRSTA, 0); \
	ADDQ $4, SI

#define MIXEDPAIR(rows) \
	FIRST; \
	rows(WHOLEA, 0); \
	SECOND; \
	rows(WHOLEA, 4); \
	ADDQ $8, SI

// PAIRS takes all pairs of k; loop is its label. SHARED fetches the tile's share of the block to come, STREAMED what a tile streams by itself.
#define PAIRS(pair, rows, loop, fetch) \
loop: \
	pair(rows); \
	fetch; \
	ADDQ $256, DI; \
	DECQ CX; \
	JNE loop

#define SHARED \
	PREFETCHT1 (R11); \
	PREFETCHT1 64(R11); \
	ADDQ R14, R11

#define STREAMED \
	COMING(DI, R11, AX); \
	PAGES(R11, 0)

// BODY is the tile for one number of rows; rows and each belong to it, the rest are labels. With a stride below zero it streams.
#define BODY(pair, rows, each, start, loop, stream, put, done) \
	each(ZERO); \
	TESTQ R13, R13; \
	JEQ start; \
	MOVQ DX, AX; \
	each(LOAD); \
start: \
	TESTQ R14, R14; \
	JLT stream; \
	PCALIGN $64; \
	PAIRS(pair, rows, loop, SHARED); \
put: \
	each(STORE); \
	JMP done; \
	PAIRS(pair, rows, stream, STREAMED); \
	JMP put

#define TILE(pair) \
	CMPQ BX, $6; \
	JEQ six; \
	CMPQ BX, $4; \
	JGT five; \
	JEQ four; \
	CMPQ BX, $2; \
	JGT three; \
	JEQ two; \
	BODY(pair, ROWS1, EACH1, start1, loop1, stream1, put1, done); \
two: \
	BODY(pair, ROWS2, EACH2, start2, loop2, stream2, put2, done); \
three: \
	BODY(pair, ROWS3, EACH3, start3, loop3, stream3, put3, done); \
four: \
	BODY(pair, ROWS4, EACH4, start4, loop4, stream4, put4, done); \
five: \
	BODY(pair, ROWS5, EACH5, start5, loop5, stream5, put5, done); \
six: \
	BODY(pair, ROWS6, EACH6, start6, loop6, stream6, put6, done)

TEXT ·tileFlushAVX512(SB), 0, $128-80
	ARGS
	STMXCSR old-4(SP)
	LDMXCSR ·flushing(SB)
	TILE(FLUSHPAIR)
done:
	LDMXCSR old-4(SP)
	VZEROUPPER
	RET

TEXT ·tileMixedAVX512(SB), 0, $128-80
	ARGS
	TILE(MIXEDPAIR)
done:
	VZEROUPPER
	RET

// The MXCSR of arithmetic without subnormal numbers: rounding to nearest even, all exceptions masked, DAZ and FTZ.
DATA ·flushing+0(SB)/4, $0x9fc0
GLOBL ·flushing(SB), RODATA|NOPTR, $4
