#include "textflag.h"
#include "woven_avx2.h"
#include "wovensmall_avx2.h"
#include "wovenk_avx2.h"
#include "woven23_avx2.h"
#include "formats_avx2.h"

// Unpacking of strips for AVX2: see unweave_avx512_amd64.s, of which this has the arguments. One half of a strip becomes one of
// the panels.
//
// CX halves of blocks left, SI the block, DI and R14 rows of this half's panel and of the other's, R10 ahead.

#define TO0
#define TO1
#define TO2
#define TO3

#define INPUT(i)

#define NEXT ADDQ $512, DI

#define EMIT(i, g, to, t) VMOVUPS t, (128*(i)+32*(g))(DI)

#define ENTER

#define TURN(elements)

#define AGAIN(elements)

#define BEGIN \
	MOVQ blocks+0(FP), CX; \
	SHLQ $1, CX; \
	MOVQ strip+8(FP), SI; \
	MOVQ left+16(FP), DI; \
	MOVQ right+24(FP), R14; \
	MOVQ ahead+32(FP), R10

#define END \
	VZEROUPPER; \
	RET

TEXT ·unweaveQ8_0AVX2(SB), 0, $128-40
	BEGIN
	ALL_Q8_0
	END

TEXT ·unweaveQ4_0AVX2(SB), 0, $128-40
	BEGIN
	ALL_Q4_0
	END

TEXT ·unweaveIQ4_NLAVX2(SB), 0, $128-40
	BEGIN
	ALL_IQ4_NL
	END

TEXT ·unweaveQ4_1AVX2(SB), 0, $512-40
	BEGIN
	ALL_Q4_1
	END

TEXT ·unweaveQ5_0AVX2(SB), 0, $128-40
	BEGIN
	ALL_Q5_0
	END

TEXT ·unweaveQ5_1AVX2(SB), 0, $512-40
	BEGIN
	ALL_Q5_1
	END

TEXT ·unweaveQ2_KAVX2(SB), 0, $4096-40
	BEGIN
	ALL_Q2_K
	END

TEXT ·unweaveQ3_KAVX2(SB), 0, $2048-40
	BEGIN
	ALL_Q3_K
	END

TEXT ·unweaveQ4_KAVX2(SB), 0, $2048-40
	BEGIN
	ALL_Q4_K
	END

TEXT ·unweaveQ5_KAVX2(SB), 0, $2048-40
	BEGIN
	ALL_Q5_K
	END

TEXT ·unweaveQ6_KAVX2(SB), 0, $2048-40
	BEGIN
	ALL_Q6_K
	END

TEXT ·unweaveIQ4_XSAVX2(SB), 0, $1024-40
	BEGIN
	ALL_IQ4_XS
	END
