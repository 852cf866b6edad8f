// Blocks of 32 numbers and IQ4_XS, woven, for AVX2: woven_avx2.h goes before.

// HALVES are the scales of blocks that have one in float16 at their end, times 2^-24.
#define HALFSCALE(at, y) \
	VCVTPH2PS (at)(SI)(DX*1), y; \
	VMULPS power<>+32(SB), y, y

#define HALVES(at) \
	HALFSCALE(at, Y8); \
	HALFSCALE((at+16), Y9); \
	HALFSCALE((at+32), Y10); \
	HALFSCALE((at+48), Y11); \
	PREFETCHT0 (at)(SI)(R10*1)

// PAIR puts scale and least of a group, of a word at the end of the block, into the frame, twice, the scale times a power of two
// each. The least is added.
#define PAIR(at, g, low, high) \
	VMOVDQU (at+32*(g))(SI), Y8; \
	VPSRLD $16, Y8, Y9; \
	VPAND mask<>+192(SB), Y8, Y8; \
	HALF(Y8, X8); \
	HALF(Y9, X9); \
	VPXOR mask<>+224(SB), Y9, Y9; \
	VMULPS power<>+high(SB), Y8, Y10; \
	VMULPS power<>+low(SB), Y8, Y8; \
	VMOVUPS Y8, (32*(g))(AX); \
	VMOVUPS Y9, (128+32*(g))(AX); \
	VMOVUPS Y10, (256+32*(g))(AX); \
	VMOVUPS Y9, (384+32*(g))(AX)

// PAIRS leaves AX so that SCALES brings what is for low halves of bytes, and then what is for high ones.
#define PAIRS(at, low, high) \
	MOVQ SP, AX; \
	PAIR(at, 0, low, high); \
	PAIR(at, 1, low, high); \
	PAIR(at, 2, low, high); \
	PAIR(at, 3, low, high); \
	PREFETCHT0 (at)(SI)(R10*1); \
	PREFETCHT0 (at+64)(SI)(R10*1); \
	LEAQ -256(SP), AX

// ---- Numbers of 4 bits for which Y0 has bytes

#define STEP4(by, g, q) \
	by(g, q); \
	VPAND mask<>+0(SB), q, q; \
	VPSHUFB q, Y0, q

#define STEPS4(by) \
	STEP4(by, 0, Y12); \
	STEP4(by, 1, Y13); \
	STEP4(by, 2, Y14); \
	STEP4(by, 3, Y15)

// NIBBLES are four words, their low halves before the high ones.
#define NIBBLES(low, high) \
	MOVL $4, R11; \
low: \
	AHEAD; \
	STEPS4(LOW); \
	WORDTOP(TIMES); \
	DECL R11; \
	JNE low; \
	SUBQ $1024, R9; \
	MOVL $4, R11; \
high: \
	STEPS4(HIGH); \
	WORDTOP(TIMES); \
	DECL R11; \
	JNE high

// ---- IQ4_XS

// PARTXS puts the scale of part i of a group into the frame: four bits of Y12 and two of Y13, which by moves to their place.
#define PARTXS(i, move, by) \
	VPSRLD $(4*(i)), Y12, Y2; \
	move $by, Y13, Y3; \
	VPAND mask<>+128(SB), Y2, Y2; \
	VPAND mask<>+256(SB), Y3, Y3; \
	VPOR Y3, Y2, Y2; \
	VPSUBD mask<>+288(SB), Y2, Y2; \
	VCVTDQ2PS Y2, Y2; \
	VMULPS Y8, Y2, Y2; \
	VMOVUPS Y2, (128*(i))(AX)

// BLOCKXS: 32 words of numbers, one of a scale and upper bits of scales, one of their lower bits. Each part is NIBBLES.
#define BLOCKXS(group, part, low, high) \
	LEAQ 8192(SI), R9; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	PREFETCHT0 (R9)(R10*1); \
	PREFETCHT0 256(R9)(R10*1); \
	VMOVDQU (R9), Y8; \
	VMOVDQU 256(R9), Y12; \
	VPSRLD $16, Y8, Y13; \
	VPAND mask<>+192(SB), Y8, Y8; \
	HALF(Y8, X8); \
	VMULPS power<>+32(SB), Y8, Y8; \
	PARTXS(0, VPSLLD, 4); \
	PARTXS(1, VPSLLD, 2); \
	PARTXS(2, VPSLLD, 0); \
	PARTXS(3, VPSRLD, 2); \
	PARTXS(4, VPSRLD, 4); \
	PARTXS(5, VPSRLD, 6); \
	PARTXS(6, VPSRLD, 8); \
	PARTXS(7, VPSRLD, 10); \
	ADDQ $32, R9; \
	ADDQ $32, AX; \
	DECL R11; \
	JNE group; \
	MOVQ SP, AX; \
	MOVQ SI, R9; \
	MOVL $8, R12; \
