#include "textflag.h"
#include "woven_neon.h"
#include "wovensmall_neon.h"
#include "wovenk_neon.h"
#include "woven23_neon.h"
#include "formats_neon.h"

// Products of one row of float32 with a strip of woven rows, for Advanced SIMD: see dotwoven_avx512_amd64.s, of which this has the
// arguments. A quarter of a strip's chains are in registers, the others meanwhile where they will be wanted in the end.
//
// R4 the block's inputs, R5 the chains, R8 inputs; V0 to V3 chains, V16 four inputs.

#define INPUTS LDRQP(16, 8)

#define NEXT

#define EMIT0(g, t) FMLAE0(g, t, 16)
#define EMIT1(g, t) FMLAE1(g, t, 16)
#define EMIT2(g, t) FMLAE2(g, t, 16)
#define EMIT3(g, t) FMLAE3(g, t, 16)

#define ENTER \
	ADD R3<<6, R5, R15; \
	LDPQ(0, 1, 15, 0); \
	LDPQ(2, 3, 15, 2); \
	MOVD R4, R8

#define TURN \
	ADD R3<<6, R5, R15; \
	STPQ(0, 1, 15, 0); \
	STPQ(2, 3, 15, 2)

#define AGAIN(elements) ADD $(4*(elements)), R4

#define BEGIN \
	MOVD blocks+0(FP), R0; \
	MOVD strip+8(FP), R1; \
	MOVD x+16(FP), R4; \
	MOVD out+24(FP), R5; \
	MOVD $(16<<10), R6; \
	VEOR V0.B16, V0.B16, V0.B16; \
	STPQ(0, 0, 5, 0); \
	STPQ(0, 0, 5, 2); \
	STPQ(0, 0, 5, 4); \
	STPQ(0, 0, 5, 6); \
	STPQ(0, 0, 5, 8); \
	STPQ(0, 0, 5, 10); \
	STPQ(0, 0, 5, 12); \
	STPQ(0, 0, 5, 14)

TEXT ·dotWovenQ8_0NEON(SB), 0, $128-32
	BEGIN
	ALL_Q8_0
	RET

TEXT ·dotWovenQ4_0NEON(SB), 0, $128-32
	BEGIN
	ALL_Q4_0
	RET

TEXT ·dotWovenIQ4_NLNEON(SB), 0, $128-32
	BEGIN
	ALL_IQ4_NL
	RET

TEXT ·dotWovenQ4_1NEON(SB), 0, $128-32
	BEGIN
	ALL_Q4_1
	RET

TEXT ·dotWovenQ5_0NEON(SB), 0, $128-32
	BEGIN
	ALL_Q5_0
	RET

TEXT ·dotWovenQ5_1NEON(SB), 0, $128-32
	BEGIN
	ALL_Q5_1
	RET

TEXT ·dotWovenQ2_KNEON(SB), 0, $2080-32
	BEGIN
	ALL_Q2_K
	RET

TEXT ·dotWovenQ3_KNEON(SB), 0, $1056-32
	BEGIN
	ALL_Q3_K
	RET

TEXT ·dotWovenQ4_KNEON(SB), 0, $1056-32
	BEGIN
	ALL_Q4_K
	RET

TEXT ·dotWovenQ5_KNEON(SB), 0, $1056-32
	BEGIN
	ALL_Q5_K
	RET

TEXT ·dotWovenQ6_KNEON(SB), 0, $1056-32
	BEGIN
	ALL_Q6_K
	RET

TEXT ·dotWovenIQ4_XSNEON(SB), 0, $544-32
	BEGIN
	ALL_IQ4_XS
	RET
