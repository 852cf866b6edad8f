#include "textflag.h"
#include "blocks_avx512.h"
#include "woven_avx512.h"
#include "wovenbits_avx512.h"
#include "woven23_avx512.h"
#include "formats_avx512.h"

// Unpacking of strips for AVX-512: 64 woven rows become two panels of 32 columns.
//
//	func unweaveX(blocks int, strip *byte, left, right *float32, ahead int)
//
// What lies ahead bytes behind the block under way is fetched meanwhile.
//
// CX blocks left, SI the block, DI and R8 rows of the panels, R10 ahead.

#define AHEAD(n) \
	PREFETCHT0 (R9)(R10*1); \
	PREFETCHT0 64(R9)(R10*1); \
	PREFETCHT0 128(R9)(R10*1); \
	PREFETCHT0 192(R9)(R10*1)

#define LINEAHEAD(place) PREFETCHT0 place(R10*1)

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
	ALL_Q8_0
	END

TEXT ·unweaveQ4_0AVX512(SB), 0, $128-40
	BEGIN
	ALL_Q4_0
	END

TEXT ·unweaveIQ4_NLAVX512(SB), 0, $128-40
	BEGIN
	ALL_IQ4_NL
	END

TEXT ·unweaveQ4_1AVX512(SB), 0, $128-40
	BEGIN
	ALL_Q4_1
	END

TEXT ·unweaveQ5_0AVX512(SB), 0, $128-40
	BEGIN
	ALL_Q5_0
	END

TEXT ·unweaveQ5_1AVX512(SB), 0, $128-40
	BEGIN
	ALL_Q5_1
	END

TEXT ·unweaveQ2_KAVX512(SB), 0, $8192-40
	BEGIN
	ALL_Q2_K
	END

TEXT ·unweaveQ3_KAVX512(SB), 0, $4096-40
	BEGIN
	ALL_Q3_K
	END

TEXT ·unweaveQ4_KAVX512(SB), 0, $4096-40
	BEGIN
	ALL_Q4_K
	END

TEXT ·unweaveQ5_KAVX512(SB), 0, $4096-40
	BEGIN
	ALL_Q5_K
	END

TEXT ·unweaveQ6_KAVX512(SB), 0, $4096-40
	BEGIN
	ALL_Q6_K
	END

TEXT ·unweaveIQ4_XSAVX512(SB), 0, $2048-40
	BEGIN
	ALL_IQ4_XS
	END
