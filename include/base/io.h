/* SPDX-License-Identifier: MIT */
/*
 * Whole ranges of files: what read(2) and write(2) may do in parts is done to
 * its end, interrupted or not. For descriptors that block.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>
#include <stdint.h>

/* Writes len bytes where the file's offset is, or at `at`: 0, or -1 with errno;
 * a part of them may be there then. */
int io_write(int fd, const void *bytes, size_t len);
int io_write_at(int fd, const void *bytes, size_t len, uint64_t at);

/* Reads len bytes from `at` on: 0, or -1 with errno, EIO where the file ends
 * before. */
int io_read_at(int fd, void *bytes, size_t len, uint64_t at);

#endif
