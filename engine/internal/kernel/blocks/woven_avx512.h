// Numbers out of woven blocks (woven.go), for AVX-512, as macros: what is done with the numbers is said by whoever includes
// this. EMIT(i, g, to, x, t) takes the numbers in t, of the sixteen rows of group g, element i of four, with TO0 to TO3 and Z16
// to Z19; INPUTS has ready what EMIT wants for the next four, and NEXT goes on to those.
//
// A number is a scale times a small integer, less a least value. The integer's bits are the index into a table of float32
// in a register, and the instruction for that ignores the other bits: so the byte of a word is had by reading the words from
// one, two or three bytes further on, which costs no arithmetic. The product is exact, as scales are (a float16 times a small
// integer), so that a fused subtraction rounds once, as Decode does; and to subtract +0 changes nothing, not even a -0.
//
// AHEAD(n) fetches n bytes more of what comes, LINEAHEAD(place) a line: what lies behind the words at R9 and behind place, or, all calls of
// a block taken together, as much as the block has.
//
// SI the block, R9 its words, R10 what AHEAD needs, AX the frame, BX, DX and R11 to R13 scratch. Z0 and Z1 tables, Z8 to Z11 the
// groups' scales, Z12 to Z15 their leasts, Z20 to Z31 scratch.

// The integers from 0 to 31.
DATA steps<>+0(SB)/8, $0x3f80000000000000 // 0, 1
DATA steps<>+8(SB)/8, $0x4040000040000000 // 2, 3
DATA steps<>+16(SB)/8, $0x40a0000040800000 // 4, 5
DATA steps<>+24(SB)/8, $0x40e0000040c00000 // 6, 7
DATA steps<>+32(SB)/8, $0x4110000041000000 // 8, 9
DATA steps<>+40(SB)/8, $0x4130000041200000 // 10, 11
DATA steps<>+48(SB)/8, $0x4150000041400000 // 12, 13
DATA steps<>+56(SB)/8, $0x4170000041600000 // 14, 15
DATA steps<>+64(SB)/8, $0x4188000041800000 // 16, 17
DATA steps<>+72(SB)/8, $0x4198000041900000 // 18, 19
DATA steps<>+80(SB)/8, $0x41a8000041a00000 // 20, 21
DATA steps<>+88(SB)/8, $0x41b8000041b00000 // 22, 23
DATA steps<>+96(SB)/8, $0x41c8000041c00000 // 24, 25
DATA steps<>+104(SB)/8, $0x41d8000041d00000 // 26, 27
DATA steps<>+112(SB)/8, $0x41e8000041e00000 // 28, 29
DATA steps<>+120(SB)/8, $0x41f8000041f00000 // 30, 31
GLOBL steps<>(SB), RODATA|NOPTR, $128

// The steps of IQ4's numbers.
DATA uneven<>+0(SB)/8, $0xc2d00000c2fe0000 // -127, -104
DATA uneven<>+8(SB)/8, $0xc2820000c2a60000 // -83, -65
DATA uneven<>+16(SB)/8, $0xc20c0000c2440000 // -49, -35
DATA uneven<>+24(SB)/8, $0xc1200000c1b00000 // -22, -10
DATA uneven<>+32(SB)/8, $0x415000003f800000 // 1, 13
DATA uneven<>+40(SB)/8, $0x4218000041c80000 // 25, 38
DATA uneven<>+48(SB)/8, $0x428a000042540000 // 53, 69
DATA uneven<>+56(SB)/8, $0x42e2000042b20000 // 89, 113
GLOBL uneven<>(SB), RODATA|NOPTR, $64

// 2^23, 2^15 and 2^7, whose last bits are 1 in byte 0, 1 and 2, and what they have too much with 32 or 128.
DATA magic<>+0(SB)/4, $0x4b000000 // 8388608
DATA magic<>+4(SB)/4, $0x47000000 // 32768
DATA magic<>+8(SB)/4, $0x43000000 // 128
DATA magic<>+12(SB)/4, $0x4b000020 // 8388640
DATA magic<>+16(SB)/4, $0x47002000 // 32800
DATA magic<>+20(SB)/4, $0x43200000 // 160
DATA magic<>+24(SB)/4, $0x4b000080 // 8388736
DATA magic<>+28(SB)/4, $0x41000000 // 8
DATA magic<>+32(SB)/4, $0x41800000 // 16
DATA magic<>+36(SB)/4, $0x42000000 // 32
GLOBL magic<>(SB), RODATA|NOPTR, $40

// Numbers of 6 bits in the bytes of a word; a word that makes 2^23 of its first byte with its sign turned.
DATA six<>+0(SB)/4, $0x0000003f
DATA six<>+4(SB)/4, $0x00003f00
DATA six<>+8(SB)/4, $0x003f0000
DATA six<>+12(SB)/4, $0x4b000080
DATA six<>+16(SB)/4, $0x80000000
DATA six<>+20(SB)/4, $28
DATA six<>+24(SB)/4, $1
DATA six<>+28(SB)/4, $2
DATA six<>+32(SB)/4, $0x00000030
GLOBL six<>(SB), RODATA|NOPTR, $36

