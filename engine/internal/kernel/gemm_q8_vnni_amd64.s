#include "go_asm.h"
#include "textflag.h"
#include "stream_amd64.h"

// The tile of GemmQ8 for AVX-512 with VNNI: up to six rows of A by one panel of 32 columns, all groups of k in one call.
//
//	func tileQ8VNNI(rows, groups int, a *byte, lda int, b *byte, c *float32, ldc int, acc int, ahead, stride int)
//
// Strides are in bytes. rows is 1 to 6, groups at least 1, acc 0 or 1. With every four inputs, and once more for a group's
// scales, a line is fetched into the second-level cache, ahead bytes from b at first and stride bytes farther each time.
// On the frame see gemm_avx512_amd64.s.
//
// VPDPBUSD adds the four products of an unsigned byte (a weight plus 128) and a signed one (an activation) to a sum of 32
// bits, without saturation on the way. A group's sums start from the row's offset, which takes the 128 away again.
//
// SI A; R8, R9, R10 = 1, 3, 5 times lda; DI panel; DX C, R12 ldc; CX groups left; BX blocks of a group left; R11 what
// to fetch, R14 stride. Z0 to Z11
// integer sums, row by row; Z12 to Z23 float sums; Z24, Z25 four rows of the panel, or scales; Z26, Z27 products of scales;
// Z28 to Z31 activations.

#define ZERO(addr, t, i0, i1, f0, f1) \
	VPXORD f0, f0, f0; \
	VPXORD f1, f1, f1

#define LOAD(addr, t, i0, i1, f0, f1) \
	VMOVUPS (AX), f0; \
	VMOVUPS 64(AX), f1; \
	ADDQ R12, AX

#define STORE(addr, t, i0, i1, f0, f1) \
	VMOVUPS f0, (DX); \
	VMOVUPS f1, 64(DX); \
	ADDQ R12, DX

#define OFFSET(addr, t, i0, i1, f0, f1) \
	VPBROADCASTD addr, i0; \
	VPBROADCASTD addr, i1

#define DOT(addr, t, i0, i1, f0, f1) \
	VPBROADCASTD addr, t; \
	VPDPBUSD t, Z24, i0; \
	VPDPBUSD t, Z25, i1

#define SCALE(addr, t, i0, i1, f0, f1) \
	VMULPS.BCST addr, Z24, Z26; \
	VMULPS.BCST addr, Z25, Z27; \
	VCVTDQ2PS i0, i0; \
	VCVTDQ2PS i1, i1; \
	VFMADD231PS i0, Z26, f0; \
	VFMADD231PS i1, Z27, f1

#define EACH1(f, d) \
	f(d(SI), Z28, Z0, Z1, Z12, Z13)
#define EACH2(f, d) \
	EACH1(f, d); \
	f(d(SI)(R8*1), Z29, Z2, Z3, Z14, Z15)
#define EACH3(f, d) \
	EACH2(f, d); \
	f(d(SI)(R8*2), Z30, Z4, Z5, Z16, Z17)
#define EACH4(f, d) \
	EACH3(f, d); \
	f(d(SI)(R9*1), Z31, Z6, Z7, Z18, Z19)
#define EACH5(f, d) \
	EACH4(f, d); \
	f(d(SI)(R8*4), Z28, Z8, Z9, Z20, Z21)
#define EACH6(f, d) \
	EACH5(f, d); \
	f(d(SI)(R10*1), Z29, Z10, Z11, Z22, Z23)

#define ROWB(d) \
	VMOVDQU64 d(DI), Z24; \
	VMOVDQU64 d+64(DI), Z25

#define STEP(each, i) \
	ROWB(i*128); \
	each(DOT, i*4)

// GROUPS takes all groups of k, in blocks of eight steps of four inputs; group and block are its labels. SHARED fetches a line of the
// tile's share of the block to come. STREAMED is what a tile streams by itself, for which COMING says where that is: two of the lines of PAGES
// with a step, and with a group's scales, of which last takes care, four.
#define GROUPS(each, group, block, come, fetch, last) \
group: \
	each(OFFSET, 0); \
	ADDQ $4, SI; \
	MOVQ $(const_groupQ8/32), BX; \
	PCALIGN $32; \
block: \
	come; \
	STEP(each, 0); \
	fetch(0); \
	STEP(each, 1); \
	fetch(1); \
	STEP(each, 2); \
	fetch(2); \
	STEP(each, 3); \
	fetch(3); \
	STEP(each, 4); \
	fetch(4); \
	STEP(each, 5); \
	fetch(5); \
	STEP(each, 6); \
	fetch(6); \
	STEP(each, 7); \
	fetch(7); \
	ADDQ $32, SI; \
	ADDQ $1024, DI; \
	DECQ BX; \
	JNE block; \
	come; \
	ROWB(0); \
	last(0); \
	each(SCALE, 0); \
	ADDQ $4, SI; \
	ADDQ $128, DI; \
	DECQ CX; \
	JNE group

#define NOTHING

#define SHARED(i) \
	PREFETCHT1 (R11); \
	ADDQ R14, R11

#define STREAMED(i) \
	PREFETCHT0 (64*((i)/2)+8192*((i)%2))(R11); \
	PREFETCHT0 (64*((i)/2)+8192*((i)%2)+4096)(R11)

#define WHOLE(d) PAGES(R11, d)

// BODY is the tile for one number of rows; each belongs to it, the rest are labels. With a stride below zero it streams.
#define BODY(each, start, group, block, put, stream, streamed) \
	each(ZERO, 0); \
	TESTQ R13, R13; \
	JEQ start; \
	MOVQ DX, AX; \
	each(LOAD, 0); \
start: \
	TESTQ R14, R14; \
	JLT stream; \
	PCALIGN $64; \
	GROUPS(each, group, block, NOTHING, SHARED, SHARED); \
put: \
	each(STORE, 0); \
	VZEROUPPER; \
	RET; \
	GROUPS(each, stream, streamed, COMING(DI, R11, AX), STREAMED, WHOLE); \
	JMP put

TEXT ·tileQ8VNNI(SB), 0, $128-80
	MOVQ rows+0(FP), BX
	MOVQ groups+8(FP), CX
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
	BODY(EACH1, start1, group1, block1, put1, stream1, streamed1)
two:
	BODY(EACH2, start2, group2, block2, put2, stream2, streamed2)
three:
	BODY(EACH3, start3, group3, block3, put3, stream3, streamed3)
four:
	BODY(EACH4, start4, group4, block4, put4, stream4, streamed4)
five:
	BODY(EACH5, start5, group5, block5, put5, stream5, streamed5)
six:
	BODY(EACH6, start6, group6, block6, put6, stream6, streamed6)

#define DP4(c0, c1, c2, c3) \
	VPDPBUSD Z24, Z25, c0; \
	VPDPBUSD Z24, Z25, c1; \
	VPDPBUSD Z24, Z25, c2; \
	VPDPBUSD Z24, Z25, c3

// func peakVNNI(n int): n times 24 independent VPDPBUSD of 64 multiply-adds.
TEXT ·peakVNNI(SB), 0, $128-8
	MOVQ n+0(FP), CX
	PCALIGN $64
loop:
	DP4(Z0, Z1, Z2, Z3)
	DP4(Z4, Z5, Z6, Z7)
	DP4(Z8, Z9, Z10, Z11)
	DP4(Z12, Z13, Z14, Z15)
	DP4(Z16, Z17, Z18, Z19)
	DP4(Z20, Z21, Z22, Z23)
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
