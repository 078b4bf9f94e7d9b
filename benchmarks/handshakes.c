// Full TLS handshakes at a fixed rate, each on a connection of its own that is closed afterwards.
//
//   handshakes --port P --pid SERVER --rate 500 --seconds 2
//
// One thread with epoll, loopback only. The result is one line of JSON: handshakes a second, the server's processor
// time for each, and the time from connect to the end of the handshake.
#define _GNU_SOURCE
#include "options.h"
#include "secure.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

// As many as one worker of the hub keeps, so that none is given up for another.
enum { MOST_OPEN = 256 };

typedef struct {
    int fd;
    SSL *ssl;
    uint64_t begun;
} Handshake;

static Handshake open_ones[MOST_OPEN];
static int poller, unused[MOST_OPEN], unused_count;
static uint64_t started, done;
static Times times;

static void begin(void) {
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(option.port) };
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (void *)&to, sizeof to) && errno != EINPROGRESS) fail("connect");
    int index = unused[--unused_count];
    open_ones[index] = (Handshake){ .fd = fd, .ssl = secured(fd), .begun = now() };
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.u64 = index };
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
    started++;
}

static void go_on(int index, uint32_t events) {
    Handshake *one = &open_ones[index];
    // Reported once before the connection is there.
    if (!(events & (EPOLLIN | EPOLLOUT)) || !shaken(one->ssl)) return;
    note(&times, now() - one->begun);
    done++;
    SSL_shutdown(one->ssl);
    drop(one->fd, one->ssl);
    unused[unused_count++] = index;
}

static void run_for(double seconds) {
    uint64_t begin_time = now(), end = begin_time + (uint64_t)(seconds * 1e9), first = started;
    while (now() < end) {
        struct epoll_event events[256];
        int count = epoll_wait(poller, events, 256, 1);
        for (int index = 0; index < count; index++) go_on((int)events[index].data.u64, events[index].events);
        while (unused_count && (now() - begin_time) * option.rate >= (started - first) * 1000000000ull) begin();
    }
}

int main(int count, char **values) {
    read_options(count, values);
    if (!option.rate) fail("--rate");
    alarm(option.seconds + option.warmup + 60);
    use_tls();
    poller = epoll_create1(EPOLL_CLOEXEC);
    for (; unused_count < MOST_OPEN; unused_count++) unused[unused_count] = unused_count;
    run_for(option.warmup);
    Usage start = usage(option.pid);
    uint64_t before = done;
    run_for(option.seconds);
    Usage used = since(start, option.pid);
    uint64_t made = done - before;
    printf("{\"handshakes_per_s\":%.0f,\"cpu_us_per_handshake\":%.1f,", made / (used.at / 1e9),
           made ? used.server / 1e3 / made : 0);
    print_times("handshake_us", &times);
    print_usage(used);
    printf("\"done\":%lu}\n", made);
    return 0;
}
