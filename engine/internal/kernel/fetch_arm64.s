#include "textflag.h"

// func fetchLines(p *byte, lines int): asks for lines of 64 bytes, at least one.
// func claimLines(p *byte, lines int): the same for lines that will be written.

#define LINES(how) \
	MOVD p+0(FP), R1; \
	MOVD lines+8(FP), R2; \
loop: \
	PRFM (R1), how; \
	ADD $64, R1; \
	SUBS $1, R2; \
	BNE loop; \
	RET

TEXT ·fetchLines(SB), 0, $128-16
	LINES(PLDL1KEEP)

TEXT ·claimLines(SB), 0, $128-16
	LINES(PSTL1KEEP)
