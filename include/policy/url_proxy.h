/* SPDX-License-Identifier: MIT */
/*
 * The URLs of proxies, for policy/proxy: libcurl's parser, which is what reads
 * them when they are used (CURLOPT_PROXY(3)), and refusals that say why.
 */
#ifndef POLICY_URL_PROXY_H
#define POLICY_URL_PROXY_H

#include "base/msg.h"

#include <stddef.h>

/*
 * Checks len bytes as a proxy, "[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]". The
 * scheme is http (also where there is none), https, socks4 (or socks), socks4a,
 * socks5 or socks5h; without a port libcurl takes 1080, of https 443. A path
 * may only be a socket's, behind socks*://localhost, or "/". Control bytes,
 * white space, port 0, query and fragment are refused. Returns the text for
 * CURLOPT_PROXY, always with a scheme, which the caller frees; or NULL with
 * why, which quotes nothing that may be a password.
 */
char *url_proxy_parse(const char *text, size_t len, struct why *why);

#endif
