#include "textflag.h"
#include "blocks_avx512.h"

// Products of one row of float32 with rows of blocks, for AVX-512: what generating one token consists of. Numbers go from
// the block to the multiplication without a panel in between. Sixteen outputs are the lanes of a register, and each is one
// chain of fused multiply-adds in the order of the inputs, as with a panel.
//
//	func dotXAVX512(blocks int, rows *[32]unsafe.Pointer, x, out *float32, ahead int)
//
// rows points at the first block of each of 32 rows, x at the inputs, out at 32 outputs. While a block is multiplied, what
// lies ahead bytes behind it is fetched. The rows are two groups, so that one multiplies while the
// other's chain waits.
//
// How numbers are cut out of their bytes: see unpack_avx512_amd64.s.
//
// CX blocks left, SI rows, DX offset of the block, R8 inputs, R10 DX and ahead, AX scratch; K2 to K4 masks of lanes.

// 15 in the place of each half byte, low ones first.
DATA halves<>+0(SB)/4, $0x0000000f
DATA halves<>+4(SB)/4, $0x00000f00
DATA halves<>+8(SB)/4, $0x000f0000
DATA halves<>+12(SB)/4, $0x0f000000
DATA halves<>+16(SB)/4, $0x000000f0
DATA halves<>+20(SB)/4, $0x0000f000
DATA halves<>+24(SB)/4, $0x00f00000
DATA halves<>+28(SB)/4, $0xf0000000
GLOBL halves<>(SB), RODATA|NOPTR, $32

#define BEGIN \
	MOVQ blocks+0(FP), CX; \
	MOVQ rows+8(FP), SI; \
	MOVQ x+16(FP), R8; \
	MOVQ ahead+32(FP), R10; \
	LANES; \
	XORQ DX, DX; \
	VPXORD Z26, Z26, Z26; \
	VPXORD Z27, Z27, Z27

#define END \
	MOVQ out+24(FP), AX; \
	VMOVUPS Z26, (AX); \
	VMOVUPS Z27, 64(AX); \
	VZEROUPPER; \
	RET

#define AHEAD(i, off) \
	MOVQ ((i)*8)(SI), AX; \
	PREFETCHT0 off(AX)(R10*1)

// FETCH asks for the bytes at off of a group's rows to come.
#define FETCH(g, off) \
	AHEAD(g+0, off); AHEAD(g+1, off); AHEAD(g+2, off); AHEAD(g+3, off); \
	AHEAD(g+4, off); AHEAD(g+5, off); AHEAD(g+6, off); AHEAD(g+7, off); \
	AHEAD(g+8, off); AHEAD(g+9, off); AHEAD(g+10, off); AHEAD(g+11, off); \
	AHEAD(g+12, off); AHEAD(g+13, off); AHEAD(g+14, off); AHEAD(g+15, off)

// POWERS divides a scale by the places of the bytes.
#define POWERS(z0, z1, z2, z3) \
	VMULPS.BCST powers<>+4(SB), z0, z1; \
	VMULPS.BCST powers<>+4(SB), z1, z2; \
	VMULPS.BCST powers<>+4(SB), z2, z3

// ---- Q4_K

// ELEMENT multiplies the number in half byte h of the lanes of q with the input at off bytes.
#define ELEMENT(q, h, dl, ml, off, acc, t) \
	VPANDD.BCST halves<>+(4*(h))(SB), q, t; \
	VCVTUDQ2PS t, t; \
	VMULPS dl, t, t; \
	VSUBPS ml, t, t; \
	VFMADD231PS.BCST (off)(R8), t, acc

// QUAD is four elements of both groups, in the bytes of the lanes of q and r, h of the first.
#define QUAD(q, r, h, off) \
	ELEMENT(q, (h+0), Z16, Z24, (off+0), Z26, Z28); ELEMENT(r, (h+0), Z20, Z25, (off+0), Z27, Z29); \
	ELEMENT(q, (h+1), Z17, Z24, (off+4), Z26, Z30); ELEMENT(r, (h+1), Z21, Z25, (off+4), Z27, Z31); \
	ELEMENT(q, (h+2), Z18, Z24, (off+8), Z26, Z28); ELEMENT(r, (h+2), Z22, Z25, (off+8), Z27, Z29); \
	ELEMENT(q, (h+3), Z19, Z24, (off+12), Z26, Z30); ELEMENT(r, (h+3), Z23, Z25, (off+12), Z27, Z31)

#define QUADS(h, off) \
	QUAD(Z0, Z8, h, (off+0)); QUAD(Z1, Z9, h, (off+16)); QUAD(Z2, Z10, h, (off+32)); QUAD(Z3, Z11, h, (off+48)); \
	QUAD(Z4, Z12, h, (off+64)); QUAD(Z5, Z13, h, (off+80)); QUAD(Z6, Z14, h, (off+96)); QUAD(Z7, Z15, h, (off+112))

