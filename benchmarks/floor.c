// The yardstick: the least that a server can do for the same load on the same machine. One thread, epoll, one
// send per delivery, no check of anything, no limit, no keep-alive; a measuring rod, not a server.
//
//   floor -p PORT [-g] [-d FILE] [-t CERTIFICATE -k KEY]
//
//   -g gathers: one send per stream for all that one round of epoll has brought
//   -d gathers too, and writes all of it to FILE with one fdatasync before anything is sent: the least that sharing a
//      commit can cost. The file is as long as it gets from the start, and is written over and over.
//   -t speaks TLS by OpenSSL with the same settings as the hub: what TLS itself costs
//
// A resource is a log of encoded events in memory, and a stream is a place in it: sending moves the place, a
// cursor (`Last-Event-ID: f-PLACE`) names one, and what a slow stream lacks is what lies behind its place.
//
// Compiled with -DFAULTY, -x NAME makes every 100th delivery wrong (lose, double, swap, stray) or every one
// wasteful (malloc, sends, work, memory): what the checks must be able to see.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 1 << 15, MOST_RESOURCES = 1 << 14, MOST_LOG = 64 << 20, ROOM = 1 << 16,
       DISK_PARTS = 16 };

typedef struct {
    char *bytes;
    size_t base, end, capacity;  // places: the first one kept, and one behind the last
    int *streams;
    uint32_t count, room;
    bool dirty;
} Resource;

typedef struct {
    bool is_stream, is_blocked;
    uint32_t resource, slot;  // its slot in the resource's list
    size_t place;             // up to where it has been sent the log
    size_t filled;
    char *input;
    SSL *ssl;  // NULL without TLS
} Connection;

