#include "textflag.h"
#include "blocks_avx512.h"

// Unpacking for AVX-512: sixteen rows of blocks become sixteen columns of a panel.
//
//	func unpackXAVX512(blocks int, rows *[16]unsafe.Pointer, mask int, dst *float32)
//
// rows points at each row's first block. Columns whose bit in mask is clear become zero. dst is the panel's first row, at
// the column of the first row of weights; consecutive rows of the panel are 128 bytes apart.
//
// Sixteen bytes of each of sixteen rows are brought into four registers, and these are transposed, so that a register has
// four neighbouring bytes of each row in its lanes. A number is cut out of its place in the lane by a mask and not
// shifted down: converting it gives the number times a power of two, which the scale divides by again. Both are exact, as
// scales are products of a float16 and a small integer, so far from the smallest float32.
//
// The functions are leaves with a frame; see gemm_avx512_amd64.s in the package above.
//
// CX blocks left, SI rows, DX offset of the block, DI panel, AX, R8 scratch; K1 mask of columns, K2 to K4 of lanes.

#define ARGS \
	MOVQ blocks+0(FP), CX; \
	MOVQ rows+8(FP), SI; \
	MOVQ mask+16(FP), AX; \
	KMOVW AX, K1; \
	MOVQ dst+24(FP), DI; \
	LANES; \
	XORQ DX, DX

#define NEXT(size, elements) \
	ADDQ $size, DX; \
	ADDQ $(elements*128), DI; \
	DECQ CX

// ---- Q4_K, 144 bytes: d, dmin, 12 bytes of scales, 128 of numbers.

// Z0 to Z7 numbers, Z8 d, Z9 dmin, Z10 and Z12 scales, Z11 and Z13 leasts, Z14 and Z15 the scales of the two halves of
// bytes, Z16 and Z17 their leasts, Z22 and Z23 their masks, Z18 to Z21 and Z24 to Z31 scratch.

#define PUTK(off, q, mask, dl, ml, t) \
	VPANDD mask, q, t; \
	VCVTUDQ2PS t, t; \
	VMULPS dl, t, t; \
	VSUBPS.Z ml, t, K1, t; \
	VMOVUPS t, off(R8)

#define PUTS4K(at, mask, dl, ml) \
	PUTK(at+0, Z0, mask, dl, ml, Z24); PUTK(at+512, Z1, mask, dl, ml, Z25); \
	PUTK(at+1024, Z2, mask, dl, ml, Z26); PUTK(at+1536, Z3, mask, dl, ml, Z27); \
	PUTK(at+2048, Z4, mask, dl, ml, Z28); PUTK(at+2560, Z5, mask, dl, ml, Z29); \
	PUTK(at+3072, Z6, mask, dl, ml, Z30); PUTK(at+3584, Z7, mask, dl, ml, Z31)

// STEP4K writes every fourth element of 32 low and of 32 high halves.
#define STEP4K \
	PUTS4K(0, Z22, Z14, Z16); \
	PUTS4K(4096, Z23, Z15, Z17)

#define SHIFT4K \
	VPSLLD $8, Z22, Z22; \
	VPSLLD $8, Z23, Z23; \
	VMULPS.BCST powers<>+4(SB), Z14, Z14; \
	VMULPS.BCST powers<>+4(SB), Z15, Z15; \
	ADDQ $128, R8

// GROUP4K is 64 elements: part g, scales in byte b of sc and ml and in the next.
#define GROUP4K(g, b, b1, sc, ml, again) \
	SCALE(b, sc, Z8, Z14); \
	SCALE(b1, sc, Z8, Z15); \
	VMULPS.BCST powers<>+0(SB), Z15, Z15; \
	SCALE(b, ml, Z9, Z16); \
	SCALE(b1, ml, Z9, Z17); \
	LOAD(0, 16+32*g, DX, Z0, Z1, Z2, Z3); \
	TURN(Z0, Z1, Z2, Z3, Z18, Z19, Z20, Z21); \
	LOAD(0, 32+32*g, DX, Z4, Z5, Z6, Z7); \
	TURN(Z4, Z5, Z6, Z7, Z18, Z19, Z20, Z21); \
	VPBROADCASTD words<>+20(SB), Z22; \
	VPSLLD $4, Z22, Z23; \
	LEAQ g*8192(DI), R8; \
	MOVL $4, R9; \