// What HEAD finds lies in the frame: d, dmin and four scales of each group.
#define KEEP(at) \
	VMOVUPS Z8, (at+0)(SP); \
	VMOVUPS Z9, (at+64)(SP); \
	VMOVUPS Z10, (at+128)(SP); \
	VMOVUPS Z11, (at+192)(SP); \
	VMOVUPS Z12, (at+256)(SP); \
	VMOVUPS Z13, (at+320)(SP)

// PART is 64 elements: part p of the block, scales in byte b of those kept at sc and sc+64, and in the next byte.
#define PART(p, b, b1, sc) \
	LOAD(0, 16+32*p, DX, Z0, Z1, Z2, Z3); \
	TURN(Z0, Z1, Z2, Z3, Z28, Z29, Z30, Z31); \
	LOAD(0, 32+32*p, DX, Z4, Z5, Z6, Z7); \
	TURN(Z4, Z5, Z6, Z7, Z28, Z29, Z30, Z31); \
	LOAD(16, 16+32*p, DX, Z8, Z9, Z10, Z11); \
	TURN(Z8, Z9, Z10, Z11, Z28, Z29, Z30, Z31); \
	LOAD(16, 32+32*p, DX, Z12, Z13, Z14, Z15); \
	TURN(Z12, Z13, Z14, Z15, Z28, Z29, Z30, Z31); \
	SCALE(b, (sc)(SP), 0(SP), Z16); \
	SCALE(b, (sc+64)(SP), 64(SP), Z24); \
	POWERS(Z16, Z17, Z18, Z19); \
	SCALE(b, (sc+384)(SP), 384(SP), Z20); \
	SCALE(b, (sc+448)(SP), 448(SP), Z25); \
	POWERS(Z20, Z21, Z22, Z23); \
	QUADS(0, 256*p); \
	SCALE(b1, (sc)(SP), 0(SP), Z16); \
	VMULPS.BCST powers<>+0(SB), Z16, Z16; \
	SCALE(b1, (sc+64)(SP), 64(SP), Z24); \
	POWERS(Z16, Z17, Z18, Z19); \
	SCALE(b1, (sc+384)(SP), 384(SP), Z20); \
	VMULPS.BCST powers<>+0(SB), Z20, Z20; \
	SCALE(b1, (sc+448)(SP), 448(SP), Z25); \
	POWERS(Z20, Z21, Z22, Z23); \
	QUADS(4, 256*p+128)

// ---- Q6_K

// KEEP4 puts four registers into the frame.
#define KEEP4(at) \
	VMOVUPS Z0, (at+0)(SP); \
	VMOVUPS Z1, (at+64)(SP); \
	VMOVUPS Z2, (at+128)(SP); \
	VMOVUPS Z3, (at+192)(SP)

#define MOVE6K(g, off, r, at) \
	LOAD(g, off, r, Z0, Z1, Z2, Z3); \
	TURN(Z0, Z1, Z2, Z3, Z28, Z29, Z30, Z31); \
	KEEP4(at)

// HALF6K brings half a block of a group into the frame, from at on: low halves of elements 0 to 31 and 64 to 95, those of
// the others, upper bits.
#define HALF6K(g, at) \
	MOVE6K(g, 0, R11, (at+0)); MOVE6K(g, 16, R11, (at+256)); \
	MOVE6K(g, 32, R11, (at+512)); MOVE6K(g, 48, R11, (at+768)); \
	MOVE6K(g, 128, R12, (at+1024)); MOVE6K(g, 144, R12, (at+1280))

// HEAD6K brings d and the scales of a group there.
#define HEAD6K(g, d, sc) \
	LOAD(g, 194, DX, Z0, Z1, Z2, Z3); \
	TURN(Z0, Z1, Z2, Z3, Z28, Z29, Z30, Z31); \
	VPSRLD $16, Z3, Z3; \
	HALF(Z3, Y3); \
	VMOVUPS Z3, d(SP); \
	MOVE6K(g, 192, DX, sc)

#define BYTE6K(b, q, dl, off, acc, t) \
	VPANDD.BCST masks<>+(4*b)(SB), q, t; \
	VCVTUDQ2PS t, t; \
	VSUBPS.BCST biases<>+(4*b)(SB), t, t; \
	VMULPS dl, t, t; \
	VFMADD231PS.BCST (off)(R8), t, acc

