/* SPDX-License-Identifier: MIT */
/* What settings come to where they leave a choice to us. */
#include "model/settings.h"

#define AUTO_SECONDS 30.0

static double seconds_of(const struct settings *settings, double time)
{
    if (time >= 0.0)
        return time;
    return settings->stream == STREAM_NONE ? AUTO_SECONDS : 0.0;
}

double settings_max_time(const struct settings *settings)
{
    return seconds_of(settings, settings->max_time);
}

double settings_speed_time(const struct settings *settings)
{
    return seconds_of(settings, settings->speed_time);
}
