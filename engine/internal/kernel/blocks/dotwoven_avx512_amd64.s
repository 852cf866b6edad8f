#include "textflag.h"
#include "blocks_avx512.h"
#include "woven_avx512.h"
#include "wovenbits_avx512.h"

// Products of one row of float32 with a strip of woven rows, for AVX-512: what generating one token consists of. Each of the
// 64 outputs is one chain of fused multiply-adds in the order of the inputs, as with a panel; four vectors of chains are
// enough that none waits for itself.
//
//	func dotWovenX(blocks int, strip *byte, x, out *float32, ahead int)
//
// What lies ahead bytes behind the block under way is fetched meanwhile.
//
// CX blocks left, SI the block, R8 inputs, R10 ahead; Z4 to Z7 chains, Z16 to Z19 inputs.

#define TO0 Z4
#define TO1 Z5
#define TO2 Z6
#define TO3 Z7

#define INPUTS \
	VBROADCASTSS (R8), Z16; \
	VBROADCASTSS 4(R8), Z17; \
	VBROADCASTSS 8(R8), Z18; \
	VBROADCASTSS 12(R8), Z19

#define NEXT ADDQ $16, R8

#define EMIT(i, g, to, x, t) VFMADD231PS x, t, to

#define BEGIN \
	MOVQ blocks+0(FP), CX; \
	MOVQ strip+8(FP), SI; \
	MOVQ x+16(FP), R8; \
	MOVQ ahead+32(FP), R10; \
	VPXORD Z4, Z4, Z4; \
	VPXORD Z5, Z5, Z5; \
	VPXORD Z6, Z6, Z6; \
	VPXORD Z7, Z7, Z7

#define END \
	MOVQ out+24(FP), AX; \
	VMOVUPS Z4, (AX); \
	VMOVUPS Z5, 64(AX); \
	VMOVUPS Z6, 128(AX); \
	VMOVUPS Z7, 192(AX); \
	VZEROUPPER; \
	RET

TEXT ·dotWovenQ8_0AVX512(SB), 0, $128-40
	BEGIN
	VPBROADCASTD words<>+24(SB), Z2
loop:
	BLOCK80(word)
	ADDQ $2176, SI
	DECQ CX
	JNE loop
	END

TEXT ·dotWovenQ4_0AVX512(SB), 0, $128-40
	BEGIN
	VMOVUPS steps<>(SB), Z0
	VSUBPS.BCST magic<>+28(SB), Z0, Z0
	LEAST0
loop:
	HALVES(1024)
	NIBBLES(low, high)
	ADDQ $1152, SI
	DECQ CX
	JNE loop
	END

TEXT ·dotWovenIQ4_NLAVX512(SB), 0, $128-40
	BEGIN
	VMOVUPS uneven<>(SB), Z0
	LEAST0
loop:
	HALVES(1024)
	NIBBLES(low, high)
	ADDQ $1152, SI
	DECQ CX
	JNE loop
	END

TEXT ·dotWovenQ4_1AVX512(SB), 0, $128-40
	BEGIN
	VMOVUPS steps<>(SB), Z0
loop:
	PAIRS(1024)
	NIBBLES(low, high)
	ADDQ $1280, SI
	DECQ CX
	JNE loop
	END

TEXT ·dotWovenQ5_0AVX512(SB), 0, $128-40
	BEGIN
	TABLES
	VSUBPS.BCST magic<>+32(SB), Z0, Z0
	VSUBPS.BCST magic<>+32(SB), Z1, Z1
	VPBROADCASTD words<>+20(SB), Z2
	LEAST0
loop:
	HALVES(1280)
	FIFTHS(low, high)
	ADDQ $1408, SI
	DECQ CX
	JNE loop
	END

TEXT ·dotWovenQ5_1AVX512(SB), 0, $128-40
	BEGIN
	TABLES
	VPBROADCASTD words<>+20(SB), Z2
loop:
	PAIRS(1280)
	FIFTHS(low, high)
	ADDQ $1536, SI
	DECQ CX
	JNE loop
	END

TEXT ·dotWovenQ4_KAVX512(SB), 0, $4096-40
	BEGIN
	VMOVUPS steps<>(SB), Z0
loop:
	BLOCK4K(group, part, low, high)
	ADDQ $9216, SI
	DECQ CX
	JNE loop
	END

TEXT ·dotWovenQ5_KAVX512(SB), 0, $4096-40
	BEGIN
	TABLES
	VPBROADCASTD words<>+8(SB), Z2
loop:
	BLOCK5K(group, part, low, high)
	ADDQ $11264, SI
	DECQ CX
	JNE loop
	END

TEXT ·dotWovenQ6_KAVX512(SB), 0, $4096-40
	BEGIN
	SIXES
	VPBROADCASTD words<>+8(SB), Z2
loop:
	BLOCK6K(group, half, row0, part0, word0, row1, part1, word1)
	ADDQ $13440, SI
	DECQ CX
	JNE loop
	END

TEXT ·dotWovenIQ4_XSAVX512(SB), 0, $2048-40
	BEGIN
	VMOVUPS uneven<>(SB), Z0
	LEAST0
loop:
	BLOCKXS(group, part, low, high)
	ADDQ $8704, SI
	DECQ CX
	JNE loop
	END
