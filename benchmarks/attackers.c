// Clients that mean harm: many connections that send what files hold, at any pace, and never mind the answers.
//
//   attackers --port P --pid SERVER --connections 64 FILE…               each sends its file again and again
//   attackers … --connections 5000 --piece 1 --rate 50000 --hold 1 FILE  one byte at a time, 50,000 a second in all
//   attackers … --connections 2000 --hold 1 FILE                         the file once; the connection stays open
//   attackers … --connections 4000 --hold 1 --opens 10000 --renew 1 FILE the oldest goes for each that is opened
//
// A connection that the server closes is opened again. One thread with epoll, loopback only, bounded in number and
// time; all come from one address. The result is one line of JSON: what was opened, sent and answered, and the
// processor time of this process and of the server.
#define _GNU_SOURCE
#include "measure.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { MOST_CONNECTIONS = 10000, MOST_SCRIPTS = 64, MOST_BYTES = 4 << 20, AT_ONCE = 256 };

typedef struct {
    int fd;
    bool is_connected;
    size_t sent;  // of its script
} Connection;

typedef struct {
    char *bytes;
    size_t size;
} Script;

static struct {
    long port, pid, connections;
    long piece;  // bytes of one send; 0: as many as the socket takes, again and again
    long rate;   // pieces a second, over all connections
    long hold;   // 1: a script is sent once
    long opens;  // most connections that are opened in a second; 0: as many as can be
    long renew;  // 1: connections are replaced at the rate of opens
    double seconds;
} option = { .connections = 1, .seconds = 2 };

static int poller;
static Connection *connections;
static Script scripts[MOST_SCRIPTS];
static long script_count, connecting, missing;
static uint64_t opened, closed, refused, pieces, bytes_sent, answers[6];
static char input[1 << 16];

static Script *script(const Connection *one) { return &scripts[(one - connections) % script_count]; }

static void watch(Connection *one, int operation, uint32_t events) {
    struct epoll_event event = { .events = events, .data.u64 = one - connections };
    if (epoll_ctl(poller, operation, one->fd, &event)) fail("epoll_ctl");
}

static void begin(Connection *one) {
    struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1) };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(option.port) };
    struct linger reset = { 1, 0 };
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (bind(fd, (void *)&from, sizeof from)) fail("bind");
    if (connect(fd, (void *)&to, sizeof to) && errno != EINPROGRESS) fail("connect");
    *one = (Connection){ .fd = fd };
    watch(one, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
    opened++, connecting++, missing--;
}

static void end(Connection *one) {
    if (!one->is_connected) connecting--, refused++;
    close(one->fd);
    one->fd = -1;
    closed++, missing++;
}

// Opens those that are missing, or in place of the oldest ones.
static void open_due(uint64_t elapsed) {
    static uint64_t next;
    while (connecting < AT_ONCE && (missing || option.renew)) {
        if (option.opens && opened * 1000000000ull > elapsed * option.opens) return;
        Connection *one = &connections[next++ % option.connections];
        if (one->fd >= 0 && !option.renew) continue;
        if (one->fd >= 0) end(one);
        begin(one);
    }
}

// Sends what the socket takes, up to `most` bytes; false when the connection is broken.
static bool send_on(Connection *one, size_t most) {
    const Script *said = script(one);
    if (one->sent == said->size && !option.hold) one->sent = 0;
    size_t left = said->size - one->sent, size = left < most ? left : most;
    if (!size) return true;
    ssize_t count = send(one->fd, said->bytes + one->sent, size, MSG_NOSIGNAL);
    if (count < 0) return errno == EAGAIN;
    one->sent += count, bytes_sent += count, pieces++;
    return true;
}

static void send_pieces(uint64_t elapsed) {
    static uint64_t next;
    for (long tried = 0; pieces * 1000000000ull < elapsed * option.rate && tried < option.connections; tried++) {
        Connection *one = &connections[next++ % option.connections];
        if (one->fd >= 0 && one->is_connected && !send_on(one, option.piece)) end(one);
    }
}

static void count_answers(const char *text, size_t size) {
    const char *line = text, *limit = text + size;
    while ((line = memmem(line, limit - line, "HTTP/1.1 ", 9)) && limit - line > 9) {
        if (line[9] >= '1' && line[9] <= '5') answers[line[9] - '0']++;
        line += 9;
    }
}