#define TABLES \
	VMOVUPS steps<>(SB), Z0; \
	VMOVUPS steps<>+64(SB), Z1

#define SIXES \
	VPBROADCASTD six<>+0(SB), Z12; \
	VPBROADCASTD six<>+4(SB), Z13; \
	VPBROADCASTD six<>+8(SB), Z14

// ---- Numbers of 4 bits

// LOW is the low half of byte i of the words of group g, HIGH the other half.
#define LOW(i, g, dl, ml, to, x, t) \
	VMOVDQU32 (64*(g)+(i))(R9), t; \
	VPERMPS Z0, t, t; \
	VFMSUB213PS ml, dl, t; \
	EMIT(i, g, to, x, t)

#define HIGH(i, g, dl, ml, to, x, t) \
	VPSRLD $(8*(i)+4), (64*(g))(R9), t; \
	VPERMPS Z0, t, t; \
	VFMSUB213PS ml, dl, t; \
	EMIT(i, g, to, x, t)

#define FOUR(what, i, x, t0, t1, t2, t3) \
	what(i, 0, Z8, Z12, TO0, x, t0); \
	what(i, 1, Z9, Z13, TO1, x, t1); \
	what(i, 2, Z10, Z14, TO2, x, t2); \
	what(i, 3, Z11, Z15, TO3, x, t3)

// WORD is four elements of all rows: one of each byte.
#define WORD(what) \
	INPUTS; \
	FOUR(what, 0, Z16, Z20, Z21, Z22, Z23); \
	FOUR(what, 1, Z17, Z24, Z25, Z26, Z27); \
	FOUR(what, 2, Z18, Z28, Z29, Z30, Z31); \
	FOUR(what, 3, Z19, Z20, Z21, Z22, Z23); \
	NEXT; \
	ADDQ $256, R9

// LEAST0 has nothing subtracted.
#define LEAST0 \
	VPXORD Z12, Z12, Z12; \
	VPXORD Z13, Z13, Z13; \
	VPXORD Z14, Z14, Z14; \
	VPXORD Z15, Z15, Z15

// HALVES are the scales of blocks that have one in float16 at their end.
#define HALVES(at) \
	VCVTPH2PS (at)(SI), Z8; \
	VCVTPH2PS (at+32)(SI), Z9; \
	VCVTPH2PS (at+64)(SI), Z10; \
	VCVTPH2PS (at+96)(SI), Z11; \
	LINEAHEAD((at)(SI)); \
	LINEAHEAD((at+64)(SI))

// PAIR are scale and least of a group, of a word at the end of the block. The least is added.
#define PAIR(at, d, yd, m, ym) \
	VMOVDQU32 (at)(SI), d; \
	VPSRLD $16, d, m; \
	HALF(d, yd); \
	HALF(m, ym); \
	VPXORD.BCST six<>+16(SB), m, m; \
	LINEAHEAD((at)(SI))

#define PAIRS(at) \
	PAIR(at, Z8, Y8, Z12, Y12); \
	PAIR((at+64), Z9, Y9, Z13, Y13); \
	PAIR((at+128), Z10, Y10, Z14, Y14); \
	PAIR((at+192), Z11, Y11, Z15, Y15)

// NIBBLES is a block of Q4_0, Q4_1 or IQ4_NL, whose scales are there: 4 words of numbers.
#define NIBBLES(low, high) \
	MOVQ SI, R9; \
	MOVL $4, R11; \
low: \
	AHEAD(256); \
	WORD(LOW); \
	DECL R11; \
	JNE low; \
	MOVQ SI, R9; \
	MOVL $4, R11; \
high: \
	WORD(HIGH); \
	DECL R11; \
	JNE high

// ---- Q4_K

// PARTK puts scale and least of byte b of s and m into the frame, as those of a part that lies at at.
#define PARTK(b, s, m, at) \
	SCALE(b, s, Z20, Z28); \
	VMOVUPS Z28, (at)(AX); \
	SCALE(b, m, Z21, Z29); \
	VMOVUPS Z29, (at+256)(AX)

// GROUPK puts the eight scales and leasts of Q4_K and Q5_K of one group into the frame. R9 points at four words of them.
#define GROUPK \
	AHEAD(256); \
	VMOVDQU32 (R9), Z20; \
	VMOVDQU32 256(R9), Z22; \
	VMOVDQU32 512(R9), Z23; \
	VMOVDQU32 768(R9), Z25; \
	VPSRLD $16, Z20, Z21; \
	HALF(Z20, Y20); \
	HALF(Z21, Y21); \
	VPSRLD $2, Z22, Z26; \
	VPANDD.BCST words<>+0(SB), Z22, Z22; \
	VPSRLD $2, Z23, Z27; \
	VPANDD.BCST words<>+0(SB), Z23, Z23; \
	VPANDD.BCST words<>+8(SB), Z25, Z24; \
	VPANDD.BCST words<>+4(SB), Z26, Z26; \
	VPORD Z26, Z24, Z24; \
	VPSRLD $4, Z25, Z25; \
	VPANDD.BCST words<>+8(SB), Z25, Z25; \
	VPANDD.BCST words<>+4(SB), Z27, Z27; \
	VPORD Z27, Z25, Z25; \
	PARTK(0, Z22, Z23, 0); \
	PARTK(1, Z22, Z23, 512); \
	PARTK(2, Z22, Z23, 1024); \
	PARTK(3, Z22, Z23, 1536); \
	PARTK(0, Z24, Z25, 2048); \
	PARTK(1, Z24, Z25, 2560); \
	PARTK(2, Z24, Z25, 3072); \
	PARTK(3, Z24, Z25, 3584); \
	ADDQ $64, R9; \
	ADDQ $64, AX

