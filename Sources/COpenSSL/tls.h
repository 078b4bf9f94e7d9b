// TLS of OpenSSL 3: macros as functions, callbacks that Swift cannot express, and one short list of outcomes in place
// of return values, error codes, errno and an error queue.
#ifndef MARTLET_COPENSSL_TLS_H
#define MARTLET_COPENSSL_TLS_H

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

// What became of a call for one connection.
enum __attribute__((enum_extensibility(closed))) tls_outcome {
    tls_outcome_done,
    // The socket has no more bytes now.
    tls_outcome_wantsRead,
    // The socket takes no more bytes now.
    tls_outcome_wantsWrite,
    // A record that is not for the application was read, and there may be more.
    tls_outcome_readOther,
    // The peer has said that nothing more comes.
    tls_outcome_ended,
    tls_outcome_broken,
};

// Before a call: OpenSSL's socket BIO sets errno to 0 itself, but not every call reaches the socket.
static inline void tls_begin(void) {
    ERR_clear_error();
    errno = 0;
}

static inline enum tls_outcome tls_end(SSL *ssl, int result) {
    int blocked = errno == EAGAIN || errno == EWOULDBLOCK;
    if (result > 0) return tls_outcome_done;
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ: return blocked ? tls_outcome_wantsRead : tls_outcome_readOther;
    case SSL_ERROR_WANT_WRITE: return tls_outcome_wantsWrite;
    case SSL_ERROR_ZERO_RETURN: return tls_outcome_ended;
    default: return tls_outcome_broken;
    }
}

static inline enum tls_outcome tls_handshake(SSL *ssl) {
    tls_begin();
    return tls_end(ssl, SSL_do_handshake(ssl));
}

static inline enum tls_outcome tls_read(SSL *ssl, void *bytes, size_t size, size_t *count) {
    tls_begin();
    return tls_end(ssl, SSL_read_ex(ssl, bytes, size, count));
}

static inline enum tls_outcome tls_write(SSL *ssl, const void *bytes, size_t size, size_t *count) {
    tls_begin();
    return tls_end(ssl, SSL_write_ex(ssl, bytes, size, count));
}

// Sends close_notify; the peer's is not waited for.
static inline enum tls_outcome tls_shutdown(SSL *ssl) {
    tls_begin();
    int result = SSL_shutdown(ssl);
    return result == 0 ? tls_outcome_done : tls_end(ssl, result);
}

// The first reason in the error queue, in OpenSSL's words; NULL when there is none.
static inline const char *tls_reason(void) {
    unsigned long error = ERR_peek_error();
    return error ? ERR_reason_error_string(error) : NULL;
}

// MARK: Contexts

