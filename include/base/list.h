/* SPDX-License-Identifier: MIT */
/*
 * Intrusive doubly linked list: a node is a member of the object that it
 * chains, so that adding and removing never allocate. The head is a node too.
 * A node that is in no list points to itself.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *prev, *next;
};

/* The object of TYPE whose MEMBER is the node at PTR. */
#define container_of(PTR, TYPE, MEMBER)                                        \
    ((TYPE *)(void *)((char *)(PTR)-offsetof(TYPE, MEMBER)))

/* Walks a list; the body must not remove NODE. */
#define list_foreach(NODE, HEAD)                                               \
    for (struct list *NODE = (HEAD)->next; NODE != (HEAD); NODE = NODE->next)

static inline void list_init(struct list *node)
{
    node->prev = node->next = node;
}

/* True for an empty head, and for a node that is in no list. */
static inline bool list_empty(const struct list *node)
{
    return node->next == node;
}

static inline void list_insert_between(struct list *node, struct list *prev,
                                       struct list *next)
{
    node->prev = prev;
    node->next = next;
    prev->next = node;
    next->prev = node;
}

static inline void list_push_front(struct list *head, struct list *node)
{
    list_insert_between(node, head, head->next);
}

static inline void list_push_back(struct list *head, struct list *node)
{
    list_insert_between(node, head->prev, head);
}

/* Takes the node out of its list; harmless when it is in none. */
static inline void list_remove(struct list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

/* Takes the first node out and returns it; NULL when the list is empty. */
static inline struct list *list_pop_front(struct list *head)
{
    struct list *first = head->next;

    if (first == head)
        return NULL;
    list_remove(first);
    return first;
}

#endif
