// Numbers of 2 and 3 bits out of woven blocks, for AVX2: woven_avx2.h and wovensmall_avx2.h go before.

// ---- Q2_K

// Numbers of 2 bits in the first byte of each word, by where in it they lie.
EACH32(two, 0, 0x0000000300000003)
EACH32(two, 32, 0x0000000c0000000c)
EACH32(two, 64, 0x0000003000000030)
EACH32(two, 96, 0x000000c0000000c0)
GLOBL two<>(SB), RODATA|NOPTR, $128

// PARTS2 puts into the frame scales and leasts of word w of a group, whose parts lie first and next in their bytes; scales are
// times powers of two accordingly.
#define PARTS2(w, first, next) \
	VMOVDQU (256*(w))(R9), Y12; \
	VPSRLD $4, Y12, Y13; \
	VPAND mask<>+0(SB), Y12, Y12; \
	VPAND mask<>+0(SB), Y13, Y13; \
	VMULPS power<>+first(SB), Y8, Y10; \
	VMULPS power<>+next(SB), Y8, Y11; \
	BYTES2(1024*(w)); \
	BYTES(Y13, Y9, (1024*(w)+128), 256)

#define BYTES2(at) \
	VPSHUFB top<>+0(SB), Y12, Y2; \
	VPSHUFB top<>+32(SB), Y12, Y3; \
	VCVTDQ2PS Y2, Y2; \
	VCVTDQ2PS Y3, Y3; \
	VMULPS Y10, Y2, Y2; \
	VMULPS Y10, Y3, Y3; \
	VMOVUPS Y2, (at)(AX); \
	VMOVUPS Y3, (at+256)(AX); \
	VPSHUFB top<>+64(SB), Y12, Y2; \
	VPAND top<>+96(SB), Y12, Y3; \
	VCVTDQ2PS Y2, Y2; \
	VCVTDQ2PS Y3, Y3; \
	VMULPS Y11, Y2, Y2; \
	VMULPS Y11, Y3, Y3; \
	VMOVUPS Y2, (at+512)(AX); \
	VMOVUPS Y3, (at+768)(AX)

// RUN2 is 32 elements: the same bits of eight words, in two parts.
#define RUN2(word0, word1) \
	VMOVDQU (R12), Y0; \
	ADDQ $32, R12; \
	SCALES; \
	FETCHRUNHERE(4, word0); \
	SCALES; \
	FETCHRUNHERE(4, word1)

// BLOCK2K: 16 words of numbers, 4 of scales and leasts, one of their scales. Each half of the block is four times 32.
#define BLOCK2K(group, half, run, word0, word1) \
	LEAQ 4096(SI), R9; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	PREFETCHT0 (R9)(R10*1); \
	PREFETCHT0 1024(R9)(R10*1); \
	VMOVDQU 1024(R9), Y8; \
	VPSRLD $16, Y8, Y9; \
	VPAND mask<>+192(SB), Y8, Y8; \
	HALF(Y8, X8); \
	HALF(Y9, X9); \
	VMULPS power<>+32(SB), Y9, Y9; \
	PARTS2(0, 32, 128); \
	PARTS2(1, 64, 160); \
	PARTS2(2, 32, 128); \
	PARTS2(3, 64, 160); \
	ADDQ $32, R9; \
	ADDQ $32, AX; \
	DECL R11; \
	JNE group; \
	LEAQ -256(SP), AX; \
	MOVQ SI, R9; \
	MOVL $2, DX; \
half: \
	LEAQ two<>(SB), R12; \
	MOVL $4, BX; \
run: \
	RUN2(word0, word1); \
	SUBQ $2048, R9; \
	DECL BX; \
	JNE run; \
	ADDQ $2048, R9; \
	DECL DX; \
	JNE half

// ---- Q3_K

EACH32(third, 0, 0x0303030303030303)
EACH32(third, 32, 0xfcfcfcfcfcfcfcfc)
GLOBL third<>(SB), RODATA|NOPTR, $64