#define HEADS(at, group) \
	LEAQ (at)(SI), R9; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	GROUPK; \
	DECL R11; \
	JNE group; \
	MOVQ SP, AX; \
	MOVQ SI, R9

// SCALES brings the scales and leasts of the next part out of the frame.
#define SCALES \
	VMOVUPS 0(AX), Z8; \
	VMOVUPS 64(AX), Z9; \
	VMOVUPS 128(AX), Z10; \
	VMOVUPS 192(AX), Z11; \
	VMOVUPS 256(AX), Z12; \
	VMOVUPS 320(AX), Z13; \
	VMOVUPS 384(AX), Z14; \
	VMOVUPS 448(AX), Z15; \
	ADDQ $512, AX

// BLOCK4K: 32 words of numbers, 4 of scales.
#define BLOCK4K(group, part, low, high) \
	HEADS(8192, group); \
	MOVL $4, R12; \
part: \
	SCALES; \
	MOVL $8, R11; \
low: \
	AHEAD(256); \
	WORD(LOW); \
	DECL R11; \
	JNE low; \
	SUBQ $2048, R9; \
	SCALES; \
	MOVL $8, R11; \
high: \
	WORD(HIGH); \
	DECL R11; \
	JNE high; \
	DECL R12; \
	JNE part

// ---- IQ4_XS

// PARTXS puts the scale of part i of a group into the frame: four bits of Z22 and two of Z21, which by moves to their place.
#define PARTXS(i, move, by) \
	VPSRLD $(4*(i)), Z22, Z24; \
	VPANDD.BCST words<>+20(SB), Z24, Z24; \
	move $by, Z21, Z25; \
	VPANDD.BCST six<>+32(SB), Z25, Z25; \
	VPORD Z25, Z24, Z24; \
	VCVTDQ2PS Z24, Z24; \
	VSUBPS.BCST magic<>+36(SB), Z24, Z24; \
	VMULPS Z20, Z24, Z24; \
	VMOVUPS Z24, (256*(i))(AX)

// BLOCKXS: 32 words of numbers, one of a scale and upper bits of scales, one of their lower bits. Each part is NIBBLES.
#define BLOCKXS(group, part, low, high) \
	LEAQ 8192(SI), R9; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	LINEAHEAD((R9)); \
	LINEAHEAD(256(R9)); \
	VMOVDQU32 (R9), Z20; \
	VMOVDQU32 256(R9), Z22; \
	VPSRLD $16, Z20, Z21; \
	HALF(Z20, Y20); \
	PARTXS(0, VPSLLD, 4); \
	PARTXS(1, VPSLLD, 2); \
	PARTXS(2, VPSLLD, 0); \
	PARTXS(3, VPSRLD, 2); \
	PARTXS(4, VPSRLD, 4); \
	PARTXS(5, VPSRLD, 6); \
	PARTXS(6, VPSRLD, 8); \
	PARTXS(7, VPSRLD, 10); \
	ADDQ $64, R9; \
	ADDQ $64, AX; \
	DECL R11; \
	JNE group; \
	MOVQ SP, AX; \
	MOVQ SI, R9; \
	MOVL $8, R12; \
part: \
	VMOVUPS 0(AX), Z8; \
	VMOVUPS 64(AX), Z9; \
	VMOVUPS 128(AX), Z10; \
	VMOVUPS 192(AX), Z11; \
	ADDQ $256, AX; \
	MOVL $4, R11; \
low: \
	AHEAD(256); \
	WORD(LOW); \
	DECL R11; \
	JNE low; \
	SUBQ $1024, R9; \
	MOVL $4, R11; \
high: \
	WORD(HIGH); \
	DECL R11; \
	JNE high; \
	DECL R12; \
	JNE part

// ---- Q8_0

#define EIGHT(i, g, dl, ml, to, x, t) \
	VMOVDQU32 (64*(g)+(i))(R9), t; \
	VPTERNLOGD.BCST $0x6a, six<>+12(SB), Z2, t; \
	VSUBPS.BCST magic<>+24(SB), t, t; \
	VMULPS dl, t, t; \
	EMIT(i, g, to, x, t)

// BLOCK80: 8 words of numbers, a scale.
#define BLOCK80(word) \
	HALVES(2048); \
	MOVQ SI, R9; \
	MOVL $8, R11; \
word: \
	AHEAD(256); \
	WORD(EIGHT); \
	DECL R11; \
	JNE word
