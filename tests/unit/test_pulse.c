/* SPDX-License-Identifier: MIT */
/* The clock of a run: that it goes on, what a turn adds up to, and a stop. */
#include "check.h"

#include "world/pulse.h"

#include <string.h>

static void it_goes_on(void)
{
    struct pulse pulse;
    double before, now;

    pulse_init(&pulse);
    before = pulse_read(&pulse, PULSE_OTHER);
    for (int i = 0; i < 1000; i++) {
        now = pulse_read(&pulse, PULSE_LIBCURL);
        CHECK(now >= before);
        before = now;
    }
    CHECK(pulse_turn(&pulse) > 0.0);
    CHECK(pulse.parts[PULSE_LIBCURL] > 0.0);
    pulse_wake(&pulse);
    CHECK(pulse_turn(&pulse) <= 0.0);
}

static void a_stop_is_left_out(void)
{
    struct pulse pulse;

    pulse_init(&pulse);
    pulse_read(&pulse, PULSE_OTHER);
    pulse.last -= 3600.0; /* as if the last reading were an hour ago */
    pulse_read(&pulse, PULSE_OTHER);
    CHECK(pulse.stopped >= 3600.0 && pulse.stopped < 3600.0 + PULSE_GAP);
    CHECK(pulse_turn(&pulse) < PULSE_GAP);
    /* What is shorter may be work. */
    pulse.last -= PULSE_GAP / 3;
    pulse_read(&pulse, PULSE_READING);
    CHECK(pulse.parts[PULSE_READING] >= PULSE_GAP / 3);
    CHECK(pulse.stopped < 3600.0 + PULSE_GAP);
}

static void the_longest_is_told_first(void)
{
    struct pulse pulse = {0};
    char text[100], brief[10];

    pulse_explain(&pulse, text, sizeof(text));
    CHECK_STR(text, "");
    pulse.parts[PULSE_READING] = 0.01;
    pulse.parts[PULSE_LIBCURL] = 0.5;
    pulse_explain(&pulse, text, sizeof(text));
    CHECK_STR(text, "libcurl 0.500 s, reading 0.010 s");
    pulse_explain(&pulse, brief, sizeof(brief));
    CHECK_STR(brief, "libcurl 0");
}

int main(void)
{
    it_goes_on();
    a_stop_is_left_out();
    the_longest_is_told_first();
    return check_end("pulse");
}