// Every bit of a byte.
EACH32(bit, 0, 0x0101010101010101)
EACH32(bit, 32, 0x0202020202020202)
EACH32(bit, 64, 0x0404040404040404)
EACH32(bit, 96, 0x0808080808080808)
EACH32(bit, 128, 0x1010101010101010)
EACH32(bit, 160, 0x2020202020202020)
EACH32(bit, 192, 0x4040404040404040)
EACH32(bit, 224, 0x8080808080808080)
GLOBL bit<>(SB), RODATA|NOPTR, $256

// UNITE3 has numbers of group g in the bytes of q, less 4 where the bit that R12 points out is missing; n is where they lie.
#define UNITE3(n, g, q, t) \
	VMOVDQU (32*(g))(R13), t; \
	VMOVDQU (32*(g))(R9), q; \
	VPAND (R12), t, t; \
	VPSRLD $n, q, q; \
	VPCMPEQB (R12), t, t; \
	VPAND Y0, q, q; \
	VPANDN third<>+32(SB), t, t; \
	VPOR t, q, q

// RUN3 is 32 elements: the same bits of eight words, in two parts.
#define RUN3(n, part, word) \
	LEAQ 4096(SI), R13; \
	MOVL $2, BX; \
part: \
	PURE; \
	MOVL $4, R11; \
word: \
	AHEAD; \
	UNITE3(n, 0, Y12, Y2); \
	UNITE3(n, 1, Y13, Y3); \
	UNITE3(n, 2, Y14, Y2); \
	UNITE3(n, 3, Y15, Y3); \
	ADDQ $256, R13; \
	WORDTOP(TIMES); \
	DECL R11; \
	JNE word; \
	DECL BX; \
	JNE part; \
	ADDQ $32, R12; \
	SUBQ $2048, R9

// PARTS3 are scales 4w to 4w+3 of a group: four bits of low, shifted down by down, and two of Y14, which by moves to their place;
// together less 32.
#define PARTS3(w, low, down, move, by) \
	VPSRLD $down, low, Y10; \
	move $by, Y14, Y11; \
	VPAND mask<>+0(SB), Y10, Y10; \
	VPAND mask<>+32(SB), Y11, Y11; \
	VPOR Y11, Y10, Y10; \
	VPSUBB mask<>+96(SB), Y10, Y10; \
	BYTES(Y10, Y8, (512*(w)), 128)

// BLOCK3K: 16 words of numbers, 8 of third bits, 3 of scales, the scale of these. Each half of the block is four times 32.
#define BLOCK3K(group, half, part0, word0, part1, word1, part2, word2, part3, word3) \
	LEAQ 6144(SI), R9; \
	LEAQ 6912(SI)(DX*1), R13; \
	MOVQ SP, AX; \
	MOVL $4, R11; \
group: \
	PREFETCHT0 (R9)(R10*1); \
	VCVTPH2PS (R13), Y8; \
	VMULPS power<>+96(SB), Y8, Y8; \
	VMOVDQU (R9), Y12; \
	VMOVDQU 256(R9), Y13; \
	VMOVDQU 512(R9), Y14; \
	PARTS3(0, Y12, 0, VPSLLD, 4); \
	PARTS3(1, Y13, 0, VPSLLD, 2); \
	PARTS3(2, Y12, 4, VPSLLD, 0); \
	PARTS3(3, Y13, 4, VPSRLD, 2); \
	ADDQ $16, R13; \
	ADDQ $32, R9; \
	ADDQ $32, AX; \
	DECL R11; \
	JNE group; \
	VMOVDQU third<>+0(SB), Y0; \
	LEAQ bit<>(SB), R12; \
	MOVQ SP, AX; \
	MOVQ SI, R9; \
	MOVL $2, DX; \
half: \
	RUN3(0, part0, word0); \
	RUN3(2, part1, word1); \
	RUN3(4, part2, word2); \
	RUN3(6, part3, word3); \
	ADDQ $2048, R9; \
	DECL DX; \
	JNE half
