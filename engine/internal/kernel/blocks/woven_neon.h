// Numbers out of woven blocks (woven.go), for Advanced SIMD, as macros: what is done with the numbers is said by whoever includes
// this. EMIT0(g, t) to EMIT3 take the numbers in Vt, of the four rows of group g, element 0 to 3 of four; INPUTS has ready what they
// want for the next four, and NEXT goes on to those. ENTER begins a quarter of a strip, TURN ends it, and AGAIN goes on to the next
// block of so many elements.
//
// Sixteen of a strip's rows are worked on at a time, one quarter of it after the other, for want of registers: a quarter is four
// vectors, and every word of it 64 bytes of 256.
//
// A number is a scale times a small integer, less a least value. The integer is cut out of its word where it lies, or brought into
// the word's top byte, where its sign is the word's; converting it divides by the power of two that this makes. The product is
// exact, as scales are (a float16 times a small integer), so that a fused addition of the least, negated, rounds once, as Decode
// does.
//
// Registers are written as numbers. R0 blocks left, R1 the block, R2 its quarter's first word, R3 the quarter, R6 how far ahead is
// fetched, R7 where the quarter's numbers of two bytes would be if the block began with those, R9 words, R10 further ones, R14 the
// frame, R11 to R13, R15, R19 scratch. V4 to V7 the groups' scales, V8 to V11 their leasts, negated, V12 to V15 words, V16 what
// INPUTS brings, V17 to V22 and V27 scratch, V23 a table, V24 has ones in the lower half of every byte, V25 and V26 constants of a
// format, V28 to V31 where in a word numbers lie, or what brings its bytes into the top one.

// Loads and stores; offsets count what is loaded.
#define LDPQ(t, u, r, i) WORD $(0xad400000|(i)<<15|(u)<<10|(r)<<5|(t))
#define STPQ(t, u, r, i) WORD $(0xad000000|(i)<<15|(u)<<10|(r)<<5|(t))
#define LDRQ(t, r, i) WORD $(0x3dc00000|(i)<<10|(r)<<5|(t))
#define STRQ(t, r, i) WORD $(0x3d800000|(i)<<10|(r)<<5|(t))
#define LDRQP(t, r) WORD $(0x3cc10400|(r)<<5|(t))
#define LDRD(t, r, i) WORD $(0xfd400000|(i)<<10|(r)<<5|(t))
// PRFMX fetches what lies m behind n.
#define PRFMX(n, m) WORD $(0xf8a06800|(m)<<16|(n)<<5)

// Bits; those with 16 are of bytes. TBL has the bytes of n that m names, 0 where there is none.
#define MOVV(d, n) WORD $(0x4ea01c00|(n)<<16|(n)<<5|(d))
#define ANDV(d, n, m) WORD $(0x4e201c00|(m)<<16|(n)<<5|(d))
#define BICV(d, n, m) WORD $(0x4e601c00|(m)<<16|(n)<<5|(d))
#define ORRV(d, n, m) WORD $(0x4ea01c00|(m)<<16|(n)<<5|(d))
#define TBL(d, n, m) WORD $(0x4e000000|(m)<<16|(n)<<5|(d))
#define USHR16(d, n, by) WORD $(0x6f000400|(16-(by))<<16|(n)<<5|(d))
#define SHL16(d, n, by) WORD $(0x4f005400|(8+(by))<<16|(n)<<5|(d))
#define USHR4(d, n, by) WORD $(0x6f000400|(64-(by))<<16|(n)<<5|(d))
#define SHL4(d, n, by) WORD $(0x4f005400|(32+(by))<<16|(n)<<5|(d))
#define STAY(d, n, by) MOVV(d, n)
#define SUB16(d, n, m) WORD $(0x6e208400|(m)<<16|(n)<<5|(d))
#define SUB4(d, n, m) WORD $(0x6ea08400|(m)<<16|(n)<<5|(d))
#define CMTST(d, n, m) WORD $(0x4e208c00|(m)<<16|(n)<<5|(d))

