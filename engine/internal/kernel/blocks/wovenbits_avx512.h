// Numbers of 5 and 6 bits out of woven blocks, for AVX-512: woven_avx512.h goes before.

// ---- Numbers of 5 bits. Z2 has ones where the lower four lie, Z3 says how far fifth bits are turned.

// NUMBER5 is what a row of tables makes of an index, as a number.
#define NUMBER5(i, g, dl, ml, to, x, t) \
	VPERMI2PS Z1, Z0, t; \
	VFMSUB213PS ml, dl, t; \
	EMIT(i, g, to, x, t)

// LOW5 and HIGH5 are for formats with all 32 fifth bits in one word, that of the next element in bit 4 of h.
#define LOW5(i, g, h, dl, ml, to, x, t) \
	VMOVDQU32 (64*(g)+(i))(R9), t; \
	VPTERNLOGD $0xe4, Z2, h, t; \
	VPRORD $1, h, h; \
	NUMBER5(i, g, dl, ml, to, x, t)

#define HIGH5(i, g, h, dl, ml, to, x, t) \
	VPSRLD $(8*(i)+4), (64*(g))(R9), t; \
	VPTERNLOGD $0xe4, Z2, h, t; \
	VPRORD $1, h, h; \
	NUMBER5(i, g, dl, ml, to, x, t)

#define FOUR5(what, i, x, t0, t1, t2, t3) \
	what(i, 0, Z20, Z8, Z12, TO0, x, t0); \
	what(i, 1, Z21, Z9, Z13, TO1, x, t1); \
	what(i, 2, Z22, Z10, Z14, TO2, x, t2); \
	what(i, 3, Z23, Z11, Z15, TO3, x, t3)

#define WORD5(what) \
	INPUTS; \
	FOUR5(what, 0, Z16, Z24, Z25, Z26, Z27); \
	FOUR5(what, 1, Z17, Z28, Z29, Z30, Z31); \
	FOUR5(what, 2, Z18, Z24, Z25, Z26, Z27); \
	FOUR5(what, 3, Z19, Z28, Z29, Z30, Z31); \
	NEXT; \
	ADDQ $256, R9

// FIFTHS is a block of Q5_0 or Q5_1, whose scales are there: 4 words of numbers, one of fifth bits.
#define FIFTHS(low, high) \
	VPROLD $4, 1024(SI), Z20; \
	VPROLD $4, 1088(SI), Z21; \
	VPROLD $4, 1152(SI), Z22; \
	VPROLD $4, 1216(SI), Z23; \
	MOVQ SI, R9; \
	MOVL $4, R11; \
low: \
	AHEAD(256); \
	WORD5(LOW5); \
	DECL R11; \
	JNE low; \
	AHEAD(256); \
	MOVQ SI, R9; \
	MOVL $4, R11; \
high: \
	WORD5(HIGH5); \
	DECL R11; \
	JNE high

// UNITE has all five bits in each byte of the words of group g: by is how the other four are had.
#define LOWS(g, t) VMOVDQU32 (64*(g))(R9), t
#define HIGHS(g, t) VPSRLD $4, (64*(g))(R9), t

#define UNITE(by, g, h, t) \
	VMOVDQU32 (64*(g))(R13), h; \
	by(g, t); \
	VPRORVD Z3, h, h; \
	VPTERNLOGD $0xe4, Z2, h, t

#define BYTE5(i, g, q, dl, ml, to, x, t) \
	VPSRLD $(8*(i)), q, t; \
	NUMBER5(i, g, dl, ml, to, x, t)

#define FIRST5(i, g, q, dl, ml, to, x, t) \
	VMOVDQA32 q, t; \
	NUMBER5(i, g, dl, ml, to, x, t)

#define UNITED(by) \
	UNITE(by, 0, Z24, Z20); \
	UNITE(by, 1, Z25, Z21); \
	UNITE(by, 2, Z26, Z22); \
	UNITE(by, 3, Z27, Z23); \
	ADDQ $256, R13

#define WORD5K(by) \
	INPUTS; \
	UNITED(by); \
	FOUR5(FIRST5, 0, Z16, Z24, Z25, Z26, Z27); \
	FOUR5(BYTE5, 1, Z17, Z28, Z29, Z30, Z31); \
	FOUR5(BYTE5, 2, Z18, Z24, Z25, Z26, Z27); \
	FOUR5(BYTE5, 3, Z19, Z28, Z29, Z30, Z31); \
	NEXT; \
	ADDQ $256, R9

// PART5K is 32 elements.
#define PART5K(by, word) \
	SCALES; \
	LEAQ 8192(SI), R13; \
	MOVL $8, R11; \
