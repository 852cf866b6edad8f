// Instructions of Advanced SIMD that Go's assembler does not know, by the numbers of their registers, in the order of Arm's
// manual: what is written comes first. V registers are plain numbers, and so are the R registers of loads and stores.

// Loads and stores of 16 bytes each; offsets count 16 bytes. P: the address moves on by what was loaded.
#define LDPQ(t, u, r, i) WORD $(0xad400000|(i)<<15|(u)<<10|(r)<<5|(t))
#define STPQ(t, u, r, i) WORD $(0xad000000|(i)<<15|(u)<<10|(r)<<5|(t))
#define LDRQ(t, r, i) WORD $(0x3dc00000|(i)<<10|(r)<<5|(t))
#define STRQ(t, r, i) WORD $(0x3d800000|(i)<<10|(r)<<5|(t))
#define LDRQP(t, r) WORD $(0x3cc10400|(r)<<5|(t))
#define LDRDP(t, r) WORD $(0xfc408400|(r)<<5|(t))
#define LDRSP(t, r) WORD $(0xbc404400|(r)<<5|(t))
#define LDRS(t, r) WORD $(0xbd400000|(r)<<5|(t))
// LD1RS and LD1RD load one number into all lanes and move on.
#define LD1RS(t, r) WORD $(0x4ddfc800|(r)<<5|(t))
#define LD1RD(t, r) WORD $(0x4ddfcc00|(r)<<5|(t))

// Bits.
#define MOVV(d, n) WORD $(0x4ea01c00|(n)<<16|(n)<<5|(d))
#define ZERO(d) WORD $(0x4f000400|(d))
#define ANDV(d, n, m) WORD $(0x4e201c00|(m)<<16|(n)<<5|(d))
#define BICV(d, n, m) WORD $(0x4e601c00|(m)<<16|(n)<<5|(d))
#define ORRV(d, n, m) WORD $(0x4ea01c00|(m)<<16|(n)<<5|(d))
#define EORV(d, n, m) WORD $(0x6e201c00|(m)<<16|(n)<<5|(d))
// BIT takes the bits of n where m has ones, BIF where it has zeros.
#define BIT(d, n, m) WORD $(0x6ea01c00|(m)<<16|(n)<<5|(d))
#define BIF(d, n, m) WORD $(0x6ee01c00|(m)<<16|(n)<<5|(d))

// Four 32-bit integers.
#define ADD4(d, n, m) WORD $(0x4ea08400|(m)<<16|(n)<<5|(d))
#define SUB4(d, n, m) WORD $(0x6ea08400|(m)<<16|(n)<<5|(d))
#define ADDP4(d, n, m) WORD $(0x4ea0bc00|(m)<<16|(n)<<5|(d))
#define UMAX4(d, n, m) WORD $(0x6ea06400|(m)<<16|(n)<<5|(d))
#define UMAXV(d, n) WORD $(0x6eb0a800|(n)<<5|(d))
#define ADDV(d, n) WORD $(0x4eb1b800|(n)<<5|(d))
#define SSHR1(d, n) WORD $(0x4f3f0400|(n)<<5|(d))
#define USHR16(d, n) WORD $(0x6f300400|(n)<<5|(d))
#define SHL16(d, n) WORD $(0x4f305400|(n)<<5|(d))
#define SHL23(d, n) WORD $(0x4f375400|(n)<<5|(d))
#define SHL52(d, n) WORD $(0x4f745400|(n)<<5|(d))
#define ADD2(d, n, m) WORD $(0x4ee08400|(m)<<16|(n)<<5|(d))

// Narrower and wider; those with H take or fill the upper half of the narrow register.
#define SHRN16(d, n) WORD $(0x0f108400|(n)<<5|(d))
#define SHRN16H(d, n) WORD $(0x4f108400|(n)<<5|(d))
#define SHLL16(d, n) WORD $(0x2e613800|(n)<<5|(d))
#define SHLL16H(d, n) WORD $(0x6e613800|(n)<<5|(d))
#define XTN4(d, n) WORD $(0x0e612800|(n)<<5|(d))
#define XTN4H(d, n) WORD $(0x4e612800|(n)<<5|(d))
#define XTN8(d, n) WORD $(0x0e212800|(n)<<5|(d))
#define XTN8H(d, n) WORD $(0x4e212800|(n)<<5|(d))
#define FCVTL(d, n) WORD $(0x0e617800|(n)<<5|(d))
#define FCVTLH(d, n) WORD $(0x4e617800|(n)<<5|(d))
#define FCVTL16(d, n) WORD $(0x0e217800|(n)<<5|(d))
#define FCVTNS(d, n) WORD $(0x4e21a800|(n)<<5|(d))
#define SCVTF(d, n) WORD $(0x4e21d800|(n)<<5|(d))

