/* SPDX-License-Identifier: MIT */
/*
 * The threads that look names up. They know getaddrinfo and the two queues
 * below; what is looked up, when, and for whom is not their business.
 *
 * Everything that the threads and the loop share stands under one lock, in a
 * pool that whoever leaves last frees: the loop may be gone while a thread
 * still hangs in a lookup.
 */
#include "world/lookup.h"

#include "base/msg.h"

#include <errno.h>
#include <ev.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

/* Plenty for the resolver and its plug-ins; the default of 8 MiB is too much
 * where memory is limited. */
#define STACK_BYTES (512 * 1024)

/* On its way to a thread, with a name, and back, with a result. */
struct job {
    struct job *next;
    uint64_t id;
    struct lookup_result result;
    char name[];
};

/* A queue; the last node's place is where the next one is put. */
struct jobs {
    struct job *first, **last;
};

struct lookups {
    pthread_mutex_t lock;
    pthread_cond_t work;
    unsigned users;       /* threads, and the loop's side */
    bool closed;          /* the loop's side has left */
    unsigned threads;     /* of them, on a lookup or about to be: */
    unsigned outstanding; /* lookups begun, and not ended */
    struct jobs wanted, done;
    unsigned most;
    struct ev_loop *loop; /* borrowed; not after closed */
    ev_async wake;
};

static void jobs_init(struct jobs *jobs)
{
    jobs->first = NULL;
    jobs->last = &jobs->first;
}

static void jobs_push(struct jobs *jobs, struct job *job)
{
    job->next = NULL;
    *jobs->last = job;
    jobs->last = &job->next;
}

static struct job *jobs_pop(struct jobs *jobs)
{
    struct job *job = jobs->first;

    if (job && !(jobs->first = job->next))
        jobs->last = &jobs->first;
    return job;
}

static void jobs_free(struct jobs *jobs)
{
    struct job *job;

    while ((job = jobs_pop(jobs)))
        free(job);
}

/* The next entry of a family from `entry` on; NULL when there is none. */
static const struct addrinfo *next_of(const struct addrinfo *entry, int family)
{
    while (entry && entry->ai_family != family)
        entry = entry->ai_next;
    return entry;
}

static struct address address_of(const struct addrinfo *entry)
{
    struct address address = {.family = entry->ai_family == AF_INET ? 4 : 6};

    if (entry->ai_family == AF_INET) {
        struct sockaddr_in in;

        memcpy(&in, entry->ai_addr, sizeof(in));
        memcpy(address.bytes, &in.sin_addr, 4);
    } else {
        struct sockaddr_in6 in6;

        memcpy(&in6, entry->ai_addr, sizeof(in6));
        memcpy(address.bytes, &in6.sin6_addr, 16);
    }
    return address;
}

/* The system's order, but with the families in turns (RFC 8305 section 4): so
 * that the other one is the second to be tried. */
static void collect(struct addresses *addresses, const struct addrinfo *list)
{
    int family = list->ai_family;
    const struct addrinfo *rest[2] = {next_of(list, AF_INET),
                                      next_of(list, AF_INET6)};

    while (addresses->count < ADDRESSES_MAX && (rest[0] || rest[1])) {
        int which = family == AF_INET6;

        if (!rest[which])
            which = !which;
        addresses->list[addresses->count++] = address_of(rest[which]);
        rest[which] = next_of(rest[which]->ai_next, which ? AF_INET6 : AF_INET);
        family = which ? AF_INET : AF_INET6;
    }
}

static enum lookup failure_of(int code)
{
    switch (code) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
        return LOOKUP_NOT_FOUND;
    case EAI_AGAIN:
        return LOOKUP_TEMPORARY;
    default:
        return LOOKUP_FAILED;
    }
}

/* The system's error, where it was the system that failed. glibc tells of a
 * shortage only in errno, and says "again". */
static int system_error(int code, int number)
{
    bool shortage = number == EMFILE || number == ENFILE || number == ENOBUFS ||
                    number == ENOMEM;

    if (code == EAI_MEMORY)
        return ENOMEM;
    return code == EAI_SYSTEM || (code == EAI_AGAIN && shortage) ? number : 0;
}

/* "localhost" and what ends with ".localhost", a last dot aside. */
static bool is_localhost(const char *name)
{
    static const char local[] = "localhost";
    size_t len = strlen(name), want = sizeof(local) - 1;

    if (len > 0 && name[len - 1] == '.')
        len--;
    return len >= want && strncasecmp(name + len - want, local, want) == 0 &&
           (len == want || name[len - want - 1] == '.');
}

/* RFC 6761 section 6.3: always the loopback, and nobody is asked; a machine
 * without a hosts file has it too. */
