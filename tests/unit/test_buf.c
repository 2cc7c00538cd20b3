/* SPDX-License-Identifier: MIT */
/* Bounded bytes: the limit, the latch, the NUL invariant, growth. */
#include "base/buf.h"

#include "check.h"

#include <stdint.h>
#include <stdlib.h>

/* The invariant that the header promises. */
static bool sound(const struct buf *buf)
{
    return buf->len <= buf->cap && buf->cap <= buf->max &&
           (!buf->data || buf->data[buf->len] == '\0');
}

static void test_empty(void)
{
    struct buf buf;

    buf_init(&buf, 10);
    CHECK(!buf.data && buf.len == 0 && buf.cap == 0 && !buf.over);
    CHECK(buf_add(&buf, NULL, 0) == 0);
    CHECK(buf_add_str(&buf, "") == 0);
    CHECK(!buf.data);
    buf_drop(&buf, 0);
    buf_clear(&buf);
    buf_grown(&buf, 0);
    buf_release(&buf);
    CHECK(sound(&buf) && buf.max == 10);
}

static void test_append(void)
{
    struct buf buf;

    buf_init(&buf, 1000);
    CHECK(buf_add_str(&buf, "one") == 0);
    CHECK(buf_add_char(&buf, ' ') == 0);
    CHECK(buf_addf(&buf, "%d-%s", 42, "x") == 0);
    CHECK_STR(buf.data, "one 42-x");
    CHECK(buf.len == 8 && sound(&buf));
    CHECK(buf_add(&buf, "\0z", 2) == 0);
    CHECK(buf.len == 10 && memcmp(buf.data, "one 42-x\0z", 11) == 0);
    CHECK(buf_addf(&buf, "%300d", 7) == 0); /* longer than the room there is */
    CHECK(buf.len == 310 && buf.data[309] == '7' && sound(&buf));
    CHECK(buf_addf(&buf, "%s", "") == 0 && buf.len == 310);
    buf_release(&buf);
    CHECK(buf_add_str(&buf, "again") == 0);
    CHECK_STR(buf.data, "again");
    buf_release(&buf);
}

static void test_limit(void)
{
    struct buf buf;

    buf_init(&buf, 5);
    CHECK(buf_add_str(&buf, "12345") == 0); /* exactly full is not over */
    CHECK(!buf.over && sound(&buf));
    CHECK(buf_add_str(&buf, "") == 0);
    CHECK(buf_add_char(&buf, '6') == -1);
    CHECK(buf.over);
    CHECK_STR(buf.data, "12345");
    CHECK(buf_add_str(&buf, "") == -1); /* sticky, even for nothing */
    buf_drop(&buf, 5);
    CHECK(buf_add_char(&buf, 'x') == -1); /* sticky, even with room */
    CHECK(buf_addf(&buf, "x") == -1);
    CHECK(!buf_room(&buf, 0));
    buf_clear(&buf);
    CHECK(!buf.over && buf.len == 0);
    CHECK_STR(buf.data, "");
    CHECK(buf_addf(&buf, "%s", "123456") == -1);
    CHECK(buf.over && buf.len == 0 && sound(&buf));
    CHECK_STR(buf.data, "");
    buf_clear(&buf);
    CHECK(!buf_room(&buf, SIZE_MAX));
    buf_release(&buf);
    CHECK(!buf.over);
    CHECK(!buf_room(&buf, 6));
    CHECK(buf.over && !buf.data); /* refused before anything is allocated */
    buf_release(&buf);
    buf_init(&buf, 60); /* just below the first allocation */
    CHECK(buf_add_char(&buf, 'x') == 0);
    CHECK(buf.cap == 60);
    buf_release(&buf);
    buf_init(&buf, 0);
    CHECK(buf_add(&buf, "", 0) == 0);
    CHECK(buf_add(&buf, "x", 1) == -1);
    buf_release(&buf);
}

static void test_room(void)
{
    struct buf buf;
    char *room;

    buf_init(&buf, SIZE_MAX);
    CHECK(buf_add_str(&buf, "ab") == 0);
    room = buf_room(&buf, 10);
    CHECK(room == buf.data + 2 && buf.cap >= 12);
    memset(room, 'x', 10);
    buf_grown(&buf, 3);
    CHECK_STR(buf.data, "abxxx");
    room = buf_room(&buf, 4);
    memset(room, 'y', 4);
    buf_grown(&buf, 0);
    CHECK_STR(buf.data, "abxxx");
    CHECK(!buf_room(&buf, SIZE_MAX - 4)); /* no wrap round */
    buf_release(&buf);
    CHECK(buf_room(&buf, 0) != NULL);
    CHECK(sound(&buf));
    buf_release(&buf);
}

static void test_drop_and_detach(void)
{
    struct buf buf;
    size_t len = 99;
    char *data;

    buf_init(&buf, 100);
    data = buf_detach(&buf, &len);
    CHECK_STR(data, "");
    CHECK(len == 0);
    free(data);
    buf_add_str(&buf, "hello world");
    buf_drop(&buf, 6);
    CHECK_STR(buf.data, "world");
    buf_drop(&buf, 5);
    CHECK_STR(buf.data, "");
    buf_add_str(&buf, "rest");
    data = buf_detach(&buf, &len);
    CHECK_STR(data, "rest");
    CHECK(len == 4 && !buf.data && buf.len == 0 && buf.max == 100);
    free(data);
    buf_add_str(&buf, "more");
    data = buf_detach(&buf, NULL);
    CHECK_STR(data, "more");
    free(data);
}

/* A million single bytes: few moves, and the capacity never passes max. */
static void test_growth(void)
{
    struct buf buf;
    size_t cap = 0;
    unsigned moves = 0;
    bool good = true;

    buf_init(&buf, 1000000);
    for (size_t i = 0; i < 1000000; i++) {
        good &= buf_add_char(&buf, (char)('a' + i % 26)) == 0;
        good &= sound(&buf);
        moves += buf.cap != cap;
        cap = buf.cap;
    }
    CHECK(good);
    CHECK(moves < 20);
    CHECK(buf.cap == 1000000);
    CHECK(buf.data[27] == 'b' && buf.data[999999] == 'a' + 999999 % 26);
    CHECK(buf_add_char(&buf, 'x') == -1);
    buf_release(&buf);
}

int main(void)
{
    test_empty();
    test_append();
    test_limit();
    test_room();
    test_drop_and_detach();
    test_growth();
    return check_end("buf");
}
