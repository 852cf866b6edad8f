//go:build amd64 || arm64

#include "textflag.h"

// Constants of num.Exp32 and num.Exp64, in the order the recipes need them.

DATA ·exp32Constants+0(SB)/4, $0xc2aeac4f // -87.33654
DATA ·exp32Constants+4(SB)/4, $0x42b20000 // 89
DATA ·exp32Constants+8(SB)/4, $0x3fb8aa3b // 1.442695
DATA ·exp32Constants+12(SB)/4, $0x4b400000 // 1.2582912e+07
DATA ·exp32Constants+16(SB)/4, $0x3f317218 // 0.6931472
DATA ·exp32Constants+20(SB)/4, $0xb102e308 // -1.9046542e-09
DATA ·exp32Constants+24(SB)/4, $0x39500d01 // 0.0001984127
DATA ·exp32Constants+28(SB)/4, $0x3ab60b61 // 0.0013888889
DATA ·exp32Constants+32(SB)/4, $0x3c088889 // 0.008333334
DATA ·exp32Constants+36(SB)/4, $0x3d2aaaab // 0.041666668
DATA ·exp32Constants+40(SB)/4, $0x3e2aaaab // 0.16666667
DATA ·exp32Constants+44(SB)/4, $0x3f000000 // 0.5
DATA ·exp32Constants+48(SB)/4, $0x3f800000 // 1
DATA ·exp32Constants+52(SB)/4, $0x80000000 // -0
GLOBL ·exp32Constants(SB), RODATA|NOPTR, $56

DATA ·exp64Constants+0(SB)/8, $0xc086232bdd7abcd2 // -708.3964185322641
DATA ·exp64Constants+8(SB)/8, $0x3ff71547652b82fe // 1.4426950408889634
DATA ·exp64Constants+16(SB)/8, $0x4338000000000000 // 6.755399441055744e+15
DATA ·exp64Constants+24(SB)/8, $0x3fe62e42fefa39ef // 0.6931471805599453
DATA ·exp64Constants+32(SB)/8, $0x3c7abc9e3b39803f // 2.3190468138462996e-17
DATA ·exp64Constants+40(SB)/8, $0x3de6124613a86d09 // 1.6059043836821613e-10
DATA ·exp64Constants+48(SB)/8, $0x3e21eed8eff8d898 // 2.08767569878681e-09
DATA ·exp64Constants+56(SB)/8, $0x3e5ae64567f544e4 // 2.505210838544172e-08
DATA ·exp64Constants+64(SB)/8, $0x3e927e4fb7789f5c // 2.755731922398589e-07
DATA ·exp64Constants+72(SB)/8, $0x3ec71de3a556c734 // 2.7557319223985893e-06
DATA ·exp64Constants+80(SB)/8, $0x3efa01a01a01a01a // 2.48015873015873e-05
DATA ·exp64Constants+88(SB)/8, $0x3f2a01a01a01a01a // 0.0001984126984126984
DATA ·exp64Constants+96(SB)/8, $0x3f56c16c16c16c17 // 0.001388888888888889
DATA ·exp64Constants+104(SB)/8, $0x3f81111111111111 // 0.008333333333333333
DATA ·exp64Constants+112(SB)/8, $0x3fa5555555555555 // 0.041666666666666664
DATA ·exp64Constants+120(SB)/8, $0x3fc5555555555555 // 0.16666666666666666
DATA ·exp64Constants+128(SB)/8, $0x3fe0000000000000 // 0.5
DATA ·exp64Constants+136(SB)/8, $0x3ff0000000000000 // 1
GLOBL ·exp64Constants(SB), RODATA|NOPTR, $144

// geluC and geluB, and what num.Tanh32 needs beside the constants of num.Exp32.
DATA ·geluConstants+0(SB)/4, $0x3d922279 // geluC
DATA ·geluConstants+4(SB)/4, $0x3fcc422a // geluB
DATA ·geluConstants+8(SB)/4, $0x41200000 // 10
DATA ·geluConstants+12(SB)/4, $0x40000000 // 2
GLOBL ·geluConstants(SB), RODATA|NOPTR, $16
