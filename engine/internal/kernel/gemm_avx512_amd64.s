#include "stream_amd64.h"
#include "textflag.h"

// Micro-kernels of Gemm for AVX-512: R rows of A by 32 columns of B (16 in each of two registers), all of k in one
// call. Every accumulator lane is one output's chain of fused multiply-adds.
//
//	func gemmRxAVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int)
//	func gemm12AheadAVX512(k int, a *float32, lda int, b *float32, ldb int, c *float32, ldc int, acc int, next *byte)
//	func gemm12WidenAVX512(pairs int, a *float32, lda int, b *byte, ldb int, c *float32, ldc int, acc int, wide *float32)
//
// Strides are in bytes. k is at least 1. acc is 0 or 1.
//
// The functions are leaves, yet have a frame beyond what the assembler treats as too small for a stack check: the check
// in the prologue is where the collector can stop a goroutine that does nothing but call them.
//
// SI rows 0 to 5 of A, BX rows 6 to 11; R8, R9, R10 = 1, 3, 5 times lda; DI row of B, R11 ldb; DX C, R12 ldc; CX steps
// left. Z0 to Z23 accumulators, row by row; Z24, Z25 the row of B; Z26 to Z31 elements of A.

#define ARGS \
	MOVQ k+0(FP), CX; \
	MOVQ a+8(FP), SI; \
	MOVQ lda+16(FP), R8; \
	MOVQ b+24(FP), DI; \
	MOVQ ldb+32(FP), R11; \
	MOVQ c+40(FP), DX; \
	MOVQ ldc+48(FP), R12; \
	MOVQ acc+56(FP), R13; \
	LEAQ (R8)(R8*2), R9; \
	LEAQ (R8)(R8*4), R10; \
	LEAQ (SI)(R9*2), BX

#define ZERO(c0, c1) \
	VPXORD c0, c0, c0; \
	VPXORD c1, c1, c1

#define LOAD(c0, c1) \
	VMOVUPS (AX), c0; \
	VMOVUPS 64(AX), c1; \
	ADDQ R12, AX

#define STORE(c0, c1) \
	VMOVUPS c0, (DX); \
	VMOVUPS c1, 64(DX); \
	ADDQ R12, DX

// The masked forms read and write only the columns that exist.
#define LOADM(c0, c1) \
	VMOVUPS.Z (AX), K1, c0; \
	VMOVUPS.Z 64(AX), K2, c1; \
	ADDQ R12, AX

#define STOREM(c0, c1) \
	VMOVUPS c0, K1, (DX); \
	VMOVUPS c1, K2, 64(DX); \
	ADDQ R12, DX

#define ROWB \
	VMOVUPS (DI), Z24; \
	VMOVUPS 64(DI), Z25; \
	ADDQ R11, DI

#define ROWBM \
	VMOVUPS.Z (DI), K1, Z24; \
	VMOVUPS.Z 64(DI), K2, Z25; \
	ADDQ R11, DI

#define ROW(addr, t, c0, c1) \
	VBROADCASTSS addr, t; \
	VFMADD231PS Z24, t, c0; \
	VFMADD231PS Z25, t, c1

// STEPn is one step of k for n rows; d is the step's offset from SI and BX in bytes.
#define STEP1(d) \
	ROW(d(SI), Z26, Z0, Z1)
#define STEP2(d) \
	STEP1(d); \
	ROW(d(SI)(R8*1), Z27, Z2, Z3)
#define STEP4(d) \
	STEP2(d); \
	ROW(d(SI)(R8*2), Z28, Z4, Z5); \
	ROW(d(SI)(R9*1), Z29, Z6, Z7)
#define STEP8(d) \
	STEP4(d); \
	ROW(d(SI)(R8*4), Z30, Z8, Z9); \
	ROW(d(SI)(R10*1), Z31, Z10, Z11); \
	ROW(d(BX), Z26, Z12, Z13); \
	ROW(d(BX)(R8*1), Z27, Z14, Z15)
#define STEP12(d) \
	STEP8(d); \
	ROW(d(BX)(R8*2), Z28, Z16, Z17); \
	ROW(d(BX)(R9*1), Z29, Z18, Z19); \
	ROW(d(BX)(R8*4), Z30, Z20, Z21); \
	ROW(d(BX)(R10*1), Z31, Z22, Z23)

#define EACH1(f) f(Z0, Z1)
#define EACH2(f) EACH1(f); f(Z2, Z3)
#define EACH4(f) EACH2(f); f(Z4, Z5); f(Z6, Z7)
#define EACH8(f) EACH4(f); f(Z8, Z9); f(Z10, Z11); f(Z12, Z13); f(Z14, Z15)
#define EACH12(f) EACH8(f); f(Z16, Z17); f(Z18, Z19); f(Z20, Z21); f(Z22, Z23)

// BODY is a kernel from its arguments to its return: step and each belong to its number of rows, begin and more to what it does
// besides.
#define BODY(step, each, begin, more) \
	ARGS; \
	each(ZERO); \
	TESTQ R13, R13; \
	JEQ start; \
	MOVQ DX, AX; \
	each(LOAD); \
start: \
	begin; \
	SUBQ $4, CX; \
	JLT rest; \
	PCALIGN $32; \
loop: \
	ROWB; \
	step(0); \
	ROWB; \
	step(4); \
	ROWB; \
	step(8); \
	ROWB; \
	step(12); \
	more; \
	ADDQ $16, SI; \
	ADDQ $16, BX; \
	SUBQ $4, CX; \
	JGE loop; \
rest: \
	ADDQ $4, CX; \
	JEQ done; \