// Four float32.
#define FADD(d, n, m) WORD $(0x4e20d400|(m)<<16|(n)<<5|(d))
#define FSUB(d, n, m) WORD $(0x4ea0d400|(m)<<16|(n)<<5|(d))
#define FMUL(d, n, m) WORD $(0x6e20dc00|(m)<<16|(n)<<5|(d))
#define FDIV(d, n, m) WORD $(0x6e20fc00|(m)<<16|(n)<<5|(d))
#define FMIN(d, n, m) WORD $(0x4ea0f400|(m)<<16|(n)<<5|(d))
#define FNEG(d, n) WORD $(0x6ea0f800|(n)<<5|(d))
#define FMLA(d, n, m) WORD $(0x4e20cc00|(m)<<16|(n)<<5|(d))
#define FMLS(d, n, m) WORD $(0x4ea0cc00|(m)<<16|(n)<<5|(d))
#define FCMGT(d, n, m) WORD $(0x6ea0e400|(m)<<16|(n)<<5|(d))
#define FCMEQ(d, n, m) WORD $(0x4e20e400|(m)<<16|(n)<<5|(d))
// d += n times one lane of m; FMULE0 is the product with lane 0.
#define FMLAE0(d, n, m) WORD $(0x4f801000|(m)<<16|(n)<<5|(d))
#define FMLAE1(d, n, m) WORD $(0x4fa01000|(m)<<16|(n)<<5|(d))
#define FMLAE2(d, n, m) WORD $(0x4f801800|(m)<<16|(n)<<5|(d))
#define FMLAE3(d, n, m) WORD $(0x4fa01800|(m)<<16|(n)<<5|(d))
#define FMULE0(d, n, m) WORD $(0x4f809000|(m)<<16|(n)<<5|(d))

// Two float64.
#define FADDD(d, n, m) WORD $(0x4e60d400|(m)<<16|(n)<<5|(d))
#define FSUBD(d, n, m) WORD $(0x4ee0d400|(m)<<16|(n)<<5|(d))
#define FMULD(d, n, m) WORD $(0x6e60dc00|(m)<<16|(n)<<5|(d))
#define FMLAD(d, n, m) WORD $(0x4e60cc00|(m)<<16|(n)<<5|(d))
#define FMLSD(d, n, m) WORD $(0x4ee0cc00|(m)<<16|(n)<<5|(d))
#define FCMGTD(d, n, m) WORD $(0x6ee0e400|(m)<<16|(n)<<5|(d))

// Order: of 32-bit words, and of pairs of them.
#define ZIP1(d, n, m) WORD $(0x4e803800|(m)<<16|(n)<<5|(d))
#define ZIP2(d, n, m) WORD $(0x4e807800|(m)<<16|(n)<<5|(d))
#define ZIP1D(d, n, m) WORD $(0x4ec03800|(m)<<16|(n)<<5|(d))
#define ZIP2D(d, n, m) WORD $(0x4ec07800|(m)<<16|(n)<<5|(d))
#define DUP0(d, n) WORD $(0x4e040400|(n)<<5|(d))
#define DUP1(d, n) WORD $(0x4e0c0400|(n)<<5|(d))
#define DUP2(d, n) WORD $(0x4e140400|(n)<<5|(d))
#define DUP3(d, n) WORD $(0x4e1c0400|(n)<<5|(d))

// Dot products of four signed bytes with those in one lane of m (FEAT_DotProd), and what stands in for them.
#define SDOT0(d, n, m) WORD $(0x4f80e000|(m)<<16|(n)<<5|(d))
#define SDOT1(d, n, m) WORD $(0x4fa0e000|(m)<<16|(n)<<5|(d))
#define SDOT2(d, n, m) WORD $(0x4f80e800|(m)<<16|(n)<<5|(d))
#define SDOT3(d, n, m) WORD $(0x4fa0e800|(m)<<16|(n)<<5|(d))
#define SMULL(d, n, m) WORD $(0x0e20c000|(m)<<16|(n)<<5|(d))
#define SMULLH(d, n, m) WORD $(0x4e20c000|(m)<<16|(n)<<5|(d))
#define SADALP(d, n) WORD $(0x4e606800|(n)<<5|(d))

// BFMLALB and BFMLALT by one element of m, which is below 16 (FEAT_BF16): d += the even or odd bfloat16 of n times it.
#define BFMLALB(d, n, m, i) WORD $(0x0fc0f000|((i)&1)<<20|((i)&2)<<20|((i)&4)<<9|(m)<<16|(n)<<5|(d))
#define BFMLALT(d, n, m, i) WORD $(0x4fc0f000|((i)&1)<<20|((i)&2)<<20|((i)&4)<<9|(m)<<16|(n)<<5|(d))

// The floating-point control and status registers. Bit 24 of FPCR flushes subnormal numbers to zero, in arguments and in
// results; bit 3 of FPSR says that a result has been.
#define READFPCR(r) WORD $(0xd53b4400|(r))
#define WRITEFPCR(r) WORD $(0xd51b4400|(r))
#define READFPSR(r) WORD $(0xd53b4420|(r))
#define WRITEFPSR(r) WORD $(0xd51b4420|(r))
