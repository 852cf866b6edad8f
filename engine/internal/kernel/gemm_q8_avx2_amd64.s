#include "go_asm.h"
#include "textflag.h"

// The tile of GemmQ8 for AVX2: as gemm_q8_vnni_amd64.s, but two rows of A by 16 columns at a time. Bytes are widened to 16
// bits, the first and third of every four apart from the second and fourth, so that VPMADDWD adds products of one column
// and nothing saturates.
//
// SI rows of A, R8 lda; DI panel; DX C, R12 ldc; CX groups left; BX steps of a group left; R9 rows left, R10 first column
// in bytes of a row of C; R11 scratch. Y0 to Y3 integer sums, row by row; Y4 to Y7 float sums; Y8 to Y11 weights; Y12, Y13
// activations; Y14 products; Y15 masks every other byte.

#define WEIGHTS \
	VMOVDQU (DI), Y8; \
	VMOVDQU 32(DI), Y10; \
	VPSRLW $8, Y8, Y9; \
	VPSRLW $8, Y10, Y11; \
	VPAND Y15, Y8, Y8; \
	VPAND Y15, Y10, Y10

#define DOT(addr, i0, i1) \
	VPBROADCASTD addr, Y13; \
	VPSLLW $8, Y13, Y12; \
	VPSRAW $8, Y12, Y12; \
	VPSRAW $8, Y13, Y13; \
	VPMADDWD Y8, Y12, Y14; \
	VPADDD Y14, i0, i0; \
	VPMADDWD Y10, Y12, Y14; \
	VPADDD Y14, i1, i1; \
	VPMADDWD Y9, Y13, Y14; \
	VPADDD Y14, i0, i0; \
	VPMADDWD Y11, Y13, Y14; \
	VPADDD Y14, i1, i1

#define OFFSET(addr, i0, i1) \
	VPBROADCASTD addr, i0; \
	VMOVDQA i0, i1

#define SCALE(addr, i0, i1, f0, f1) \
	VBROADCASTSS addr, Y12; \
	VMULPS Y8, Y12, Y13; \
	VMULPS Y9, Y12, Y14; \
	VCVTDQ2PS i0, i0; \
	VCVTDQ2PS i1, i1; \
	VFMADD231PS i0, Y13, f0; \
	VFMADD231PS i1, Y14, f1

TEXT ·tileQ8AVX2(SB), 0, $128-64
	MOVQ rows+0(FP), R9
	MOVQ lda+24(FP), R8
	MOVQ ldc+48(FP), R12
	VPCMPEQW Y15, Y15, Y15
	VPSRLW $8, Y15, Y15
	MOVQ $0, R10

// A part of 16 columns.
part:
	MOVQ a+16(FP), SI
	MOVQ c+40(FP), DX
	ADDQ R10, DX
	MOVQ rows+0(FP), R9

rows:
	MOVQ groups+8(FP), CX
	MOVQ b+32(FP), DI
	ADDQ R10, DI
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	CMPQ acc+56(FP), $0
	JEQ start
	VMOVUPS (DX), Y4
	VMOVUPS 32(DX), Y5
	CMPQ R9, $1
	JEQ start
	VMOVUPS (DX)(R12*1), Y6
	VMOVUPS 32(DX)(R12*1), Y7
start:
	MOVQ SI, R11
	CMPQ R9, $1
	JEQ group1

group2:
	OFFSET((R11), Y0, Y1)
	OFFSET((R11)(R8*1), Y2, Y3)
	ADDQ $4, R11
	MOVQ $(const_groupQ8/4), BX
step2:
	WEIGHTS
	DOT((R11), Y0, Y1)
	DOT((R11)(R8*1), Y2, Y3)
	ADDQ $4, R11
	ADDQ $128, DI
	DECQ BX
	JNE step2
	VMOVUPS (DI), Y8
	VMOVUPS 32(DI), Y9
	SCALE((R11), Y0, Y1, Y4, Y5)
	SCALE((R11)(R8*1), Y2, Y3, Y6, Y7)
	ADDQ $4, R11
	ADDQ $128, DI
	DECQ CX
	JNE group2
	VMOVUPS Y4, (DX)
	VMOVUPS Y5, 32(DX)
	VMOVUPS Y6, (DX)(R12*1)
	VMOVUPS Y7, 32(DX)(R12*1)
	LEAQ (SI)(R8*2), SI
	LEAQ (DX)(R12*2), DX
	SUBQ $2, R9
	JNE rows
	JMP next

group1:
	OFFSET((R11), Y0, Y1)
	ADDQ $4, R11
	MOVQ $(const_groupQ8/4), BX
step1:
	WEIGHTS
	DOT((R11), Y0, Y1)
	ADDQ $4, R11
	ADDQ $128, DI
	DECQ BX
	JNE step1
	VMOVUPS (DI), Y8
	VMOVUPS 32(DI), Y9
	SCALE((R11), Y0, Y1, Y4, Y5)
	ADDQ $4, R11
	ADDQ $128, DI
	DECQ CX
	JNE group1
	VMOVUPS Y4, (DX)
	VMOVUPS Y5, 32(DX)

next:
	ADDQ $64, R10
	CMPQ R10, $128
	JNE part
	VZEROUPPER
	RET

#define MADD(c0, c1) \
	VPMADDWD Y12, Y13, Y14; \
	VPADDD Y14, c0, c0; \
	VPMADDWD Y12, Y13, Y15; \
	VPADDD Y15, c1, c1

// func peakMaddAVX2(n int): n times 12 pairs of VPMADDWD and VPADDD, of 16 multiply-adds each.
TEXT ·peakMaddAVX2(SB), 0, $128-8
	MOVQ n+0(FP), CX
	PCALIGN $32
loop:
	MADD(Y0, Y1)
	MADD(Y2, Y3)
	MADD(Y4, Y5)
	MADD(Y6, Y7)
	MADD(Y8, Y9)
	MADD(Y10, Y11)
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