// False when the connection has ended.
static bool read_on(Connection *one) {
    ssize_t count = recv(one->fd, input, sizeof input, 0);
    if (count > 0) count_answers(input, count);
    return count > 0 || (count < 0 && errno == EAGAIN);
}

static void handle(Connection *one, uint32_t events) {
    if (one->fd < 0) return;
    if ((events & EPOLLOUT) && !one->is_connected) {
        one->is_connected = true, connecting--;
        // Those that are paced, or that hold, are told of answers and ends alone.
        if (option.hold && !option.piece && !send_on(one, SIZE_MAX)) return end(one);
        if (option.piece || option.hold) watch(one, EPOLL_CTL_MOD, EPOLLIN);
    } else if ((events & EPOLLOUT) && !send_on(one, SIZE_MAX)) {
        return end(one);
    }
    if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) && !read_on(one)) end(one);
}

static void run(void) {
    uint64_t start = now(), elapsed = 0;
    while ((elapsed = now() - start) < (uint64_t)(option.seconds * 1e9)) {
        open_due(elapsed);
        if (option.piece) send_pieces(elapsed);
        struct epoll_event events[512];
        int count = epoll_wait(poller, events, 512, 1);
        for (int index = 0; index < count; index++) handle(&connections[events[index].data.u64], events[index].events);
    }
}

static void read_script(const char *path) {
    Script *one = &scripts[script_count++];
    FILE *file = fopen(path, "r");
    if (!file || script_count > MOST_SCRIPTS - 1) fail(path);
    one->bytes = malloc(MOST_BYTES);
    one->size = fread(one->bytes, 1, MOST_BYTES, file);
    if (!one->size) fail(path);
    fclose(file);
}

static void read_arguments(int count, char **values) {
    const struct {
        const char *name;
        long *value, most;
    } numbers[] = {
        { "--port", &option.port, 65535 }, { "--pid", &option.pid, 1 << 30 }, { "--hold", &option.hold, 1 },
        { "--connections", &option.connections, MOST_CONNECTIONS }, { "--piece", &option.piece, 1 << 16 },
        { "--rate", &option.rate, 1000000 }, { "--opens", &option.opens, 100000 }, { "--renew", &option.renew, 1 },
    };
    for (int index = 1; index < count; index++) {
        if (values[index][0] != '-') {
            read_script(values[index]);
            continue;
        }
        long *value = NULL, most = 0;
        for (size_t at = 0; at < sizeof numbers / sizeof *numbers; at++)
            if (!strcmp(values[index], numbers[at].name)) value = numbers[at].value, most = numbers[at].most;
        bool is_time = !strcmp(values[index], "--seconds");
        if (index + 1 == count || !(value || is_time)) fail(values[index]);
        if (is_time) option.seconds = strtod(values[++index], NULL);
        else *value = strtol(values[++index], NULL, 10);
        if (is_time ? option.seconds > 60 : *value < 0 || *value > most) fail(values[index - 1]);
    }
    if (!script_count || !option.connections) fail("what to send, and on how many connections?");
}

int main(int count, char **values) {
    read_arguments(count, values);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit), limit.rlim_cur = limit.rlim_max, setrlimit(RLIMIT_NOFILE, &limit);
    alarm(option.seconds + 60);
    poller = epoll_create1(EPOLL_CLOEXEC);
    missing = option.connections;
    connections = calloc(option.connections, sizeof *connections);
    for (long index = 0; index < option.connections; index++) connections[index].fd = -1;
    Usage start = usage(option.pid);
    run();
    Usage used = since(start, option.pid);
    printf("{\"opened\":%lu,\"closed\":%lu,\"unconnected\":%lu,\"open\":%ld,\"sends\":%lu,\"megabytes\":%.1f,", opened,
           closed, refused, option.connections - missing, pieces, bytes_sent / 1e6);
    for (int hundred = 1; hundred < 6; hundred++) printf("\"%dxx\":%lu,", hundred, answers[hundred]);
    print_usage(used);
    printf("\"seconds\":%.3f}\n", used.at / 1e9);
    return 0;
}
