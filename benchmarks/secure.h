// One connection of a client, as plain bytes or by TLS (OpenSSL), for sockets that do not block.
#ifndef MARTLET_SECURE_H
#define MARTLET_SECURE_H

#include "measure.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>

static SSL_CTX *secure;  // NULL: without TLS

// Whoever the server says it is will do: this is no test of certificates. Buffers of idle connections are freed, so that
// 10,000 of them fit beside the server.
static inline void use_tls(void) {
    signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    secure = SSL_CTX_new(TLS_client_method());
    if (!secure) fail("OpenSSL makes no client");
    SSL_CTX_set_mode(secure, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
    SSL_CTX_set_session_cache_mode(secure, SSL_SESS_CACHE_OFF);
}

static inline SSL *secured(int fd) {
    SSL *ssl = SSL_new(secure);
    if (!ssl || SSL_set_fd(ssl, fd) != 1) fail("OpenSSL makes no connection");
    SSL_set_connect_state(ssl);
    return ssl;
}

// Goes on with the handshake; whether it is done.
static inline bool shaken(SSL *ssl) {
    ERR_clear_error();
    int result = SSL_do_handshake(ssl);
    if (result == 1) return true;
    int error = SSL_get_error(ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return false;
    if (error == SSL_ERROR_SSL) errno = 0;
    fail(error == SSL_ERROR_SSL ? ERR_reason_error_string(ERR_peek_error()) : "the handshake broke off");
    return false;
}

// As recv(2): all that is there, up to `room` bytes.
static inline ssize_t take(int fd, SSL *ssl, char *bytes, size_t room) {
    if (!ssl) return recv(fd, bytes, room, 0);
    size_t total = 0;
    while (total < room) {
        ERR_clear_error();
        int count = SSL_read(ssl, bytes + total, (int)(room - total));
        if (count > 0) {
            total += count;
            continue;
        }
        int error = SSL_get_error(ssl, count);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) break;
        return total ? (ssize_t)total : 0;
    }
    if (total) return (ssize_t)total;
    errno = EAGAIN;
    return -1;
}

// As send(2).
static inline ssize_t give(int fd, SSL *ssl, const char *bytes, size_t size) {
    if (!ssl) return send(fd, bytes, size, MSG_NOSIGNAL);
    ERR_clear_error();
    int count = SSL_write(ssl, bytes, (int)size);
    if (count > 0) return count;
    int error = SSL_get_error(ssl, count);
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
    return -1;
}

static inline void drop(int fd, SSL *ssl) {
    SSL_free(ssl);
    close(fd);
}

#endif
