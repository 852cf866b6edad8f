#include "textflag.h"
#include "stream_amd64.h"

// The tile of GemmBF16 for AVX-512 with BF16: up to six rows of A by one panel of 64 columns, all pairs of k in one call.
//
//	func tileBF16(rows, pairs int, a unsafe.Pointer, lda int, b *byte, c *float32, ldc int, acc int, ahead, stride int)
//
// Strides are in bytes. rows is 1 to 6, pairs at least 1, acc 0 or 1. With every pair two lines are fetched into the
// second-level cache, ahead bytes from b at first and stride bytes farther with each pair. On the frame see
// gemm_avx512_amd64.s.
//
// SI A; R8, R9, R10 = 1, 3, 5 times lda; DI panel; DX C, R12 ldc; CX pairs left; R11 what to fetch, R14 stride. Z0 to Z23 accumulators, row by row;
// Z24 to Z27 a pair of rows of the panel; Z28 to Z31 pairs of A.

// DP is VDPBF16PS Z(b), Z(a), Z(c), which Go's assembler does not know: c += a*b in pairs. The bytes are those of
// EVEX.512.F3.0F38.W0 52 /r.
#define DP(a, b, c) \
	BYTE $0x62; \
	BYTE $((~(c)&8)<<4|(~(b)&16)<<2|(~(b)&8)<<2|(~(c)&16)|2); \
	BYTE $((~(a)&15)<<3|6); \
	BYTE $(0x40|(~(a)&16)>>1); \
	BYTE $0x52; \
	BYTE $(0xc0|((c)&7)<<3|((b)&7))

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

#define ROWB(d) \
	VMOVDQU64 d(DI), Z24; \
	VMOVDQU64 d+64(DI), Z25; \
	VMOVDQU64 d+128(DI), Z26; \
	VMOVDQU64 d+192(DI), Z27

#define ROW(addr, z, t, c) \
	VPBROADCASTD addr, z; \
	DP(t, 24, c); \
	DP(t, 25, c+1); \
	DP(t, 26, c+2); \
	DP(t, 27, c+3)

// STEPn is one pair for n rows; d is its offset from SI in bytes.
#define STEP1(d) \
	ROW(d(SI), Z28, 28, 0)
#define STEP2(d) \
	STEP1(d); \
	ROW(d(SI)(R8*1), Z29, 29, 4)
#define STEP3(d) \
	STEP2(d); \
	ROW(d(SI)(R8*2), Z30, 30, 8)
#define STEP4(d) \
	STEP3(d); \
	ROW(d(SI)(R9*1), Z31, 31, 12)
#define STEP5(d) \
	STEP4(d); \
	ROW(d(SI)(R8*4), Z28, 28, 16)
#define STEP6(d) \
	STEP5(d); \
	ROW(d(SI)(R10*1), Z29, 29, 20)

#define EACH1(f) f(Z0, Z1, Z2, Z3)
#define EACH2(f) EACH1(f); f(Z4, Z5, Z6, Z7)
#define EACH3(f) EACH2(f); f(Z8, Z9, Z10, Z11)
#define EACH4(f) EACH3(f); f(Z12, Z13, Z14, Z15)
#define EACH5(f) EACH4(f); f(Z16, Z17, Z18, Z19)
#define EACH6(f) EACH5(f); f(Z20, Z21, Z22, Z23)

// FOURS takes four pairs of k at a time, of CX + 4, as long as there are as many; loop is its label. SHARED fetches the tile's share of the
// block to come, and STREAMED what a tile streams by itself, for which COMING says where that is.
#define FOURS(step, loop, come, fetch) \
loop: \
	come; \
	ROWB(0); \
	fetch(0); \
	step(0); \
	ROWB(256); \
	fetch(64); \
	step(4); \
	ROWB(512); \
	fetch(128); \
	step(8); \
	ROWB(768); \
	fetch(192); \
	step(12); \
	ADDQ $16, SI; \
	ADDQ $1024, DI; \
	SUBQ $4, CX; \
	JGE loop

#define NOTHING

#define SHARED(d) \
	PREFETCHT1 (R11); \
	PREFETCHT1 64(R11); \
	ADDQ R14, R11

#define STREAMED(d) PAGES(R11, d)

// BODY is the tile for one number of rows; step and each belong to it, the rest are labels. With a stride below zero it streams.
#define BODY(step, each, start, loop, rest, single, done, stream) \
	each(ZERO); \
	TESTQ R13, R13; \
	JEQ start; \
	MOVQ DX, AX; \
	each(LOAD); \
start: \
	SUBQ $4, CX; \
	JLT rest; \
	TESTQ R14, R14; \
	JLT stream; \
	PCALIGN $64; \
	FOURS(step, loop, NOTHING, SHARED); \
rest: \
	ADDQ $4, CX; \
	JEQ done; \
single: \
	ROWB(0); \
	step(0); \
	ADDQ $4, SI; \
	ADDQ $256, DI; \
	DECQ CX; \
	JNE single; \
done: \
	each(STORE); \
	VZEROUPPER; \
	RET; \
	FOURS(step, stream, COMING(DI, R11, AX), STREAMED); \
	JMP rest