again: \
	STEP4K; \
	SHIFT4K; \
	DECL R9; \
	JNE again

TEXT ·unpackQ4_KAVX512(SB), 0, $128-32
	ARGS
loop:
	HEADK(0, Z8, Y8, Z9, Y9, Z10, Z11, Z12, Z13)
	GROUP4K(0, 0, 1, Z10, Z11, again0)
	GROUP4K(1, 2, 3, Z10, Z11, again1)
	GROUP4K(2, 0, 1, Z12, Z13, again2)
	GROUP4K(3, 2, 3, Z12, Z13, again3)
	NEXT(144, 256)
	JNE loop
	VZEROUPPER
	RET

// ---- Q5_K, 176 bytes: as Q4_K, with 32 bytes of fifth bits before the numbers.

// Z0 to Z7 numbers, Z8 to Z15 fifth bits, Z16 d, Z17 dmin, Z18 and Z20 scales, Z19 and Z21 leasts, Z22 to Z25 the scale for each
// byte of a lane, Z26 the least, Z27 four numbers of each row, Z28 to Z31 scratch.

#define BYTEK(at, b, dl, t) \
	VPANDD.BCST masks<>+(4*b)(SB), Z27, t; \
	VCVTUDQ2PS t, t; \
	VMULPS dl, t, t; \
	VSUBPS.Z Z26, t, K1, t; \
	VMOVUPS t, (at+128*b)(R8)

#define BYTESK(at) \
	BYTEK(at, 0, Z22, Z28); BYTEK(at, 1, Z23, Z29); BYTEK(at, 2, Z24, Z30); BYTEK(at, 3, Z25, Z31)

// QUAD5K is four elements: low is how far the number is shifted down, move and by where its fifth bit goes.
#define QUAD5K(j, low, q, h, move, by) \
	VPSRLD $low, q, Z27; \
	VPANDD.BCST words<>+8(SB), Z27, Z27; \
	move $by, h, Z28; \
	VPANDD.BCST words<>+12(SB), Z28, Z28; \
	VPORD Z28, Z27, Z27; \
	BYTESK(512*j)

// POWERS makes of the scale in Z22 those of the other bytes.
#define POWERS \
	VMULPS.BCST powers<>+4(SB), Z22, Z23; \
	VMULPS.BCST powers<>+4(SB), Z23, Z24; \
	VMULPS.BCST powers<>+4(SB), Z24, Z25

#define PART5K(part, b, sc, ml, low, move, by) \
	SCALE(b, sc, Z16, Z22); \
	POWERS; \
	SCALE(b, ml, Z17, Z26); \
	LEAQ part*4096(DI), R8; \
	QUAD5K(0, low, Z0, Z8, move, by); QUAD5K(1, low, Z1, Z9, move, by); \
	QUAD5K(2, low, Z2, Z10, move, by); QUAD5K(3, low, Z3, Z11, move, by); \
	QUAD5K(4, low, Z4, Z12, move, by); QUAD5K(5, low, Z5, Z13, move, by); \
	QUAD5K(6, low, Z6, Z14, move, by); QUAD5K(7, low, Z7, Z15, move, by)

#define LOADS5K(g) \
	LOAD(0, 48+32*g, DX, Z0, Z1, Z2, Z3); \
	TURN(Z0, Z1, Z2, Z3, Z22, Z23, Z24, Z25); \
	LOAD(0, 64+32*g, DX, Z4, Z5, Z6, Z7); \
	TURN(Z4, Z5, Z6, Z7, Z22, Z23, Z24, Z25)

TEXT ·unpackQ5_KAVX512(SB), 0, $128-32
	ARGS
