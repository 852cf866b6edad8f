// Numbers out of woven blocks (woven.go), for AVX2, as macros: what is done with the numbers is said by whoever includes this.
// EMIT(i, g, to, t) takes the numbers in t, of the eight rows of group g, element i of four, with TO0 to TO3; INPUT(i) has ready
// what EMIT wants for element i, NEXT goes on to the next four. TURN ends a half, with so many elements to a block, and AGAIN
// both; ENTER begins one.
//
// Thirty-two of a strip's rows are worked on at a time, one half of it after the other, for want of registers: a half is four
// vectors, and every word of it 128 bytes of 256.
//
// A number is a scale times a small integer, less a least value. The integer is cut out of its word where it lies, or brought
// into the word's top byte, where its sign is the word's; converting it gives it times a power of two, by which the scale has been
// divided. Both are exact, as scales are (a float16 times a small integer, so far from the smallest float32), so that a fused
// subtraction rounds once, as Decode does.
//
// SI the block, its half's first word; R9 words, R13 further ones, R10 how far ahead is fetched, AX the frame, CX halves left, DX
// 0 or -64, which a half's place among numbers of two bytes is off by; BX, R11, R12 scratch. Y0 a table or mask, Y1 what INPUT
// brings, Y2 and Y3 scratch, Y8 to Y11 the groups' scales, Y12 to Y15 words.

#define EACH32(name, at, x) \
	DATA name<>+(at)(SB)/8, $x; \
	DATA name<>+(at+8)(SB)/8, $x; \
	DATA name<>+(at+16)(SB)/8, $x; \
	DATA name<>+(at+24)(SB)/8, $x

// What brings byte 0, 1 and 2 of every word into its top byte, and what leaves that alone.
DATA top<>+0(SB)/8, $0x0480808000808080
DATA top<>+8(SB)/8, $0x0c80808008808080
DATA top<>+16(SB)/8, $0x0480808000808080
DATA top<>+24(SB)/8, $0x0c80808008808080
DATA top<>+32(SB)/8, $0x0580808001808080
DATA top<>+40(SB)/8, $0x0d80808009808080
DATA top<>+48(SB)/8, $0x0580808001808080
DATA top<>+56(SB)/8, $0x0d80808009808080
DATA top<>+64(SB)/8, $0x0680808002808080
DATA top<>+72(SB)/8, $0x0e8080800a808080
DATA top<>+80(SB)/8, $0x0680808002808080
DATA top<>+88(SB)/8, $0x0e8080800a808080
EACH32(top, 96, 0xff000000ff000000)
GLOBL top<>(SB), RODATA|NOPTR, $128

// Masks of bytes and words.
EACH32(mask, 0, 0x0f0f0f0f0f0f0f0f)
EACH32(mask, 32, 0x3030303030303030)
EACH32(mask, 64, 0x3f3f3f3f3f3f3f3f)
EACH32(mask, 96, 0x2020202020202020)
EACH32(mask, 128, 0x0000000f0000000f)
EACH32(mask, 160, 0x000000f0000000f0)
EACH32(mask, 192, 0x0000ffff0000ffff)
EACH32(mask, 224, 0x8000000080000000)
EACH32(mask, 256, 0x0000003000000030)
EACH32(mask, 288, 0x0000002000000020)
GLOBL mask<>(SB), RODATA|NOPTR, $320

// 2^-4, 2^-24, 2^-28, 2^-48, for Q2_K 2^-26 and 2^-30, and 1.
EACH32(power, 0, 0x3d8000003d800000)
EACH32(power, 32, 0x3380000033800000)
EACH32(power, 64, 0x3180000031800000)
EACH32(power, 96, 0x2780000027800000)
EACH32(power, 128, 0x3280000032800000)
EACH32(power, 160, 0x3080000030800000)
EACH32(power, 192, 0x3f8000003f800000)
GLOBL power<>(SB), RODATA|NOPTR, $224

// What numbers of 4 bits stand for: themselves less 8, and IQ4's steps.
DATA eights<>+0(SB)/8, $0xfffefdfcfbfaf9f8
DATA eights<>+8(SB)/8, $0x0706050403020100
GLOBL eights<>(SB), RODATA|NOPTR, $16
DATA uneven<>+0(SB)/8, $0xf6eaddcfbfad9881
DATA uneven<>+8(SB)/8, $0x7159453526190d01
GLOBL uneven<>(SB), RODATA|NOPTR, $16

// BLOCK has a half's place ready, and TAIL goes on, to the label again as long as there are any.
#define BLOCK \
	MOVL CX, DX; \
	ANDL $1, DX; \
	SHLQ $6, DX; \
	NEGQ DX; \
	ENTER

#define TAIL(size, elements, again) \
	TURN(elements); \
	XCHGQ DI, R14; \
	ADDQ $128, SI; \
	DECQ CX; \
	TESTL $1, CX; \
	JNE again; \
	AGAIN(elements); \
	ADDQ $(64*(size)-256), SI; \
	TESTQ CX, CX; \
	JNE again