word: \
	AHEAD(160); \
	WORD5K(by); \
	DECL R11; \
	JNE word; \
	VPADDD.BCST six<>+24(SB), Z3, Z3

// BLOCK5K: 32 words of numbers, 8 of fifth bits, 4 of scales.
#define BLOCK5K(group, part, low, high) \
	HEADS(10240, group); \
	VPBROADCASTD six<>+20(SB), Z3; \
	MOVL $4, R12; \
part: \
	PART5K(LOWS, low); \
	SUBQ $2048, R9; \
	PART5K(HIGHS, high); \
	DECL R12; \
	JNE part

// ---- Q6_K. Z12 to Z14 have ones where a number lies in byte 0 to 2.

// BYTE6 is the number in byte b with the power of two of which it is the last bits, less both that and 32.
#define BYTE6(b, mask, i, g, dl, to, x, t) \
	VPTERNLOGD.BCST $0xea, magic<>+(4*(b))(SB), mask, t; \
	VSUBPS.BCST magic<>+(4*(b)+12)(SB), t, t; \
	VMULPS dl, t, t; \
	EMIT(i, g, to, x, t)

#define ROW6(g, q, dl, to, t0, t1) \
	VMOVDQA32 q, t0; \
	BYTE6(0, Z12, 0, g, dl, to, Z16, t0); \
	VMOVDQA32 q, t1; \
	BYTE6(1, Z13, 1, g, dl, to, Z17, t1); \
	VMOVDQA32 q, t0; \
	BYTE6(2, Z14, 2, g, dl, to, Z18, t0); \
	VPSRLD $8, q, t1; \
	BYTE6(2, Z14, 3, g, dl, to, Z19, t1)

#define WORD6(by) \
	INPUTS; \
	UNITED(by); \
	ROW6(0, Z20, Z8, TO0, Z24, Z25); \
	ROW6(1, Z21, Z9, TO1, Z26, Z27); \
	ROW6(2, Z22, Z10, TO2, Z28, Z29); \
	ROW6(3, Z23, Z11, TO3, Z30, Z31); \
	NEXT; \
	ADDQ $256, R9

// PART6 puts a signed scale of a group into the frame; up is 24 less 8 times its byte.
#define PART6(up, s, at) \
	SIGNED(up, s, Z24, Z25); \
	VMOVUPS Z25, (at)(AX)

#define PARTS6(w, s) \
	VMOVDQU32 (256*w)(R9), s; \
	PART6(24, s, 1024*w); \
	PART6(16, s, 1024*w+256); \
	PART6(8, s, 1024*w+512); \
	PART6(0, s, 1024*w+768)

// SCALES6 brings the scales of the next sixteen elements out of the frame.
#define SCALES6 \
	VMOVUPS 0(AX), Z8; \
	VMOVUPS 64(AX), Z9; \
	VMOVUPS 128(AX), Z10; \
	VMOVUPS 192(AX), Z11; \
	ADDQ $256, AX

// RUN6 is 64 elements: twice 32 with the same upper bits in different places.
#define RUN6(by, row, part, word) \
	MOVL $2, R12; \
row: \
	MOVL $2, BX; \
part: \
	SCALES6; \
	MOVL $4, R11; \
word: \
	AHEAD(196); \
	WORD6(by); \
	DECL R11; \
	JNE word; \
	DECL BX; \
	JNE part; \
	VPADDD.BCST six<>+28(SB), Z3, Z3; \
	SUBQ $2048, R13; \
	DECL R12; \
	JNE row

// BLOCK6K: 32 words of low halves, 16 of upper bits, 4 of scales, the scale of these. Each half of the block is four times 32.
#define BLOCK6K(group, half, row0, part0, word0, row1, part1, word1) \
	LEAQ 12288(SI), R9; \
	LEAQ 13312(SI), R13; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	AHEAD(224); \
	VCVTPH2PS (R13), Z24; \
	PARTS6(0, Z20); \
	PARTS6(1, Z21); \
	PARTS6(2, Z22); \
	PARTS6(3, Z23); \
	ADDQ $32, R13; \
	ADDQ $64, R9; \
	ADDQ $64, AX; \
	DECL R11; \
	JNE group; \
	MOVQ SP, AX; \
	MOVQ SI, R9; \
	LEAQ 8192(SI), R13; \
	MOVL $2, DX; \
half: \
	VPBROADCASTD six<>+20(SB), Z3; \
	RUN6(LOWS, row0, part0, word0); \
	SUBQ $4096, R9; \
	RUN6(HIGHS, row1, part1, word1); \
	ADDQ $2048, R13; \
	DECL DX; \
	JNE half
