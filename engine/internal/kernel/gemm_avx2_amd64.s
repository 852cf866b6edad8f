#include "stream_amd64.h"
#include "textflag.h"

// Micro-kernels of Gemm for AVX2 and FMA: R rows of A by 16 columns of B (8 in each of two registers), all of k in one
// call. See gemm_avx512_amd64.s: arguments, registers for addresses and the reason for the frames are the same.
//
// Y0 to Y11 accumulators, row by row; Y12, Y13 the row of B; Y14, Y15 elements of A. The masked kernels have at most
// four rows and keep the masks of the columns in Y10 and Y11.

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
	LEAQ (R8)(R8*4), R10

#define ZERO(c0, c1) \
	VXORPS c0, c0, c0; \
	VXORPS c1, c1, c1

#define LOAD(c0, c1) \
	VMOVUPS (AX), c0; \
	VMOVUPS 32(AX), c1; \
	ADDQ R12, AX

#define STORE(c0, c1) \
	VMOVUPS c0, (DX); \
	VMOVUPS c1, 32(DX); \
	ADDQ R12, DX

#define LOADM(c0, c1) \
	VMASKMOVPS (AX), Y10, c0; \
	VMASKMOVPS 32(AX), Y11, c1; \
	ADDQ R12, AX

#define STOREM(c0, c1) \
	VMASKMOVPS c0, Y10, (DX); \
	VMASKMOVPS c1, Y11, 32(DX); \
	ADDQ R12, DX

#define ROWB \
	VMOVUPS (DI), Y12; \
	VMOVUPS 32(DI), Y13; \
	ADDQ R11, DI

#define ROWBM \
	VMASKMOVPS (DI), Y10, Y12; \
	VMASKMOVPS 32(DI), Y11, Y13; \
	ADDQ R11, DI

#define ROW(addr, t, c0, c1) \
	VBROADCASTSS addr, t; \
	VFMADD231PS Y12, t, c0; \
	VFMADD231PS Y13, t, c1

#define STEP1(d) \
	ROW(d(SI), Y14, Y0, Y1)
#define STEP2(d) \
	STEP1(d); \
	ROW(d(SI)(R8*1), Y15, Y2, Y3)
#define STEP4(d) \
	STEP2(d); \
	ROW(d(SI)(R8*2), Y14, Y4, Y5); \
	ROW(d(SI)(R9*1), Y15, Y6, Y7)
#define STEP6(d) \
	STEP4(d); \
	ROW(d(SI)(R8*4), Y14, Y8, Y9); \
	ROW(d(SI)(R10*1), Y15, Y10, Y11)

#define EACH1(f) f(Y0, Y1)
#define EACH2(f) EACH1(f); f(Y2, Y3)
#define EACH4(f) EACH2(f); f(Y4, Y5); f(Y6, Y7)
#define EACH6(f) EACH4(f); f(Y8, Y9); f(Y10, Y11)

#define BODY(step, each) \
	ARGS; \
	each(ZERO); \
	TESTQ R13, R13; \
	JEQ start; \
	MOVQ DX, AX; \
	each(LOAD); \
start: \
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
	ADDQ $16, SI; \
	SUBQ $4, CX; \
	JGE loop; \
rest: \
	ADDQ $4, CX; \
	JEQ done; \
single: \
	ROWB; \
	step(0); \
	ADDQ $4, SI; \
	DECQ CX; \
	JNE single; \
done: \
	each(STORE); \
	VZEROUPPER; \
	RET

// BODYM is BODY for the first n < 16 columns: the masks are cut from sixteen ones followed by sixteen zeros.
#define BODYM(step, each) \
	ARGS; \
	MOVQ n+64(FP), R14; \
	NEGQ R14; \
	LEAQ columns<>(SB), AX; \
	VMOVUPS 64(AX)(R14*4), Y10; \
	VMOVUPS 96(AX)(R14*4), Y11; \
	each(ZERO); \
	TESTQ R13, R13; \
	JEQ loop; \
	MOVQ DX, AX; \
	each(LOADM); \
loop: \
	ROWBM; \
	step(0); \
	ADDQ $4, SI; \
	DECQ CX; \
	JNE loop; \
	each(STOREM); \
	VZEROUPPER; \
	RET

