#include "go_asm.h"
#include "textflag.h"

// The first instructions of the process on Linux, arm64. See entry_linux_amd64.s, which this equals step by step.

#define SYS_writev 66
#define SYS_exit_group 94
#define SYS_getuid 174
#define SYS_prlimit64 261

#define LIMIT 0
#define PIECES 16
#define DIGITS_END 88
#define FRAME 96

TEXT _rt0_arm64_linux(SB), NOSPLIT|NOFRAME|DUPOK, $0
	SUB  $FRAME, RSP
	MOVD $·rows(SB), R19
	MOVD $const_rowCount, R20

next:
	MOVD $SYS_prlimit64, R8
	MOVD $0, R0
	MOVD row_resource(R19), R1
	MOVD $0, R2
	ADD  $LIMIT, RSP, R3
	SVC
	CBNZ R0, fine
	MOVD LIMIT(RSP), R21
	MOVD row_need(R19), R1
	CMP  R1, R21
	BHS  fine
	MOVD row_users(R19), R1
	CBZ  R1, refuse
	MOVD $SYS_getuid, R8
	SVC
	CBNZW R0, refuse

fine:
	ADD  $row__size, R19
	SUB  $1, R20
	CBNZ R20, next
	ADD  $FRAME, RSP
	JMP  _rt0_arm64(SB)

refuse:
	MOVD row_shift(R19), R1
	LSR  R1, R21, R0
	ADD  $DIGITS_END, RSP, R4
	MOVD R4, R5
	MOVD $10, R2

digit:
	UDIV R2, R0, R1
	MSUB R2, R0, R1, R3 // R0 - R1*10
	ADD  $'0', R3
	SUB  $1, R4
	MOVB R3, (R4)
	MOVD R1, R0
	CBNZ R0, digit

	SUB  R4, R5
	MOVD row_before(R19), R1
	MOVD R1, (PIECES+0)(RSP)
	MOVD (row_before+8)(R19), R1
	MOVD R1, (PIECES+8)(RSP)
	MOVD R4, (PIECES+16)(RSP)
	MOVD R5, (PIECES+24)(RSP)
	MOVD row_after(R19), R1
	MOVD R1, (PIECES+32)(RSP)
	MOVD (row_after+8)(R19), R1
	MOVD R1, (PIECES+40)(RSP)
	MOVD $SYS_writev, R8
	MOVD $2, R0
	ADD  $PIECES, RSP, R1
	MOVD $3, R2
	SVC

	MOVD $SYS_exit_group, R8
	MOVD $const_exitFailure, R0
	SVC
	BRK