// Numbers. XTN4 and SHRN16 have the lower and the upper halves of words, FCVTL16 widens float16; UFIX and SFIX convert integers
// and divide by a power of two, UINT does not divide.
#define XTN4(d, n) WORD $(0x0e612800|(n)<<5|(d))
#define SHRN16(d, n) WORD $(0x0f108400|(n)<<5|(d))
#define FCVTL16(d, n) WORD $(0x0e217800|(n)<<5|(d))
#define UFIX(d, n, by) WORD $(0x6f00e400|(64-(by))<<16|(n)<<5|(d))
#define SFIX(d, n, by) WORD $(0x4f00e400|(64-(by))<<16|(n)<<5|(d))
#define UINT(d, n, by) WORD $(0x6e21d800|(n)<<5|(d))
#define SINT(d, n) WORD $(0x4e21d800|(n)<<5|(d))
#define FMUL(d, n, m) WORD $(0x6e20dc00|(m)<<16|(n)<<5|(d))
#define FMLA(d, n, m) WORD $(0x4e20cc00|(m)<<16|(n)<<5|(d))
#define FNEG(d, n) WORD $(0x6ea0f800|(n)<<5|(d))
#define FMLAE0(d, n, m) WORD $(0x4f801000|(m)<<16|(n)<<5|(d))
#define FMLAE1(d, n, m) WORD $(0x4fa01000|(m)<<16|(n)<<5|(d))
#define FMLAE2(d, n, m) WORD $(0x4f801800|(m)<<16|(n)<<5|(d))
#define FMLAE3(d, n, m) WORD $(0x4fa01800|(m)<<16|(n)<<5|(d))

#define EACH16(name, at, x) \
	DATA name<>+(at)(SB)/8, $x; \
	DATA name<>+(at+8)(SB)/8, $x

// What brings byte 0, 1, 2 and 3 of every word into its top byte.
DATA top<>+0(SB)/8, $0x04ffffff00ffffff
DATA top<>+8(SB)/8, $0x0cffffff08ffffff
DATA top<>+16(SB)/8, $0x05ffffff01ffffff
DATA top<>+24(SB)/8, $0x0dffffff09ffffff
DATA top<>+32(SB)/8, $0x06ffffff02ffffff
DATA top<>+40(SB)/8, $0x0effffff0affffff
DATA top<>+48(SB)/8, $0x07ffffff03ffffff
DATA top<>+56(SB)/8, $0x0fffffff0bffffff
GLOBL top<>(SB), RODATA|NOPTR, $64

// Where the bytes of a word lie, their lower and their upper halves, and their four pairs of bits.
EACH16(byte, 0, 0x000000ff000000ff)
EACH16(byte, 16, 0x0000ff000000ff00)
EACH16(byte, 32, 0x00ff000000ff0000)
EACH16(byte, 48, 0xff000000ff000000)
EACH16(byte, 64, 0x0000000f0000000f)
EACH16(byte, 80, 0x00000f0000000f00)
EACH16(byte, 96, 0x000f0000000f0000)
EACH16(byte, 112, 0x0f0000000f000000)
EACH16(byte, 128, 0x000000f0000000f0)
EACH16(byte, 144, 0x0000f0000000f000)
EACH16(byte, 160, 0x00f0000000f00000)
EACH16(byte, 176, 0xf0000000f0000000)
EACH16(byte, 192, 0x0000000300000003)
EACH16(byte, 208, 0x0000030000000300)
EACH16(byte, 224, 0x0003000000030000)
EACH16(byte, 240, 0x0300000003000000)
EACH16(byte, 256, 0x0000000c0000000c)
EACH16(byte, 272, 0x00000c0000000c00)
EACH16(byte, 288, 0x000c0000000c0000)
EACH16(byte, 304, 0x0c0000000c000000)
EACH16(byte, 320, 0x0000003000000030)
EACH16(byte, 336, 0x0000300000003000)
EACH16(byte, 352, 0x0030000000300000)
EACH16(byte, 368, 0x3000000030000000)
EACH16(byte, 384, 0x000000c0000000c0)
EACH16(byte, 400, 0x0000c0000000c000)
EACH16(byte, 416, 0x00c0000000c00000)
EACH16(byte, 432, 0xc0000000c0000000)
GLOBL byte<>(SB), RODATA|NOPTR, $448

// Constants of bytes and of words.
EACH16(mask, 0, 0x0f0f0f0f0f0f0f0f)
EACH16(mask, 16, 0x3f3f3f3f3f3f3f3f)
EACH16(mask, 32, 0x3030303030303030)
EACH16(mask, 48, 0x2020202020202020)
EACH16(mask, 64, 0x1010101010101010)
EACH16(mask, 80, 0x0000000f0000000f)
EACH16(mask, 96, 0x0000003000000030)
EACH16(mask, 112, 0x0000002000000020)
EACH16(mask, 128, 0xf0f0f0f0f0f0f0f0)
EACH16(mask, 144, 0x0303030303030303)
EACH16(mask, 160, 0xfcfcfcfcfcfcfcfc)
GLOBL mask<>(SB), RODATA|NOPTR, $176

// What numbers of 4 bits stand for: themselves less 8, and IQ4's steps.
DATA eights<>+0(SB)/8, $0xfffefdfcfbfaf9f8
DATA eights<>+8(SB)/8, $0x0706050403020100
GLOBL eights<>(SB), RODATA|NOPTR, $16
DATA uneven<>+0(SB)/8, $0xf6eaddcfbfad9881
DATA uneven<>+8(SB)/8, $0x7159453526190d01
GLOBL uneven<>(SB), RODATA|NOPTR, $16

