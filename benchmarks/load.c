// Load for the hub, and for floor.c beside it: opens streams, publishes, and checks and times what arrives.
//
//   load fan   --port P --streams 1000 --publishers 4 --window 8   events to streams (0: publishing alone)
//   load idle  --port P --streams 10000 --pid SERVER               streams that only stay open
//   load storm --port P --streams 10000 --history 100              all return at once and are owed events
//   load fan   … --rate 200 --first 5000                           a steady stream beside another load
//   load …     --tls 1                                             the same by TLS
//   load …     --gather 100                                        the same in batches, of a window's events each
//
// One thread with epoll, loopback only, bounded in number and time. The result is one line of JSON; the exit
// status is 1 when an event was lost, doubled, out of order or on a wrong stream, 2 when nothing can be said.
//
// A stream is right when its ids only grew, and the count and the mixed sum of the numbers in its payloads are
// those of its resource. No event is cut over two chunks, so lines are read as they come, and those of the
// framing pass for unknown fields.
#define _GNU_SOURCE
#include "measure.h"
#include "options.h"
#include "payload.h"
#include "secure.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { MOST_CONNECTING = 256, ROOM = 1 << 18 };

typedef struct {
    int fd;
    SSL *ssl;
    bool connecting, open;
    uint32_t resource, carried;
    char *carry;             // the beginning of a block whose end has not come
    uint64_t last;           // sequence of the last id
    uint64_t received, sum;  // events, and their numbers mixed
    char cursor[40];         // the last id as it came
} Stream;

typedef struct {
    int fd;
    SSL *ssl;
    bool waits;  // for an answer
    uint64_t sent;
    int filled;
    char input[8192];
} Publisher;

static int poller;
static Stream *streams;
static Publisher *publishers;
static uint64_t published[MOST_RESOURCES], sums[MOST_RESOURCES];
static char *request, *lines;  // the publish request, and its first event within it
static int request_length, line_length;
static char input[ROOM];
static long opened, connecting, next_stream, next_resource;
static uint64_t first_due;  // when the first event of a fixed rate was due
static bool resuming, publishing, measuring;
static uint64_t window_start, window_acked, window_delivered, reads, batches, batched;
static uint64_t sent, acked, delivered, owed, unordered, strayed, refused, broken;
static Times delivery_times, ack_times;

// MARK: Streams

static int start_connection(long source, uint64_t name, uint32_t events) {
    struct sockaddr_in from = { .sin_family = AF_INET };
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(option.port) };
    struct linger reset = { 1, 0 };
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // Several source addresses: the search for a free port slows down when one has many in use.
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + source / option.crowd);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (bind(fd, (void *)&from, sizeof from)) fail("bind");
    if (connect(fd, (void *)&to, sizeof to) && errno != EINPROGRESS) fail("connect");
    struct epoll_event event = { .events = events, .data.u64 = name };
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
    return fd;
}

static void start_streams(void) {
    for (; next_stream < option.streams && connecting < MOST_CONNECTING; next_stream++, connecting++) {
        streams[next_stream].fd = start_connection(next_stream, next_stream, EPOLLOUT);
        streams[next_stream].connecting = true;
    }
}

// Connected; with TLS, a part of the handshake has come. Asks for the stream when that is done.
static void ask(Stream *stream, uint64_t name) {
    if (secure) {
        if (!stream->ssl) stream->ssl = secured(stream->fd);
        struct epoll_event more = { .events = EPOLLIN, .data.u64 = name };
        if (!shaken(stream->ssl)) return (void)epoll_ctl(poller, EPOLL_CTL_MOD, stream->fd, &more);
    }
    char text[2048], resume[80] = "", batch[32] = "";
    if (option.gather) snprintf(batch, sizeof batch, "&batch=%ld", option.gather);
    if (resuming) snprintf(resume, sizeof resume, "Last-Event-ID: %s\r\n", stream->cursor);
    int length = snprintf(text, sizeof text,
                          "GET /stream?resources=bench:%05u%s HTTP/1.1\r\nHost: localhost\r\n%s%s\r\n",
                          stream->resource, batch, option.credentials, resume);
    if (give(stream->fd, stream->ssl, text, length) != length) fail("cannot open a stream");
    struct epoll_event event = { .events = EPOLLIN, .data.u64 = name };
    epoll_ctl(poller, EPOLL_CTL_MOD, stream->fd, &event);
    stream->connecting = false;
}

