/* SPDX-License-Identifier: MIT */
/*
 * Dates by the proleptic Gregorian calendar in UTC, by arithmetic of our own:
 * strptime follows the locale, timegm forgives the 31st of February. Knows no
 * clock; `now` is given where a date depends on it.
 */
#include "base/date.h"

#include <stdbool.h>
#include <string.h>

#define DAY 86400

/* A date as it is written; fields that a form has not are 0. */
struct civil {
    int year, month, day; /* month from 1 */
    int hour, minute, second;
};

static const char *const weekdays[] = {
    "Monday", "Tuesday",  "Wednesday", "Thursday",
    "Friday", "Saturday", "Sunday",    NULL,
};

static const char *const months[] = {
    "January", "February",  "March",   "April",    "May",      "June", "July",
    "August",  "September", "October", "November", "December", NULL,
};

/*
 * Days from 1970-01-01 to a date, and back (Howard Hinnant, "chrono-Compatible
 * Low-Level Date Algorithms"): years begin in March, so that the leap day is
 * the last of its year, and an era is 400 years, which repeat exactly.
 */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? (int64_t)year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5;

    of_year += day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           719468;
}

static void date_of_days(int64_t days, struct civil *out)
{
    int64_t z = days + 719468;
    int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    int64_t doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    out->day = (int)(doy - (153 * mp + 2) / 5 + 1);
    out->month = (int)(mp < 10 ? mp + 3 : mp - 9);
    out->year = (int)(yoe + era * 400 + (out->month <= 2));
}

static int64_t seconds_of(const struct civil *c)
{
    return days_of(c->year, c->month, c->day) * DAY + c->hour * 3600 +
           c->minute * 60 + c->second;
}

static void civil_of(int64_t seconds, struct civil *out)
{
    int64_t days = seconds / DAY, rest = seconds % DAY;

    if (rest < 0) {
        rest += DAY;
        days--;
    }
    date_of_days(days, out);
    out->hour = (int)(rest / 3600);
    out->minute = (int)(rest / 60 % 60);
    out->second = (int)(rest % 60);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

/* The rest of the text that is being read. */
struct cursor {
    const char *at, *end;
};

static bool take_literal(struct cursor *in, const char *text, size_t len)
{
    if ((size_t)(in->end - in->at) < len || memcmp(in->at, text, len) != 0)
        return false;
    in->at += len;
    return true;
}

/* Exactly count digits; pad says that blanks may stand for leading zeros. */
static bool take_digits(struct cursor *in, int count, bool pad, int *out)
{
    *out = 0;
    for (; count > 0; count--, in->at++) {
        if (in->at == in->end)
            return false;
        if (pad && *in->at == ' ' && *out == 0 && count > 1)
            continue;
        if (*in->at < '0' || *in->at > '9')
            return false;
        *out = *out * 10 + (*in->at - '0');
    }
    return true;
}

/* One of the names, or of their first three letters; *out counts from 1. */
static bool take_name(struct cursor *in, const char *const *names, bool whole,
                      int *out)
{
    for (int i = 0; names[i]; i++) {
        if (take_literal(in, names[i], whole ? strlen(names[i]) : 3)) {
            *out = i + 1;
            return true;
        }
    }
    return false;
}

/* Reads what one letter of a form stands for; other letters are literal. */
static bool take_field(struct cursor *in, const char *letter, struct civil *c)
{
    int ignored; /* a wrong day of the week does not make a date wrong */

    switch (*letter) {
    case 'w':
        return take_name(in, weekdays, false, &ignored);
    case 'W':
        return take_name(in, weekdays, true, &ignored);
    case 'n':
        return take_name(in, months, false, &c->month);
    case 'd':
        return take_digits(in, 2, false, &c->day);
    case 'e':
        return take_digits(in, 2, true, &c->day);
    case 'Y':
        return take_digits(in, 4, false, &c->year);
    case 'y':
        return take_digits(in, 2, false, &c->year);
    case 'h':
        return take_digits(in, 2, false, &c->hour);
    case 'm':
        return take_digits(in, 2, false, &c->minute);
    case 's':
        return take_digits(in, 2, false, &c->second);
    case 'Z':
        return take_literal(in, "GMT", 3);
    default:
        return take_literal(in, letter, 1);
    }
}

static bool take_form(struct cursor in, const char *form, struct civil *out)
{
    *out = (struct civil){0};
    for (; *form != '\0'; form++) {
        if (!take_field(&in, form, out))
            return false;
    }
    return in.at == in.end;
}

static bool civil_valid(const struct civil *c)
{
    /* 60 is a leap second; it is the first second of the next minute. */
    return c->day >= 1 && c->day <= days_in_month(c->year, c->month) &&
           c->hour <= 23 && c->minute <= 59 && c->second <= 60;
}

/* Turns a year of two digits into the latest not over 50 years ahead. */
static void place_year(struct civil *c, int64_t now)
{
    struct civil limit;

    civil_of(now, &limit);
    limit.year += 50;
    c->year += limit.year - limit.year % 100;
    if (seconds_of(c) > seconds_of(&limit))
        c->year -= 100;
}

int date_parse_http(const char *text, size_t len, int64_t now, int64_t *out)
{
    struct cursor in = {text, text + len};
    struct civil c;

    if (take_form(in, "W, d-n-y h:m:s Z", &c))
        place_year(&c, now);
    else if (!take_form(in, "w, d n Y h:m:s Z", &c) &&
             !take_form(in, "w n e h:m:s Y", &c))
        return -1;
    if (!civil_valid(&c))
        return -1;
    *out = seconds_of(&c);
    return 0;
}

static char *put_digits(char *out, int64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return out + count;
}

/* A number of that many digits and the mark behind it. */
static char *put_part(char *out, int64_t value, int count, char mark)
{
    out = put_digits(out, value, count);
    *out++ = mark;
    return out;
}

void date_format_rfc3339(char out[DATE_RFC3339_SIZE], double when)
{
    const double first = -62167219200.0; /* 0000-01-01: four digits, and */
    const double last = 253402300799.0;  /* 9999-12-31T23:59:59 the last */
    struct civil c;
    int64_t seconds, micros;

    if (when != when)
        when = 0;
    when = when < first ? first : when > last ? last : when;
    micros = (int64_t)(when * 1e6 + (when < 0 ? -0.5 : 0.5));
    seconds = micros / 1000000;
    micros %= 1000000;
    if (micros < 0) {
        micros += 1000000;
        seconds--;
    }
    civil_of(seconds, &c);
    out = put_part(out, c.year, 4, '-');
    out = put_part(out, c.month, 2, '-');
    out = put_part(out, c.day, 2, 'T');
    out = put_part(out, c.hour, 2, ':');
    out = put_part(out, c.minute, 2, ':');
    out = put_part(out, c.second, 2, '.');
    out = put_part(out, micros, 6, 'Z');
    *out = '\0';
}
