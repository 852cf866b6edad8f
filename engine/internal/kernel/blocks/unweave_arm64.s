#include "textflag.h"
#include "woven_neon.h"
#include "wovensmall_neon.h"
#include "wovenk_neon.h"
#include "woven23_neon.h"
#include "formats_neon.h"

// Unpacking of strips for Advanced SIMD: see unweave_avx512_amd64.s, of which this has the arguments. Two quarters of a strip become
// one of the panels.
//
// R4 and R5 rows of the panels, R8 where in them the next numbers go.

#define INPUTS

#define NEXT ADD $512, R8

#define EMIT0(g, t) STRQ(t, 8, g)
#define EMIT1(g, t) STRQ(t, 8, (8+g))
#define EMIT2(g, t) STRQ(t, 8, (16+g))
#define EMIT3(g, t) STRQ(t, 8, (24+g))

#define ENTER \
	AND $1, R3, R15; \
	CMP $2, R3; \
	CSEL LT, R4, R5, R8; \
	ADD R15<<6, R8, R8

#define TURN

#define AGAIN(elements) \
	ADD $(128*(elements)), R4; \
	ADD $(128*(elements)), R5

#define BEGIN \
	MOVD blocks+0(FP), R0; \
	MOVD strip+8(FP), R1; \
	MOVD left+16(FP), R4; \
	MOVD right+24(FP), R5; \
	MOVD ahead+32(FP), R6

TEXT ·unweaveQ8_0NEON(SB), 0, $128-40
	BEGIN
	ALL_Q8_0
	RET

TEXT ·unweaveQ4_0NEON(SB), 0, $128-40
	BEGIN
	ALL_Q4_0
	RET

TEXT ·unweaveIQ4_NLNEON(SB), 0, $128-40
	BEGIN
	ALL_IQ4_NL
	RET

TEXT ·unweaveQ4_1NEON(SB), 0, $128-40
	BEGIN
	ALL_Q4_1
	RET

TEXT ·unweaveQ5_0NEON(SB), 0, $128-40
	BEGIN
	ALL_Q5_0
	RET

TEXT ·unweaveQ5_1NEON(SB), 0, $128-40
	BEGIN
	ALL_Q5_1
	RET

TEXT ·unweaveQ2_KNEON(SB), 0, $2080-40
	BEGIN
	ALL_Q2_K
	RET

TEXT ·unweaveQ3_KNEON(SB), 0, $1056-40
	BEGIN
	ALL_Q3_K
	RET

TEXT ·unweaveQ4_KNEON(SB), 0, $1056-40
	BEGIN
	ALL_Q4_K
	RET

TEXT ·unweaveQ5_KNEON(SB), 0, $1056-40
	BEGIN
	ALL_Q5_K
	RET

TEXT ·unweaveQ6_KNEON(SB), 0, $1056-40
	BEGIN
	ALL_Q6_K
	RET

TEXT ·unweaveIQ4_XSNEON(SB), 0, $544-40
	BEGIN
	ALL_IQ4_XS
	RET