static void take_event(Stream *stream, const char *stamp, const char *id, int id_length, uint64_t time) {
    int digits = 0;
    while (digits < id_length && id[id_length - 1 - digits] != '-') digits++;
    uint64_t sequence = get(id + id_length - digits, digits);
    if (sequence <= stream->last) unordered++;
    stream->last = sequence;
    if (get(stamp + RESOURCE, RESOURCE_DIGITS) != stream->resource) strayed++;
    stream->received++;
    stream->sum += mixed(get(stamp + NUMBER, NUMBER_DIGITS));
    delivered++;
    if (!measuring) return;
    uint64_t stamped = get(stamp + TIME, TIME_DIGITS);
    window_delivered++;
    if (stamped >= window_start) note(&delivery_times, time - stamped);
}

// Takes the events of a batch, each of which begins with its id.
static void take_batch(Stream *stream, const char *data, const char *end, uint64_t time) {
    static const char begin[] = "{\"id\":\"";
    const char *id = data, *stamp;
    while ((id = memmem(id, end - id, begin, sizeof begin - 1))) {
        id += sizeof begin - 1;
        const char *quote = memchr(id, '"', end - id);
        if (!quote || !(stamp = memchr(quote, '~', end - quote)) || end - stamp < STAMP) return;
        take_event(stream, stamp, id, (int)(quote - id), time);
        id = stamp;
        batched += measuring;
    }
    batches += measuring;
}

// Takes whole blocks; the number of bytes that belong to them.
static size_t take_blocks(Stream *stream, const char *bytes, size_t length, uint64_t time) {
    const char *line = bytes, *end = bytes + length, *done = bytes, *id = line, *stamp = NULL, *feed;
    int id_length = 0;
    bool is_batch = false;
    for (; (feed = memchr(line, '\n', end - line)); line = feed + 1) {
        if (feed == line) {
            if (stamp) take_event(stream, stamp, id, id_length, time);
            if (id_length > 0 && id_length < (int)sizeof stream->cursor) {
                memcpy(stream->cursor, id, id_length);
                stream->cursor[id_length] = 0;
            }
            stamp = NULL, id_length = 0, is_batch = false, done = feed + 1;
        } else if (feed - line == 12 && !memcmp(line, "event: batch", 12)) {
            is_batch = true;
        } else if (is_batch && feed - line > 6 && !memcmp(line, "data: ", 6)) {
            take_batch(stream, line, feed, time);
        } else if (feed - line > 4 && !memcmp(line, "id: ", 4)) {
            id = line + 4, id_length = (int)(feed - id);
        } else if (feed - line > 6 && !memcmp(line, "data: ", 6)) {
            stamp = memchr(line, '~', feed - line);
            if (stamp && feed - stamp < STAMP) stamp = NULL;
        }
    }
    return done - bytes;
}

static void read_stream(Stream *stream) {
    size_t length = stream->carried, start = 0;
    if (length) memcpy(input, stream->carry, length);
    ssize_t count = take(stream->fd, stream->ssl, input + length, ROOM - length);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
        broken++;
        drop(stream->fd, stream->ssl);
        stream->fd = -1, stream->ssl = NULL;
        return;
    }
    reads += measuring;
    length += count;
    char *head = stream->open ? NULL : memmem(input, length, "\r\n\r\n", 4);
    if (head) {
        if (memcmp(input, "HTTP/1.1 200", 12)) refused++;
        start = head + 4 - input;
        stream->open = true;
        opened++, connecting--;
    }
    if (stream->open) start += take_blocks(stream, input + start, length - start, now());
    stream->carried = length - start;
    if (!stream->carried) return;
    stream->carry = realloc(stream->carry, stream->carried);
    memcpy(stream->carry, input + start, stream->carried);
}

// MARK: Publishers

static void prepare_request(void) {
    char *line, padding[1 << 16];
    int width = option.size > STAMP ? option.size - STAMP : 0;
    memset(padding, 'x', width), padding[width] = 0;
    line_length = asprintf(
        &line, "{\"resource\":\"bench:00000\",\"data\":\"~00000.0000000000.%017d.%s\"}\n", 0, padding);
    request = malloc(2048 + (size_t)line_length * option.batch);
    request_length = sprintf(request,
                             "POST /broadcast HTTP/1.1\r\nHost: localhost\r\n%s"
                             "Content-Type: application/%s\r\nContent-Length: %ld\r\n\r\n",
                             option.credentials, option.batch > 1 ? "x-ndjson" : "json", line_length * option.batch);
    lines = request + request_length;
    for (long index = 0; index < option.batch; index++, request_length += line_length)
        memcpy(request + request_length, line, line_length);
    free(line);
}

