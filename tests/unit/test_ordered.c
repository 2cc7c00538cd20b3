/* SPDX-License-Identifier: MIT */
/* world/ordered and world/spill: any order in, input order out, in bounded
 * memory; the disk's room used again; disks that are full or not there. */
#include "world/ordered.h"

#include "base/rng.h"
#include "check.h"
#include "world/spill.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static char folder[] = "/tmp/afetch-ordered-XXXXXX";
static struct why why;

/* The bytes for an index: its number, and more of them by a hash of it. */
static char *line_of(uint64_t index, size_t *len)
{
    size_t more = (size_t)(index * UINT64_C(0x9e3779b97f4a7c15) >> 53);
    char *line = malloc(more + 32);

    *len = (size_t)snprintf(line, 32, "%llu:", (unsigned long long)index);
    if (index % 7 == 3) { /* nothing to print */
        free(line);
        *len = 0;
        return NULL;
    }
    memset(line + *len, 'a' + (int)(index % 26), more);
    *len += more;
    line[(*len)++] = '\n';
    return line;
}

static bool put(struct ordered *ordered, uint64_t index)
{
    size_t len;
    char *line = line_of(index, &len);

    return ordered_put_take(ordered, index, line, len, &why) == 0;
}

/* Takes all that is due; *turn is the next index. Returns what was wrong. */
static unsigned take_due(struct ordered *ordered, struct buf *out,
                         uint64_t *turn)
{
    unsigned wrong = 0;

    while (ordered_next(ordered, out, &why) == 1) {
        size_t len;
        char *line;

        while (!(line = line_of(*turn, &len)))
            ++*turn;
        wrong += out->len != len || memcmp(out->data, line, len) != 0;
        ++*turn;
        free(line);
        buf_clear(out);
    }
    return wrong;
}

/* Records end in random order, never further ahead than the window. */
static void test_random(size_t window, size_t memory, bool on_disk)
{
    enum { COUNT = 20000 };
    struct ordered *ordered = ordered_new(window, memory, folder);
    uint64_t *open = malloc(window * sizeof(*open));
    uint64_t read = 0, turn = 0, most = 0;
    size_t count = 0;
    struct buf out;
    struct rng rng;
    unsigned wrong = 0;

    buf_init(&out, SIZE_MAX);
    rng_seed(&rng, window);
    while (read < COUNT || count > 0) {
        while (read < COUNT && !ordered_full(ordered, read))
            open[count++] = read++;
        for (int i = 0; i < 5 && count > 0; i++) {
            size_t at = rng_next(&rng) % count;

            wrong += !put(ordered, open[at]);
            open[at] = open[--count];
        }
        if (ordered_spilled(ordered) > most)
            most = ordered_spilled(ordered);
        wrong += take_due(ordered, &out, &turn);
    }
    CHECK(wrong == 0);
    CHECK(turn + 1 >= COUNT);
    CHECK(ordered_held(ordered) == 0 && ordered_spilled(ordered) == 0);
    CHECK((most > 0) == on_disk);
    /* The lines are 1 KiB on average, 2 KiB at most. */
    CHECK(most <= window * 2048);
    ordered_free(ordered);
    buf_release(&out);
    free(open);
}

/* The worst order there is: the first record ends last. */
static void test_backwards(void)
{
    enum { WINDOW = 3000 };
    struct ordered *ordered = ordered_new(WINDOW, 100000, folder);
    uint64_t turn = 0;
    struct buf out;
    DIR *dir;

    buf_init(&out, SIZE_MAX);
    for (uint64_t i = WINDOW; i-- > 0;)
        CHECK(put(ordered, i));
    CHECK(ordered_held(ordered) == WINDOW);
    CHECK(ordered_spilled(ordered) > 2000000);
    /* The file has no name. */
    dir = opendir(folder);
    CHECK(readdir(dir) && readdir(dir) && !readdir(dir));
    closedir(dir);
    CHECK(take_due(ordered, &out, &turn) == 0);
    CHECK(ordered_held(ordered) == 0 && ordered_spilled(ordered) == 0);
    ordered_free(ordered);
    buf_release(&out);
}

/* What fits goes by memory alone: the folder need not be there. */
static void test_no_folder(void)
{
    struct ordered *ordered = ordered_new(100, 10000, "/nonexistent/afetch");
    uint64_t turn = 0;
    struct buf out;
    bool fine = true;

    buf_init(&out, SIZE_MAX);
    CHECK(put(ordered, 0) && take_due(ordered, &out, &turn) == 0);
    for (uint64_t i = 99; i > 0; i--) {
        why.text[0] = '\0';
        if (!put(ordered, i)) {
            fine = false;
            CHECK(strstr(why.text, "/nonexistent/afetch") != NULL);
        }
    }
    CHECK(!fine);
    /* Nothing was lost. */
    CHECK(take_due(ordered, &out, &turn) == 0);
    CHECK(turn == 100 && ordered_held(ordered) == 0);
    ordered_free(ordered);
    buf_release(&out);
}

/* A disk that is full, and has room again. */
static void test_full_disk(void)
{
    struct spill *spill = spill_new(folder);
    struct rlimit old, small;
    char bytes[1000], back[1000];
    uint64_t first, second;

    memset(bytes, 'b', sizeof(bytes));
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 1500;
    CHECK(spill_put(spill, bytes, sizeof(bytes), &first, &why) == 0);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK(spill_put(spill, bytes, sizeof(bytes), &second, &why) == -1);
    CHECK_STR(why.text, "cannot write a temporary file: File too large");
    setrlimit(RLIMIT_FSIZE, &old);
    CHECK(spill_put(spill, bytes, sizeof(bytes), &second, &why) == 0);
    CHECK(second == first + sizeof(bytes));
    CHECK(spill_take(spill, second, back, sizeof(back), &why) == 0);
    CHECK(memcmp(back, bytes, sizeof(back)) == 0);
    spill_free(spill);
    spill_free(NULL);
}

/* Room in the middle is used again, and the end goes back to the disk. */
static void test_room(void)
{
    enum { SIZE = 1 << 20, COUNT = 100 };
    struct spill *spill = spill_new(folder);
    char *bytes = calloc(1, SIZE);
    uint64_t places[COUNT], place;

    for (int i = 0; i < COUNT; i++)
        CHECK(spill_put(spill, bytes, SIZE, &places[i], &why) == 0);
    CHECK(spill_take(spill, places[0], bytes, SIZE, &why) == 0);
    CHECK(spill_put(spill, bytes, SIZE, &place, &why) == 0);
    CHECK(place == places[0] && spill_size(spill) == (uint64_t)COUNT * SIZE);
    for (int i = COUNT; i-- > 1;)
        CHECK(spill_take(spill, places[i], bytes, SIZE, &why) == 0);
    CHECK(spill_size(spill) <= (uint64_t)65 * SIZE);
    CHECK(spill_take(spill, place, bytes, SIZE, &why) == 0);
    CHECK(spill_size(spill) == 0);
    free(bytes);
    spill_free(spill);
}

int main(void)
{
    CHECK(mkdtemp(folder) != NULL);
    test_random(1, 0, false);
    test_random(1000, 50000, true);
    test_random(300, ORDERED_MEMORY, false);
    test_backwards();
    test_no_folder();
    test_full_disk();
    test_room();
    CHECK(rmdir(folder) == 0);
    return check_end("ordered");
}
