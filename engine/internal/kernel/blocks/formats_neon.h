// The blocks of each format, one after the other, for the two files that differ in what becomes of a number: see woven_neon.h.
// R0 blocks from R1 on, of which there is at least one.

#define ALL_Q8_0 \
	STRIPS; \
	PLACES(top, 0); \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	HALVES(2048); \
	EIGHTS(word); \
	TAIL(34, 32, quarter, loop)

#define ALL_Q4_0 \
	STRIPS; \
	PLACES(top, 0); \
	CONSTANT(23, eights, 0); \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	HALVES(1024); \
	MOVD R2, R9; \
	NIBBLES(low, high); \
	TAIL(18, 32, quarter, loop)

#define ALL_IQ4_NL \
	STRIPS; \
	PLACES(top, 0); \
	CONSTANT(23, uneven, 0); \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	HALVES(1024); \
	MOVD R2, R9; \
	NIBBLES(low, high); \
	TAIL(18, 32, quarter, loop)

#define ALL_Q4_1 \
	STRIPS; \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	PAIRS(1024); \
	MOVD R2, R9; \
	PLACES(byte, 64); \
	RUNHERE(4, UINT, 0, low); \
	SUB $1024, R9; \
	PLACES(byte, 128); \
	RUNHERE(4, UFIX, 4, high); \
	TAIL(20, 32, quarter, loop)

#define ALL_Q5_0 \
	STRIPS; \
	PLACES(top, 0); \
	MOVD $mask<>+128(SB), R19; \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	HALVES(1280); \
	MOVD $repeat<>(SB), R12; \
	MOVD R2, R9; \
	RUN5(LOW, LESS16, WORDTOP, low); \
	SUB $1024, R9; \
	RUN5(HIGH, LESS16, WORDTOP, high); \
	TAIL(22, 32, quarter, loop)

#define ALL_Q5_1 \
	STRIPS; \
	PLACES(byte, 0); \
	MOVD $mask<>+64(SB), R19; \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	PAIRS(1280); \
	MOVD $repeat<>(SB), R12; \
	MOVD R2, R9; \
	RUN5(LOW, WITH16, BYTEHERE, low); \
	SUB $1024, R9; \
	RUN5(HIGH, WITH16, BYTEHERE, high); \
	TAIL(24, 32, quarter, loop)

#define ALL_Q2_K \
	STRIPS; \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	BLOCK2K(group, half, word0, word1, word2, word3, word4, word5, word6, word7); \
	TAIL(84, 256, quarter, loop)

#define ALL_Q3_K \
	STRIPS; \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	BLOCK3K(group, half, part0, word0, part1, word1, part2, word2, part3, word3); \
	TAIL(110, 256, quarter, loop)

#define ALL_Q4_K \
	STRIPS; \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	BLOCK4K(group, part, low, high); \
	TAIL(144, 256, quarter, loop)

#define ALL_Q5_K \
	STRIPS; \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	BLOCK5K(group, word0, word1, word2, word3, word4, word5, word6, word7); \
	TAIL(176, 256, quarter, loop)

#define ALL_Q6_K \
	STRIPS; \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	BLOCK6K(group, half, part0, word0, part1, word1, part2, word2, part3, word3); \
	TAIL(210, 256, quarter, loop)

#define ALL_IQ4_XS \
	STRIPS; \
	PLACES(top, 0); \
	CONSTANT(23, uneven, 0); \
loop: \
	MOVD ZR, R3; \
quarter: \
	BLOCK; \
	BLOCKXS(group, part, low, high); \
	TAIL(136, 256, quarter, loop)