// When the next event is due: with a fixed rate, a server that stalls makes those late that are due meanwhile.
static uint64_t due(void) {
    if (!option.rate) return 0;
    if (!first_due) first_due = now();
    return first_due + sent * 1000000000ull / option.rate;
}

static void publish(Publisher *publisher) {
    uint64_t time = option.rate ? due() : now();
    for (long index = 0; index < option.batch; index++) {
        char *line = lines + index * line_length, *resource = line + 19, *stamp = line + 34;
        long name = option.first + next_resource;
        uint64_t number = published[name]++;
        sums[name] += mixed(number);
        put(resource, RESOURCE_DIGITS, name);
        put(stamp + RESOURCE, RESOURCE_DIGITS, name);
        put(stamp + NUMBER, NUMBER_DIGITS, number);
        put(stamp + TIME, TIME_DIGITS, time);
        next_resource = (next_resource + 1) % option.resources;
    }
    for (int done = 0; done < request_length;) {
        ssize_t count = give(publisher->fd, publisher->ssl, request + done, request_length - done);
        if (count < 0 && errno != EAGAIN) fail("cannot publish");
        if (count > 0) done += count;
    }
    publisher->sent = time, publisher->waits = true;
    sent += option.batch;
    if (!resuming) owed += option.batch * (option.streams / option.resources);
}

static void read_answer(Publisher *publisher) {
    char *text = publisher->input;
    ssize_t count = take(publisher->fd, publisher->ssl, text + publisher->filled,
                         sizeof publisher->input - 1 - publisher->filled);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) fail("the server has closed a publisher's connection");
    publisher->filled += count;
    text[publisher->filled] = 0;
    char *end = strstr(text, "\r\n\r\n"), *field = end ? strcasestr(text, "\r\ncontent-length:") : NULL;
    if (!end || end + 4 + (field ? atol(field + 17) : 0) > text + publisher->filled) return;
    if (memcmp(text, "HTTP/1.1 20", 11)) errno = 0, fail(text);
    publisher->filled = 0, publisher->waits = false;
    acked += option.batch;
    if (!measuring) return;
    window_acked += option.batch;
    if (publisher->sent >= window_start) note(&ack_times, now() - publisher->sent);
}

static bool may_publish(void) {
    if (!publishing || (option.count && sent >= (uint64_t)option.count) || now() < due()) return false;
    long each = option.streams / option.resources;
    return !option.window || owed + each <= delivered + option.window * each;
}

// MARK: Runs

static void step(void) {
    static long turn;
    struct epoll_event events[512];
    int count = epoll_wait(poller, events, 512, option.rate ? 1 : 20);
    for (int index = 0; index < count; index++) {
        uint64_t name = events[index].data.u64;
        if (name >= MOST_STREAMS) read_answer(&publishers[name - MOST_STREAMS]);
        else if (streams[name].connecting) ask(&streams[name], name);
        else if (streams[name].fd >= 0) read_stream(&streams[name]);
    }
    start_streams();
    for (long index = 0; index < option.publishers && may_publish(); index++) {
        turn = (turn + 1) % option.publishers;
        if (!publishers[turn].waits) publish(&publishers[turn]);
    }
}

static void run_for(double seconds) {
    for (uint64_t end = now() + (uint64_t)(seconds * 1e9); now() < end;) step();
}

static void publish_count(void) {
    publishing = true;
    while (acked < (uint64_t)option.count && !broken) step();
}

static double open_streams(void) {
    uint64_t start = now();
    opened = next_stream = connecting = 0;
    while (opened < option.streams && !broken && !refused) step();
    return (now() - start) / 1e9;
}

static void close_streams(void) {
    for (long index = 0; index < option.streams; index++) {
        drop(streams[index].fd, streams[index].ssl);
        streams[index].open = false, streams[index].carried = 0, streams[index].ssl = NULL;
    }
    next_stream = option.streams;
    run_for(0.2);
}

// Lets all arrive that was published, and gives up after 3 s without any.
static void settle(void) {
    uint64_t seen = 0;
    publishing = false;
    for (uint64_t last = now(); (acked < sent || delivered < owed) && now() < last + 3000000000ull && !broken; step())
        if (delivered + acked > seen) seen = delivered + acked, last = now();
}