static void answer_localhost(struct addresses *addresses)
{
    addresses->list[0] = (struct address){.family = 4, .bytes = {127, 0, 0, 1}};
    addresses->list[1] = (struct address){.family = 6, .bytes = {[15] = 1}};
    addresses->count = 2;
}

void lookup_here(const char *name, struct lookup_result *result)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int code;

    *result = (struct lookup_result){0};
    if (is_localhost(name)) {
        answer_localhost(&result->addresses);
        return;
    }
    errno = 0;
    code = getaddrinfo(name, NULL, &hints, &list);
    if (code != 0) {
        result->os_errno = system_error(code, errno);
        result->lookup = failure_of(code);
        result->text = gai_strerror(code);
        return;
    }
    collect(&result->addresses, list);
    freeaddrinfo(list);
    if (result->addresses.count == 0)
        result->lookup = LOOKUP_NOT_FOUND;
}

/* The caller holds the lock, and has it no more afterwards. */
static void leave(struct lookups *lookups)
{
    bool last = --lookups->users == 0;

    pthread_mutex_unlock(&lookups->lock);
    if (!last)
        return;
    jobs_free(&lookups->wanted);
    jobs_free(&lookups->done);
    pthread_cond_destroy(&lookups->work);
    pthread_mutex_destroy(&lookups->lock);
    free(lookups);
}

static void *on_thread(void *data)
{
    struct lookups *lookups = data;
    struct job *job;

    pthread_mutex_lock(&lookups->lock);
    while (!lookups->closed) {
        job = jobs_pop(&lookups->wanted);
        if (!job) {
            pthread_cond_wait(&lookups->work, &lookups->lock);
            continue;
        }
        pthread_mutex_unlock(&lookups->lock);
        lookup_here(job->name, &job->result);
        pthread_mutex_lock(&lookups->lock);
        lookups->outstanding--;
        jobs_push(&lookups->done, job);
        if (!lookups->closed)
            ev_async_send(lookups->loop, &lookups->wake);
    }
    leave(lookups);
    return NULL;
}

/* Results are fetched by the pump; this only turns the loop. */
static void on_wake(struct ev_loop *loop, ev_async *wake, int events)
{
    (void)loop;
    (void)wake;
    (void)events;
}

struct lookups *lookups_new(struct ev_loop *loop, unsigned most)
{
    struct lookups *lookups = xcalloc(1, sizeof(*lookups));

    pthread_mutex_init(&lookups->lock, NULL);
    pthread_cond_init(&lookups->work, NULL);
    jobs_init(&lookups->wanted);
    jobs_init(&lookups->done);
    lookups->users = 1;
    lookups->most = most;
    lookups->loop = loop;
    ev_async_init(&lookups->wake, on_wake);
    ev_async_start(loop, &lookups->wake);
    return lookups;
}

void lookups_free(struct lookups *lookups)
{
    if (!lookups)
        return;
    ev_async_stop(lookups->loop, &lookups->wake);
    pthread_mutex_lock(&lookups->lock);
    lookups->closed = true;
    pthread_cond_broadcast(&lookups->work);
    leave(lookups);
}

/* Signals are the loop's. The caller holds the lock. */
static bool add_thread(struct lookups *lookups)
{
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, old;
    int failed;

    if (lookups->threads >= lookups->most)
        return false;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    failed = pthread_create(&thread, &attributes, on_thread, lookups);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attributes);
    if (failed)
        return false;
    lookups->threads++;
    lookups->users++;
    return true;
}

bool lookups_start(struct lookups *lookups, uint64_t id, const char *name)
{
    size_t len = strlen(name);
    struct job *job;
    bool room;

    pthread_mutex_lock(&lookups->lock);
    room = lookups->outstanding < lookups->threads || add_thread(lookups);
    if (room) {
        job = xcalloc(1, sizeof(*job) + len + 1);
        job->id = id;
        memcpy(job->name, name, len);
        jobs_push(&lookups->wanted, job);
        lookups->outstanding++;
        pthread_cond_signal(&lookups->work);
    }
    pthread_mutex_unlock(&lookups->lock);
    return room;
}

bool lookups_reap(struct lookups *lookups, uint64_t *id,
                  struct lookup_result *result)
{
    struct job *job;

    pthread_mutex_lock(&lookups->lock);
    job = jobs_pop(&lookups->done);
    pthread_mutex_unlock(&lookups->lock);
    if (!job)
        return false;
    *id = job->id;
    *result = job->result;
    free(job);
    return true;
}

unsigned lookups_threads(struct lookups *lookups)
{
    unsigned threads;

    pthread_mutex_lock(&lookups->lock);
    threads = lookups->threads;
    pthread_mutex_unlock(&lookups->lock);
    return threads;
}