single: \
	ROWB; \
	step(0); \
	ADDQ $4, SI; \
	ADDQ $4, BX; \
	DECQ CX; \
	JNE single; \
done: \
	each(STORE); \
	VZEROUPPER; \
	RET

#define NOTHING

// What is multiplied by next is fetched meanwhile, 32 bytes in four steps of k (aheadAVX512), towards the second-level cache:
// the first has A and B.
#define AHEAD \
	MOVQ next+64(FP), AX
#define FETCH \
	PREFETCHT1 (AX); \
	ADDQ $32, AX

// BODYM is BODY for the first n < 32 columns: K1 and K2 select them.
#define BODYM(step, each) \
	ARGS; \
	MOVQ n+64(FP), CX; \
	MOVQ $1, AX; \
	SHLQ CX, AX; \
	DECQ AX; \
	KMOVW AX, K1; \
	SHRQ $16, AX; \
	KMOVW AX, K2; \
	MOVQ k+0(FP), CX; \
	each(ZERO); \
	TESTQ R13, R13; \
	JEQ loop; \
	MOVQ DX, AX; \
	each(LOADM); \
loop: \
	ROWBM; \
	step(0); \
	ADDQ $4, SI; \
	ADDQ $4, BX; \
	DECQ CX; \
	JNE loop; \
	each(STOREM); \
	VZEROUPPER; \
	RET

TEXT ·gemm12AVX512(SB), 0, $128-64
	BODY(STEP12, EACH12, NOTHING, NOTHING)

TEXT ·gemm12AheadAVX512(SB), 0, $128-72
	BODY(STEP12, EACH12, AHEAD, FETCH)

// The first rows of many that are multiplied by half a panel of bfloat16 in pairs of k, ldb bytes apart, of which at least one: what
// is widened for them goes to wide, a panel of float32 for the rows to come: the stores have room beside the multiply-adds, where a pass
// of their own over the panel waits for the second-level cache. K1 selects the upper half of each word, the second of a pair.
TEXT ·gemm12WidenAVX512(SB), 0, $128-72
	ARGS
	EACH12(ZERO)
	MOVL $0xaaaaaaaa, AX
	KMOVD AX, K1
	TESTQ R13, R13
	JEQ start
	MOVQ DX, AX
	EACH12(LOAD)
start:
	MOVQ wide+64(FP), AX
	PCALIGN $32
loop:
	VPSLLD $16, (DI), Z24
	VPSLLD $16, 64(DI), Z25
	VMOVUPS Z24, (AX)
	VMOVUPS Z25, 64(AX)
	STEP12(0)
	VMOVDQU16.Z (DI), K1, Z24
	VMOVDQU16.Z 64(DI), K1, Z25
	VMOVUPS Z24, 128(AX)
	VMOVUPS Z25, 192(AX)
	STEP12(4)
	ADDQ R11, DI
	ADDQ $256, AX
	ADDQ $8, SI
	ADDQ $8, BX
	DECQ CX
	JNE loop
	EACH12(STORE)
	VZEROUPPER
	RET

TEXT ·gemm8AVX512(SB), 0, $128-64
	BODY(STEP8, EACH8, NOTHING, NOTHING)

TEXT ·gemm4AVX512(SB), 0, $128-64
	BODY(STEP4, EACH4, NOTHING, NOTHING)

TEXT ·gemm2AVX512(SB), 0, $128-64
	BODY(STEP2, EACH2, NOTHING, NOTHING)

TEXT ·gemm1AVX512(SB), 0, $128-64
	BODY(STEP1, EACH1, NOTHING, NOTHING)

// A single row of A by a panel in one piece, which it streams.
#define STREAM \
	COMING(DI, R13, AX); \
	PAGES(R13, 0); \
	PAGES(R13, 64)

TEXT ·gemm1StreamAVX512(SB), 0, $128-64
	BODY(STEP1, EACH1, NOTHING, STREAM)

TEXT ·gemm4MaskedAVX512(SB), 0, $128-72
	BODYM(STEP4, EACH4)

TEXT ·gemm1MaskedAVX512(SB), 0, $128-72
	BODYM(STEP1, EACH1)

// func peakAVX512(n int): n times 24 independent fused multiply-adds of 16 lanes.
TEXT ·peakAVX512(SB), 0, $128-8
	MOVQ n+0(FP), CX
	EACH12(ZERO)
	ZERO(Z24, Z26)
	PCALIGN $32
loop:
	VFMADD231PS Z24, Z26, Z0
	VFMADD231PS Z24, Z26, Z1
	VFMADD231PS Z24, Z26, Z2
	VFMADD231PS Z24, Z26, Z3
	VFMADD231PS Z24, Z26, Z4
	VFMADD231PS Z24, Z26, Z5
	VFMADD231PS Z24, Z26, Z6
	VFMADD231PS Z24, Z26, Z7
	VFMADD231PS Z24, Z26, Z8
	VFMADD231PS Z24, Z26, Z9
	VFMADD231PS Z24, Z26, Z10
	VFMADD231PS Z24, Z26, Z11
	VFMADD231PS Z24, Z26, Z12
	VFMADD231PS Z24, Z26, Z13
	VFMADD231PS Z24, Z26, Z14
	VFMADD231PS Z24, Z26, Z15
	VFMADD231PS Z24, Z26, Z16
	VFMADD231PS Z24, Z26, Z17
	VFMADD231PS Z24, Z26, Z18
	VFMADD231PS Z24, Z26, Z19
	VFMADD231PS Z24, Z26, Z20
	VFMADD231PS Z24, Z26, Z21
	VFMADD231PS Z24, Z26, Z22
	VFMADD231PS Z24, Z26, Z23
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
