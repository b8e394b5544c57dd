// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// fileBasicInfo is FILE_BASIC_INFO. Its times count 100 ns since 1601; 0 is a
// time that the file system does not keep.
type fileBasicInfo struct {
	CreationTime   int64
	LastAccessTime int64
	LastWriteTime  int64
	ChangeTime     int64
	FileAttributes uint32
	_              uint32 // pads to 8 bytes, which Windows checks and windows/386 does not do by itself
}

// identityOf asks for what os.FileInfo does not have. On ReFS the file index
// is not sure to be unique; times and size then tell files apart.
func identityOf(file *os.File) (Identity, error) {
	conn, err := file.SyscallConn()
	if err != nil {
		return Identity{}, err
	}
	var (
		byHandle windows.ByHandleFileInformation
		basic    fileBasicInfo
		infoErr  error
	)
	err = conn.Control(func(fd uintptr) {
		handle := windows.Handle(fd)
		if infoErr = windows.GetFileInformationByHandle(handle, &byHandle); infoErr != nil {
			return
		}
		infoErr = windows.GetFileInformationByHandleEx(handle, windows.FileBasicInfo,
			(*byte)(unsafe.Pointer(&basic)), uint32(unsafe.Sizeof(basic)))
	})
	if err != nil { // the file is closed, which Control says with an error of its own
		return Identity{}, fmt.Errorf("%s: %w", file.Name(), os.ErrClosed)
	}
	if infoErr != nil {
		return Identity{}, fmt.Errorf("%s: get file information: %w", file.Name(), infoErr)
	}
	return Identity{
		Device:       uint64(byHandle.VolumeSerialNumber),
		Inode:        join(byHandle.FileIndexHigh, byHandle.FileIndexLow),
		Size:         int64(join(byHandle.FileSizeHigh, byHandle.FileSizeLow)),
		ModTimeNS:    unixNano(basic.LastWriteTime),
		ChangeTimeNS: unixNano(basic.ChangeTime),
	}, nil
}

func identityAt(path string) (Identity, error) {
	file, err := os.Open(path)
	if err != nil {
		return Identity{}, err
	}
	defer func() { _ = file.Close() }()
	return identityOf(file)
}

func join(high, low uint32) uint64 { return uint64(high)<<32 | uint64(low) }

// unixNano keeps 0, which as a year 1601 would not fit.
func unixNano(ticks int64) int64 {
	const from1601To1970 = 116444736000000000
	if ticks == 0 {
		return 0
	}
	return (ticks - from1601To1970) * 100
}
