// OpenSSL 3 with its macros as plain functions.
#ifndef MARTLET_COPENSSL_SHIM_H
#define MARTLET_COPENSSL_SHIM_H

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <limits.h>
#include <string.h>

// A failed call leaves its reasons in a queue of its thread, where the next call of another part would find them.
static inline void openssl_forget_errors(void) { ERR_clear_error(); }

// A public key from the DER of a SubjectPublicKeyInfo (RFC 5280) that has nothing behind it; NULL for anything else.
static inline EVP_PKEY *openssl_public_key(const unsigned char *der, size_t count) {
    if (count > 65536) return NULL;
    const unsigned char *end = der;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &end, (long)count);
    if (key && end != der + count) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    openssl_forget_errors();
    return key;
}

// A public RSA key from the DER of an RSAPublicKey (RFC 8017, A.1.1), what PEM calls RSA PUBLIC KEY.
static inline EVP_PKEY *openssl_rsa_public_key(const unsigned char *der, size_t count) {
    if (count > 65536) return NULL;
    const unsigned char *end = der;
    EVP_PKEY *key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &end, (long)count);
    if (key && end != der + count) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    openssl_forget_errors();
    return key;
}

static inline int openssl_no_passphrase(char *buffer, int size, int writes, void *context) {
    (void)buffer, (void)size, (void)writes, (void)context;
    return -1;
}

// A private key from PEM without a passphrase; NULL for anything else.
static inline EVP_PKEY *openssl_private_key(const unsigned char *pem, size_t count) {
    if (count > 65536) return NULL;
    BIO *input = BIO_new_mem_buf(pem, (int)count);
    if (!input) return NULL;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(input, NULL, openssl_no_passphrase, NULL);
    BIO_free(input);
    openssl_forget_errors();
    return key;
}

// The DER of the next block of a PEM text from `*start` on, and what the block calls itself, at most 63 bytes of it.
// -1 when there is no further block. The caller frees `*der` with openssl_free.
static inline long openssl_next_pem_block(const unsigned char *pem, size_t count, size_t *start, char name[64],
                                          unsigned char **der) {
    if (count > INT_MAX || *start >= count) return -1;
    BIO *input = BIO_new_mem_buf(pem + *start, (int)(count - *start));
    if (!input) return -1;
    char *found = NULL, *header = NULL;
    long length = 0;
    int result = PEM_read_bio(input, &found, &header, der, &length);
    if (result == 1) {
        strncpy(name, found, 63);
        name[63] = 0;
        *start = count - BIO_ctrl_pending(input);
        OPENSSL_free(found);
        OPENSSL_free(header);
    }
    BIO_free(input);
    openssl_forget_errors();
    return result == 1 ? length : -1;
}

static inline void openssl_free(void *memory) { OPENSSL_free(memory); }

// 1 for a key of the type `name`, such as "RSA" or "EC".
static inline int openssl_is_a(const EVP_PKEY *key, const char *name) { return EVP_PKEY_is_a(key, name); }

static inline int openssl_bits(const EVP_PKEY *key) { return EVP_PKEY_get_bits(key); }

// The name of an EC key's curve, such as "prime256v1"; empty when it has none.
static inline void openssl_curve(const EVP_PKEY *key, char name[64]) {
    size_t length = 0;
    name[0] = 0;
    if (EVP_PKEY_get_group_name(key, name, 64, &length) != 1) name[0] = 0;
    openssl_forget_errors();
}

// Whether the public part is sound: for RSA an odd exponent of at least 3, else a point of the curve.
static inline int openssl_is_sound(EVP_PKEY *key) {
    int sound;
    if (EVP_PKEY_is_a(key, "RSA")) {
        BIGNUM *exponent = NULL;
        sound = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 && BN_is_odd(exponent) &&
                !BN_is_one(exponent) && BN_num_bits(exponent) <= 64;
        BN_free(exponent);
    } else {
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
        sound = context && EVP_PKEY_public_check(context) == 1;
        EVP_PKEY_CTX_free(context);
    }
    openssl_forget_errors();
    return sound;
}

// The DER of the public part as a SubjectPublicKeyInfo; -1 when it has none. The caller frees `*der` with openssl_free.
static inline int openssl_public_part(const EVP_PKEY *key, unsigned char **der) {
    *der = NULL;
    int count = i2d_PUBKEY(key, der);
    openssl_forget_errors();
    return count;
}

// Sets the padding of PSS with a salt as long as the hash and the same hash in its mask (RFC 7518, 3.5).
static inline int openssl_set_pss(EVP_PKEY_CTX *context, const char *digest) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, digest, NULL) == 1;
}

// Verifies a signature over `data`; `digest` is NULL for Ed25519. 1 when it is right.
static inline int openssl_verify(EVP_PKEY *key, const char *digest, int pss, const unsigned char *signature,
                                 size_t signatureCount, const unsigned char *data, size_t count) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    int right = context && EVP_DigestVerifyInit_ex(context, &options, digest, NULL, NULL, key, NULL) == 1 &&
                (!pss || openssl_set_pss(options, digest)) &&
                EVP_DigestVerify(context, signature, signatureCount, data, count) == 1;
    EVP_MD_CTX_free(context);
    openssl_forget_errors();
    return right;
}

// Signs `data` into `signature`, which has room for `*signatureCount` bytes. 1 when that worked.
static inline int openssl_sign(EVP_PKEY *key, const char *digest, int pss, unsigned char *signature,
                               size_t *signatureCount, const unsigned char *data, size_t count) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *options = NULL;
    int done = context && EVP_DigestSignInit_ex(context, &options, digest, NULL, NULL, key, NULL) == 1 &&
               (!pss || openssl_set_pss(options, digest)) &&
               EVP_DigestSign(context, signature, signatureCount, data, count) == 1;
    EVP_MD_CTX_free(context);
    openssl_forget_errors();
    return done;
}

// The HMAC of `data`, written to `code`, which has room for EVP_MAX_MD_SIZE bytes; how many they are, 0 for a failure.
static inline size_t openssl_hmac(const char *digest, const unsigned char *secret, size_t secretCount,
                                  const unsigned char *data, size_t count, unsigned char *code) {
    size_t length = 0;
    if (!EVP_Q_mac(NULL, "HMAC", NULL, digest, NULL, secret, secretCount, data, count, code, EVP_MAX_MD_SIZE, &length))
        length = 0;
    openssl_forget_errors();
    return length;
}

// The SHA-256 of `data`, 32 bytes; 1 when that worked.
static inline int openssl_sha256(const unsigned char *data, size_t count, unsigned char *hash) {
    size_t length = 0;
    return EVP_Q_digest(NULL, "SHA256", NULL, data, count, hash, &length) == 1 && length == 32;
}

// Compares in a time that does not tell where the bytes differ.
static inline int openssl_is_equal(const void *left, const void *right, size_t count) {
    return CRYPTO_memcmp(left, right, count) == 0;
}

static inline int openssl_random(unsigned char *bytes, size_t count) {
    return count <= INT_MAX && RAND_bytes(bytes, (int)count) == 1;
}

#endif
