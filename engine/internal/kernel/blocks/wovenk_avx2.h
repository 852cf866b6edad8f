// Blocks of 256 numbers, woven, for AVX2: woven_avx2.h goes before.

// ---- Q4_K and Q5_K

// GROUPK puts the eight scales and leasts of Q4_K and Q5_K of one group into the frame. R9 points at four words of them; the scales
// are those of even and odd parts times a power of two.
#define GROUPK(even, odd) \
	VMOVDQU (R9), Y8; \
	VPSRLD $16, Y8, Y9; \
	VPAND mask<>+192(SB), Y8, Y8; \
	HALF(Y8, X8); \
	HALF(Y9, X9); \
	VMULPS power<>+odd(SB), Y8, Y10; \
	VMULPS power<>+even(SB), Y8, Y8; \
	VMULPS power<>+32(SB), Y9, Y9; \
	VMOVDQU 256(R9), Y12; \
	VMOVDQU 512(R9), Y13; \
	VMOVDQU 768(R9), Y15; \
	VPSRLD $2, Y12, Y2; \
	VPSRLD $2, Y13, Y3; \
	VPAND mask<>+64(SB), Y12, Y12; \
	VPAND mask<>+64(SB), Y13, Y13; \
	VPAND mask<>+0(SB), Y15, Y14; \
	VPSRLD $4, Y15, Y15; \
	VPAND mask<>+32(SB), Y2, Y2; \
	VPAND mask<>+0(SB), Y15, Y15; \
	VPAND mask<>+32(SB), Y3, Y3; \
	VPOR Y2, Y14, Y14; \
	VPOR Y3, Y15, Y15; \
	PARTSK(Y12, Y13, 0); \
	PARTSK(Y14, Y15, 1024); \
	PREFETCHT0 (R9)(R10*1); \
	ADDQ $32, R9; \
	ADDQ $32, AX

// PARTSK are four scales, of which every other is of an odd part, and four leasts.
#define PARTSK(s, m, at) \
	VPSHUFB top<>+0(SB), s, Y2; \
	VPSHUFB top<>+32(SB), s, Y3; \
	VCVTDQ2PS Y2, Y2; \
	VCVTDQ2PS Y3, Y3; \
	VMULPS Y8, Y2, Y2; \
	VMULPS Y10, Y3, Y3; \
	VMOVUPS Y2, (at)(AX); \
	VMOVUPS Y3, (at+256)(AX); \
	VPSHUFB top<>+64(SB), s, Y2; \
	VPAND top<>+96(SB), s, Y3; \
	VCVTDQ2PS Y2, Y2; \
	VCVTDQ2PS Y3, Y3; \
	VMULPS Y8, Y2, Y2; \
	VMULPS Y10, Y3, Y3; \
	VMOVUPS Y2, (at+512)(AX); \
	VMOVUPS Y3, (at+768)(AX); \
	BYTES(m, Y9, (at+128), 256)

#define HEADS(at, even, odd, group) \
	LEAQ (at)(SI), R9; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	GROUPK(even, odd); \
	DECL R11; \
	JNE group; \
	LEAQ -256(SP), AX; \
	MOVQ SI, R9

// BLOCK4K: 32 words of numbers, 4 of scales.
#define BLOCK4K(group, part, low, high) \
	HEADS(8192, 32, 64, group); \
	MOVL $4, R12; \
part: \
	VMOVDQU mask<>+128(SB), Y0; \
	SCALES; \
	FETCHRUNHERE(8, low); \
	SUBQ $2048, R9; \
	VMOVDQU mask<>+160(SB), Y0; \
	SCALES; \
	RUNHERE(8, high); \
	DECL R12; \
	JNE part

// ---- Q5_K

// UNITE5K has numbers of group g in the bytes of q: by is how their lower four bits are had, move and n where the fifth goes.
#define UNITE5K(by, move, n, g, q, t) \
	VMOVDQU (32*(g))(R13), t; \
	by(g, q); \
	move $n, t, t; \
	VPAND Y0, q, q; \
	VPAND fifth<>+96(SB), t, t; \
	VPOR t, q, q

// PART5K is 32 elements.
#define PART5K(by, move, n, word) \
	SCALES; \
	LEAQ 8192(SI), R13; \
	MOVL $8, R11; \