loop:
	HEADK(0, Z16, Y16, Z17, Y17, Z18, Z19, Z20, Z21)
	LOAD(0, 16, DX, Z8, Z9, Z10, Z11)
	TURN(Z8, Z9, Z10, Z11, Z22, Z23, Z24, Z25)
	LOAD(0, 32, DX, Z12, Z13, Z14, Z15)
	TURN(Z12, Z13, Z14, Z15, Z22, Z23, Z24, Z25)
	LOADS5K(0)
	PART5K(0, 0, Z18, Z19, 0, VPSLLD, 4)
	PART5K(1, 1, Z18, Z19, 4, VPSLLD, 3)
	LOADS5K(1)
	PART5K(2, 2, Z18, Z19, 0, VPSLLD, 2)
	PART5K(3, 3, Z18, Z19, 4, VPSLLD, 1)
	LOADS5K(2)
	PART5K(4, 0, Z20, Z21, 0, VPSRLD, 0)
	PART5K(5, 1, Z20, Z21, 4, VPSRLD, 1)
	LOADS5K(3)
	PART5K(6, 2, Z20, Z21, 0, VPSRLD, 2)
	PART5K(7, 3, Z20, Z21, 4, VPSRLD, 3)
	NEXT(176, 256)
	JNE loop
	VZEROUPPER
	RET

// ---- Q6_K, 210 bytes: 128 of low halves, 64 of upper pairs of bits, 16 signed scales, d.

// Z0 to Z3 upper bits, Z4 to Z7 and Z14 to Z17 low halves, Z8 d, Z9 to Z12 scales, Z22 to Z25 the scale for each byte of a lane,
// Z27 four numbers of each row, Z18 to Z21 and Z28 to Z31 scratch.

// BYTEB is a number less a bias, times a scale.
#define BYTEB(at, b, bias, dl, t) \
	VPANDD.BCST masks<>+(4*b)(SB), Z27, t; \
	VCVTUDQ2PS t, t; \
	VSUBPS.BCST biases<>+(bias+4*b)(SB), t, t; \
	VMULPS.Z dl, t, K1, t; \
	VMOVUPS t, (at+128*b)(R8)

#define BYTESB(at, bias) \
	BYTEB(at, 0, bias, Z22, Z28); BYTEB(at, 1, bias, Z23, Z29); BYTEB(at, 2, bias, Z24, Z30); BYTEB(at, 3, bias, Z25, Z31)

#define QUAD6K(j, low, q, h, move, by) \
	VPSRLD $low, q, Z27; \
	VPANDD.BCST words<>+8(SB), Z27, Z27; \
	move $by, h, Z28; \
	VPANDD.BCST words<>+4(SB), Z28, Z28; \
	VPORD Z28, Z27, Z27; \
	BYTESB(512*j, 0)

// PART6K is sixteen elements from element at on.
#define PART6K(at, sc, up, low, q0, q1, q2, q3, move, by) \
	SIGNED(up, sc, Z8, Z22); \
	POWERS; \
	LEAQ (128*(at))(DI), R8; \
	QUAD6K(0, low, q0, Z0, move, by); QUAD6K(1, low, q1, Z1, move, by); \
	QUAD6K(2, low, q2, Z2, move, by); QUAD6K(3, low, q3, Z3, move, by)

// GROUP6K is 64 elements: half h of the block, half a of each run of 32.
#define GROUP6K(h, a, sc0, sc1, up, up1) \
	LOAD(0, 128+32*h+16*a, DX, Z0, Z1, Z2, Z3); \
	TURN(Z0, Z1, Z2, Z3, Z18, Z19, Z20, Z21); \
	LOAD(0, 64*h+16*a, DX, Z4, Z5, Z6, Z7); \
	TURN(Z4, Z5, Z6, Z7, Z18, Z19, Z20, Z21); \
	LOAD(0, 64*h+32+16*a, DX, Z14, Z15, Z16, Z17); \
	TURN(Z14, Z15, Z16, Z17, Z18, Z19, Z20, Z21); \
	PART6K(128*h+16*a, sc0, up, 0, Z4, Z5, Z6, Z7, VPSLLD, 4); \
	PART6K(128*h+32+16*a, sc0, up1, 0, Z14, Z15, Z16, Z17, VPSLLD, 2); \
	PART6K(128*h+64+16*a, sc1, up, 4, Z4, Z5, Z6, Z7, VPSRLD, 0); \
	PART6K(128*h+96+16*a, sc1, up1, 4, Z14, Z15, Z16, Z17, VPSRLD, 2)

