// What the assembly for blocks has in common on AVX-512: numbers that masks and scales are, and bringing what rows of blocks
// hold into lanes. SI points at the rows' addresses; AX is scratch.

DATA masks<>+0(SB)/4, $0x000000ff
DATA masks<>+4(SB)/4, $0x0000ff00
DATA masks<>+8(SB)/4, $0x00ff0000
DATA masks<>+12(SB)/4, $0xff000000
GLOBL masks<>(SB), RODATA|NOPTR, $16

// 1 for each byte of a lane; multiples of it are broadcast too.
DATA words<>+0(SB)/4, $0x3f3f3f3f
DATA words<>+4(SB)/4, $0x30303030
DATA words<>+8(SB)/4, $0x0f0f0f0f
DATA words<>+12(SB)/4, $0x10101010
DATA words<>+16(SB)/4, $0x80808080
DATA words<>+20(SB)/4, $0x0000000f
DATA words<>+24(SB)/4, $0x000000ff
GLOBL words<>(SB), RODATA|NOPTR, $28

// 32, 128 and 8 in each byte's place, and 8 in that of each half byte, as float32.
DATA biases<>+0(SB)/4, $0x42000000  // 2^5
DATA biases<>+4(SB)/4, $0x46000000  // 2^13
DATA biases<>+8(SB)/4, $0x4a000000  // 2^21
DATA biases<>+12(SB)/4, $0x4e000000 // 2^29
DATA biases<>+16(SB)/4, $0x43000000 // 2^7
DATA biases<>+20(SB)/4, $0x47000000 // 2^15
DATA biases<>+24(SB)/4, $0x4b000000 // 2^23
DATA biases<>+28(SB)/4, $0x4f000000 // 2^31
DATA biases<>+32(SB)/4, $0x41000000 // 2^3
GLOBL biases<>(SB), RODATA|NOPTR, $36

// 2^-4, 2^-8, 2^4.
DATA powers<>+0(SB)/4, $0x3d800000
DATA powers<>+4(SB)/4, $0x3b800000
DATA powers<>+8(SB)/4, $0x41800000
GLOBL powers<>(SB), RODATA|NOPTR, $12

// LANES sets K2 to K4, which LOAD wants; AX is scratch.
#define LANES \
	MOVL $0x00f0, AX; \
	KMOVW AX, K2; \
	MOVL $0x0f00, AX; \
	KMOVW AX, K3; \
	MOVL $0xf000, AX; \
	KMOVW AX, K4

#define FIRST(i, off, r, z) \
	MOVQ ((i)*8)(SI), AX; \
	VBROADCASTI32X4 off(AX)(r*1), z

#define LANE(i, off, r, k, z) \
	MOVQ ((i)*8)(SI), AX; \
	VBROADCASTI32X4 off(AX)(r*1), k, z

// LOAD brings 16 bytes of rows 4i+j of a group, which begins at row g, into lane i of register j; r has the block's offset.
#define LOAD(g, off, r, z0, z1, z2, z3) \
	FIRST(g+0, off, r, z0); FIRST(g+1, off, r, z1); FIRST(g+2, off, r, z2); FIRST(g+3, off, r, z3); \
	LANE(g+4, off, r, K2, z0); LANE(g+5, off, r, K2, z1); LANE(g+6, off, r, K2, z2); LANE(g+7, off, r, K2, z3); \
	LANE(g+8, off, r, K3, z0); LANE(g+9, off, r, K3, z1); LANE(g+10, off, r, K3, z2); LANE(g+11, off, r, K3, z3); \
	LANE(g+12, off, r, K4, z0); LANE(g+13, off, r, K4, z1); LANE(g+14, off, r, K4, z2); LANE(g+15, off, r, K4, z3)

// TURN makes of what LOAD brought four registers of 32-bit elements, the rows in order. t0 to t3 are scratch.
#define TURN(z0, z1, z2, z3, t0, t1, t2, t3) \
	VUNPCKLPS z1, z0, t0; \
	VUNPCKHPS z1, z0, t1; \
	VUNPCKLPS z3, z2, t2; \
	VUNPCKHPS z3, z2, t3; \
	VUNPCKLPD t2, t0, z0; \
	VUNPCKHPD t2, t0, z1; \
	VUNPCKLPD t3, t1, z2; \
	VUNPCKHPD t3, t1, z3

// HALF widens the float16 in the lower half of each lane.
#define HALF(z, y) \
	VPMOVDW z, y; \
	VCVTPH2PS y, z

// SCALE is d times byte b of the lanes of s, unsigned.
#define SCALE(b, s, d, out) \
	VPSRLD $(8*b), s, out; \
	VPANDD.BCST words<>+24(SB), out, out; \
	VCVTDQ2PS out, out; \
	VMULPS d, out, out

// SIGNED is SCALE of a signed byte; up is 24 - 8b.
#define SIGNED(up, s, d, out) \
	VPSLLD $up, s, out; \
	VPSRAD $24, out, out; \
	VCVTDQ2PS out, out; \
	VMULPS d, out, out

// HEADK unpacks d, dmin and the scales of Q4_K and Q5_K, of a group of rows, into the given registers; Z0 to Z7 are scratch.
#define HEADK(g, d, yd, m, ym, sc0, ml0, sc1, ml1) \
	LOAD(g, 0, DX, Z0, Z1, Z2, Z3); \
	TURN(Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7); \
	VPSRLD $16, Z0, m; \
	VMOVAPS Z0, d; \
	HALF(d, yd); \
	HALF(m, ym); \
	VPANDD.BCST words<>+0(SB), Z1, sc0; \
	VPANDD.BCST words<>+0(SB), Z2, ml0; \
	VPSRLD $2, Z1, Z1; \
	VPANDD.BCST words<>+4(SB), Z1, Z1; \
	VPANDD.BCST words<>+8(SB), Z3, sc1; \
	VPORD Z1, sc1, sc1; \
	VPSRLD $2, Z2, Z2; \
	VPANDD.BCST words<>+4(SB), Z2, Z2; \
	VPSRLD $4, Z3, Z3; \
	VPANDD.BCST words<>+8(SB), Z3, ml1; \
	VPORD Z2, ml1, ml1
