/* SPDX-License-Identifier: MIT */
/* Reads and writes to the end. It must not know what for. */
#include "base/io.h"

#include <errno.h>
#include <unistd.h>

int io_write(int fd, const void *bytes, size_t len)
{
    const char *from = bytes;

    while (len > 0) {
        ssize_t n = write(fd, from, len);

        if (n < 0 && errno != EINTR)
            return -1;
        from += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int io_write_at(int fd, const void *bytes, size_t len, uint64_t at)
{
    const char *from = bytes;

    while (len > 0) {
        ssize_t n = pwrite(fd, from, len, (off_t)at);

        if (n < 0 && errno != EINTR)
            return -1;
        from += n > 0 ? n : 0;
        at += n > 0 ? (uint64_t)n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int io_read_at(int fd, void *bytes, size_t len, uint64_t at)
{
    char *to = bytes;

    while (len > 0) {
        ssize_t n = pread(fd, to, len, (off_t)at);

        if (n == 0)
            errno = EIO;
        if (n == 0 || (n < 0 && errno != EINTR))
            return -1;
        to += n > 0 ? n : 0;
        at += n > 0 ? (uint64_t)n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}