static Connection *connections[MOST_CONNECTIONS];
static Resource resources[MOST_RESOURCES];
static int poller, acks[MOST_CONNECTIONS], ack_count, dirty[MOST_RESOURCES], dirty_count;
static bool gathers;
static int disk = -1;
static SSL_CTX *tls;
static char unwritten[1 << 20];
static size_t unwritten_count;
static const char *fault = "";
static const char opening[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n\r\n";
static const char answer[] = "HTTP/1.1 204 No Content\r\n\r\n";

// As send and recv do, with TLS where the connection has it.
static ssize_t transmit(int fd, const char *bytes, size_t length) {
    SSL *ssl = connections[fd] ? connections[fd]->ssl : NULL;  // whoever waits for an answer may have gone
    if (!ssl) return send(fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    size_t sent = 0, count = 0;
    while (sent < length && SSL_write_ex(ssl, bytes + sent, length - sent, &count) == 1) sent += count;
    return sent ? (ssize_t)sent : -1;
}

static ssize_t take(int fd, char *bytes, size_t size) {
    SSL *ssl = connections[fd]->ssl;
    if (!ssl) return recv(fd, bytes, size, MSG_DONTWAIT);
    size_t count = 0;
    if (SSL_read_ex(ssl, bytes, size, &count) == 1) return (ssize_t)count;
    int error = SSL_get_error(ssl, 0);
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPIPE;
    return -1;
}

static void open_tls(const char *certificate, const char *key) {
    tls = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(tls, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, key, SSL_FILETYPE_PEM) != 1)
        fprintf(stderr, "floor: the certificate or its key cannot be used\n"), exit(64);
    SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(tls, 1);
}

#ifdef FAULTY
static void *volatile sink;  // so that what is wasted is not optimised away

// Whether the delivery is to be left out, after doing it wrong.
static bool spoil(int fd, const char *bytes, size_t length) {
    static uint64_t count;
    static char *late[MOST_CONNECTIONS];  // of the same length as all others
    bool chosen = ++count % 100 == 0;
    if (!strcmp(fault, "malloc")) free(sink = malloc(100));
    if (!strcmp(fault, "work")) for (volatile int step = 0; step < 20000; step++) {}
    if (!strcmp(fault, "sends") && length > 40) {
        send(fd, bytes, 40, MSG_NOSIGNAL);
        send(fd, bytes + 40, length - 40, MSG_NOSIGNAL);
        return true;
    }
    if (!strcmp(fault, "lose")) return chosen;
    if (!strcmp(fault, "double") && chosen) send(fd, bytes, length, MSG_NOSIGNAL);
    if (!strcmp(fault, "stray") && chosen) {
        char *copy = memcpy(malloc(length), bytes, length), *mark = memchr(copy, '~', length);
        if (mark) mark[5] ^= 1;
        send(fd, copy, length, MSG_NOSIGNAL);
        free(copy);
        return true;
    }
    if (!strcmp(fault, "swap") && chosen && !late[fd]) {
        late[fd] = memcpy(malloc(length), bytes, length);
        return true;
    }
    if (late[fd]) {
        send(fd, bytes, length, MSG_NOSIGNAL);
        send(fd, late[fd], length, MSG_NOSIGNAL);
        free(late[fd]);
        late[fd] = NULL;
        return true;
    }
    return false;
}
#endif

static void drop(int fd) {
    Connection *connection = connections[fd];
    if (connection->is_stream) {
        Resource *resource = &resources[connection->resource];
        int last = resource->streams[--resource->count];
        resource->streams[connection->slot] = last;
        connections[last]->slot = connection->slot;
    }
    SSL_free(connection->ssl);
    free(connection->input);
    free(connection);
    connections[fd] = NULL;
    close(fd);
}

// Sends what the stream lacks as far as the socket takes it; the rest follows when epoll says so.
static void advance(int fd) {
    Connection *connection = connections[fd];
    Resource *resource = &resources[connection->resource];
    if (connection->place < resource->base) connection->place = resource->base;
    const char *bytes = resource->bytes + (connection->place - resource->base);
    size_t length = resource->end - connection->place;
    if (!length) return;
#ifdef FAULTY
    if (spoil(fd, bytes, length)) {
        connection->place += length;
        return;
    }
#endif
    ssize_t count = transmit(fd, bytes, length);
    if (count > 0) connection->place += count;
    connection->is_blocked = count < (ssize_t)length;
}

static void fan(Resource *resource) {
    for (uint32_t index = 0; index < resource->count; index++) {
        int fd = resource->streams[index];
        if (!connections[fd]->is_blocked) advance(fd);
    }
}

static void open_disk(const char *path) {
    disk = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    for (int part = 0; part < DISK_PARTS && disk >= 0; part++)
        if (write(disk, unwritten, sizeof unwritten) < (ssize_t)sizeof unwritten) disk = -1;
    if (disk < 0 || fsync(disk)) perror("floor"), exit(69);
    gathers = true;
}

static void write_to_disk(void) {
    static off_t place;
    if (!unwritten_count) return;
    if (place + unwritten_count > DISK_PARTS * sizeof unwritten) place = 0;
    ssize_t count = pwrite(disk, unwritten, unwritten_count, place);
    if (count != (ssize_t)unwritten_count || fdatasync(disk)) perror("floor"), exit(69);
    place += unwritten_count;
    unwritten_count = 0;
}

static void post(int fd, Resource *resource, const char *body, size_t length) {
    size_t size = 4 + 14 + 7 + length + 2;
    if (resource->end - resource->base + size > MOST_LOG) resource->base = resource->end;
    if (resource->end - resource->base + size + 1 > resource->capacity) {
        resource->capacity = resource->capacity ? resource->capacity * 2 : 4096;
        while (resource->capacity < resource->end - resource->base + size + 1) resource->capacity *= 2;
        resource->bytes = realloc(resource->bytes, resource->capacity);
    }
    char *place = resource->bytes + (resource->end - resource->base);
    place += sprintf(place, "id: f-%012zu\ndata: ", resource->end + size);
    memcpy(place, body, length);
    memcpy(place + length, "\n\n", 2);
    resource->end += size;
    if (!gathers) {
        fan(resource);
        transmit(fd, answer, sizeof answer - 1);
        return;
    }
    if (disk >= 0) {
        if (unwritten_count + length > sizeof unwritten) write_to_disk();
        memcpy(unwritten + unwritten_count, body, length);
        unwritten_count += length;
    }
    acks[ack_count++] = fd;
    if (!resource->dirty) dirty[dirty_count++] = resource - resources;
    resource->dirty = true;
}

static void flush(void) {
    write_to_disk();
    for (int index = 0; index < dirty_count; index++) {
        fan(&resources[dirty[index]]);
        resources[dirty[index]].dirty = false;
    }
    for (int index = 0; index < ack_count; index++)
        transmit(acks[index], answer, sizeof answer - 1);
    dirty_count = ack_count = 0;
}

static void open_stream(int fd, Connection *connection, uint32_t number) {
    Resource *resource = &resources[number];
    char *cursor = strcasestr(connection->input, "\r\nlast-event-id: f-");
    if (resource->count == resource->room) {
        resource->room = resource->room ? resource->room * 2 : 16;
        resource->streams = realloc(resource->streams, resource->room * sizeof(int));
    }
    connection->is_stream = true;
    connection->resource = number;
    connection->slot = resource->count;
    resource->streams[resource->count++] = fd;
    connection->place = cursor ? strtoull(cursor + 19, NULL, 10) : resource->end;
    size_t owed = resource->end - connection->place;
    if (connection->ssl) {
        transmit(fd, opening, sizeof opening - 1);
        advance(fd);
    } else {
        struct iovec parts[2] = { { (void *)opening, sizeof opening - 1 },
                                  { resource->bytes + (connection->place - resource->base), owed } };
        struct msghdr message = { .msg_iov = parts, .msg_iovlen = owed ? 2 : 1 };
        ssize_t count = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count > (ssize_t)parts[0].iov_len) connection->place += count - parts[0].iov_len;
        connection->is_blocked = connection->place < resource->end;
    }
#ifdef FAULTY
    if (!strcmp(fault, "memory")) memset(sink = malloc(4096), 1, 4096);
#endif
    free(connection->input);
    connection->input = NULL;
}

