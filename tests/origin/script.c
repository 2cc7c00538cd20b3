/* SPDX-License-Identifier: MIT */
/*
 * The words of the script that are answered in correct HTTP. Knows requests,
 * replies and counters; knows no sockets. Faults are in faults.c.
 */
#include "script.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static double number_of(const char *text, double fallback)
{
    char *end;
    double number = strtod(text, &end);

    return end == text || number < 0 ? fallback : number;
}

static int status_arg(const struct script *x, int fallback)
{
    return (int)request_number(x->req, "status", fallback);
}

static void do_ok(struct script *x)
{
    int status = status_arg(x, 200);

    reply_text(x->reply, x->req, status, status == 200 ? "ok\n" : "scripted\n");
}

static void do_status(struct script *x)
{
    int status = (int)number_of(x->arg, 200);

    reply_text(x->reply, x->req, status, status == 200 ? "ok\n" : "scripted\n");
}

static void do_delay(struct script *x)
{
    x->reply->delay += number_of(x->arg, 0);
    do_ok(x);
}

static void do_bytes(struct script *x)
{
    reply_generated(x->reply, x->req, status_arg(x, 200),
                    strtoull(x->arg, NULL, 10));
}

static void do_drip(struct script *x)
{
    x->reply->every = request_number(x->req, "every", 0.1);
    x->reply->piece = (size_t)request_number(x->req, "size", 1);
    if (x->reply->piece == 0)
        x->reply->piece = 1;
    reply_generated(x->reply, x->req, status_arg(x, 200),
                    (uint64_t)request_number(x->req, "bytes", 10));
}

static void redirect(struct script *x, const char *url)
{
    reply_field(x->reply, "Location", url);
    reply_text(x->reply, x->req, status_arg(x, 302), "elsewhere\n");
}

static void do_redirect(struct script *x)
{
    unsigned long left = strtoul(x->arg, NULL, 10);
    const char *query = x->req->query;
    struct text url = {0};

    if (left == 0) {
        reply_text(x->reply, x->req, 200, "ok\n");
        return;
    }
    if (request_arg(x->req, "absolute"))
        text_printf(&url, "http://%s", x->req->host);
    text_printf(&url, "/redirect/%lu%s%s", left - 1, *query ? "?" : "", query);
    redirect(x, url.bytes);
    text_release(&url);
}

static void do_redirect_to(struct script *x)
{
    redirect(x, request_word(x->req, "url", "/"));
}

static void do_loop(struct script *x)
{
    redirect(x, x->req->target);
}

/* Whether this request is one of the first ?fail=N of its key. */
static bool shall_fail(struct script *x)
{
    struct text name = {0};
    struct counts *key;

    text_printf(&name, "%s", x->req->path);
    key = &table_at(&x->stats->keys, name.bytes)->counts;
    text_release(&name);
    return (double)key->requests++ < request_number(x->req, "fail", 1);
}

static void do_flaky(struct script *x)
{
    const char *how = request_word(x->req, "how", "status");
    struct reply *r = x->reply;

    if (!shall_fail(x)) {
        reply_text(r, x->req, 200, "ok\n");
        return;
    }
    if (strcmp(how, "reset") == 0) {
        r->end = END_RESET;
    } else if (strcmp(how, "empty") == 0) {
        r->end = END_CLOSE;
    } else if (strcmp(how, "hang") == 0) {
        r->end = END_HANG;
    } else if (strcmp(how, "close") == 0) {
        text_puts(&r->head, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
                            "cut short\n");
        r->end = END_CLOSE;
    } else {
        reply_text(r, x->req, status_arg(x, 503), "flaky\n");
    }
}

