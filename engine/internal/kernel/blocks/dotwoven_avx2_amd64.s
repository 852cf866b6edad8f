#include "textflag.h"
#include "woven_avx2.h"
#include "wovensmall_avx2.h"
#include "wovenk_avx2.h"
#include "woven23_avx2.h"
#include "formats_avx2.h"

// Products of one row of float32 with a strip of woven rows, for AVX2: see dotwoven_avx512_amd64.s, of which this has the
// arguments. Half a strip's chains are in registers, the other half's meanwhile where they will be wanted in the end.
//
// CX halves of blocks left, SI the block, R8 inputs, R10 ahead, DI and R14 where the chains of this half and of the other are; Y4
// to Y7 chains, Y1 an input.

#define TO0 Y4
#define TO1 Y5
#define TO2 Y6
#define TO3 Y7

#define INPUT(i) VBROADCASTSS (4*(i))(R8), Y1

#define NEXT ADDQ $16, R8

#define EMIT(i, g, to, t) VFMADD231PS Y1, t, to

#define ENTER \
	VMOVUPS (DI), Y4; \
	VMOVUPS 32(DI), Y5; \
	VMOVUPS 64(DI), Y6; \
	VMOVUPS 96(DI), Y7

#define TURN(elements) \
	VMOVUPS Y4, (DI); \
	VMOVUPS Y5, 32(DI); \
	VMOVUPS Y6, 64(DI); \
	VMOVUPS Y7, 96(DI); \
	SUBQ $(4*(elements)), R8

#define AGAIN(elements) ADDQ $(4*(elements)), R8

#define BEGIN \
	MOVQ blocks+0(FP), CX; \
	SHLQ $1, CX; \
	MOVQ strip+8(FP), SI; \
	MOVQ x+16(FP), R8; \
	MOVQ out+24(FP), DI; \
	MOVQ $(16<<10), R10; \
	LEAQ 128(DI), R14; \
	VPXOR Y4, Y4, Y4; \
	VMOVUPS Y4, (DI); \
	VMOVUPS Y4, 32(DI); \
	VMOVUPS Y4, 64(DI); \
	VMOVUPS Y4, 96(DI); \
	VMOVUPS Y4, (R14); \
	VMOVUPS Y4, 32(R14); \
	VMOVUPS Y4, 64(R14); \
	VMOVUPS Y4, 96(R14)

#define END \
	VZEROUPPER; \
	RET

TEXT ·dotWovenQ8_0AVX2(SB), 0, $128-32
	BEGIN
	ALL_Q8_0
	END

TEXT ·dotWovenQ4_0AVX2(SB), 0, $128-32
	BEGIN
	ALL_Q4_0
	END

TEXT ·dotWovenIQ4_NLAVX2(SB), 0, $128-32
	BEGIN
	ALL_IQ4_NL
	END

TEXT ·dotWovenQ4_1AVX2(SB), 0, $512-32
	BEGIN
	ALL_Q4_1
	END

TEXT ·dotWovenQ5_0AVX2(SB), 0, $128-32
	BEGIN
	ALL_Q5_0
	END

TEXT ·dotWovenQ5_1AVX2(SB), 0, $512-32
	BEGIN
	ALL_Q5_1
	END

TEXT ·dotWovenQ2_KAVX2(SB), 0, $4096-32
	BEGIN
	ALL_Q2_K
	END

TEXT ·dotWovenQ3_KAVX2(SB), 0, $2048-32
	BEGIN
	ALL_Q3_K
	END

TEXT ·dotWovenQ4_KAVX2(SB), 0, $2048-32
	BEGIN
	ALL_Q4_K
	END

TEXT ·dotWovenQ5_KAVX2(SB), 0, $2048-32
	BEGIN
	ALL_Q5_K
	END

TEXT ·dotWovenQ6_KAVX2(SB), 0, $2048-32
	BEGIN
	ALL_Q6_K
	END

TEXT ·dotWovenIQ4_XSAVX2(SB), 0, $1024-32
	BEGIN
	ALL_IQ4_XS
	END