// CONSTANT brings 16 bytes into register d, PLACES 64 into V28 to V31.
#define CONSTANT(d, name, at) \
	MOVD $name<>+at(SB), R15; \
	LDRQ(d, 15, 0)

#define PLACES(name, at) \
	MOVD $name<>+at(SB), R15; \
	LDPQ(28, 29, 15, 0); \
	LDPQ(30, 31, 15, 2)

// STRIPS begins a function, BLOCK a quarter of a block, and TAIL goes on as long as there are any.
#define STRIPS \
	CONSTANT(24, mask, 0)

#define BLOCK \
	ADD R3<<6, R1, R2; \
	ADD R3<<5, R1, R7; \
	ENTER

#define TAIL(size, elements, quarter, loop) \
	TURN; \
	ADD $1, R3; \
	CMP $4, R3; \
	BNE quarter; \
	AGAIN(elements); \
	ADD $(64*(size)), R1; \
	SUB $1, R0; \
	CBNZ R0, loop

// AHEAD fetches what comes in the place of a word of a quarter's rows.
#define AHEAD PRFMX(9, 6)

// WORDS are those of all groups.
#define WORDS(r) \
	LDPQ(12, 13, r, 0); \
	LDPQ(14, 15, r, 2); \
	ADD $256, R9

// FOUR applies an instruction with a constant to all groups.
#define FOUR(op, d0, d1, d2, d3, n0, n1, n2, n3, x) \
	op(d0, n0, x); \
	op(d1, n1, x); \
	op(d2, n2, x); \
	op(d3, n3, x)

#define WORDSALL(op, x) FOUR(op, 12, 13, 14, 15, 12, 13, 14, 15, x)

// LOW and HIGH are the halves of a word's bytes.
#define LOW(d, n) ANDV(d, n, 24)
#define HIGH(d, n) USHR16(d, n, 4)

#define HALFBYTES(by) \
	by(12, 12); \
	by(13, 13); \
	by(14, 14); \
	by(15, 15)

// SCALES brings the scales and leasts of the next part out of the frame, PURE those of formats without leasts.
#define PURE \
	LDPQ(4, 5, 14, 0); \
	LDPQ(6, 7, 14, 2); \
	ADD $64, R14

#define SCALES \
	PURE; \
	LDPQ(8, 9, 14, 0); \
	LDPQ(10, 11, 14, 2); \
	ADD $64, R14

// FRAME is where it begins.
#define FRAME \
	MOVD RSP, R14; \
	ADD $16, R14

// ---- Integers without a sign, where they lie

// HERE is the number in the place that a register has ones for, of words in V12 to V15.
#define HERE(place, convert, by, emit) \
	FOUR(ANDV, 17, 18, 19, 27, 12, 13, 14, 15, place); \
	MOVV(20, 8); \
	MOVV(21, 9); \
	MOVV(22, 10); \
	FOUR(convert, 17, 18, 19, 27, 17, 18, 19, 27, by); \
	FMLA(20, 17, 4); \
	MOVV(17, 11); \
	FMLA(21, 18, 5); \
	FMLA(22, 19, 6); \
	FMLA(17, 27, 7); \
	emit(0, 20); \
	emit(1, 21); \
	emit(2, 22); \
	emit(3, 17)

// WORDHERE is four elements of all rows: one of each byte, in it at a place of which convert makes 0 for the first.
#define WORDHERE(convert, at) \
	INPUTS; \
	HERE(28, convert, at, EMIT0); \
	HERE(29, UFIX, at+8, EMIT1); \
	HERE(30, UFIX, at+16, EMIT2); \
	HERE(31, UFIX, at+24, EMIT3); \
	NEXT

// RUNHERE are n words.
#define RUNHERE(n, convert, at, word) \
	MOVD $n, R11; \
word: \
	AHEAD; \
	WORDS(9); \
	WORDHERE(convert, at); \
	SUB $1, R11; \
	CBNZ R11, word

// ---- Signed bytes in V12 to V15

#define TOP(place, emit) \
	FOUR(TBL, 17, 18, 19, 27, 12, 13, 14, 15, place); \
	FOUR(SFIX, 17, 18, 19, 27, 17, 18, 19, 27, 24); \
	FMUL(17, 17, 4); \
	FMUL(18, 18, 5); \
	FMUL(19, 19, 6); \
	FMUL(27, 27, 7); \
	emit(0, 17); \
	emit(1, 18); \
	emit(2, 19); \
	emit(3, 27)

#define WORDTOP \
	INPUTS; \
	TOP(28, EMIT0); \
	TOP(29, EMIT1); \
	TOP(30, EMIT2); \
	TOP(31, EMIT3); \
	NEXT