// AHEAD fetches what comes in the place of a word of a half's rows.
#define AHEAD \
	PREFETCHT0 (R9)(R10*1); \
	PREFETCHT0 64(R9)(R10*1)

// HALF widens the float16 in the lower half of each word, of which the upper is 0.
#define HALF(y, x) \
	VPACKUSDW y, y, y; \
	VPERMQ $8, y, y; \
	VCVTPH2PS x, y

// BYTES are d times the signed bytes of s, in the frame at at, and each at by further on; d is what they are to be times 2^-24.
#define BYTES(s, d, at, by) \
	VPSHUFB top<>+0(SB), s, Y2; \
	VPSHUFB top<>+32(SB), s, Y3; \
	VCVTDQ2PS Y2, Y2; \
	VCVTDQ2PS Y3, Y3; \
	VMULPS d, Y2, Y2; \
	VMULPS d, Y3, Y3; \
	VMOVUPS Y2, (at)(AX); \
	VMOVUPS Y3, (at+by)(AX); \
	VPSHUFB top<>+64(SB), s, Y2; \
	VPAND top<>+96(SB), s, Y3; \
	VCVTDQ2PS Y2, Y2; \
	VCVTDQ2PS Y3, Y3; \
	VMULPS d, Y2, Y2; \
	VMULPS d, Y3, Y3; \
	VMOVUPS Y2, (at+2*by)(AX); \
	VMOVUPS Y3, (at+3*by)(AX)

// SCALES brings the scales of the next part out of the frame, which AX was 256 before: leasts, if any, follow at 128.
#define SCALES \
	ADDQ $256, AX; \
	VMOVUPS 0(AX), Y8; \
	VMOVUPS 32(AX), Y9; \
	VMOVUPS 64(AX), Y10; \
	VMOVUPS 96(AX), Y11

// PURE is SCALES of formats that have no leasts, whose parts are 128 bytes each.
#define PURE \
	VMOVUPS 0(AX), Y8; \
	VMOVUPS 32(AX), Y9; \
	VMOVUPS 64(AX), Y10; \
	VMOVUPS 96(AX), Y11; \
	ADDQ $128, AX

// TIMES and LESS make a number of an integer.
#define TIMES(g, dl, t) VMULPS dl, t, t
#define LESS(g, dl, t) VFMSUB213PS (128+32*(g))(AX), dl, t

// ---- Integers without a sign, where they lie

// HERE is the number that Y0 has ones for, in the words from byte i on.
#define HERE(i, g, dl, to, t) \
	VPAND (32*(g)+(i))(R9), Y0, t; \
	VCVTDQ2PS t, t; \
	LESS(g, dl, t); \
	EMIT(i, g, to, t)

#define FOURHERE(i) \
	INPUT(i); \
	HERE(i, 0, Y8, TO0, Y2); \
	HERE(i, 1, Y9, TO1, Y3); \
	HERE(i, 2, Y10, TO2, Y2); \
	HERE(i, 3, Y11, TO3, Y3)

// WORDHERE is four elements of all rows: one of each byte.
#define WORDHERE \
	FOURHERE(0); \
	FOURHERE(1); \
	FOURHERE(2); \
	FOURHERE(3); \
	NEXT; \
	ADDQ $256, R9

// RUNHERE are n words.
#define RUNHERE(n, word) \
	MOVL $n, R11; \
word: \
	WORDHERE; \
	DECL R11; \
	JNE word

#define FETCHRUNHERE(n, word) \
	MOVL $n, R11; \
word: \
	AHEAD; \
	WORDHERE; \
	DECL R11; \
	JNE word

// ---- Signed bytes in Y12 to Y15

#define TOP(op, i, g, q, dl, to, value, t) \
	op top<>+(32*(i))(SB), q, t; \
	VCVTDQ2PS t, t; \
	value(g, dl, t); \
	EMIT(i, g, to, t)

#define FOURTOP(op, i, value) \
	INPUT(i); \
	TOP(op, i, 0, Y12, Y8, TO0, value, Y2); \
	TOP(op, i, 1, Y13, Y9, TO1, value, Y3); \
	TOP(op, i, 2, Y14, Y10, TO2, value, Y2); \
	TOP(op, i, 3, Y15, Y11, TO3, value, Y3)

#define WORDTOP(value) \
	FOURTOP(VPSHUFB, 0, value); \
	FOURTOP(VPSHUFB, 1, value); \
	FOURTOP(VPSHUFB, 2, value); \
	FOURTOP(VPAND, 3, value); \
	NEXT; \
	ADDQ $256, R9

// LOW and HIGH are the halves of a word's bytes, not cut off yet.
#define LOW(g, q) VMOVDQU (32*(g))(R9), q

#define HIGH(g, q) \
	VMOVDQU (32*(g))(R9), q; \
	VPSRLD $4, q, q