TEXT ·tileBF16(SB), 0, $128-80
	MOVQ rows+0(FP), BX
	MOVQ pairs+8(FP), CX
	MOVQ a+16(FP), SI
	MOVQ lda+24(FP), R8
	MOVQ b+32(FP), DI
	MOVQ c+40(FP), DX
	MOVQ ldc+48(FP), R12
	MOVQ acc+56(FP), R13
	MOVQ ahead+64(FP), R11
	ADDQ DI, R11
	MOVQ stride+72(FP), R14
	LEAQ (R8)(R8*2), R9
	LEAQ (R8)(R8*4), R10
	CMPQ BX, $6
	JEQ six
	CMPQ BX, $4
	JGT five
	JEQ four
	CMPQ BX, $2
	JGT three
	JEQ two
	BODY(STEP1, EACH1, start1, loop1, rest1, single1, done1, stream1)
two:
	BODY(STEP2, EACH2, start2, loop2, rest2, single2, done2, stream2)
three:
	BODY(STEP3, EACH3, start3, loop3, rest3, single3, done3, stream3)
four:
	BODY(STEP4, EACH4, start4, loop4, rest4, single4, done4, stream4)
five:
	BODY(STEP5, EACH5, start5, loop5, rest5, single5, done5, stream5)
six:
	BODY(STEP6, EACH6, start6, loop6, rest6, single6, done6, stream6)

// The tile of GemmPairs: as above, but for n columns, at most 64, of a block whose pairs of rows are ldb bytes apart.
//
//	func tilePairsBF16(rows, pairs int, a *uint16, lda int, b *byte, ldb int, c *float32, ldc int, acc int, n int)
//
// R11 ldb; K1 to K4 choose the columns that exist, so that nothing beyond them is read or written.

#define LOADM(c0, c1, c2, c3) \
	VMOVUPS.Z (AX), K1, c0; \
	VMOVUPS.Z 64(AX), K2, c1; \
	VMOVUPS.Z 128(AX), K3, c2; \
	VMOVUPS.Z 192(AX), K4, c3; \
	ADDQ R12, AX

#define STOREM(c0, c1, c2, c3) \
	VMOVUPS c0, K1, (DX); \
	VMOVUPS c1, K2, 64(DX); \
	VMOVUPS c2, K3, 128(DX); \
	VMOVUPS c3, K4, 192(DX); \
	ADDQ R12, DX

#define BODYM(step, each, loop) \
	each(ZERO); \
	TESTQ R13, R13; \
	JEQ loop; \
	MOVQ DX, AX; \
	each(LOADM); \
	PCALIGN $64; \
loop: \
	VMOVDQU32.Z (DI), K1, Z24; \
	VMOVDQU32.Z 64(DI), K2, Z25; \
	VMOVDQU32.Z 128(DI), K3, Z26; \
	VMOVDQU32.Z 192(DI), K4, Z27; \
	ADDQ R11, DI; \
	step(0); \
	ADDQ $4, SI; \
	DECQ CX; \
	JNE loop; \
	each(STOREM); \
	VZEROUPPER; \
	RET

TEXT ·tilePairsBF16(SB), 0, $128-80
	MOVQ n+72(FP), AX
	MOVQ $64, CX
	SUBQ AX, CX
	MOVQ $-1, AX
	SHRQ CX, AX
	KMOVW AX, K1
	SHRQ $16, AX
	KMOVW AX, K2
	SHRQ $16, AX
	KMOVW AX, K3
	SHRQ $16, AX
	KMOVW AX, K4
	MOVQ rows+0(FP), BX
	MOVQ pairs+8(FP), CX
	MOVQ a+16(FP), SI
	MOVQ lda+24(FP), R8
	MOVQ b+32(FP), DI
	MOVQ ldb+40(FP), R11
	MOVQ c+48(FP), DX
	MOVQ ldc+56(FP), R12
	MOVQ acc+64(FP), R13
	LEAQ (R8)(R8*2), R9
	LEAQ (R8)(R8*4), R10
	CMPQ BX, $6
	JEQ six
	CMPQ BX, $4
	JGT five
	JEQ four
	CMPQ BX, $2
	JGT three
	JEQ two
	BODYM(STEP1, EACH1, loop1)
two:
	BODYM(STEP2, EACH2, loop2)
three:
	BODYM(STEP3, EACH3, loop3)
four:
	BODYM(STEP4, EACH4, loop4)
five:
	BODYM(STEP5, EACH5, loop5)
six:
	BODYM(STEP6, EACH6, loop6)

#define DP4(c) DP(24, 25, c); DP(24, 25, c+1); DP(24, 25, c+2); DP(24, 25, c+3)

// func peakBF16(n int): n times 24 independent VDPBF16PS of 32 multiply-adds.
TEXT ·peakBF16(SB), 0, $128-8
	MOVQ n+0(FP), CX
	EACH6(ZERO)
	ZERO(Z24, Z25, Z26, Z27)
	PCALIGN $64
loop:
	DP4(0)
	DP4(4)
	DP4(8)
	DP4(12)
	DP4(16)
	DP4(20)
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
