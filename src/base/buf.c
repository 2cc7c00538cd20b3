/* SPDX-License-Identifier: MIT */
/*
 * Bounded bytes. Every append goes through buf_room, the one place that
 * refuses, grows and latches. Knows nothing of what the bytes mean.
 */
#include "base/buf.h"

#include "base/msg.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* First allocation, where max allows it. */
#define CAP_MIN 64

void buf_init(struct buf *buf, size_t max)
{
    /* Half the address space: twice the capacity and the NUL never wrap. */
    if (max > SIZE_MAX / 2 - 1)
        max = SIZE_MAX / 2 - 1;
    *buf = (struct buf){.max = max};
}

void buf_release(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->over = false;
    if (buf->data)
        buf->data[0] = '\0';
}

/* Doubles, so that n single bytes cost O(n) moves; never passes max. */
static void grow(struct buf *buf, size_t need)
{
    size_t cap = buf->cap * 2;

    if (cap < CAP_MIN)
        cap = CAP_MIN;
    if (cap < need)
        cap = need;
    if (cap > buf->max)
        cap = buf->max;
    buf->data = xrealloc(buf->data, cap + 1);
    buf->data[buf->len] = '\0';
    buf->cap = cap;
}

char *buf_room(struct buf *buf, size_t len)
{
    if (buf->over || len > buf->max - buf->len) {
        buf->over = true;
        return NULL;
    }
    if (!buf->data || len > buf->cap - buf->len)
        grow(buf, buf->len + len);
    return buf->data + buf->len;
}

void buf_grown(struct buf *buf, size_t len)
{
    if (len > buf->cap - buf->len)
        die("bug: a buffer was filled beyond its room");
    buf->len += len;
    if (buf->data)
        buf->data[buf->len] = '\0';
}

int buf_add(struct buf *buf, const void *bytes, size_t len)
{
    char *room;

    if (len == 0)
        return buf->over ? -1 : 0;
    room = buf_room(buf, len);
    if (!room)
        return -1;
    memcpy(room, bytes, len);
    buf_grown(buf, len);
    return 0;
}

int buf_add_str(struct buf *buf, const char *text)
{
    return buf_add(buf, text, strlen(text));
}

int buf_add_char(struct buf *buf, char c)
{
    return buf_add(buf, &c, 1);
}

int buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args, again;
    char *room = NULL;
    int len;

    va_start(args, format);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len >= 0)
        room = buf_room(buf, (size_t)len);
    else
        buf->over = true; /* longer than INT_MAX */
    if (room) {
        vsnprintf(room, (size_t)len + 1, format, again);
        buf_grown(buf, (size_t)len);
    }
    va_end(again);
    return room ? 0 : -1;
}

void buf_drop(struct buf *buf, size_t len)
{
    if (len > buf->len)
        die("bug: more was dropped than a buffer holds");
    if (len == 0)
        return;
    buf->len -= len;
    memmove(buf->data, buf->data + len, buf->len + 1);
}

char *buf_detach(struct buf *buf, size_t *len)
{
    char *data = buf->data ? buf->data : xmemdup("", 0);

    if (len)
        *len = buf->len;
    buf_init(buf, buf->max);
    return data;
}
