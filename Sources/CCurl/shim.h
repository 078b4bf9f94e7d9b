// libcurl with its variadic functions, macros and unions as plain functions.
#ifndef MARTLET_CCURL_SHIM_H
#define MARTLET_CCURL_SHIM_H

// curl's checks of argument types are macros over options known at compile time; here they are not.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdint.h>

typedef size_t (*easy_callback)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode easy_set_number(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode easy_set_text(CURL *easy, CURLoption option, const char *text) {
    return curl_easy_setopt(easy, option, text);
}

static inline CURLcode easy_set_list(CURL *easy, CURLoption option, struct curl_slist *list) {
    return curl_easy_setopt(easy, option, list);
}

// curl copies the bytes; it must know their count before.
static inline CURLcode easy_set_body(CURL *easy, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code ? code : curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, count ? bytes : "");
}

static inline CURLcode easy_set_callbacks(
    CURL *easy, easy_callback head, easy_callback body, void *context) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, head);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, context);
    if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, body);
    return code ? code : curl_easy_setopt(easy, CURLOPT_WRITEDATA, context);
}

static inline CURLcode easy_set_error_text(CURL *easy, char *text) {
    return curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, text);
}

// Neither a request nor a redirect leads to a file, a mailbox or anything else that curl can open.
static inline CURLcode easy_allow_web_only(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075500
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    return code ? code : curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
    long web = CURLPROTO_HTTP | CURLPROTO_HTTPS;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS, web);
    return code ? code : curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, web);
#endif
}

// A transfer that ends while its name is looked up does not wait for the answer.
static inline CURLcode easy_leave_resolver_behind(CURL *easy) {
#if LIBCURL_VERSION_NUM >= 0x075700
    return curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#else
    (void)easy;
    return CURLE_OK;
#endif
}

static inline CURLcode easy_set_id(CURL *easy, uint64_t id) {
    return curl_easy_setopt(easy, CURLOPT_PRIVATE, (void *)(uintptr_t)id);
}

static inline long easy_number(CURL *easy, CURLINFO info) {
    long value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

static inline int64_t easy_size(CURL *easy, CURLINFO info) {
    curl_off_t value = 0;
    curl_easy_getinfo(easy, info, &value);
    return value;
}

// CURL_WRITEFUNC_PAUSE is an unsigned literal of another width in Swift.
static inline size_t easy_pause_writing(void) { return CURL_WRITEFUNC_PAUSE; }

static inline CURLcode easy_continue(CURL *easy) { return curl_easy_pause(easy, CURLPAUSE_CONT); }

static inline CURLcode curl_start_library(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static inline CURLMcode multi_set_number(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// Waits for a socket of curl, for `descriptor`, or for the time; then whether `descriptor` is readable.
static inline int multi_wait(CURLM *multi, int descriptor, int milliseconds) {
    struct curl_waitfd extra = { .fd = descriptor, .events = CURL_WAIT_POLLIN };
    curl_multi_poll(multi, &extra, 1, milliseconds, 0);
    return extra.revents != 0;
}

// The id and result of a transfer that has ended; 0 when there is none.
static inline int multi_next_ended(CURLM *multi, uint64_t *id, CURLcode *result) {
    int left = 0;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        char *value = 0;
        *result = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &value);
        *id = (uint64_t)(uintptr_t)value;
        return 1;
    }
    return 0;
}

#endif
