/*
 * Preloaded into a server: TLS 1.3 with a new key after every so many records, and a demand to the client to change its own.
 * No server does so by itself as often; gateways in front of one do.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <stdio.h>

enum { RECORDS = 5 };

int SSL_write(SSL *ssl, const void *bytes, int count) {
  static int (*write_record)(SSL *, const void *, int);
  static int records;
  if (write_record == NULL) write_record = (int (*)(SSL *, const void *, int))dlsym(RTLD_NEXT, "SSL_write");
  if (++records % RECORDS == 0 && SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1) fprintf(stderr, "key update\n");
  return write_record(ssl, bytes, count);
}
