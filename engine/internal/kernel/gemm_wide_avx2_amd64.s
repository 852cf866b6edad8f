#include "go_asm.h"
#include "textflag.h"
#include "stream_amd64.h"

// Tiles of GemmBF16 and GemmMixed for AVX2 and FMA: as gemm_wide_avx512_amd64.s, but the 64 columns of a panel are taken
// in four parts, except by a single row, which streams through the panel once (stream_amd64.h). Every part fetches as much of what follows
// in the panel into the second-level cache as it takes itself: memory likes lines in order, parts leave three of four out.
//
// SI A; R8, R9, R10 = 1, 3, 5 times lda; DI panel; DX C, R12 ldc; CX pairs left; R11 parts left; R14 what to fetch. Y0 to Y11 accumulators,
// row by row; Y12, Y13 a row of the panel; Y14 an element of A; Y15 masks the upper half.

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
	MOVQ $4, R11; \
	MOVQ CX, R14; \
	SHLQ $8, R14; \
	ADDQ DI, R14; \
	VPCMPEQD Y15, Y15, Y15; \
	VPSLLD $16, Y15, Y15

#define ZERO(c0, c1) \
	VXORPS c0, c0, c0; \
	VXORPS c1, c1, c1

#define LOAD(c0, c1) \
	VMOVUPS (AX), c0; \
	VMOVUPS 32(AX), c1; \
	ADDQ R12, AX

#define STORE(c0, c1) \
	VMOVUPS c0, (AX); \
	VMOVUPS c1, 32(AX); \
	ADDQ R12, AX

#define FIRST(d) \
	VMOVDQU d(DI), Y12; \
	VMOVDQU d+32(DI), Y13; \
	VPSLLD $16, Y12, Y12; \
	VPSLLD $16, Y13, Y13

#define SECOND(d) \
	VPAND d(DI), Y15, Y12; \
	VPAND d+32(DI), Y15, Y13

// The ways to an element of A in all lanes.
#define FIRSTA(addr) \
	VPBROADCASTD addr, Y14; \
	VPSLLD $16, Y14, Y14
#define SECONDA(addr) \
	VPBROADCASTD addr, Y14; \
	VPAND Y15, Y14, Y14
#define WHOLEA(addr) VBROADCASTSS addr, Y14

#define ROW(get, addr, c0, c1) \
	get(addr); \
	VFMADD231PS Y12, Y14, c0; \
	VFMADD231PS Y13, Y14, c1

#define ROWS2(get, d) \
	ROW(get, d(SI), Y0, Y1); \
	ROW(get, d(SI)(R8*1), Y2, Y3)
#define ROWS3(get, d) \
	ROWS2(get, d); \
	ROW(get, d(SI)(R8*2), Y4, Y5)
#define ROWS4(get, d) \
	ROWS3(get, d); \
	ROW(get, d(SI)(R9*1), Y6, Y7)
#define ROWS5(get, d) \
	ROWS4(get, d); \
	ROW(get, d(SI)(R8*4), Y8, Y9)
#define ROWS6(get, d) \
	ROWS5(get, d); \
	ROW(get, d(SI)(R10*1), Y10, Y11)

#define EACH2(f) f(Y0, Y1); f(Y2, Y3)
#define EACH3(f) EACH2(f); f(Y4, Y5)
#define EACH4(f) EACH3(f); f(Y6, Y7)
#define EACH5(f) EACH4(f); f(Y8, Y9)
#define EACH6(f) EACH5(f); f(Y10, Y11)

// A pair of k, and how far it takes SI.
#define FLUSHPAIR(rows) \
	SECOND(0); \
	rows(SECONDA, 0); \
	FIRST(0); \
	rows(FIRSTA, 0); \
	ADDQ $4, SI

#define MIXEDPAIR(rows) \
	FIRST(0); \
	rows(WHOLEA, 0); \
	SECOND(0); \
	rows(WHOLEA, 4); \
	ADDQ $8, SI

