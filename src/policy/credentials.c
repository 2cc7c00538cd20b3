/* SPDX-License-Identifier: MIT */
/*
 * The order of credentials. It knows where they may stand; it must not know
 * how they are sent, nor to which hops.
 */
#include "policy/credentials.h"

/* A text of the line's own is another one, though its bytes may be the same. */
static bool own_user(const struct settings *own, const struct settings *run)
{
    return own->user && own->user != run->user;
}

static bool own_bearer(const struct settings *own, const struct settings *run)
{
    return own->oauth2_bearer && own->oauth2_bearer != run->oauth2_bearer;
}

void credentials_of(const struct request *request,
                    struct credentials *credentials)
{
    const struct settings *settings = request->settings;

    *credentials = (struct credentials){0};
    if (request->userinfo) {
        credentials->user = request->userinfo;
        credentials->of_line = true;
        return;
    }
    credentials->user = settings->user;
    credentials->bearer = settings->oauth2_bearer;
    credentials->of_line =
        own_user(settings, request->run) || own_bearer(settings, request->run);
}

int credentials_settle(struct settings *own, const struct settings *run)
{
    bool user = own_user(own, run), bearer = own_bearer(own, run);

    if (user && bearer)
        return -1;
    if (user)
        own->oauth2_bearer = NULL;
    if (bearer)
        own->user = NULL;
    return 0;
}