static void http_date(double ahead, char *out, size_t size)
{
    time_t at = time(NULL) + (time_t)ahead;
    struct tm tm;

    gmtime_r(&at, &tm);
    strftime(out, size, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

static void do_retry_after(struct script *x)
{
    char date[64];

    if (!shall_fail(x)) {
        reply_text(x->reply, x->req, 200, "ok\n");
        return;
    }
    http_date(request_number(x->req, "in", 0), date, sizeof date);
    if (request_arg(x->req, "in"))
        reply_field(x->reply, "Retry-After", date);
    else
        reply_field(x->reply, "Retry-After",
                    request_word(x->req, "after", "1"));
    reply_text(x->reply, x->req, status_arg(x, 429), "later\n");
}

static void json_member(struct text *t, const char *name, const char *bytes,
                        size_t len)
{
    text_printf(t, "\"%s\":", name);
    text_json(t, bytes, len);
    text_puts(t, ",");
}

static void do_echo(struct script *x)
{
    const struct request *q = x->req;
    struct text t = {0};

    text_puts(&t, "{");
    json_member(&t, "method", q->method, strlen(q->method));
    json_member(&t, "target", q->target, strlen(q->target));
    json_member(&t, "path", q->path, strlen(q->path));
    json_member(&t, "query", q->query, strlen(q->query));
    text_puts(&t, "\"headers\":[");
    for (size_t i = 0; i < q->headers.count; i++) {
        const struct field *f = &q->headers.items[i];

        text_puts(&t, i ? ",[" : "[");
        text_json(&t, f->name, strlen(f->name));
        text_puts(&t, ",");
        text_json(&t, f->value, f->value_len);
        text_puts(&t, "]");
    }
    text_puts(&t, "],");
    json_member(&t, "body", q->body.bytes ? q->body.bytes : "", q->body.len);
    text_printf(&t, "\"body_length\":%llu,\"connection\":%llu,\"nth\":%u}\n",
                (unsigned long long)q->body_len,
                (unsigned long long)x->connection, x->nth);
    reply_body(x->reply, q, status_arg(x, 200), "application/json", t.bytes,
               t.len);
    text_release(&t);
}

/* Who answers a challenge is told, not whether the answer is right: tests look
 * at that. */
static void do_digest(struct script *x)
{
    struct text wanted = {0};
    bool answered = false;

    text_printf(&wanted, "username=\"%s\"",
                request_word(x->req, "user", "user"));
    for (size_t i = 0; i < x->req->headers.count; i++) {
        const struct field *f = &x->req->headers.items[i];

        answered |= strcasecmp(f->name, "Authorization") == 0 &&
                    strncmp(f->value, "Digest ", 7) == 0 &&
                    strstr(f->value, wanted.bytes);
    }
    text_release(&wanted);
    if (answered) {
        do_echo(x);
        return;
    }
    reply_field(x->reply, "WWW-Authenticate",
                "Digest realm=\"origin\", nonce=\"once\", qop=\"auth\", "
                "algorithm=MD5");
    reply_field(x->reply, "X-Challenge", "yes");
    reply_text(x->reply, x->req, 401, "denied\n");
}

static bool is_common_arg(const char *name)
{
    static const char *const common[] = {"delay", "close", "chunked", "status",
                                         "header"};

    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (strcmp(common[i], name) == 0)
            return true;
    }
    return false;
}

static void do_headers(struct script *x)
{
    for (size_t i = 0; i < x->req->args.count; i++) {
        const struct field *arg = &x->req->args.items[i];

        if (!is_common_arg(arg->name))
            reply_field(x->reply, arg->name, arg->value);
    }
    do_ok(x);
}

static void do_bin(struct script *x)
{
    char bytes[256];

    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    reply_body(x->reply, x->req, status_arg(x, 200), "application/octet-stream",
               bytes, sizeof bytes);
}

static void do_body(struct script *x)
{
    const struct field *text = request_arg(x->req, "text");

    reply_body(x->reply, x->req, status_arg(x, 200), "application/octet-stream",
               text ? text->value : "", text ? text->value_len : 0);
}

static void do_utf8(struct script *x)
{
    reply_text(x->reply, x->req, status_arg(x, 200),
               "na\xc3\xafve \xe2\x82\xac \xf0\x9f\x8c\x8d \xe6\xbc\xa2\xe5\xad"
               "\x97 \"quoted\" back\\slash\ttab\n");
}

static void do_html(struct script *x)
{
    static const char page[] =
        "<!doctype html>\n<html><head><title>Origin</title></head>\n"
        "<body><h1>Origin</h1><a href=\"/ok\">ok</a>\n"
        "<a href=\"/status/404\">gone</a></body></html>\n";

    reply_body(x->reply, x->req, status_arg(x, 200), "text/html; charset=utf-8",
               page, sizeof page - 1);
}

static void do_count(struct script *x)
{
    struct text t = {0};

    counts_json(&table_at(&x->stats->hosts, x->arg)->counts, &t);
    text_puts(&t, "\n");
    reply_body(x->reply, x->req, 200, "application/json", t.bytes, t.len);
    text_release(&t);
}

static void do_stats(struct script *x)
{
    struct text t = {0};

    if (strcmp(x->arg, "reset") == 0)
        stats_reset(x->stats);
    stats_json(x->stats, &t);
    reply_body(x->reply, x->req, 200, "application/json", t.bytes, t.len);
    text_release(&t);
}

static void do_log(struct script *x)
{
    const struct text *log = &x->stats->log;

    reply_body(x->reply, x->req, 200, "text/plain; charset=utf-8",
               log->bytes ? log->bytes : "", log->len);
}

static const struct route routes[] = {
    {"status", do_status},
    {"delay", do_delay},
    {"bytes", do_bytes},
    {"drip", do_drip},
    {"redirect", do_redirect},
    {"redirect-to", do_redirect_to},
    {"loop", do_loop},
    {"flaky", do_flaky},
    {"retry-after", do_retry_after},
    {"echo", do_echo},
    {"digest", do_digest},
    {"headers", do_headers},
    {"body", do_body},
    {"bin", do_bin},
    {"utf8", do_utf8},
    {"html", do_html},
    {"count", do_count},
    {"stats", do_stats},
    {"log", do_log},
    {NULL, do_ok},
};

/* The row of the path's first segment, or the row that ends the table. */
static const struct route *find_route(const struct route *row, const char *path)
{
    size_t len = strcspn(path, "/");

    while (row->name &&
           (strncmp(row->name, path, len) != 0 || row->name[len] != '\0'))
        row++;
    return row;
}

bool script_is_control(const struct request *q)
{
    void (*handle)(struct script *) = find_route(routes, q->path + 1)->handle;

    return handle == do_count || handle == do_stats || handle == do_log;
}

/* ?header=Name:value, any number of them */
static void add_header_args(struct script *x)
{
    for (size_t i = 0; i < x->req->args.count; i++) {
        const struct field *arg = &x->req->args.items[i];

        if (strcmp(arg->name, "header") == 0)
            text_printf(&x->reply->fields, "%s\r\n", arg->value);
    }
}

void script_answer(struct script *x)
{
    const char *path = x->req->path + (*x->req->path == '/');
    const struct route *fault = find_route(fault_routes, path);
    size_t name_len = strcspn(path, "/");

    x->arg = path[name_len] ? path + name_len + 1 : "";
    x->reply->delay = request_number(x->req, "delay", 0);
    if (request_number(x->req, "close", 0) != 0)
        x->reply->end = END_CLOSE;
    x->reply->chunked = request_number(x->req, "chunked", 0) != 0;
    add_header_args(x);
    (fault->name ? fault : find_route(routes, path))->handle(x);
}