// BODY is the tile for one number of rows; rows and each belong to it, the rest are labels.
#define BODY(pair, rows, each, part, loop, done) \
part: \
	each(ZERO); \
	TESTQ R13, R13; \
	JEQ loop; \
	MOVQ DX, AX; \
	each(LOAD); \
	PCALIGN $32; \
loop: \
	PREFETCHT1 (R14); \
	ADDQ $64, R14; \
	pair(rows); \
	ADDQ $256, DI; \
	DECQ CX; \
	JNE loop; \
	MOVQ DX, AX; \
	each(STORE); \
	DECQ R11; \
	JEQ done; \
	MOVQ pairs+8(FP), CX; \
	MOVQ a+16(FP), SI; \
	MOVQ CX, AX; \
	SHLQ $8, AX; \
	SUBQ AX, DI; \
	ADDQ $64, DI; \
	ADDQ $64, DX; \
	JMP part

// A single row. Y0 to Y7 accumulators.
#define LINE(d, c0, c1) \
	VMOVUPS d(DX), c0; \
	VMOVUPS d+32(DX), c1

#define PUTLINE(d, c0, c1) \
	VMOVUPS c0, d(DX); \
	VMOVUPS c1, d+32(DX)

#define WIDE(part) \
	part(0); \
	VFMADD231PS Y12, Y14, Y0; \
	VFMADD231PS Y13, Y14, Y1; \
	part(64); \
	VFMADD231PS Y12, Y14, Y2; \
	VFMADD231PS Y13, Y14, Y3; \
	part(128); \
	VFMADD231PS Y12, Y14, Y4; \
	VFMADD231PS Y13, Y14, Y5; \
	part(192); \
	VFMADD231PS Y12, Y14, Y6; \
	VFMADD231PS Y13, Y14, Y7

#define FLUSHLINE \
	SECONDA((SI)); \
	WIDE(SECOND); \
	FIRSTA((SI)); \
	WIDE(FIRST); \
	ADDQ $4, SI

#define MIXEDLINE \
	WHOLEA((SI)); \
	WIDE(FIRST); \
	WHOLEA(4(SI)); \
	WIDE(SECOND); \
	ADDQ $8, SI

#define TILE(pair, line) \
	CMPQ BX, $6; \
	JEQ part6; \
	CMPQ BX, $4; \
	JGT part5; \
	JEQ part4; \
	CMPQ BX, $2; \
	JGT part3; \
	JEQ part2; \
	EACH4(ZERO); \
	TESTQ R13, R13; \
	JEQ start1; \
	LINE(0, Y0, Y1); \
	LINE(64, Y2, Y3); \
	LINE(128, Y4, Y5); \
	LINE(192, Y6, Y7); \
start1: \
	CMPQ CX, $(const_streamBytes/256); \
	JGT stream1; \
	PCALIGN $32; \
loop1: \
	line; \
	ADDQ $256, DI; \
	DECQ CX; \
	JNE loop1; \
	JMP put1; \
stream1: \
	line; \
	COMING(DI, R11, AX); \
	PAGES(R11, 0); \
	ADDQ $256, DI; \
	DECQ CX; \
	JNE stream1; \
put1: \
	PUTLINE(0, Y0, Y1); \
	PUTLINE(64, Y2, Y3); \
	PUTLINE(128, Y4, Y5); \
	PUTLINE(192, Y6, Y7); \
	JMP done; \
	BODY(pair, ROWS2, EACH2, part2, loop2, done); \
	BODY(pair, ROWS3, EACH3, part3, loop3, done); \
	BODY(pair, ROWS4, EACH4, part4, loop4, done); \
	BODY(pair, ROWS5, EACH5, part5, loop5, done); \
	BODY(pair, ROWS6, EACH6, part6, loop6, done)

TEXT ·tileFlushAVX2(SB), 0, $128-64
	ARGS
	STMXCSR old-4(SP)
	LDMXCSR ·flushing(SB)
	TILE(FLUSHPAIR, FLUSHLINE)
done:
	LDMXCSR old-4(SP)
	VZEROUPPER
	RET

TEXT ·tileMixedAVX2(SB), 0, $128-64
	ARGS
	TILE(MIXEDPAIR, MIXEDLINE)
done:
	VZEROUPPER
	RET
