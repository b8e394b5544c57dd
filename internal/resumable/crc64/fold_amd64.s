// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

//go:build !purego

#include "textflag.h"

// MULTIPLY moves x ahead by the factors in X8: the first 8 bytes, which are the
// low half of the register, by one factor, the last 8 by the other.
#define MULTIPLY(x) \
	MOVO      x, X9         \
	PCLMULQDQ $0x00, X8, X9 \
	PCLMULQDQ $0x11, X8, x  \
	PXOR      X9, x

// NEXT folds x onto the 16 bytes a stride further on.
#define NEXT(x, offset) \
	MULTIPLY(x)           \
	MOVOU offset(SI), X10 \
	PXOR  X10, x

// JOIN folds x onto its neighbour.
#define JOIN(x, neighbour) \
	MULTIPLY(x)        \
	PXOR x, neighbour

// func fold(crc uint64, p []byte, by *[4]uint64, rest *[16]byte)
TEXT ·fold(SB), NOSPLIT, $0-48
	MOVQ crc+0(FP), X8
	MOVQ p_base+8(FP), SI
	MOVQ p_len+16(FP), CX
	MOVQ by+32(FP), DX
	MOVQ rest+40(FP), DI

	MOVOU 0(SI), X0
	MOVOU 16(SI), X1
	MOVOU 32(SI), X2
	MOVOU 48(SI), X3
	MOVOU 64(SI), X4
	MOVOU 80(SI), X5
	MOVOU 96(SI), X6
	MOVOU 112(SI), X7
	PXOR  X8, X0

	MOVOU 0(DX), X8
	JMP   more

stride:
	ADDQ $128, SI
	NEXT(X0, 0)
	NEXT(X1, 16)
	NEXT(X2, 32)
	NEXT(X3, 48)
	NEXT(X4, 64)
	NEXT(X5, 80)
	NEXT(X6, 96)
	NEXT(X7, 112)

more:
	SUBQ $128, CX
	JNZ  stride

	MOVOU 16(DX), X8
	JOIN(X0, X1)
	JOIN(X1, X2)
	JOIN(X2, X3)
	JOIN(X3, X4)
	JOIN(X4, X5)
	JOIN(X5, X6)
	JOIN(X6, X7)
	MOVOU X7, (DI)
	RET
