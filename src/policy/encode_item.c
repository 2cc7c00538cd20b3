/* SPDX-License-Identifier: MIT */
/*
 * An item of a streamed body to its line. Knows the members of each kind; must
 * not know how a body is split.
 */
#include "policy/encode_item.h"

#include "base/json.h"
#include "base/utf8.h"

#include <string.h>

static void put_line(struct json *json, const struct split_item *item)
{
    bool is_text = utf8_valid_prefix(item->text, item->len) == item->len;

    json_key(json, "text");
    if (is_text)
        json_string_n(json, item->text, item->len);
    else
        json_base64(json, item->text, item->len);
    json_key(json, "encoding");
    json_string(json, is_text ? "utf-8" : "base64");
}

static void put_event(struct json *json, const struct split_item *item)
{
    json_key(json, "event");
    json_object_begin(json);
    json_key(json, "id");
    json_string_n(json, item->id, item->id_len);
    json_key(json, "event");
    json_string_n(json, item->event, item->event_len);
    json_key(json, "data");
    json_string_n(json, item->text, item->len);
    json_key(json, "retry");
    if (item->retry_ms < 0)
        json_null(json);
    else
        json_int(json, item->retry_ms);
    json_object_end(json);
}

static void put_item(struct json *json, const struct split_item *item)
{
    switch (item->kind) {
    case SPLIT_LINES:
        put_line(json, item);
        break;
    case SPLIT_SSE:
        put_event(json, item);
        break;
    case SPLIT_JSON:
        json_key(json, "value");
        json_raw(json, item->text, item->len);
        break;
    }
}

int encode_item(const struct request *request, const struct split_item *item,
                struct buf *out)
{
    size_t before = out->len;
    bool was_over = out->over;
    struct json json;

    json_init(&json, out);
    json_object_begin(&json);
    json_key(&json, "index");
    json_uint(&json, request->index);
    if (request->id != NULL) {
        json_key(&json, "id");
        json_raw(&json, request->id, strlen(request->id));
    }
    json_key(&json, "seq");
    json_uint(&json, item->seq);
    put_item(&json, item);
    json_object_end(&json);
    buf_add_char(out, '\n');
    if (!out->over)
        return 0;
    out->len = before;
    out->over = was_over;
    if (out->data != NULL)
        out->data[before] = '\0';
    return -1;
}