// Offers http/1.1 and nothing else. A client that names other protocols only gets the alert no_application_protocol.
static inline int tls_select_protocol(
    SSL *ssl, const unsigned char **out, unsigned char *size, const unsigned char *offered,
    unsigned int offeredSize, void *context) {
    static const unsigned char own[] = "\x08http/1.1";
    (void)ssl;
    (void)context;
    int result = SSL_select_next_proto(
        (unsigned char **)out, size, own, sizeof own - 1, offered, offeredSize);
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static inline SSL_CTX *tls_server_context(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // Of TLS 1.2 only what keeps past traffic secret when the key is lost, and authenticates what it encrypts. A list
    // that OpenSSL does not take leaves its default, which is none that it knows to be broken.
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_mode(
        context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE
                     | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // With it, one call would go through any number of records that are not for the application.
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_max_early_data(context, 0);
    SSL_CTX_set_alpn_select_cb(context, tls_select_protocol, NULL);
    // Without it, sessions of clients with certificates cannot be resumed.
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"martlet", 7);
    return context;
}

// Answers for the person who is not there to type a passphrase, and takes note that one was asked for.
static inline int tls_refuse_passphrase(char *text, int size, int isWriting, void *wasAsked) {
    (void)text;
    (void)size;
    (void)isWriting;
    *(int *)wasAsked = 1;
    return -1;
}

// The next certificate of PEM text; NULL at the end and for what is none.
static inline X509 *tls_next_certificate(BIO *text) {
    ERR_clear_error();
    return PEM_read_bio_X509_AUX(text, NULL, NULL, NULL);
}

// Whether reading stopped at the end of the text, and not at something that is broken.
static inline int tls_is_at_end(void) {
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static inline EVP_PKEY *tls_read_key(BIO *text, int *isEncrypted) {
    *isEncrypted = 0;
    ERR_clear_error();
    return PEM_read_bio_PrivateKey(text, NULL, tls_refuse_passphrase, isEncrypted);
}

static inline int tls_add_chain(SSL_CTX *context, X509 *certificate) {
    return (int)SSL_CTX_add1_chain_cert(context, certificate);
}

static inline int tls_is_rsa(X509 *certificate) {
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA;
}

// A certificate's time in seconds since 1970; -1 when it has none that can be read.
static inline int64_t tls_seconds(const ASN1_TIME *time) {
    struct tm parts;
    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : -1;
}

// As people write it, in UTC.
static inline size_t tls_date(int64_t seconds, char *text, size_t size) {
    time_t time = seconds;
    struct tm parts;
    return gmtime_r(&time, &parts) ? strftime(text, size, "%Y-%m-%d %H:%M UTC", &parts) : 0;
}

static inline int64_t tls_begins(X509 *certificate) {
    return tls_seconds(X509_get0_notBefore(certificate));
}

static inline int64_t tls_expires(X509 *certificate) {
    return tls_seconds(X509_get0_notAfter(certificate));
}

// Has every client show a certificate that one of `certificate` and those added before has signed.
static inline int tls_trust_clients_of(SSL_CTX *context, X509 *certificate) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) != 1) return 0;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return SSL_CTX_add_client_CA(context, certificate);
}

// MARK: Connections

static inline SSL *tls_server(SSL_CTX *context, int descriptor) {
    SSL *ssl = SSL_new(context);
    if (!ssl) return NULL;
    if (SSL_set_fd(ssl, descriptor) != 1) {
        SSL_free(ssl);
        return NULL;
    }
    SSL_set_accept_state(ssl);
    return ssl;
}

static inline int tls_is_tls13(SSL *ssl) { return SSL_version(ssl) == TLS1_3_VERSION; }

// Changes the keys for sending with the next record (RFC 8446, 4.6.3), and asks for no change of the peer's.
static inline int tls_update_key(SSL *ssl) { return SSL_key_update(ssl, SSL_KEY_UPDATE_NOT_REQUESTED); }

// Copies `name` as UTF-8 with a 0 at its end; 0 when it does not fit or holds a control character.
static inline int tls_copy_name(const ASN1_STRING *name, char *text, size_t size) {
    unsigned char *bytes = NULL;
    int length = ASN1_STRING_to_UTF8(&bytes, name);
    int isUsable = length > 0 && (size_t)length < size;
    for (int i = 0; isUsable && i < length; i++) isUsable = bytes[i] >= 0x20 && bytes[i] != 0x7F;
    if (isUsable) {
        memcpy(text, bytes, length);
        text[length] = 0;
    }
    OPENSSL_free(bytes);
    return isUsable;
}

// The name of the peer by its certificate: the first of its alternative names that is a DNS name, a mail address or a
// URI, else its common name. 0 when it has shown none or has no such name.
static inline int tls_peer_name(SSL *ssl, char *text, size_t size) {
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    if (!certificate) return 0;
    int found = 0;
    GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS || name->type == GEN_EMAIL || name->type == GEN_URI)
            found = tls_copy_name(name->d.ia5, text, size);
    }
    GENERAL_NAMES_free(names);
    if (found) return 1;
    X509_NAME *subject = X509_get_subject_name(certificate);
    int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (index < 0) return 0;
    return tls_copy_name(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)), text, size);
}

#endif
