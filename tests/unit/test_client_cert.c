/* SPDX-License-Identifier: MIT */
/* A client certificate's file and password, in one text. */
#include "check.h"

#include "policy/client_cert.h"

static void check_split(const char *text, const char *file,
                        const char *password)
{
    struct client_cert cert;

    client_cert_init(&cert, text);
    CHECK_STR(cert.file, file);
    CHECK_STR(cert.password, password);
    client_cert_release(&cert);
    CHECK(!cert.file && !cert.password);
}

int main(void)
{
    check_split("a.pem", "a.pem", NULL);
    check_split("a.pem:secret", "a.pem", "secret");
    check_split("a.pem:se:cr\\:et\\", "a.pem", "se:cr\\:et\\");
    check_split("a.pem:", "a.pem", NULL);
    check_split("a\\:b.pem", "a:b.pem", NULL);
    check_split("a\\:b:c", "a:b", "c");
    check_split("a\\\\:c", "a\\", "c");
    check_split("a\\b:c", "a\\b", "c");
    check_split("a\\", "a\\", NULL);
    check_split(":c", "", "c");
    check_split("", "", NULL);
    return check_end("client_cert");
}
