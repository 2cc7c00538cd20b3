/* SPDX-License-Identifier: MIT */
/* The stream of a request: lines out, held back, ended, begun again. */
#include "scrape/stream.h"

#include "check.h"

#include <stdlib.h>

struct scene {
    struct settings settings;
    struct request *request;
    struct stream *stream;
    struct buf out;
};

static void scene_init(struct scene *scene, enum stream_choice choice)
{
    memset(scene, 0, sizeof *scene);
    scene->settings.stream = choice;
    scene->request = request_new(&scene->settings);
    scene->stream = stream_new(scene->request);
    stream_begin(scene->stream);
    buf_init(&scene->out, SIZE_MAX / 2);
}

static void scene_release(struct scene *scene)
{
    stream_free(scene->stream);
    request_free(scene->request);
    buf_release(&scene->out);
}

static bool feed(struct scene *scene, const char *text)
{
    return stream_feed(scene->stream, text, strlen(text));
}

/* All that waits, and that nothing waits then. */
static const char *moved(struct scene *scene)
{
    buf_clear(&scene->out);
    buf_add_str(&scene->out, "");
    while (stream_waits(scene->stream))
        stream_move(scene->stream, &scene->out);
    return scene->out.data ? scene->out.data : "";
}

static unsigned count(const char *text, char byte)
{
    unsigned n = 0;

    for (; *text; text++)
        n += *text == byte;
    return n;
}

static void test_lines(void)
{
    struct scene scene;

    scene_init(&scene, STREAM_LINES);
    CHECK(stream_kind(scene.stream) == SPLIT_LINES);
    CHECK(!stream_waits(scene.stream) && !stream_full(scene.stream));
    CHECK(feed(&scene, "a\nb"));
    CHECK_STR(moved(&scene), "{\"index\":0,\"seq\":0,\"text\":\"a\","
                             "\"encoding\":\"utf-8\"}\n");
    stream_end(scene.stream, true);
    CHECK(stream_waits(scene.stream));
    CHECK_STR(moved(&scene), "{\"index\":0,\"seq\":1,\"text\":\"b\","
                             "\"encoding\":\"utf-8\"}\n");
    CHECK(stream_items(scene.stream) == 2);
    CHECK(stream_fault(scene.stream, NULL) == SPLIT_FINE);
    scene_release(&scene);

    /* What was cut is no item. */
    scene_init(&scene, STREAM_LINES);
    CHECK(feed(&scene, "a\nb"));
    stream_end(scene.stream, false);
    CHECK(count(moved(&scene), '\n') == 1);
    CHECK(stream_items(scene.stream) == 1);
    scene_release(&scene);
}

/* More lines than fit wait as the bytes they came as; none is lost. */
static void test_full(void)
{
    enum { LINES = 100000 };
    struct scene scene;
    char *bytes = xmalloc(LINES + 1);

    memset(bytes, '\n', LINES);
    bytes[LINES] = '\0';
    scene_init(&scene, STREAM_LINES);
    CHECK(feed(&scene, bytes));
    CHECK(stream_full(scene.stream));
    CHECK(stream_items(scene.stream) < LINES);
    CHECK(stream_bytes(scene.stream) < 4 * STREAM_FULL_BYTES);
    CHECK(feed(&scene, "late"));
    stream_end(scene.stream, true);
    stream_move(scene.stream, &scene.out);
    CHECK(stream_full(scene.stream));
    CHECK(scene.out.len < STREAM_FULL_BYTES + 100);
    buf_clear(&scene.out);
    CHECK(count(moved(&scene), '\n') > LINES / 2);
    CHECK(strstr(scene.out.data, "\"text\":\"late\"") != NULL);
    CHECK(stream_items(scene.stream) == LINES + 1);
    CHECK(!stream_full(scene.stream) && stream_bytes(scene.stream) == 0);
    scene_release(&scene);
    free(bytes);
}

/* What stands before a fault is given, also where the fault is found late. */
static void test_fault(void)
{
    struct scene scene;
    struct why why = {""};

    scene_init(&scene, STREAM_JSON);
    CHECK(!feed(&scene, "[1]x[2]"));
    stream_end(scene.stream, false);
    CHECK(count(moved(&scene), '\n') == 1);
    CHECK(stream_fault(scene.stream, &why) == SPLIT_BAD_JSON);
    CHECK(why.text[0] != '\0');
    scene_release(&scene);

    scene_init(&scene, STREAM_JSON);
    CHECK(feed(&scene, "1 [2"));
    stream_end(scene.stream, true);
    CHECK(stream_fault(scene.stream, &why) == SPLIT_BAD_JSON);
    CHECK(count(moved(&scene), '\n') == 1);
    scene_release(&scene);
}

static void test_events(void)
{
    struct scene scene;

    scene_init(&scene, STREAM_SSE);
    CHECK(!stream_last_event_id(scene.stream));
    CHECK(stream_retry_ms(scene.stream) == -1);
    CHECK(feed(&scene, "id: a\nretry: 40\ndata: x\n\ndata: half"));
    stream_end(scene.stream, false);
    CHECK(count(moved(&scene), '\n') == 1);
    CHECK_STR(stream_last_event_id(scene.stream), "a");
    CHECK(stream_retry_ms(scene.stream) == 40);
    stream_begin(scene.stream);
    CHECK(feed(&scene, "data: y\n\n"));
    CHECK(strstr(moved(&scene),
                 "\"seq\":1,\"event\":{\"id\":\"a\","
                 "\"event\":\"message\",\"data\":\"y\"") != NULL);
    /* What cannot stand in a header field is not sent. */
    CHECK(feed(&scene, "id: a\x1b[2J\ndata: z\n\n"));
    CHECK(!stream_last_event_id(scene.stream));
    scene_release(&scene);
}

int main(void)
{
    test_lines();
    test_full();
    test_fault();
    test_events();
    return check_end("stream");
}
