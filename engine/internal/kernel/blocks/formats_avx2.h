// The blocks of each format, one after the other, for the two files that differ in what becomes of a number: see woven_avx2.h.
// CX halves of blocks from SI on, of which there are at least two.

#define ALL_Q8_0 \
loop: \
	BLOCK; \
	HALVES(2048); \
	EIGHTS(word); \
	TAIL(34, 32, loop)

#define ALL_Q4_0 \
	VBROADCASTI128 eights<>(SB), Y0; \
loop: \
	BLOCK; \
	HALVES(1024); \
	MOVQ SI, R9; \
	NIBBLES(low, high); \
	TAIL(18, 32, loop)

#define ALL_IQ4_NL \
	VBROADCASTI128 uneven<>(SB), Y0; \
loop: \
	BLOCK; \
	HALVES(1024); \
	MOVQ SI, R9; \
	NIBBLES(low, high); \
	TAIL(18, 32, loop)

#define ALL_Q4_1 \
loop: \
	BLOCK; \
	PAIRS(1024, 192, 0); \
	MOVQ SI, R9; \
	VMOVDQU mask<>+128(SB), Y0; \
	SCALES; \
	FETCHRUNHERE(4, low); \
	SUBQ $1024, R9; \
	VMOVDQU mask<>+160(SB), Y0; \
	SCALES; \
	RUNHERE(4, high); \
	TAIL(20, 32, loop)

#define ALL_Q5_0 \
	VMOVDQU mask<>+0(SB), Y0; \
loop: \
	BLOCK; \
	HALVES(1280); \
	LEAQ repeat<>(SB), R12; \
	MOVQ SI, R9; \
	RUN5(LOW, LESS16, TIMES, low); \
	SUBQ $1024, R9; \
	RUN5(HIGH, LESS16, TIMES, high); \
	TAIL(22, 32, loop)

#define ALL_Q5_1 \
	VMOVDQU mask<>+0(SB), Y0; \
loop: \
	BLOCK; \
	PAIRS(1280, 32, 32); \
	LEAQ repeat<>(SB), R12; \
	MOVQ SI, R9; \
	SCALES; \
	RUN5(LOW, WITH16, LESS, low); \
	SUBQ $1024, R9; \
	RUN5(HIGH, WITH16, LESS, high); \
	TAIL(24, 32, loop)

#define ALL_Q2_K \
loop: \
	BLOCK; \
	BLOCK2K(group, half, run, word0, word1); \
	TAIL(84, 256, loop)

#define ALL_Q3_K \
loop: \
	BLOCK; \
	BLOCK3K(group, half, part0, word0, part1, word1, part2, word2, part3, word3); \
	TAIL(110, 256, loop)

#define ALL_Q4_K \
loop: \
	BLOCK; \
	BLOCK4K(group, part, low, high); \
	TAIL(144, 256, loop)

#define ALL_Q5_K \
loop: \
	BLOCK; \
	BLOCK5K(group, word0, word1, word2, word3, word4, word5, word6, word7); \
	TAIL(176, 256, loop)

#define ALL_Q6_K \
loop: \
	BLOCK; \
	BLOCK6K(group, half, part0, word0, part1, word1, part2, word2, part3, word3); \
	TAIL(210, 256, loop)

#define ALL_IQ4_XS \
	VBROADCASTI128 uneven<>(SB), Y0; \
loop: \
	BLOCK; \
	BLOCKXS(group, part, low, high); \
	TAIL(136, 256, loop)
