/* SPDX-License-Identifier: MIT */
/*
 * What counts as ok. It knows a set and an outcome; it must not know whether
 * another try would follow (policy/verdict asks that first).
 */
#include "policy/accept.h"

bool accept_outcome(const struct matchset *accept, int status,
                    struct error *error)
{
    if (error->error_class != CLASS_NONE)
        return matchset_error(accept, error);
    if (matchset_status(accept, status))
        return true;
    error_set(error, CLASS_HTTP, CODE_STATUS, PHASE_BODY, "status %d", status);
    return false;
}