// Takes one request; whether there may be another.
static bool take_request(int fd, Connection *connection) {
    char *text = connection->input, *end = strstr(text, "\r\n\r\n");
    if (!end) return false;
    bool is_post = text[0] == 'P';
    char *field = is_post ? strcasestr(text, "\r\ncontent-length:") : NULL;
    size_t length = field ? strtoul(field + 17, NULL, 10) : 0, head = end + 4 - text;
    if (connection->filled < head + length) return false;
    char *name = strstr(is_post ? end : text, "bench:");
    uint32_t number = name ? strtoul(name + 6, NULL, 10) % MOST_RESOURCES : 0;
    if (!is_post) return open_stream(fd, connection, number), false;
    post(fd, &resources[number], end + 4, length - 1);  // without its line feed
    connection->filled -= head + length;
    memmove(text, text + head + length, connection->filled + 1);
    return connection->filled > 0;
}

static void receive(int fd) {
    Connection *connection = connections[fd];
    static char rest[ROOM];
    // Without TLS one call takes all that has come; a record is at most what one call takes.
    do {
        ssize_t count = connection->is_stream
            ? take(fd, rest, sizeof rest)
            : take(fd, connection->input + connection->filled, ROOM - 1 - connection->filled);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) return drop(fd);
        if (connection->is_stream) continue;
        connection->filled += count;
        connection->input[connection->filled] = 0;
        while (take_request(fd, connection)) {}
    } while (connection->ssl);
}

static void accept_all(int listener) {
    for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        if (fd >= MOST_CONNECTIONS) {
            close(fd);
            continue;
        }
        connections[fd] = calloc(1, sizeof(Connection));
        connections[fd]->input = malloc(ROOM);
        if (tls) {
            connections[fd]->ssl = SSL_new(tls);
            SSL_set_fd(connections[fd]->ssl, fd);
            SSL_set_accept_state(connections[fd]->ssl);
        }
        struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.fd = fd };
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int count, char **values) {
    int port = 8081, letter, one = 1;
    const char *certificate = NULL, *key = NULL;
    while ((letter = getopt(count, values, "p:gd:t:k:x:")) != -1) {
        if (letter == 'p') port = atoi(optarg);
        else if (letter == 'g') gathers = true;
        else if (letter == 'd') open_disk(optarg);
        else if (letter == 't') certificate = optarg;
        else if (letter == 'k') key = optarg;
        else if (letter == 'x') fault = optarg;
        else return 64;
    }
    if (certificate && key) open_tls(certificate, key);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit), limit.rlim_cur = limit.rlim_max, setrlimit(RLIMIT_NOFILE, &limit);
    poller = epoll_create1(EPOLL_CLOEXEC);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);  // handed down to each connection
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (void *)&address, sizeof address) || listen(listener, 4096)) return perror("floor"), 69;
    struct epoll_event own = { .events = EPOLLIN, .data.fd = listener }, events[512];
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &own);
    socklen_t length = sizeof address;
    getsockname(listener, (void *)&address, &length);
    printf("floor listening on http://127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int ready = epoll_wait(poller, events, 512, -1);
        for (int index = 0; index < ready; index++) {
            int fd = events[index].data.fd;
            if (fd == listener) accept_all(listener);
            else if (connections[fd] && events[index].events & EPOLLOUT && connections[fd]->is_stream) advance(fd);
            if (fd != listener && connections[fd] && events[index].events & ~EPOLLOUT) receive(fd);
        }
        flush();
    }
}
