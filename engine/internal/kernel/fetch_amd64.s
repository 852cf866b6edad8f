#include "textflag.h"

// func fetchLines(p *byte, lines int): asks for lines of 64 bytes, at least one.
// func claimLines(p *byte, lines int): the same for lines that will be written.
//
// On the frames see gemm_avx512_amd64.s.

#define LINES(ask) \
	MOVQ p+0(FP), SI; \
	MOVQ lines+8(FP), CX; \
loop: \
	ask; \
	ADDQ $64, SI; \
	DECQ CX; \
	JNE loop; \
	RET

#define READ PREFETCHT0 (SI)

// PREFETCHW (SI), which the assembler does not know.
#define WRITE BYTE $0x0F; BYTE $0x0D; BYTE $0x0E

TEXT ·fetchLines(SB), 0, $128-16
	LINES(READ)

TEXT ·claimLines(SB), 0, $128-16
	LINES(WRITE)