static int report(double open_seconds) {
    uint64_t lost = 0, doubled = 0, mistaken = 0;
    run_for(0.05);  // what comes although nothing is owed
    for (long index = 0; index < option.streams; index++) {
        Stream *stream = &streams[index];
        uint64_t due = published[stream->resource];
        if (stream->received < due) lost += due - stream->received;
        if (stream->received > due) doubled += stream->received - due;
        if (stream->received == due && stream->sum != sums[stream->resource]) mistaken++;
    }
    printf("\"opens_per_s\":%.0f,\"published\":%lu,\"delivered\":%lu,",
           option.streams ? option.streams / open_seconds : 0, acked, delivered);
    printf("\"lost\":%lu,\"doubled\":%lu,\"mistaken\":%lu,\"unordered\":%lu,\"strayed\":%lu,\"broken\":%lu,"
           "\"refused\":%lu}\n", lost, doubled, mistaken, unordered, strayed, broken, refused);
    return lost || doubled || mistaken || unordered || strayed || broken || refused;
}

static int fan(void) {
    double opening = open_streams();
    printf("{"), fflush(stdout);  // says that the streams are open
    if (option.count) {
        publish_count();
        settle();
        return report(opening);
    }
    publishing = true;
    run_for(option.warmup);
    Usage start = usage(option.pid);
    window_start = start.at, measuring = true;
    run_for(option.seconds);
    Usage used = since(start, option.pid);
    measuring = false;
    double seconds = used.at / 1e9, events = option.streams ? window_delivered : window_acked;
    printf("\"seconds\":%.3f,\"acks_per_s\":%.0f,\"deliveries_per_s\":%.0f,", seconds,
           window_acked / seconds, window_delivered / seconds);
    printf("\"cpu_us_per_event\":%.3f,", events ? used.server / 1e3 / events : 0);
    printf("\"reads_per_delivery\":%.3f,", window_delivered ? (double)reads / window_delivered : 0);
    // What each stream is sent a second, a batch counted as one.
    printf("\"messages_per_s\":%.2f,",
           option.streams ? (window_delivered - batched + batches) / seconds / option.streams : 0);
    print_times("delivery_us", &delivery_times);
    print_times("ack_us", &ack_times);
    print_usage(used);
    settle();
    return report(opening);
}

static int idle(void) {
    long all = option.streams;
    option.streams = 1;  // what only the first stream of all costs is no stream's own
    open_streams();
    close_streams();
    option.streams = all;
    uint64_t before = resident(option.pid);
    double opening = open_streams();
    run_for(0.3);
    printf("{\"resident_per_stream\":%.0f,", ((double)resident(option.pid) - before) / all);
    return report(opening);
}

static int storm(void) {
    open_streams();
    option.count = option.resources;  // one event each, so that all have a cursor
    publish_count();
    settle();
    close_streams();
    resuming = true;
    option.count += option.history * option.resources;
    publish_count();
    owed += option.history * option.streams;
    Usage start = usage(option.pid);
    double opening = open_streams();
    settle();
    Usage used = since(start, option.pid);
    double seconds = used.at / 1e9;
    printf("{\"storm_s\":%.3f,\"replayed_per_s\":%.0f,", seconds, option.history * option.streams / seconds);
    print_usage(used);
    return report(opening);
}

int main(int count, char **values) {
    read_options(count, values);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit), limit.rlim_cur = limit.rlim_max, setrlimit(RLIMIT_NOFILE, &limit);
    alarm(option.seconds + option.warmup + 60);
    poller = epoll_create1(EPOLL_CLOEXEC);
    streams = calloc(option.streams + 1, sizeof *streams);
    for (long index = 0; index < option.streams; index++) streams[index].resource = option.first + index % option.resources;
    publishers = calloc(option.publishers, sizeof *publishers);
    next_stream = option.streams;
    if (option.tls) use_tls();
    for (long index = 0; index < option.publishers; index++)
        publishers[index].fd = start_connection(0, MOST_STREAMS + index, EPOLLIN);
    prepare_request();
    run_for(0.05);  // the publishers' handshakes
    for (long index = 0; secure && index < option.publishers; index++) {
        publishers[index].ssl = secured(publishers[index].fd);
        while (!shaken(publishers[index].ssl)) usleep(100);
    }
    if (!strcmp(option.mode, "fan")) return fan();
    if (!strcmp(option.mode, "idle")) return idle();
    if (!strcmp(option.mode, "storm")) return storm();
    fail("what to do is fan, idle or storm");
}