DATA columns<>+0(SB)/8, $-1
DATA columns<>+8(SB)/8, $-1
DATA columns<>+16(SB)/8, $-1
DATA columns<>+24(SB)/8, $-1
DATA columns<>+32(SB)/8, $-1
DATA columns<>+40(SB)/8, $-1
DATA columns<>+48(SB)/8, $-1
DATA columns<>+56(SB)/8, $-1
DATA columns<>+64(SB)/8, $0
DATA columns<>+72(SB)/8, $0
DATA columns<>+80(SB)/8, $0
DATA columns<>+88(SB)/8, $0
DATA columns<>+96(SB)/8, $0
DATA columns<>+104(SB)/8, $0
DATA columns<>+112(SB)/8, $0
DATA columns<>+120(SB)/8, $0
GLOBL columns<>(SB), RODATA|NOPTR, $128

TEXT ·gemm6AVX2(SB), 0, $128-64
	BODY(STEP6, EACH6)

TEXT ·gemm4AVX2(SB), 0, $128-64
	BODY(STEP4, EACH4)

TEXT ·gemm2AVX2(SB), 0, $128-64
	BODY(STEP2, EACH2)

TEXT ·gemm1AVX2(SB), 0, $128-64
	BODY(STEP1, EACH1)

// One row by all 32 columns: the panel streams through once, and four chains hide the latency.
#define WIDE(more) \
	ARGS; \
	EACH2(ZERO); \
	TESTQ R13, R13; \
	JEQ loop; \
	VMOVUPS (DX), Y0; \
	VMOVUPS 32(DX), Y1; \
	VMOVUPS 64(DX), Y2; \
	VMOVUPS 96(DX), Y3; \
	PCALIGN $32; \
loop: \
	VBROADCASTSS (SI), Y4; \
	VFMADD231PS (DI), Y4, Y0; \
	VFMADD231PS 32(DI), Y4, Y1; \
	VFMADD231PS 64(DI), Y4, Y2; \
	VFMADD231PS 96(DI), Y4, Y3; \
	more; \
	ADDQ $4, SI; \
	ADDQ R11, DI; \
	DECQ CX; \
	JNE loop; \
	VMOVUPS Y0, (DX); \
	VMOVUPS Y1, 32(DX); \
	VMOVUPS Y2, 64(DX); \
	VMOVUPS Y3, 96(DX); \
	VZEROUPPER; \
	RET

#define NOTHING

// Half of what COMING and PAGES fetch: a step takes two lines, which are those of two pages or of the other two in turn.
#define STREAM \
	COMING(DI, R13, AX); \
	MOVQ DI, AX; \
	ANDQ $128, AX; \
	SHLQ $6, AX; \
	ADDQ AX, R13; \
	PREFETCHT0 (R13); \
	PREFETCHT0 4096(R13)

TEXT ·gemm1WideAVX2(SB), 0, $128-64
	WIDE(NOTHING)

TEXT ·gemm1StreamAVX2(SB), 0, $128-64
	WIDE(STREAM)

TEXT ·gemm4MaskedAVX2(SB), 0, $128-72
	BODYM(STEP4, EACH4)

TEXT ·gemm1MaskedAVX2(SB), 0, $128-72
	BODYM(STEP1, EACH1)

// func peakAVX2(n int): n times 12 independent fused multiply-adds of 8 lanes.
TEXT ·peakAVX2(SB), 0, $128-8
	MOVQ n+0(FP), CX
	EACH6(ZERO)
	ZERO(Y12, Y14)
	PCALIGN $32
loop:
	VFMADD231PS Y12, Y14, Y0
	VFMADD231PS Y12, Y14, Y1
	VFMADD231PS Y12, Y14, Y2
	VFMADD231PS Y12, Y14, Y3
	VFMADD231PS Y12, Y14, Y4
	VFMADD231PS Y12, Y14, Y5
	VFMADD231PS Y12, Y14, Y6
	VFMADD231PS Y12, Y14, Y7
	VFMADD231PS Y12, Y14, Y8
	VFMADD231PS Y12, Y14, Y9
	VFMADD231PS Y12, Y14, Y10
	VFMADD231PS Y12, Y14, Y11
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
