// Blocks of 32 numbers and IQ4_XS, woven, for Advanced SIMD: woven_neon.h goes before.

// HALVES are the scales of blocks that have one in float16 at their end.
#define HALVES(at) \
	LDRD(4, 7, (at)/8); \
	LDRD(5, 7, (at)/8+1); \
	LDRD(6, 7, (at)/8+2); \
	LDRD(7, 7, (at)/8+3); \
	FCVTL16(4, 4); \
	FCVTL16(5, 5); \
	FCVTL16(6, 6); \
	FCVTL16(7, 7)

// PAIR are scale and least of a group, of a word at the end of the block. The least is added.
#define PAIR(at, g, d, m) \
	LDRQ(17, 2, (at)/16+g); \
	XTN4(d, 17); \
	SHRN16(m, 17); \
	FCVTL16(d, d); \
	FCVTL16(m, m)

#define PAIRS(at) \
	PAIR(at, 0, 4, 8); \
	PAIR(at, 1, 5, 9); \
	PAIR(at, 2, 6, 10); \
	PAIR(at, 3, 7, 11)

// ---- Numbers of 4 bits for which V23 has bytes

#define STEPS4 \
	TBL(12, 23, 12); \
	TBL(13, 23, 13); \
	TBL(14, 23, 14); \
	TBL(15, 23, 15)

#define RUN4(by, word) \
	MOVD $4, R11; \
word: \
	AHEAD; \
	WORDS(9); \
	HALFBYTES(by); \
	STEPS4; \
	WORDTOP; \
	SUB $1, R11; \
	CBNZ R11, word

// NIBBLES are four words, their low halves before the high ones.
#define NIBBLES(low, high) \
	RUN4(LOW, low); \
	SUB $1024, R9; \
	RUN4(HIGH, high)

// ---- IQ4_XS

// PARTXS puts the scale of part i of a group into the frame: four bits of V12 and two of V13, by different ways to their place.
#define PARTXS(i, down, move, by) \
	down(17, 12, 4*(i)); \
	move(18, 13, by); \
	ANDV(17, 17, 8); \
	ANDV(18, 18, 9); \
	ORRV(17, 17, 18); \
	SUB4(17, 17, 10); \
	SINT(17, 17); \
	FMUL(17, 17, 4); \
	STRQ(17, 14, 4*(i))

// BLOCKXS: 32 words of numbers, one of a scale and upper bits of scales, one of their lower bits. Each part is NIBBLES.
#define BLOCKXS(group, part, low, high) \
	ADD $8192, R2, R9; \
	FRAME; \
	MOVD $mask<>+80(SB), R15; \
	LDPQ(8, 9, 15, 0); \
	LDRQ(10, 15, 2); \
	MOVD $4, R11; \
group: \
	LDRQ(13, 9, 0); \
	LDRQ(12, 9, 16); \
	XTN4(4, 13); \
	FCVTL16(4, 4); \
	USHR4(13, 13, 16); \
	PARTXS(0, STAY, SHL4, 4); \
	PARTXS(1, USHR4, SHL4, 2); \
	PARTXS(2, USHR4, STAY, 0); \
	PARTXS(3, USHR4, USHR4, 2); \
	PARTXS(4, USHR4, USHR4, 4); \
	PARTXS(5, USHR4, USHR4, 6); \
	PARTXS(6, USHR4, USHR4, 8); \
	PARTXS(7, USHR4, USHR4, 10); \
	ADD $16, R9; \
	ADD $16, R14; \
	SUB $1, R11; \
	CBNZ R11, group; \
	FRAME; \
	MOVD R2, R9; \
	MOVD $8, R12; \
part: \
	PURE; \
	NIBBLES(low, high); \
	SUB $1, R12; \
	CBNZ R12, part

// ---- Q8_0

// EIGHTS are eight words of signed bytes.
#define EIGHTS(word) \
	MOVD R2, R9; \
	MOVD $8, R11; \
word: \
	AHEAD; \
	WORDS(9); \
	WORDTOP; \
	SUB $1, R11; \
	CBNZ R11, word

// ---- Q5_0 and Q5_1

// What repeats byte 0, 1, 2 and 3 of every word, and the bits of the even and of the odd words' numbers there.
DATA repeat<>+0(SB)/8, $0x0404040400000000
DATA repeat<>+8(SB)/8, $0x0c0c0c0c08080808
DATA repeat<>+16(SB)/8, $0x0505050501010101
DATA repeat<>+24(SB)/8, $0x0d0d0d0d09090909
DATA repeat<>+32(SB)/8, $0x0606060602020202
DATA repeat<>+40(SB)/8, $0x0e0e0e0e0a0a0a0a
DATA repeat<>+48(SB)/8, $0x0707070703030303
DATA repeat<>+56(SB)/8, $0x0f0f0f0f0b0b0b0b
EACH16(repeat, 64, 0x0804020108040201)
EACH16(repeat, 80, 0x8040201080402010)
GLOBL repeat<>(SB), RODATA|NOPTR, $96

// WITH16 adds 16 to numbers that have a fifth bit, LESS16 takes 16 from those that have none; V22 has these bits.
#define WITH16(d, set) ANDV(d, 22, set)
#define LESS16(d, set) BICV(d, 22, set)

// UNITE5 has numbers of group g in the bytes of q. V25 names the byte with their fifth bits, V26 the bits.
#define UNITE5(by, join, g, q) \
	LDRQ(17, 2, 64+g); \
	TBL(17, 17, 25); \
	CMTST(17, 17, 26); \
	by(q, q); \
	join(17, 17); \
	ORRV(q, q, 17)

#define WORD5(by, join, bits, number) \
	AHEAD; \
	WORDS(9); \
	LDRQ(26, 15, bits); \
	LDRQ(22, 19, 0); \
	UNITE5(by, join, 0, 12); \
	UNITE5(by, join, 1, 13); \
	UNITE5(by, join, 2, 14); \
	UNITE5(by, join, 3, 15); \
	number

// RUN5 are four words, of whose fifth bits R12 points at the bytes' names.
#define RUN5(by, join, number, words) \
	MOVD $repeat<>+64(SB), R15; \
	MOVD $2, R11; \
words: \
	LDRQP(25, 12); \
	WORD5(by, join, 0, number); \
	WORD5(by, join, 1, number); \
	SUB $1, R11; \
	CBNZ R11, words

#define BYTEHERE WORDHERE(UINT, 0)
