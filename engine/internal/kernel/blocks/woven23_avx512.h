// Numbers of 2 and 3 bits out of woven blocks, for AVX-512: woven_avx512.h and wovenbits_avx512.h go before.

// The numbers in the lower and in the upper two of four bits.
DATA quarters<>+0(SB)/8, $0x3f80000000000000 // 0, 1
DATA quarters<>+8(SB)/8, $0x4040000040000000 // 2, 3
DATA quarters<>+16(SB)/8, $0x3f80000000000000
DATA quarters<>+24(SB)/8, $0x4040000040000000
DATA quarters<>+32(SB)/8, $0x3f80000000000000
DATA quarters<>+40(SB)/8, $0x4040000040000000
DATA quarters<>+48(SB)/8, $0x3f80000000000000
DATA quarters<>+56(SB)/8, $0x4040000040000000
DATA quarters<>+64(SB)/8, $0
DATA quarters<>+72(SB)/8, $0
DATA quarters<>+80(SB)/8, $0x3f8000003f800000 // 1
DATA quarters<>+88(SB)/8, $0x3f8000003f800000
DATA quarters<>+96(SB)/8, $0x4000000040000000 // 2
DATA quarters<>+104(SB)/8, $0x4000000040000000
DATA quarters<>+112(SB)/8, $0x4040000040400000 // 3
DATA quarters<>+120(SB)/8, $0x4040000040400000
GLOBL quarters<>(SB), RODATA|NOPTR, $128

// Q3_K's numbers by three bits, whatever the fourth.
DATA thirds<>+0(SB)/8, $0xc0400000c0800000 // -4, -3
DATA thirds<>+8(SB)/8, $0xbf800000c0000000 // -2, -1
DATA thirds<>+16(SB)/8, $0x3f80000000000000 // 0, 1
DATA thirds<>+24(SB)/8, $0x4040000040000000 // 2, 3
DATA thirds<>+32(SB)/8, $0xc0400000c0800000
DATA thirds<>+40(SB)/8, $0xbf800000c0000000
DATA thirds<>+48(SB)/8, $0x3f80000000000000
DATA thirds<>+56(SB)/8, $0x4040000040000000
GLOBL thirds<>(SB), RODATA|NOPTR, $64

// How far the third bits of the first numbers are turned to lie in bit 2, and ones in every other bit.
DATA two<>+0(SB)/4, $30
DATA two<>+4(SB)/4, $0xfbfbfbfb
GLOBL two<>(SB), RODATA|NOPTR, $8

// ---- Q2_K

// NIBBLE2 is d times four bits of Z22, from bit at on.
#define NIBBLE2(at, d, out, to) \
	VPSRLD $(at), Z22, out; \
	VPANDD.BCST words<>+20(SB), out, out; \
	VCVTDQ2PS out, out; \
	VMULPS d, out, out; \
	VMOVUPS out, (to)(AX)

// PARTS2 puts the scales and leasts in word w of a group into the frame.
#define PARTS2(w) \
	VMOVDQU32 (256*(w))(R9), Z22; \
	NIBBLE2(0, Z20, Z24, 2048*(w)); \
	NIBBLE2(4, Z21, Z25, 2048*(w)+256); \
	NIBBLE2(8, Z20, Z26, 2048*(w)+512); \
	NIBBLE2(12, Z21, Z27, 2048*(w)+768); \
	NIBBLE2(16, Z20, Z24, 2048*(w)+1024); \
	NIBBLE2(20, Z21, Z25, 2048*(w)+1280); \
	NIBBLE2(24, Z20, Z26, 2048*(w)+1536); \
	NIBBLE2(28, Z21, Z27, 2048*(w)+1792)

// RUN2 is 32 elements: the same bits of eight words, in two parts.
#define RUN2(table, what, ahead, part, word) \
	VMOVUPS quarters<>+table(SB), Z0; \
	MOVL $2, R12; \
part: \
	SCALES; \
	MOVL $4, R11; \
word: \
	ahead(256); \
	WORD(what); \
	DECL R11; \
	JNE word; \
	DECL R12; \
	JNE part

#define NOTHING(n)

// BLOCK2K: 16 words of numbers, 4 of scales and leasts, one of their scales. Each half of the block is four times 32.
#define BLOCK2K(group, half, part0, word0, part1, word1, part2, word2, part3, word3) \
	LEAQ 4096(SI), R9; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	AHEAD(256); \
	LINEAHEAD(1024(R9)); \
	VMOVDQU32 1024(R9), Z20; \
	VPSRLD $16, Z20, Z21; \
	HALF(Z20, Y20); \
	HALF(Z21, Y21); \
	PARTS2(0); \
	PARTS2(1); \
	PARTS2(2); \
	PARTS2(3); \
	ADDQ $64, R9; \
	ADDQ $64, AX; \
	DECL R11; \
	JNE group; \
	MOVQ SP, AX; \
	MOVQ SI, R9; \
	MOVL $2, DX; \
half: \
	RUN2(0, LOW, AHEAD, part0, word0); \
	SUBQ $2048, R9; \
	RUN2(64, LOW, NOTHING, part1, word1); \
	SUBQ $2048, R9; \
	RUN2(0, HIGH, NOTHING, part2, word2); \
	SUBQ $2048, R9; \
	RUN2(64, HIGH, NOTHING, part3, word3); \
	DECL DX; \
	JNE half

