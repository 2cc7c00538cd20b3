/* SPDX-License-Identifier: MIT */
/* The jar of a run: files in and out, and one jar for several handles. */
#include "check.h"
#include "policy/cookie_bounds.h"
#include "world/fetch_cookies.h"
#include "world/fetch_priv.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD "# Netscape HTTP Cookie File\n\n"
#define LONG "4102444800"

static void write_text(const char *path, const char *text)
{
    FILE *stream = fopen(path, "w");

    CHECK(stream && fputs(text, stream) >= 0 && fclose(stream) == 0);
}

static void check_text(const char *path, const char *want)
{
    FILE *stream = fopen(path, "r");
    char text[2000] = "";

    CHECK(stream && fread(text, 1, sizeof(text) - 1, stream) > 0);
    CHECK_STR(text, want);
    fclose(stream);
}

static void catch_warnings(void)
{
    int fd = open("warnings", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    CHECK(fd >= 0 && dup2(fd, STDERR_FILENO) >= 0);
    close(fd);
}

static struct cookies *open_jar(const char *jar, const char *file)
{
    struct why why = {""};
    struct cookies *cookies = cookies_open(jar, &file, file != NULL, &why);

    CHECK_STR(why.text, "");
    if (!cookies)
        exit(check_end("fetch_cookies"));
    return cookies;
}

static void save_and_close(struct cookies *cookies)
{
    struct why why = {""};

    CHECK(cookies_save(cookies, &why) == 0);
    CHECK_STR(why.text, "");
    cookies_close(cookies);
}

static void test_files(void)
{
    struct stat st;

    write_text("given", HEAD "a.test\tFALSE\t/\tFALSE\t0\tsession\t1\r\n"
                             "a.test\tFALSE\t/\tFALSE\t100\texpired\t1\n"
                             "a.test\tFALSE\t/\tFALSE\t" LONG "\tkept\t1\n"
                             "#HttpOnly_a.test\tFALSE\t/\tTRUE\t0\thidden\t1\n"
                             "nonsense\n"
                             "Set-Cookie: every=where\n"
                             "a.test\tFALSE\t/\tFALSE\t0\tempty\t");
    catch_warnings();
    save_and_close(open_jar("jar", "given"));
    check_text("warnings",
               "afetch: given:7: not a cookie; the line is left out\n"
               "afetch: given:8: not a cookie; the line is left out\n");
    check_text("jar", HEAD "a.test\tFALSE\t/\tFALSE\t0\tsession\t1\n"
                           "a.test\tFALSE\t/\tFALSE\t" LONG "\tkept\t1\n"
                           "#HttpOnly_a.test\tFALSE\t/\tTRUE\t0\thidden\t1\n"
                           "a.test\tFALSE\t/\tFALSE\t0\tempty\t\n");
    CHECK(stat("jar", &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(access("jar.lock", F_OK) != 0);

    /* The jar wins over a file, and is read as it was written. */
    write_text("jar", "a.test\tFALSE\t/\tFALSE\t0\tkept\tjar\n");
    save_and_close(open_jar("jar", "given"));
    save_and_close(open_jar("jar", NULL));
    check_text("jar", HEAD "a.test\tFALSE\t/\tFALSE\t0\tsession\t1\n"
                           "a.test\tFALSE\t/\tFALSE\t0\tkept\tjar\n"
                           "#HttpOnly_a.test\tFALSE\t/\tTRUE\t0\thidden\t1\n"
                           "a.test\tFALSE\t/\tFALSE\t0\tempty\t\n");
    save_and_close(open_jar(NULL, "given"));
}

static void check_refused(const char *jar, const char *file, const char *want)
{
    struct why why = {""};

    CHECK(cookies_open(jar, &file, file != NULL, &why) == NULL);
    CHECK_STR(why.text, want);
}

static void test_refused(void)
{
    struct cookies *cookies = open_jar("jar", NULL);

    check_refused("jar", NULL,
                  "jar is in use by another run, which holds "
                  "jar.lock");
    check_refused(NULL, "absent",
                  "cannot read the cookies of absent: No such file or "
                  "directory");
    check_refused(NULL, ".", "cannot read the cookies of .: Is a directory");
    check_refused(".", NULL, "cannot write .: it is a folder");
    write_text("list", "http://a.test/\n");
    catch_warnings();
    check_refused("list", NULL, "list is no cookie jar");
    write_text("list", "");
    cookies_close(open_jar("list", NULL));
    cookies_close(cookies);
}

static unsigned count_lines(const char *path, const char *part)
{
    FILE *stream = fopen(path, "r");
    unsigned count = 0;
    char line[200];

    CHECK(stream != NULL);
    while (stream && fgets(line, sizeof(line), stream))
        count += strstr(line, part) != NULL;
    if (stream)
        fclose(stream);
    return count;
}

/* count cookies of each host from a0.test on. */
static void write_many(const char *path, unsigned hosts, unsigned count)
{
    FILE *stream = fopen(path, "w");

    for (unsigned i = 0; i < hosts; i++)
        for (unsigned j = 0; j < count; j++)
            fprintf(stream, "a%u.test\tFALSE\t/\tFALSE\t0\tn%u\t1\n", i, j);
    fclose(stream);
}

/* Within the bounds all stay, beyond them the newest of each host. */
static void test_bounds(void)
{
    write_many("many", 1, COOKIES_HOST_MAX);
    catch_warnings();
    save_and_close(open_jar("bound", "many"));
    CHECK(count_lines("bound", "\tn") == COOKIES_HOST_MAX);
    write_many("many", 2, COOKIES_HOST_MAX + 5);
    unlink("bound");
    save_and_close(open_jar("bound", "many"));
    CHECK(count_lines("bound", "a0.test\t") == COOKIES_HOST_MAX);
    CHECK(count_lines("bound", "a1.test\t") == COOKIES_HOST_MAX);
    CHECK(count_lines("bound", "\tn4\t") == 0);
    CHECK(count_lines("bound", "\tn5\t") == 2);
    /* A long file is bounded while it is read: in one piece it would take
     * minutes. */
    write_many("many", 1000, 100);
    unlink("bound");
    save_and_close(open_jar("bound", "many"));
    CHECK(count_lines("bound", "\tn") <= COOKIES_MAX);
    CHECK(count_lines("bound", "\tn") > COOKIES_MAX - 1000);
    CHECK(count_lines("bound", "a999.test\t") > 0);
    CHECK(count_lines("warnings", "the oldest are forgotten") == 2);
}

/* Answers each connection with a cookie, and with what came in as body. */
static void serve(int listener, int count)
{
    for (int i = 0; i < count; i++) {
        char in[4096] = "";
        int fd = accept(listener, NULL, NULL);
        size_t len = 0;
        ssize_t n;

        while (!strstr(in, "\r\n\r\n") &&
               (n = read(fd, in + len, sizeof(in) - 1 - len)) > 0)
            len += (size_t)n;
        dprintf(fd,
                "HTTP/1.0 200 OK\r\nSet-Cookie: seen=%d\r\n"
                "Set-Cookie: gone=1; Max-Age=1000\r\n"
                "Set-Cookie: gone=1; Max-Age=0\r\n\r\n%s",
                i, in);
        close(fd);
    }
    _exit(0);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    CHECK(buf_add(data, bytes, size * count) == 0);
    return size * count;
}

static void get(struct cookies *cookies, int port, struct buf *body)
{
    CURL *easy = curl_easy_init();
    char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    cookies_attach(cookies, easy);
    buf_clear(body);
    CHECK(curl_easy_perform(easy) == CURLE_OK);
    curl_easy_cleanup(easy);
}

/* Two handles, each with its connection; what the first takes the second
 * sends. */
static void test_shared(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0), status;
    struct cookies *cookies = open_jar("shared", NULL);
    struct buf body;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(bind(listener, (struct sockaddr *)&address, size) == 0);
    CHECK(listen(listener, 5) == 0);
    CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    if (fork() == 0)
        serve(listener, 2);
    buf_init(&body, 10000);
    get(cookies, ntohs(address.sin_port), &body);
    CHECK(body.data && !strstr(body.data, "Cookie:"));
    get(cookies, ntohs(address.sin_port), &body);
    CHECK(body.data && strstr(body.data, "\r\nCookie: seen=0\r\n"));
    save_and_close(cookies);
    check_text("shared", HEAD "127.0.0.1\tFALSE\t/\tFALSE\t0\tseen\t1\n");
    wait(&status);
    close(listener);
    buf_release(&body);
}

int main(void)
{
    char folder[] = "/tmp/afetch-cookies-XXXXXX";
    char command[64];

    CHECK(mkdtemp(folder) && chdir(folder) == 0);
    test_files();
    test_refused();
    test_bounds();
    test_shared();
    snprintf(command, sizeof(command), "rm -r %s", folder);
    CHECK(chdir("/") == 0);
    FILE *rm = popen(command, "r");
    CHECK(rm && pclose(rm) == 0);
    return check_end("fetch_cookies");
}
