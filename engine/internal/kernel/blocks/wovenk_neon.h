// Blocks of 256 numbers, woven, for Advanced SIMD: woven_neon.h goes before.

// BYTES are d times the bytes of s, which are less than 128, in the frame at at, and each at by further on, both counted in vectors.
#define BYTES(s, d, at, by) \
	ANDV(17, s, 28); \
	ANDV(18, s, 29); \
	ANDV(19, s, 30); \
	ANDV(27, s, 31); \
	UINT(17, 17, 0); \
	UFIX(18, 18, 8); \
	UFIX(19, 19, 16); \
	UFIX(27, 27, 24); \
	PUTBYTES(d, at, by)

// SIGNEDBYTES is BYTES of signed ones, with V28 to V31 what brings them into the top byte.
#define SIGNEDBYTES(s, d, at, by) \
	TBL(17, s, 28); \
	TBL(18, s, 29); \
	TBL(19, s, 30); \
	TBL(27, s, 31); \
	FOUR(SFIX, 17, 18, 19, 27, 17, 18, 19, 27, 24); \
	PUTBYTES(d, at, by)

#define PUTBYTES(d, at, by) \
	FMUL(17, 17, d); \
	FMUL(18, 18, d); \
	FMUL(19, 19, d); \
	FMUL(27, 27, d); \
	STRQ(17, 14, at); \
	STRQ(18, 14, (at+by)); \
	STRQ(19, 14, (at+2*by)); \
	STRQ(27, 14, (at+3*by))

// ---- Q4_K and Q5_K

// HEADS puts the eight scales and leasts of Q4_K and Q5_K of every group into the frame.
#define HEADS(at, group) \
	ADD $at, R2, R9; \
	FRAME; \
	PLACES(byte, 0); \
	CONSTANT(25, mask, 16); \
	MOVD $4, R11; \
group: \
	LDRQ(12, 9, 0); \
	LDRQ(13, 9, 16); \
	LDRQ(14, 9, 32); \
	LDRQ(15, 9, 48); \
	XTN4(4, 12); \
	SHRN16(5, 12); \
	FCVTL16(4, 4); \
	FCVTL16(5, 5); \
	FNEG(5, 5); \
	USHR16(20, 13, 6); \
	USHR16(21, 14, 6); \
	ANDV(13, 13, 25); \
	ANDV(14, 14, 25); \
	SHL16(20, 20, 4); \
	SHL16(21, 21, 4); \
	ANDV(12, 15, 24); \
	USHR16(15, 15, 4); \
	ORRV(12, 12, 20); \
	ORRV(15, 15, 21); \
	BYTES(13, 4, 0, 8); \
	BYTES(14, 5, 4, 8); \
	BYTES(12, 4, 32, 8); \
	BYTES(15, 5, 36, 8); \
	ADD $16, R9; \
	ADD $16, R14; \
	SUB $1, R11; \
	CBNZ R11, group; \
	FRAME; \
	MOVD R2, R9

// BLOCK4K: 32 words of numbers, 4 of scales.
#define BLOCK4K(group, part, low, high) \
	HEADS(8192, group); \
	MOVD $4, R12; \
part: \
	PLACES(byte, 64); \
	SCALES; \
	RUNHERE(8, UINT, 0, low); \
	SUB $2048, R9; \
	PLACES(byte, 128); \
	SCALES; \
	RUNHERE(8, UFIX, 4, high); \
	SUB $1, R12; \
	CBNZ R12, part

// UNITE5K has numbers of a group in the bytes of q: by is how their lower four bits are had, move and n where the fifth goes.
#define UNITE5K(by, move, n, g, q) \
	LDRQ(17, 10, g); \
	by(q, q); \
	move(17, 17, n); \
	ANDV(17, 17, 25); \
	ORRV(q, q, 17)

// PART5K is 32 elements.
#define PART5K(by, move, n, word) \
	SCALES; \
	ADD $8192, R2, R10; \
	MOVD $8, R11; \
