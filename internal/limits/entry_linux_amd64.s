#include "go_asm.h"
#include "textflag.h"

// The first instructions of the process on Linux, amd64.
//
// The linker begins a program at the symbol _rt0_amd64_linux, which the runtime has. This file has it once more, marked
// DUPOK: of two texts of one name the linker takes one so marked where it comes first or is longer, and this one is both
// (cmd/link/internal/loader, addSym). Nothing else comes before the runtime's reservations in a program without cgo: no
// Go code and no init function, and the linker's flag -E would be needed in every build. A linker that allows no second
// text refuses to build, so that this cannot be lost in silence; then the build has to say -ldflags=-E=<a name of ours>.
//
// It has no stack but the system's, no g, and calls nothing. It walks over rows, and where a limit is too low, writes the
// line of it in one call and ends with exit code 2; otherwise everything is as the system left it when the runtime begins.

#define SYS_writev 20
#define SYS_getuid 102
#define SYS_exit_group 231
#define SYS_prlimit64 302

// On the stack: a limit of 16 bytes, three pieces of 16 bytes, and the 24 bytes that a number's digits end at.
#define LIMIT 0
#define PIECES 16
#define DIGITS_END 88
#define FRAME 96

TEXT _rt0_amd64_linux(SB), NOSPLIT|NOFRAME|DUPOK, $0
	SUBQ $FRAME, SP
	LEAQ ·rows(SB), R12
	MOVQ $const_rowCount, R13

next:
	MOVQ $SYS_prlimit64, AX
	MOVQ $0, DI
	MOVQ row_resource(R12), SI
	MOVQ $0, DX
	LEAQ LIMIT(SP), R10
	SYSCALL
	TESTQ AX, AX
	JNE  fine
	MOVQ LIMIT(SP), R14
	CMPQ R14, row_need(R12)
	JCC  fine
	CMPQ row_users(R12), $0
	JEQ  refuse
	MOVQ $SYS_getuid, AX
	SYSCALL
	TESTL AX, AX
	JNE  refuse

fine:
	ADDQ $row__size, R12
	DECQ R13
	JNE  next
	ADDQ $FRAME, SP
	JMP  _rt0_amd64(SB)

refuse:
	// the number's digits, from the last to the first
	MOVQ R14, AX
	MOVQ row_shift(R12), CX
	SHRQ CX, AX
	LEAQ DIGITS_END(SP), R8
	MOVQ $10, R9

digit:
	XORQ DX, DX
	DIVQ R9
	ADDQ $'0', DX
	DECQ R8
	MOVB DX, (R8)
	TESTQ AX, AX
	JNE  digit

	MOVQ row_before(R12), AX
	MOVQ AX, (PIECES+0)(SP)
	MOVQ (row_before+8)(R12), AX
	MOVQ AX, (PIECES+8)(SP)
	MOVQ R8, (PIECES+16)(SP)
	LEAQ DIGITS_END(SP), AX
	SUBQ R8, AX
	MOVQ AX, (PIECES+24)(SP)
	MOVQ row_after(R12), AX
	MOVQ AX, (PIECES+32)(SP)
	MOVQ (row_after+8)(R12), AX
	MOVQ AX, (PIECES+40)(SP)
	MOVQ $SYS_writev, AX
	MOVQ $2, DI
	LEAQ PIECES(SP), SI
	MOVQ $3, DX
	SYSCALL

	// There is nobody to tell of an error of that.
	MOVQ $SYS_exit_group, AX
	MOVQ $const_exitFailure, DI
	SYSCALL
	INT  $3
