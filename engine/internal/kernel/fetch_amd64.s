#include "stream_amd64.h"
#include "textflag.h"

// func fetchLines(p *byte, lines int): asks for lines of 64 bytes, at least one.
// func claimLines(p *byte, lines int): the same for lines that will be written.
// func readLines(p *byte, fours int): reads four lines at a time, at least once, as a tile does that streams.
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

TEXT ·readLines(SB), 0, $128-16
	MOVQ p+0(FP), DI
	MOVQ fours+8(FP), CX
	PCALIGN $32
loop:
	COMING(DI, R11, AX)
	PAGES(R11, 0)
	MOVOU (DI), X0
	MOVOU 16(DI), X1
	MOVOU 32(DI), X2
	MOVOU 48(DI), X3
	MOVOU 64(DI), X0
	MOVOU 80(DI), X1
	MOVOU 96(DI), X2
	MOVOU 112(DI), X3
	MOVOU 128(DI), X0
	MOVOU 144(DI), X1
	MOVOU 160(DI), X2
	MOVOU 176(DI), X3
	MOVOU 192(DI), X0
	MOVOU 208(DI), X1
	MOVOU 224(DI), X2
	MOVOU 240(DI), X3
	ADDQ $256, DI
	DECQ CX
	JNE loop
	RET