part: \
	PURE; \
	NIBBLES(low, high); \
	DECL R12; \
	JNE part

// ---- Q8_0

// EIGHTS are eight words of signed bytes.
#define EIGHTS(word) \
	MOVQ SI, R9; \
	MOVL $8, R11; \
word: \
	AHEAD; \
	VMOVDQU (R9), Y12; \
	VMOVDQU 32(R9), Y13; \
	VMOVDQU 64(R9), Y14; \
	VMOVDQU 96(R9), Y15; \
	WORDTOP(TIMES); \
	DECL R11; \
	JNE word

// ---- Q5_0 and Q5_1

// What repeats byte 0, 1, 2 and 3 of every word, and the bits of the even and of the odd words' numbers there.
DATA repeat<>+0(SB)/8, $0x0404040400000000
DATA repeat<>+8(SB)/8, $0x0c0c0c0c08080808
DATA repeat<>+16(SB)/8, $0x0404040400000000
DATA repeat<>+24(SB)/8, $0x0c0c0c0c08080808
DATA repeat<>+32(SB)/8, $0x0505050501010101
DATA repeat<>+40(SB)/8, $0x0d0d0d0d09090909
DATA repeat<>+48(SB)/8, $0x0505050501010101
DATA repeat<>+56(SB)/8, $0x0d0d0d0d09090909
DATA repeat<>+64(SB)/8, $0x0606060602020202
DATA repeat<>+72(SB)/8, $0x0e0e0e0e0a0a0a0a
DATA repeat<>+80(SB)/8, $0x0606060602020202
DATA repeat<>+88(SB)/8, $0x0e0e0e0e0a0a0a0a
DATA repeat<>+96(SB)/8, $0x0707070703030303
DATA repeat<>+104(SB)/8, $0x0f0f0f0f0b0b0b0b
DATA repeat<>+112(SB)/8, $0x0707070703030303
DATA repeat<>+120(SB)/8, $0x0f0f0f0f0b0b0b0b
GLOBL repeat<>(SB), RODATA|NOPTR, $128

EACH32(fifth, 0, 0x0804020108040201)
EACH32(fifth, 32, 0x8040201080402010)
EACH32(fifth, 64, 0xf0f0f0f0f0f0f0f0)
EACH32(fifth, 96, 0x1010101010101010)
GLOBL fifth<>(SB), RODATA|NOPTR, $128

// WITH16 adds 16 to numbers that have a fifth bit, LESS16 takes 16 from those that have none.
#define WITH16(t) VPAND fifth<>+96(SB), t, t
#define LESS16(t) VPANDN fifth<>+64(SB), t, t

// UNITE5 has numbers of group g in the bytes of q: bits says which of those that R12 points out are theirs.
#define UNITE5(by, bits, join, g, q, t) \
	VMOVDQU (1024+32*(g))(SI), t; \
	VPSHUFB (R12), t, t; \
	VPAND fifth<>+bits(SB), t, t; \
	VPCMPEQB fifth<>+bits(SB), t, t; \
	join(t); \
	by(g, q); \
	VPAND Y0, q, q; \
	VPOR t, q, q

#define WORD5(by, bits, join, value) \
	UNITE5(by, bits, join, 0, Y12, Y2); \
	UNITE5(by, bits, join, 1, Y13, Y3); \
	UNITE5(by, bits, join, 2, Y14, Y2); \
	UNITE5(by, bits, join, 3, Y15, Y3); \
	WORDTOP(value)

// RUN5 are four words.
#define RUN5(by, join, value, words) \
	MOVL $2, R11; \
words: \
	AHEAD; \
	WORD5(by, 0, join, value); \
	AHEAD; \
	WORD5(by, 32, join, value); \
	ADDQ $32, R12; \
	DECL R11; \
	JNE words
