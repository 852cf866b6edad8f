#include "textflag.h"

// Packing for AVX-512: sixteen rows of weights become sixteen columns of a panel.
//
//	func packXAVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)
//
// rows points at each row's first element; a block is 64 bytes (F32, BF16) or 32 bytes (F16) of every row. Columns
// whose bit in mask is clear become zero. dst is the panel's first row, at the column of the first row of weights.
// Consecutive rows of the panel are 128 bytes apart. On the frames see gemm_avx512_amd64.s.

#define ARGS \
	MOVQ blocks+0(FP), CX; \
	MOVQ rows+8(FP), SI; \
	MOVQ mask+16(FP), AX; \
	KMOVW AX, K1; \
	MOVQ dst+24(FP), DI; \
	XORQ DX, DX

#define LOADROW(i, op, z) \
	MOVQ i*8(SI), AX; \
	op (AX)(DX*1), z; \
	PREFETCHT0 256(AX)(DX*1)

#define LOADROWS(op) \
	LOADROW(0, op, Z0); LOADROW(1, op, Z1); LOADROW(2, op, Z2); LOADROW(3, op, Z3); \
	LOADROW(4, op, Z4); LOADROW(5, op, Z5); LOADROW(6, op, Z6); LOADROW(7, op, Z7); \
	LOADROW(8, op, Z8); LOADROW(9, op, Z9); LOADROW(10, op, Z10); LOADROW(11, op, Z11); \
	LOADROW(12, op, Z12); LOADROW(13, op, Z13); LOADROW(14, op, Z14); LOADROW(15, op, Z15)

#define PAIR(a, b, lo, hi) \
	VUNPCKLPS b, a, lo; \
	VUNPCKHPS b, a, hi

// QUAD makes of (rows 0, 1 low, high) and (rows 2, 3 low, high) the columns 0 to 3 within each 128-bit lane.
#define QUAD(lo01, hi01, lo23, hi23, c0, c1, c2, c3) \
	VUNPCKLPD lo23, lo01, c0; \
	VUNPCKHPD lo23, lo01, c1; \
	VUNPCKLPD hi23, hi01, c2; \
	VUNPCKHPD hi23, hi01, c3

// LANES sorts the 128-bit lanes of two registers: even ones to e, odd ones to o.
#define LANES(a, b, e, o) \
	VSHUFF32X4 $0x88, b, a, e; \
	VSHUFF32X4 $0xdd, b, a, o

// TRANSPOSE turns Z0 to Z15, rows of sixteen 32-bit elements, into columns.
#define TRANSPOSE \
	PAIR(Z0, Z1, Z16, Z17); PAIR(Z2, Z3, Z18, Z19); PAIR(Z4, Z5, Z20, Z21); PAIR(Z6, Z7, Z22, Z23); \
	PAIR(Z8, Z9, Z24, Z25); PAIR(Z10, Z11, Z26, Z27); PAIR(Z12, Z13, Z28, Z29); PAIR(Z14, Z15, Z30, Z31); \
	QUAD(Z16, Z17, Z18, Z19, Z0, Z1, Z2, Z3); \
	QUAD(Z20, Z21, Z22, Z23, Z4, Z5, Z6, Z7); \
	QUAD(Z24, Z25, Z26, Z27, Z8, Z9, Z10, Z11); \
	QUAD(Z28, Z29, Z30, Z31, Z12, Z13, Z14, Z15); \
	LANES(Z0, Z4, Z16, Z20); LANES(Z1, Z5, Z17, Z21); LANES(Z2, Z6, Z18, Z22); LANES(Z3, Z7, Z19, Z23); \
	LANES(Z8, Z12, Z24, Z28); LANES(Z9, Z13, Z25, Z29); LANES(Z10, Z14, Z26, Z30); LANES(Z11, Z15, Z27, Z31); \
	LANES(Z16, Z24, Z0, Z8); LANES(Z17, Z25, Z1, Z9); LANES(Z18, Z26, Z2, Z10); LANES(Z19, Z27, Z3, Z11); \
	LANES(Z20, Z28, Z4, Z12); LANES(Z21, Z29, Z5, Z13); LANES(Z22, Z30, Z6, Z14); LANES(Z23, Z31, Z7, Z15)

#define PUT(i, z) \
	VMOVAPS.Z z, K1, z; \
	VMOVUPS z, i*128(DI)

#define PUTS \
	PUT(0, Z0); PUT(1, Z1); PUT(2, Z2); PUT(3, Z3); PUT(4, Z4); PUT(5, Z5); PUT(6, Z6); PUT(7, Z7); \
	PUT(8, Z8); PUT(9, Z9); PUT(10, Z10); PUT(11, Z11); PUT(12, Z12); PUT(13, Z13); PUT(14, Z14); PUT(15, Z15)

// PUT2 splits pairs of bfloat16 into the panel's rows 2i and 2i+1; Z31 masks the upper half.
#define PUT2(i, z) \
	VPSLLD.Z $16, z, K1, Z16; \
	VPANDD.Z Z31, z, K1, Z17; \
	VMOVUPS Z16, i*256(DI); \
	VMOVUPS Z17, i*256+128(DI)

TEXT ·packF32AVX512(SB), 0, $128-32
	ARGS
loop:
	LOADROWS(VMOVUPS)
	TRANSPOSE
	PUTS
	ADDQ $64, DX
	ADDQ $2048, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

TEXT ·packF16AVX512(SB), 0, $128-32
	ARGS
loop:
	LOADROWS(VCVTPH2PS)
	TRANSPOSE
	PUTS
	ADDQ $32, DX
	ADDQ $2048, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

TEXT ·packBF16AVX512(SB), 0, $128-32
	ARGS
loop:
	LOADROWS(VMOVUPS)
	TRANSPOSE
	VPTERNLOGD $255, Z31, Z31, Z31
	VPSLLD $16, Z31, Z31
	PUT2(0, Z0); PUT2(1, Z1); PUT2(2, Z2); PUT2(3, Z3); PUT2(4, Z4); PUT2(5, Z5); PUT2(6, Z6); PUT2(7, Z7)
	PUT2(8, Z8); PUT2(9, Z9); PUT2(10, Z10); PUT2(11, Z11); PUT2(12, Z12); PUT2(13, Z13); PUT2(14, Z14); PUT2(15, Z15)
	ADDQ $64, DX
	ADDQ $4096, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET

// INTERLEAVE is PUT where consecutive rows of the panel are 256 bytes apart.
#define INTERLEAVE(i, z) \
	VMOVAPS.Z z, K1, z; \
	VMOVUPS z, i*256(DI)

// func interleaveAVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *byte): pairs of bfloat16 are 32-bit elements.
TEXT ·interleaveAVX512(SB), 0, $128-32
	ARGS
loop:
	LOADROWS(VMOVUPS)
	TRANSPOSE
	INTERLEAVE(0, Z0); INTERLEAVE(1, Z1); INTERLEAVE(2, Z2); INTERLEAVE(3, Z3)
	INTERLEAVE(4, Z4); INTERLEAVE(5, Z5); INTERLEAVE(6, Z6); INTERLEAVE(7, Z7)
	INTERLEAVE(8, Z8); INTERLEAVE(9, Z9); INTERLEAVE(10, Z10); INTERLEAVE(11, Z11)
	INTERLEAVE(12, Z12); INTERLEAVE(13, Z13); INTERLEAVE(14, Z14); INTERLEAVE(15, Z15)
	ADDQ $64, DX
	ADDQ $4096, DI
	DECQ CX
	JNE loop
	VZEROUPPER
	RET
