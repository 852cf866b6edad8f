#include "textflag.h"

// func fetchLines(p *byte, lines int): asks for lines of 64 bytes, at least one. On the frame see gemm_avx512_amd64.s.
TEXT ·fetchLines(SB), 0, $128-16
	MOVQ p+0(FP), SI
	MOVQ lines+8(FP), CX
loop:
	PREFETCHT0 (SI)
	ADDQ $64, SI
	DECQ CX
	JNE loop
	RET

// func claimLines(p *byte, lines int): the same for lines that will be written.
TEXT ·claimLines(SB), 0, $128-16
	MOVQ p+0(FP), SI
	MOVQ lines+8(FP), CX
loop:
	BYTE $0x0F; BYTE $0x0D; BYTE $0x0E // PREFETCHW (SI), which the assembler does not know
	ADDQ $64, SI
	DECQ CX
	JNE loop
	RET
