// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package source

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// fileBasicInfo is FILE_BASIC_INFO. Its times count 100 ns since 1601; 0 means that the
// file system does not have the time.
type fileBasicInfo struct {
	CreationTime   int64
	LastAccessTime int64
	LastWriteTime  int64
	ChangeTime     int64
	FileAttributes uint32
	_              uint32 // padding to 8 bytes, which Windows checks and the compiler omits on windows/386
}

// identityOf reads attributes that os.FileInfo does not have. On ReFS, the file index
// may not be unique; times and size then distinguish files.
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
	if err != nil { // the file is closed; Control has its own error for this
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

// unixNano returns 0 for 0, because the year 1601 does not fit.
func unixNano(ticks int64) int64 {
	const from1601To1970 = 116444736000000000
	if ticks == 0 {
		return 0
	}
	return (ticks - from1601To1970) * 100
}