// NUMBERS makes four numbers of each row of what lies in the frame.
#define NUMBERS(low, upper, right, move, by, q, t) \
	VPSRLD $right, low(SP), q; \
	VPANDD.BCST words<>+8(SB), q, q; \
	move $by, upper(SP), t; \
	VPANDD.BCST words<>+4(SB), t, t; \
	VPORD t, q, q

#define QUAD6K(low, upper, right, move, by, off) \
	NUMBERS(low, upper, right, move, by, Z0, Z28); \
	NUMBERS((low+1536), (upper+1536), right, move, by, Z1, Z29); \
	BYTE6K(0, Z0, Z16, (off+0), Z26, Z30); BYTE6K(0, Z1, Z20, (off+0), Z27, Z31); \
	BYTE6K(1, Z0, Z17, (off+4), Z26, Z28); BYTE6K(1, Z1, Z21, (off+4), Z27, Z29); \
	BYTE6K(2, Z0, Z18, (off+8), Z26, Z30); BYTE6K(2, Z1, Z22, (off+8), Z27, Z31); \
	BYTE6K(3, Z0, Z19, (off+12), Z26, Z28); BYTE6K(3, Z1, Z23, (off+12), Z27, Z29)

// PART6K is sixteen elements of both groups.
#define PART6K(sc, up, low, upper, right, move, by, off) \
	SIGNED(up, (sc)(R9), 3584(SP), Z16); \
	POWERS(Z16, Z17, Z18, Z19); \
	SIGNED(up, (sc+256)(R9), 3648(SP), Z20); \
	POWERS(Z20, Z21, Z22, Z23); \
	QUAD6K((low+0), (upper+0), right, move, by, (off+0)); \
	QUAD6K((low+64), (upper+64), right, move, by, (off+16)); \
	QUAD6K((low+128), (upper+128), right, move, by, (off+32)); \
	QUAD6K((low+192), (upper+192), right, move, by, (off+48))

// Z0 to Z7 numbers of the first group, Z8 to Z15 of the second, Z16 to Z19 and Z20 to Z23 their scales for each byte of a
// lane, Z24 and Z25 their leasts, Z26 and Z27 their chains, Z28 to Z31 scratch.
TEXT ·dotQ4_KAVX512(SB), 0, $768-40
	BEGIN
loop:
	HEADK(0, Z8, Y8, Z9, Y9, Z10, Z11, Z12, Z13)
	KEEP(0)
	HEADK(16, Z8, Y8, Z9, Y9, Z10, Z11, Z12, Z13)
	KEEP(384)
	PART(0, 0, 1, 128)
	FETCH(0, 0)
	FETCH(16, 0)
	PART(1, 2, 3, 128)
	FETCH(0, 64)
	FETCH(16, 64)
	PART(2, 0, 1, 256)
	FETCH(0, 128)
	FETCH(16, 128)
	PART(3, 2, 3, 256)
	ADDQ $144, DX
	ADDQ $144, R10
	ADDQ $1024, R8
	DECQ CX
	JNE loop
	END

// The frame has half a block of the first group and at 1536 one of the second, at 3072 the scales of both, at 3584 d.
// R11 and R12 are the offsets of the half's low halves and upper bits, R9 its scales; Z0 and Z1 four numbers of each row, Z16
// to Z23 scales for each byte of a lane, Z26 and Z27 the chains.
TEXT ·dotQ6_KAVX512(SB), 0, $3712-40
	BEGIN
loop:
	HEAD6K(0, 3584, 3072)
	HEAD6K(16, 3648, 3328)
	MOVQ DX, R11
	MOVQ DX, R12
	LEAQ 3072(SP), R9
	MOVL $2, R13
half:
	HALF6K(0, 0)
	HALF6K(16, 1536)
	PART6K(0, 24, 0, 1024, 0, VPSLLD, 4, 0)
	PART6K(0, 16, 256, 1280, 0, VPSLLD, 4, 64)
	FETCH(0, 0)
	FETCH(16, 0)
	PART6K(0, 8, 512, 1024, 0, VPSLLD, 2, 128)
	PART6K(0, 0, 768, 1280, 0, VPSLLD, 2, 192)
	PART6K(64, 24, 0, 1024, 4, VPSRLD, 0, 256)
	PART6K(64, 16, 256, 1280, 4, VPSRLD, 0, 320)
	FETCH(0, 64)
	FETCH(16, 64)
	PART6K(64, 8, 512, 1024, 4, VPSRLD, 2, 384)
	PART6K(64, 0, 768, 1280, 4, VPSRLD, 2, 448)
	ADDQ $64, R11
	ADDQ $32, R12
	ADDQ $128, R9
	ADDQ $512, R8
	ADDQ $105, R10
	DECL R13
	JNE half
	ADDQ $210, DX
	DECQ CX
	JNE loop
	END
