// Numbers of 2 and 3 bits out of woven blocks, for Advanced SIMD: woven_neon.h and wovenk_neon.h go before.

// ---- Q2_K

// PARTS2 puts scales and leasts of word w of a group into the frame.
#define PARTS2(w) \
	LDRQ(12, 9, 16*(w)); \
	USHR16(13, 12, 4); \
	ANDV(12, 12, 24); \
	BYTES(12, 4, 32*(w), 8); \
	BYTES(13, 5, (32*(w)+4), 8)

// RUN2 is 32 elements: the same bits of eight words, in two parts.
#define RUN2(places, convert, at, word0, word1) \
	PLACES(byte, places); \
	SCALES; \
	RUNHERE(4, convert, at, word0); \
	SCALES; \
	RUNHERE(4, convert, at, word1)

// BLOCK2K: 16 words of numbers, 4 of scales and leasts, one of their scales. Each half of the block is four times 32.
#define BLOCK2K(group, half, word0, word1, word2, word3, word4, word5, word6, word7) \
	ADD $4096, R2, R9; \
	FRAME; \
	PLACES(byte, 0); \
	MOVD $4, R11; \
group: \
	LDRQ(15, 9, 64); \
	XTN4(4, 15); \
	SHRN16(5, 15); \
	FCVTL16(4, 4); \
	FCVTL16(5, 5); \
	FNEG(5, 5); \
	PARTS2(0); \
	PARTS2(1); \
	PARTS2(2); \
	PARTS2(3); \
	ADD $16, R9; \
	ADD $16, R14; \
	SUB $1, R11; \
	CBNZ R11, group; \
	FRAME; \
	MOVD R2, R9; \
	MOVD $2, R13; \
half: \
	RUN2(192, UINT, 0, word0, word1); \
	SUB $2048, R9; \
	RUN2(256, UFIX, 2, word2, word3); \
	SUB $2048, R9; \
	RUN2(320, UFIX, 4, word4, word5); \
	SUB $2048, R9; \
	RUN2(384, UFIX, 6, word6, word7); \
	SUB $1, R13; \
	CBNZ R13, half

// ---- Q3_K

// Every bit of a byte.
EACH16(bit, 0, 0x0101010101010101)
EACH16(bit, 16, 0x0202020202020202)
EACH16(bit, 32, 0x0404040404040404)
EACH16(bit, 48, 0x0808080808080808)
EACH16(bit, 64, 0x1010101010101010)
EACH16(bit, 80, 0x2020202020202020)
EACH16(bit, 96, 0x4040404040404040)
EACH16(bit, 112, 0x8080808080808080)
GLOBL bit<>(SB), RODATA|NOPTR, $128

// UNITE3 has numbers of a group in the bytes of q, less 4 where the bit in V26 is missing; by and n are how they are had. V22 has
// what a byte of -4 has.
#define UNITE3(by, n, g, q) \
	LDRQ(17, 10, g); \
	by(q, q, n); \
	CMTST(17, 17, 26); \
	ANDV(q, q, 25); \
	BICV(17, 22, 17); \
	ORRV(q, q, 17)

// RUN3 is 32 elements: the same bits of eight words, in two parts.
#define RUN3(by, n, part, word) \
	LDRQP(26, 19); \
	ADD $4096, R2, R10; \
	MOVD $2, R12; \
part: \
	PURE; \
	MOVD $4, R11; \
word: \
	AHEAD; \
	WORDS(9); \
	UNITE3(by, n, 0, 12); \
	UNITE3(by, n, 1, 13); \
	UNITE3(by, n, 2, 14); \
	UNITE3(by, n, 3, 15); \
	ADD $256, R10; \
	WORDTOP; \
	SUB $1, R11; \
	CBNZ R11, word; \
	SUB $1, R12; \
	CBNZ R12, part; \
	SUB $2048, R9

// PARTS3 are scales 4w to 4w+3 of a group: four bits of low, and two of V14, which move brings to their place; together less 32.
#define PARTS3(w, low, by, move, n) \
	by(20, low); \
	move(21, 14, n); \
	ANDV(21, 21, 8); \
	ORRV(20, 20, 21); \
	SUB16(20, 20, 9); \
	SIGNEDBYTES(20, 4, 16*(w), 4)

// BLOCK3K: 16 words of numbers, 8 of third bits, 3 of scales, the scale of these. Each half of the block is four times 32.
#define BLOCK3K(group, half, part0, word0, part1, word1, part2, word2, part3, word3) \
	PLACES(top, 0); \
	MOVD $mask<>+32(SB), R15; \
	LDPQ(8, 9, 15, 0); \
	ADD $6144, R2, R9; \
	ADD $6912, R7, R10; \
	FRAME; \
	MOVD $4, R11; \
group: \
	LDRD(4, 10, 0); \
	FCVTL16(4, 4); \
	LDRQ(12, 9, 0); \
	LDRQ(13, 9, 16); \
	LDRQ(14, 9, 32); \
	PARTS3(0, 12, LOW, SHL16, 4); \
	PARTS3(1, 13, LOW, SHL16, 2); \
	PARTS3(2, 12, HIGH, STAY, 0); \
	PARTS3(3, 13, HIGH, USHR16, 2); \
	ADD $8, R10; \
	ADD $16, R9; \
	ADD $16, R14; \
	SUB $1, R11; \
	CBNZ R11, group; \
	CONSTANT(25, mask, 144); \
	CONSTANT(22, mask, 160); \
	MOVD $bit<>(SB), R19; \
	FRAME; \
	MOVD R2, R9; \
	MOVD $2, R13; \
half: \
	RUN3(STAY, 0, part0, word0); \
	RUN3(USHR16, 2, part1, word1); \
	RUN3(USHR16, 4, part2, word2); \
	RUN3(USHR16, 6, part3, word3); \
	ADD $2048, R9; \
	SUB $1, R13; \
	CBNZ R13, half
