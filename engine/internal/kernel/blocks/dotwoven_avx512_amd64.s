#include "textflag.h"
#include "stream_amd64.h"
#include "blocks_avx512.h"
#include "woven_avx512.h"
#include "wovenbits_avx512.h"
#include "woven23_avx512.h"
#include "formats_avx512.h"

// Products of one row of float32 with a strip of woven rows, for AVX-512: what generating one token consists of. Each of the
// 64 outputs is one chain of fused multiply-adds in the order of the inputs, as with a panel; four vectors of chains are
// enough that none waits for itself.
//
//	func dotWovenX(blocks int, strip *byte, x, out *float32)
//
// What comes after the block under way is fetched meanwhile (stream_amd64.h), in equal steps.
//
// CX blocks left, SI the block, R8 inputs, R10 how far the steps are, DI and R14 scratch; Z4 to Z7 chains, Z16 to Z19 inputs.

#define AHEAD(n) \
	COMING(R10, R14, DI); \
	PAGES(R14, 0); \
	ADDQ $n, R10

#define LINEAHEAD(place) AHEAD(64)

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
	MOVQ SI, R10; \
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

TEXT ·dotWovenQ8_0AVX512(SB), 0, $128-32
	BEGIN
	ALL_Q8_0
	END

TEXT ·dotWovenQ4_0AVX512(SB), 0, $128-32
	BEGIN
	ALL_Q4_0
	END

TEXT ·dotWovenIQ4_NLAVX512(SB), 0, $128-32
	BEGIN
	ALL_IQ4_NL
	END

TEXT ·dotWovenQ4_1AVX512(SB), 0, $128-32
	BEGIN
	ALL_Q4_1
	END

TEXT ·dotWovenQ5_0AVX512(SB), 0, $128-32
	BEGIN
	ALL_Q5_0
	END

TEXT ·dotWovenQ5_1AVX512(SB), 0, $128-32
	BEGIN
	ALL_Q5_1
	END

TEXT ·dotWovenQ2_KAVX512(SB), 0, $8192-32
	BEGIN
	ALL_Q2_K
	END

TEXT ·dotWovenQ3_KAVX512(SB), 0, $4096-32
	BEGIN
	ALL_Q3_K
	END

TEXT ·dotWovenQ4_KAVX512(SB), 0, $4096-32
	BEGIN
	ALL_Q4_K
	END

TEXT ·dotWovenQ5_KAVX512(SB), 0, $4096-32
	BEGIN
	ALL_Q5_K
	END

TEXT ·dotWovenQ6_KAVX512(SB), 0, $4096-32
	BEGIN
	ALL_Q6_K
	END

TEXT ·dotWovenIQ4_XSAVX512(SB), 0, $2048-32
	BEGIN
	ALL_IQ4_XS
	END