// ---- Q3_K. Z1 says how far numbers are shifted down, Z3 how far third bits are turned.

// UNITE3 has a number's three bits first in each byte of the words of group g.
#define UNITE3(g, h, t) \
	VMOVDQU32 (64*(g))(R13), h; \
	VMOVDQU32 (64*(g))(R9), t; \
	VPRORVD Z3, h, h; \
	VPSRLVD Z1, t, t; \
	VPTERNLOGD $0xe4, Z2, h, t

#define BYTE3(move, i, g, q, dl, to, x, t) \
	move $(8*(i)), q, t; \
	VPERMPS Z0, t, t; \
	VMULPS dl, t, t; \
	EMIT(i, g, to, x, t)

#define FIRST3(g, q, dl, to, x, t) \
	VPERMPS Z0, q, t; \
	VMULPS dl, t, t; \
	EMIT(0, g, to, x, t)

#define FOUR3(i, x, t0, t1, t2, t3) \
	BYTE3(VPSRLD, i, 0, Z20, Z8, TO0, x, t0); \
	BYTE3(VPSRLD, i, 1, Z21, Z9, TO1, x, t1); \
	BYTE3(VPSRLD, i, 2, Z22, Z10, TO2, x, t2); \
	BYTE3(VPSRLD, i, 3, Z23, Z11, TO3, x, t3)

#define WORD3 \
	INPUTS; \
	UNITE3(0, Z24, Z20); \
	UNITE3(1, Z25, Z21); \
	UNITE3(2, Z26, Z22); \
	UNITE3(3, Z27, Z23); \
	ADDQ $256, R13; \
	FIRST3(0, Z20, Z8, TO0, Z16, Z24); \
	FIRST3(1, Z21, Z9, TO1, Z16, Z25); \
	FIRST3(2, Z22, Z10, TO2, Z16, Z26); \
	FIRST3(3, Z23, Z11, TO3, Z16, Z27); \
	FOUR3(1, Z17, Z28, Z29, Z30, Z31); \
	FOUR3(2, Z18, Z24, Z25, Z26, Z27); \
	FOUR3(3, Z19, Z28, Z29, Z30, Z31); \
	NEXT; \
	ADDQ $256, R9

// SCALE3 puts the scale in byte b of Z25 into the frame.
#define SCALE3(b, at) \
	VPSRLD $(8*(b)), Z25, Z26; \
	VPANDD.BCST words<>+24(SB), Z26, Z26; \
	VCVTDQ2PS Z26, Z26; \
	VSUBPS.BCST magic<>+36(SB), Z26, Z26; \
	VMULPS Z24, Z26, Z26; \
	VMOVUPS Z26, (at)(AX)

// PARTS3 are scales 4w to 4w+3 of a group: four bits of low, shifted down by down, and two of Z22, which by moves to their place.
#define PARTS3(w, low, down, move, by) \
	VPSRLD $down, low, Z25; \
	VPANDD.BCST words<>+8(SB), Z25, Z25; \
	move $by, Z22, Z26; \
	VPANDD.BCST words<>+4(SB), Z26, Z26; \
	VPORD Z26, Z25, Z25; \
	SCALE3(0, 1024*(w)); \
	SCALE3(1, 1024*(w)+256); \
	SCALE3(2, 1024*(w)+512); \
	SCALE3(3, 1024*(w)+768)

// BLOCK3K: 16 words of numbers, 8 of third bits, 3 of scales, the scale of these. Each half of the block is four times 32.
#define BLOCK3K(group, half, run, part, word) \
	LEAQ 6144(SI), R9; \
	LEAQ 6912(SI), R13; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	AHEAD(224); \
	VCVTPH2PS (R13), Z24; \
	VMOVDQU32 (R9), Z20; \
	VMOVDQU32 256(R9), Z21; \
	VMOVDQU32 512(R9), Z22; \
	PARTS3(0, Z20, 0, VPSLLD, 4); \
	PARTS3(1, Z21, 0, VPSLLD, 2); \
	PARTS3(2, Z20, 4, VPSLLD, 0); \
	PARTS3(3, Z21, 4, VPSRLD, 2); \
	ADDQ $32, R13; \
	ADDQ $64, R9; \
	ADDQ $64, AX; \
	DECL R11; \
	JNE group; \
	MOVQ SP, AX; \
	MOVQ SI, R9; \
	VPBROADCASTD two<>+0(SB), Z3; \
	MOVL $2, DX; \
half: \
	VPXORD Z1, Z1, Z1; \
	MOVL $4, BX; \
run: \
	LEAQ 4096(SI), R13; \
	MOVL $2, R12; \
part: \
	SCALES6; \
	MOVL $4, R11; \
word: \
	AHEAD(96); \
	WORD3; \
	DECL R11; \
	JNE word; \
	DECL R12; \
	JNE part; \
	VPADDD.BCST six<>+24(SB), Z3, Z3; \
	VPADDD.BCST six<>+28(SB), Z1, Z1; \
	SUBQ $2048, R9; \
	DECL BX; \
	JNE run; \
	ADDQ $2048, R9; \
	DECL DX; \
	JNE half