TEXT ·unpackQ6_KAVX512(SB), 0, $128-32
	ARGS
loop:
	LOAD(0, 194, DX, Z4, Z5, Z6, Z7)
	TURN(Z4, Z5, Z6, Z7, Z18, Z19, Z20, Z21)
	VPSRLD $16, Z7, Z8
	HALF(Z8, Y8)
	LOAD(0, 192, DX, Z9, Z10, Z11, Z12)
	TURN(Z9, Z10, Z11, Z12, Z18, Z19, Z20, Z21)
	GROUP6K(0, 0, Z9, Z10, 24, 8)
	GROUP6K(0, 1, Z9, Z10, 16, 0)
	GROUP6K(1, 0, Z11, Z12, 24, 8)
	GROUP6K(1, 1, Z11, Z12, 16, 0)
	NEXT(210, 256)
	JNE loop
	VZEROUPPER
	RET

// ---- Q8_0, 34 bytes: d and 32 signed numbers.

#define QUAD8(j, q) \
	VPXORD.BCST words<>+16(SB), q, Z27; \
	BYTESB(512*j, 16)

TEXT ·unpackQ8_0AVX512(SB), 0, $128-32
	ARGS
loop:
	LOAD(0, 0, DX, Z0, Z1, Z2, Z3)
	TURN(Z0, Z1, Z2, Z3, Z18, Z19, Z20, Z21)
	VMOVAPS Z0, Z22
	HALF(Z22, Y22)
	POWERS
	LOAD(0, 2, DX, Z0, Z1, Z2, Z3)
	TURN(Z0, Z1, Z2, Z3, Z18, Z19, Z20, Z21)
	LOAD(0, 18, DX, Z4, Z5, Z6, Z7)
	TURN(Z4, Z5, Z6, Z7, Z18, Z19, Z20, Z21)
	MOVQ DI, R8
	QUAD8(0, Z0); QUAD8(1, Z1); QUAD8(2, Z2); QUAD8(3, Z3)
	QUAD8(4, Z4); QUAD8(5, Z5); QUAD8(6, Z6); QUAD8(7, Z7)
	NEXT(34, 32)
	JNE loop
	VZEROUPPER
	RET

// ---- Q4_0, 18 bytes: d and 32 numbers of 4 bits, less 8; byte i holds numbers i and i+16.

#define PUT40(off, q, t) \
	VPANDD Z22, q, t; \
	VCVTUDQ2PS t, t; \
	VSUBPS Z15, t, t; \
	VMULPS.Z Z14, t, K1, t; \
	VMOVUPS t, off(R8)

#define STEP40(at) \
	PUT40(at+0, Z0, Z24); PUT40(at+512, Z1, Z25); PUT40(at+1024, Z2, Z26); PUT40(at+1536, Z3, Z27); \
	VPSLLD $4, Z22, Z22; \
	VMULPS.BCST powers<>+8(SB), Z15, Z15; \
	VMULPS.BCST powers<>+0(SB), Z14, Z14

TEXT ·unpackQ4_0AVX512(SB), 0, $128-32
	ARGS
loop:
	LOAD(0, 0, DX, Z4, Z5, Z6, Z7)
	TURN(Z4, Z5, Z6, Z7, Z18, Z19, Z20, Z21)
	VMOVAPS Z4, Z14
	HALF(Z14, Y14)
	LOAD(0, 2, DX, Z0, Z1, Z2, Z3)
	TURN(Z0, Z1, Z2, Z3, Z18, Z19, Z20, Z21)
	VPBROADCASTD words<>+20(SB), Z22
	VBROADCASTSS biases<>+32(SB), Z15
	MOVQ DI, R8
	STEP40(0); STEP40(2048)
	STEP40(128); STEP40(2176)
	STEP40(256); STEP40(2304)
	STEP40(384); STEP40(2432)
	NEXT(18, 32)
	JNE loop
	VZEROUPPER
	RET