word: \
	AHEAD; \
	UNITE5K(by, move, n, 0, Y12, Y2); \
	UNITE5K(by, move, n, 1, Y13, Y3); \
	UNITE5K(by, move, n, 2, Y14, Y2); \
	UNITE5K(by, move, n, 3, Y15, Y3); \
	ADDQ $256, R13; \
	WORDTOP(LESS); \
	DECL R11; \
	JNE word

// PAIR5K are 64 elements, of as many half bytes.
#define PAIR5K(move0, n0, move1, n1, low, high) \
	PART5K(LOW, move0, n0, low); \
	SUBQ $2048, R9; \
	PART5K(HIGH, move1, n1, high)

// BLOCK5K: 32 words of numbers, 8 of fifth bits, 4 of scales.
#define BLOCK5K(group, word0, word1, word2, word3, word4, word5, word6, word7) \
	VMOVDQU mask<>+0(SB), Y0; \
	HEADS(10240, 96, 96, group); \
	PAIR5K(VPSLLD, 4, VPSLLD, 3, word0, word1); \
	PAIR5K(VPSLLD, 2, VPSLLD, 1, word2, word3); \
	PAIR5K(VPSRLD, 0, VPSRLD, 1, word4, word5); \
	PAIR5K(VPSRLD, 2, VPSRLD, 3, word6, word7)

// ---- Q6_K

// UNITE6 has numbers of group g, less 32, in the bytes of q: by is how their lower four bits are had, move and n where the others
// go.
#define UNITE6(by, move, n, g, q, t) \
	VMOVDQU (32*(g))(R13), t; \
	by(g, q); \
	move $n, t, t; \
	VPAND Y0, q, q; \
	VPAND mask<>+32(SB), t, t; \
	VPOR t, q, q; \
	VPSUBB mask<>+96(SB), q, q

// RUN6 is 32 elements: the same bits of eight words, in two parts.
#define RUN6(by, move, n, part, word) \
	MOVL $2, BX; \
part: \
	PURE; \
	MOVL $4, R11; \
word: \
	AHEAD; \
	UNITE6(by, move, n, 0, Y12, Y2); \
	UNITE6(by, move, n, 1, Y13, Y3); \
	UNITE6(by, move, n, 2, Y14, Y2); \
	UNITE6(by, move, n, 3, Y15, Y3); \
	ADDQ $256, R13; \
	WORDTOP(TIMES); \
	DECL R11; \
	JNE word; \
	DECL BX; \
	JNE part; \
	SUBQ $2048, R13

// BLOCK6K: 32 words of low halves, 16 of upper bits, 4 of scales, the scale of these. Each half of the block is four times 32.
#define BLOCK6K(group, half, part0, word0, part1, word1, part2, word2, part3, word3) \
	VMOVDQU mask<>+0(SB), Y0; \
	LEAQ 12288(SI), R9; \
	LEAQ 13312(SI)(DX*1), R13; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	VCVTPH2PS (R13), Y8; \
	VMULPS power<>+96(SB), Y8, Y8; \
	VMOVDQU (R9), Y12; \
	VMOVDQU 256(R9), Y13; \
	VMOVDQU 512(R9), Y14; \
	VMOVDQU 768(R9), Y15; \
	BYTES(Y12, Y8, 0, 128); \
	BYTES(Y13, Y8, 512, 128); \
	BYTES(Y14, Y8, 1024, 128); \
	BYTES(Y15, Y8, 1536, 128); \
	PREFETCHT0 (R9)(R10*1); \
	ADDQ $16, R13; \
	ADDQ $32, R9; \
	ADDQ $32, AX; \
	DECL R11; \
	JNE group; \
	MOVQ SP, AX; \
	MOVQ SI, R9; \
	LEAQ 8192(SI), R13; \
	MOVL $2, DX; \
half: \
	RUN6(LOW, VPSLLD, 4, part0, word0); \
	RUN6(LOW, VPSLLD, 2, part1, word1); \
	SUBQ $4096, R9; \
	RUN6(HIGH, VPSRLD, 0, part2, word2); \
	RUN6(HIGH, VPSRLD, 2, part3, word3); \
	ADDQ $2048, R13; \
	DECL DX; \
	JNE half
