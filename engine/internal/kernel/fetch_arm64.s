#include "textflag.h"

// func fetchLines(p *byte, lines int): asks for lines of 64 bytes, at least one.
TEXT ·fetchLines(SB), 0, $128-16
	MOVD p+0(FP), R1
	MOVD lines+8(FP), R2
loop:
	PRFM (R1), PLDL1KEEP
	ADD $64, R1
	SUBS $1, R2
	BNE loop
	RET

// func claimLines(p *byte, lines int): the same for lines that will be written.
TEXT ·claimLines(SB), 0, $128-16
	MOVD p+0(FP), R1
	MOVD lines+8(FP), R2
loop:
	PRFM (R1), PSTL1KEEP
	ADD $64, R1
	SUBS $1, R2
	BNE loop
	RET
