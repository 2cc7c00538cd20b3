/* SPDX-License-Identifier: MIT */
/* The table of fields and the reading of --fields. */
#include "check.h"
#include "policy/fields.h"

static void test_table(void)
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        const struct field_row *row = &field_rows[i];

        CHECK(row->name != NULL && row->type != NULL && row->text != NULL);
        CHECK(strspn(row->name, "abcdefghijklmnopqrstuvwxyz_0123456789") ==
              strlen(row->name));
        CHECK(strlen(row->text) <= 60);
        CHECK(row->text[strlen(row->text) - 1] != '.');
        for (int j = 0; j < i; j++)
            CHECK(strcmp(row->name, field_rows[j].name) != 0);
    }
    CHECK_STR(field_rows[FIELD_INDEX].name, "index");
    CHECK_STR(field_rows[FIELD_BODY_ENCODING].name, "body_encoding");
    CHECK_STR(field_rows[FIELD_ERROR].name, "error");
}

static void test_default(void)
{
    uint64_t set = fields_default();

    CHECK(set & FIELD_BIT(FIELD_INDEX));
    CHECK(set & FIELD_BIT(FIELD_ERROR));
    CHECK(!(set & FIELD_BIT(FIELD_HEADERS)));
    CHECK(!(set & FIELD_BIT(FIELD_BODY)));
    CHECK(!(set & FIELD_BIT(FIELD_BODY_ENCODING)));
    CHECK(!(set & FIELD_BIT(FIELD_REQUEST)));
    CHECK(set >> FIELD_COUNT == 0);
}

static void test_lists(void)
{
    uint64_t set = 0;
    struct why why = {{0}};

    CHECK(fields_parse(&set, "url", &why) == 0);
    CHECK(set == FIELD_BIT(FIELD_URL));
    CHECK(fields_parse(&set, "status,url,body,url", &why) == 0);
    CHECK(set == (FIELD_BIT(FIELD_URL) | FIELD_BIT(FIELD_STATUS) |
                  FIELD_BIT(FIELD_BODY)));
    CHECK(fields_parse(&set, "+headers", &why) == 0);
    CHECK(set == (fields_default() | FIELD_BIT(FIELD_HEADERS)));
    CHECK(fields_parse(&set, "-time,-key,+request", &why) == 0);
    CHECK(set == ((fields_default() | FIELD_BIT(FIELD_REQUEST)) &
                  ~FIELD_BIT(FIELD_TIME) & ~FIELD_BIT(FIELD_KEY)));
    for (int i = 0; i < FIELD_COUNT; i++) {
        CHECK(fields_parse(&set, field_rows[i].name, &why) == 0);
        CHECK(set == FIELD_BIT(i));
    }
    CHECK_STR(why.text, "");
}

static void test_errors(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"", "an empty field name"},
        {"url,", "an empty field name"},
        {",url", "an empty field name"},
        {"url,,ok", "an empty field name"},
        {"url,statsu", "unknown field 'statsu'; did you mean 'status'?"},
        {"+header", "unknown field 'header'; did you mean 'headers'?"},
        {"zzzzzzzz", "unknown field 'zzzzzzzz' (--list-fields shows them)"},
        {"url,+body", "'+body': either every field has a + or -, or none"},
        {"-url,body", "'body': either every field has a + or -, or none"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t set = 42;
        struct why why = {{0}};

        CHECK(fields_parse(&set, cases[i].text, &why) == -1);
        CHECK_STR(why.text, cases[i].want);
        CHECK(set == 42);
    }
    CHECK(fields_parse(&(uint64_t){0}, "+", NULL) == -1);
}

int main(void)
{
    test_table();
    test_default();
    test_lists();
    test_errors();
    return check_end("fields");
}