word: \
	AHEAD; \
	WORDS(9); \
	UNITE5K(by, move, n, 0, 12); \
	UNITE5K(by, move, n, 1, 13); \
	UNITE5K(by, move, n, 2, 14); \
	UNITE5K(by, move, n, 3, 15); \
	ADD $256, R10; \
	BYTEHERE; \
	SUB $1, R11; \
	CBNZ R11, word

// PAIR5K are 64 elements, of as many half bytes.
#define PAIR5K(move0, n0, move1, n1, low, high) \
	PART5K(LOW, move0, n0, low); \
	SUB $2048, R9; \
	PART5K(HIGH, move1, n1, high)

// BLOCK5K: 32 words of numbers, 8 of fifth bits, 4 of scales.
#define BLOCK5K(group, word0, word1, word2, word3, word4, word5, word6, word7) \
	HEADS(10240, group); \
	CONSTANT(25, mask, 64); \
	PAIR5K(SHL16, 4, SHL16, 3, word0, word1); \
	PAIR5K(SHL16, 2, SHL16, 1, word2, word3); \
	PAIR5K(STAY, 0, USHR16, 1, word4, word5); \
	PAIR5K(USHR16, 2, USHR16, 3, word6, word7)

// ---- Q6_K

// UNITE6 has numbers of a group, less 32, in the bytes of q: by is how their lower four bits are had, move and n where the others
// go.
#define UNITE6(by, move, n, g, q) \
	LDRQ(17, 10, g); \
	by(q, q); \
	move(17, 17, n); \
	ANDV(17, 17, 25); \
	ORRV(q, q, 17); \
	SUB16(q, q, 26)

// RUN6 is 32 elements: the same bits of eight words, in two parts.
#define RUN6(by, move, n, part, word) \
	MOVD $2, R12; \
part: \
	PURE; \
	MOVD $4, R11; \
word: \
	AHEAD; \
	WORDS(9); \
	UNITE6(by, move, n, 0, 12); \
	UNITE6(by, move, n, 1, 13); \
	UNITE6(by, move, n, 2, 14); \
	UNITE6(by, move, n, 3, 15); \
	ADD $256, R10; \
	WORDTOP; \
	SUB $1, R11; \
	CBNZ R11, word; \
	SUB $1, R12; \
	CBNZ R12, part; \
	SUB $2048, R10

// BLOCK6K: 32 words of low halves, 16 of upper bits, 4 of scales, the scale of these. Each half of the block is four times 32.
#define BLOCK6K(group, half, part0, word0, part1, word1, part2, word2, part3, word3) \
	PLACES(top, 0); \
	MOVD $mask<>+32(SB), R15; \
	LDPQ(25, 26, 15, 0); \
	ADD $12288, R2, R9; \
	ADD $13312, R7, R10; \
	FRAME; \
	MOVD $4, R11; \
group: \
	LDRD(4, 10, 0); \
	FCVTL16(4, 4); \
	LDRQ(12, 9, 0); \
	LDRQ(13, 9, 16); \
	LDRQ(14, 9, 32); \
	LDRQ(15, 9, 48); \
	SIGNEDBYTES(12, 4, 0, 4); \
	SIGNEDBYTES(13, 4, 16, 4); \
	SIGNEDBYTES(14, 4, 32, 4); \
	SIGNEDBYTES(15, 4, 48, 4); \
	ADD $8, R10; \
	ADD $16, R9; \
	ADD $16, R14; \
	SUB $1, R11; \
	CBNZ R11, group; \
	FRAME; \
	MOVD R2, R9; \
	ADD $8192, R2, R10; \
	MOVD $2, R13; \
half: \
	RUN6(LOW, SHL16, 4, part0, word0); \
	RUN6(LOW, SHL16, 2, part1, word1); \
	SUB $4096, R9; \
	RUN6(HIGH, STAY, 0, part2, word2); \
	RUN6(HIGH, USHR16, 2, part3, word3); \
	ADD $2048, R10; \
	SUB $1, R13; \
	CBNZ R13, half
