// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !purego

#include "textflag.h"

// MULTIPLY moves x ahead by the factors in V8: the first 8 bytes, which are the
// low half of the register, by one factor, the last 8 by the other.
#define MULTIPLY(x) \
	VPMULL  V8.D1, x.D1, V9.Q1 \
	VPMULL2 V8.D2, x.D2, x.Q1  \
	VEOR    V9.B16, x.B16, x.B16

// NEXT folds x onto the 16 bytes a stride further on.
#define NEXT(x, bytes) \
	MULTIPLY(x)                     \
	VEOR bytes.B16, x.B16, x.B16

// JOIN folds x onto its neighbour.
#define JOIN(x, neighbour) \
	MULTIPLY(x)                               \
	VEOR x.B16, neighbour.B16, neighbour.B16

// func fold(crc uint64, p []byte, by *[4]uint64, rest *[16]byte)
TEXT ·fold(SB), NOSPLIT, $0-48
	FMOVD crc+0(FP), F8 // clears the upper half
	MOVD  p_base+8(FP), R1
	MOVD  p_len+16(FP), R2
	MOVD  by+32(FP), R3
	MOVD  rest+40(FP), R4

	VLD1.P 64(R1), [V0.B16, V1.B16, V2.B16, V3.B16]
	VLD1.P 64(R1), [V4.B16, V5.B16, V6.B16, V7.B16]
	VEOR   V8.B16, V0.B16, V0.B16

	VLD1.P 16(R3), [V8.D2]
	B      more

stride:
	VLD1.P 64(R1), [V16.B16, V17.B16, V18.B16, V19.B16]
	VLD1.P 64(R1), [V20.B16, V21.B16, V22.B16, V23.B16]
	NEXT(V0, V16)
	NEXT(V1, V17)
	NEXT(V2, V18)
	NEXT(V3, V19)
	NEXT(V4, V20)
	NEXT(V5, V21)
	NEXT(V6, V22)
	NEXT(V7, V23)

more:
	SUBS $128, R2
	BNE  stride

	VLD1 (R3), [V8.D2]
	JOIN(V0, V1)
	JOIN(V1, V2)
	JOIN(V2, V3)
	JOIN(V3, V4)
	JOIN(V4, V5)
	JOIN(V5, V6)
	JOIN(V6, V7)
	VST1 [V7.B16], (R4)
	RET
