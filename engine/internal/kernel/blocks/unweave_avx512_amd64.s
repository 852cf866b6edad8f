#include "textflag.h"
#include "blocks_avx512.h"
#include "woven_avx512.h"
#include "wovenbits_avx512.h"

// Unpacking of strips for AVX-512: 64 woven rows become two panels of 32 columns.
//
//	func unweaveX(blocks int, strip *byte, left, right *float32, ahead int)
//
// What lies ahead bytes behind the block under way is fetched meanwhile.
//
// CX blocks left, SI the block, DI and R8 rows of the panels, R10 ahead.

#define TO0 DI
#define TO1 DI
#define TO2 R8
#define TO3 R8

#define INPUTS

#define NEXT \
	ADDQ $512, DI; \
	ADDQ $512, R8

#define EMIT(i, g, to, x, t) VMOVUPS t, (128*(i)+64*((g)&1))(to)

#define BEGIN \
	MOVQ blocks+0(FP), CX; \
	MOVQ strip+8(FP), SI; \
	MOVQ left+16(FP), DI; \
	MOVQ right+24(FP), R8; \
	MOVQ ahead+32(FP), R10

#define END \
	VZEROUPPER; \
	RET

TEXT ·unweaveQ8_0AVX512(SB), 0, $128-40
	BEGIN
	VPBROADCASTD words<>+24(SB), Z2
loop:
	BLOCK80(word)
	ADDQ $2176, SI
	DECQ CX
	JNE loop
	END

TEXT ·unweaveQ4_0AVX512(SB), 0, $128-40
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

TEXT ·unweaveIQ4_NLAVX512(SB), 0, $128-40
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

TEXT ·unweaveQ4_1AVX512(SB), 0, $128-40
	BEGIN
	VMOVUPS steps<>(SB), Z0
loop:
	PAIRS(1024)
	NIBBLES(low, high)
	ADDQ $1280, SI
	DECQ CX
	JNE loop
	END

TEXT ·unweaveQ5_0AVX512(SB), 0, $128-40
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

TEXT ·unweaveQ5_1AVX512(SB), 0, $128-40
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

TEXT ·unweaveQ4_KAVX512(SB), 0, $4096-40
	BEGIN
	VMOVUPS steps<>(SB), Z0
loop:
	BLOCK4K(group, part, low, high)
	ADDQ $9216, SI
	DECQ CX
	JNE loop
	END

TEXT ·unweaveQ5_KAVX512(SB), 0, $4096-40
	BEGIN
	TABLES
	VPBROADCASTD words<>+8(SB), Z2
loop:
	BLOCK5K(group, part, low, high)
	ADDQ $11264, SI
	DECQ CX
	JNE loop
	END

TEXT ·unweaveQ6_KAVX512(SB), 0, $4096-40
	BEGIN
	SIXES
	VPBROADCASTD words<>+8(SB), Z2
loop:
	BLOCK6K(group, half, row0, part0, word0, row1, part1, word1)
	ADDQ $13440, SI
	DECQ CX
	JNE loop
	END

TEXT ·unweaveIQ4_XSAVX512(SB), 0, $2048-40
	BEGIN
	VMOVUPS uneven<>(SB), Z0
	LEAST0
loop:
	BLOCKXS(group, part, low, high)
	ADDQ $8704, SI
	DECQ CX
	JNE loop
	END
