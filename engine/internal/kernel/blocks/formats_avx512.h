// The blocks of each format, one after the other, for the two files that differ in what becomes of a number: they say so in EMIT,
// INPUTS, NEXT and TO0 to TO3. CX blocks from SI on, of which there is at least one.

#define ALL_Q8_0 \
	VPBROADCASTD words<>+24(SB), Z2; \
loop: \
	BLOCK80(word); \
	ADDQ $2176, SI; \
	DECQ CX; \
	JNE loop

#define ALL_Q4_0 \
	VMOVUPS steps<>(SB), Z0; \
	VSUBPS.BCST magic<>+28(SB), Z0, Z0; \
	LEAST0; \
loop: \
	HALVES(1024); \
	NIBBLES(low, high); \
	ADDQ $1152, SI; \
	DECQ CX; \
	JNE loop

#define ALL_IQ4_NL \
	VMOVUPS uneven<>(SB), Z0; \
	LEAST0; \
loop: \
	HALVES(1024); \
	NIBBLES(low, high); \
	ADDQ $1152, SI; \
	DECQ CX; \
	JNE loop

#define ALL_Q4_1 \
	VMOVUPS steps<>(SB), Z0; \
loop: \
	PAIRS(1024); \
	NIBBLES(low, high); \
	ADDQ $1280, SI; \
	DECQ CX; \
	JNE loop

#define ALL_Q5_0 \
	TABLES; \
	VSUBPS.BCST magic<>+32(SB), Z0, Z0; \
	VSUBPS.BCST magic<>+32(SB), Z1, Z1; \
	VPBROADCASTD words<>+20(SB), Z2; \
	LEAST0; \
loop: \
	HALVES(1280); \
	FIFTHS(low, high); \
	ADDQ $1408, SI; \
	DECQ CX; \
	JNE loop

#define ALL_Q5_1 \
	TABLES; \
	VPBROADCASTD words<>+20(SB), Z2; \
loop: \
	PAIRS(1280); \
	FIFTHS(low, high); \
	ADDQ $1536, SI; \
	DECQ CX; \
	JNE loop

#define ALL_Q2_K \
loop: \
	BLOCK2K(group, half, part0, word0, part1, word1, part2, word2, part3, word3); \
	ADDQ $5376, SI; \
	DECQ CX; \
	JNE loop

#define ALL_Q3_K \
	VMOVUPS thirds<>(SB), Z0; \
	VPBROADCASTD two<>+4(SB), Z2; \
loop: \
	BLOCK3K(group, half, run, part, word); \
	ADDQ $7040, SI; \
	DECQ CX; \
	JNE loop

#define ALL_Q4_K \
	VMOVUPS steps<>(SB), Z0; \
loop: \
	BLOCK4K(group, part, low, high); \
	ADDQ $9216, SI; \
	DECQ CX; \
	JNE loop

#define ALL_Q5_K \
	TABLES; \
	VPBROADCASTD words<>+8(SB), Z2; \
loop: \
	BLOCK5K(group, part, low, high); \
	ADDQ $11264, SI; \
	DECQ CX; \
	JNE loop

#define ALL_Q6_K \
	SIXES; \
	VPBROADCASTD words<>+8(SB), Z2; \
loop: \
	BLOCK6K(group, half, row0, part0, word0, row1, part1, word1); \
	ADDQ $13440, SI; \
	DECQ CX; \
	JNE loop

#define ALL_IQ4_XS \
	VMOVUPS uneven<>(SB), Z0; \
	LEAST0; \
loop: \
	BLOCKXS(group, part, low, high); \
	ADDQ $8704, SI; \
	DECQ CX; \
	JNE loop
