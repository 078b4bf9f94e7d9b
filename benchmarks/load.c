// Load for the hub, and for floor.c beside it: opens streams, publishes, and checks and times what arrives.
//
//   load fan   --port P --streams 1000 --publishers 4 --window 8    events to streams (0: publishing alone)
//   load idle  --port P --streams 10000 --pid HUB                   streams that only stay open
//   load storm --port P --streams 10000 --history 100               all return at once and are owed events
//
// One thread with epoll, loopback only, bounded in number and time. The result is one line of JSON; the exit
// status is 1 when an event was lost, doubled, out of order or on a wrong stream, 2 when nothing could be said.
//
// Each payload says for which resource it is, its number there and when it was sent. A stream is right when its
// ids only grew and the count and the mixed sum of its numbers are those of its resource. The hub puts each
// event into one chunk; so lines are read as they come, and those of the framing pass for unknown fields.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_STREAMS = 19000, MOST_RESOURCES = 10000, MOST_PUBLISHERS = 256, MOST_CONNECTING = 256 };
enum { ROOM = 1 << 18, STAMP = 1 + 5 + 1 + 10 + 1 + 17 + 1 };  // ~resource.number.nanoseconds.

typedef struct {
    int fd;
    bool connecting, open;
    uint32_t resource, carried;
    char *carry;             // the beginning of a block whose end has not come
    uint64_t last;           // sequence of the last id
    uint64_t received, sum;  // events, and their numbers mixed
    char cursor[40];         // the last id as it came
} Stream;

typedef struct {
    int fd;
    bool waits;  // for an answer
    uint64_t sent;
    int filled;
    char input[8192];
} Publisher;

static struct {
    const char *mode, *address;
    long port, streams, resources, publishers, window, size, batch, count, history, pid;
    double seconds, warmup;
} option = { "fan", "127.0.0.1", 8080, 0, 1, 1, 0, 200, 1, 0, 100, 0, 2, 0.5 };

static int poller;
static Stream *streams;
static Publisher *publishers;
static uint64_t published[MOST_RESOURCES], sums[MOST_RESOURCES];
static char *request, *lines;  // the publish request, and its first event within it
static int request_length, line_length;
static char input[ROOM];
static long opened, connecting, next_stream, next_resource;
static bool resuming, publishing, measuring;
static uint64_t window_start, sent, acked, delivered, owed, unordered, strayed, refused, broken;
static uint64_t window_acked, window_delivered, reads;

static void fail(const char *what) {
    fprintf(stderr, "load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(2);
}

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static uint64_t mixed(uint64_t number) {
    number = (number + 1) * 0x9E3779B97F4A7C15ull;
    return number ^ number >> 29;
}

// Times in microseconds, in buckets 1/32 of an octave wide.
typedef struct { uint64_t count, bucket[32 * 40]; } Times;
static Times delivery_times, ack_times;

static void note(Times *times, uint64_t nanoseconds) {
    uint64_t value = nanoseconds / 1000 + 32;
    int octave = 63 - __builtin_clzll(value) - 5;
    times->bucket[octave * 32 + (int)(value >> octave) - 32]++;
    times->count++;
}

static double percentile(const Times *times, double share) {
    uint64_t left = (uint64_t)(times->count * share) + 1, seen = 0;
    for (int index = 0; index < 32 * 40; index++) {
        seen += times->bucket[index];
        if (seen >= left) return (double)((uint64_t)(index % 32 + 32) << index / 32) - 32;
    }
    return 0;
}

static uint64_t processor_time(long pid) {  // of a process, in nanoseconds
    clockid_t clock;
    struct timespec time;
    if (pid <= 0 || clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &time)) return 0;
    return time.tv_sec * 1000000000ull + time.tv_nsec;
}

static uint64_t machine_time(void) {  // of all processes on all cores, in nanoseconds
    unsigned long long user, nice, system, idle, wait, irq, soft;
    FILE *file = fopen("/proc/stat", "r");
    if (!file || fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle, &wait, &irq, &soft) != 7)
        fail("/proc/stat");
    fclose(file);
    return (user + nice + system + irq + soft) * (1000000000ull / sysconf(_SC_CLK_TCK));
}

static uint64_t resident(long pid) {
    char path[64];
    unsigned long long all, pages = 0;
    snprintf(path, sizeof path, "/proc/%ld/statm", pid);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    if (fscanf(file, "%llu %llu", &all, &pages) != 2) pages = 0;
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

// Digits of fixed width, so that a request is made once and only its numbers change.
static void put(char *place, int width, uint64_t value) {
    while (width > 0) place[--width] = '0' + value % 10, value /= 10;
}

static uint64_t get(const char *place, int width) {
    uint64_t value = 0;
    while (width-- > 0) value = value * 10 + (*place++ - '0');
    return value;
}

static int connection(int source, uint64_t name, uint32_t events) {
    struct sockaddr_in from = { .sin_family = AF_INET }, to = { .sin_family = AF_INET, .sin_port = htons(option.port) };
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    inet_pton(AF_INET, option.address, &to.sin_addr);
    // Several source addresses: the kernel's search for a free port slows down when one has many in use.
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + source / 4000);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct linger reset = { 1, 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (bind(fd, (void *)&from, sizeof from)) fail("bind");
    if (connect(fd, (void *)&to, sizeof to) && errno != EINPROGRESS) fail("connect");
    struct epoll_event event = { .events = events, .data.u64 = name };
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) fail("epoll_ctl");
    return fd;
}

static void open_streams(void) {
    for (; next_stream < option.streams && connecting < MOST_CONNECTING; next_stream++, connecting++) {
        Stream *stream = &streams[next_stream];
        stream->fd = connection(next_stream, next_stream, EPOLLOUT);
        stream->connecting = true;
    }
}

static void ask(Stream *stream, uint64_t name) {
    char text[256];
    int length = snprintf(text, sizeof text, "GET /stream?resources=bench:%05u HTTP/1.1\r\nHost: localhost\r\n", stream->resource);
    if (resuming) length += snprintf(text + length, sizeof text - length, "Last-Event-ID: %s\r\n", stream->cursor);
    length += snprintf(text + length, sizeof text - length, "\r\n");
    if (send(stream->fd, text, length, MSG_NOSIGNAL) != length) fail("cannot open a stream");
    struct epoll_event event = { .events = EPOLLIN, .data.u64 = name };
    epoll_ctl(poller, EPOLL_CTL_MOD, stream->fd, &event);
    stream->connecting = false;
}

static void take_event(Stream *stream, const char *stamp, const char *id, int id_length, uint64_t time) {
    uint64_t sequence = 0;
    int digits = 0;
    while (digits < id_length && id[id_length - 1 - digits] != '-') digits++;
    if (id_length > 0) sequence = get(id + id_length - digits, digits);
    if (sequence <= stream->last) unordered++;
    stream->last = sequence;
    if (get(stamp + 1, 5) != stream->resource) strayed++;
    stream->received++;
    stream->sum += mixed(get(stamp + 7, 10));
    delivered++;
    uint64_t stamped = get(stamp + 18, 17);
    if (!measuring) return;
    window_delivered++;
    if (stamped >= window_start) note(&delivery_times, time - stamped);
}

// Takes whole blocks; the number of bytes that belong to them.
static size_t take_blocks(Stream *stream, const char *bytes, size_t length, uint64_t time) {
    const char *line = bytes, *end = bytes + length, *done = bytes, *id = NULL, *stamp = NULL, *feed;
    int id_length = 0;
    for (; (feed = memchr(line, '\n', end - line)); line = feed + 1) {
        if (feed == line) {
            if (stamp) take_event(stream, stamp, id, id_length, time);
            if (id && id_length < (int)sizeof stream->cursor) {
                memcpy(stream->cursor, id, id_length);
                stream->cursor[id_length] = 0;
            }
            id = stamp = NULL, id_length = 0, done = feed + 1;
        } else if (line[0] == 'i' && feed - line > 4 && !memcmp(line, "id: ", 4)) {
            id = line + 4, id_length = (int)(feed - id);
        } else if (line[0] == 'd' && feed - line > 6 && !memcmp(line, "data: ", 6)) {
            stamp = memchr(line, '~', feed - line);
            if (stamp && feed - stamp < STAMP) stamp = NULL;
        }
    }
    return done - bytes;
}

static void read_stream(Stream *stream) {
    size_t length = stream->carried;
    if (length) memcpy(input, stream->carry, length);
    ssize_t count = recv(stream->fd, input + length, ROOM - length, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
        broken++;
        close(stream->fd);
        stream->fd = -1;
        return;
    }
    reads += measuring;
    length += count;
    size_t start = 0;
    if (!stream->open) {
        char *end = memmem(input, length, "\r\n\r\n", 4);
        if (end) {
            if (memcmp(input, "HTTP/1.1 200", 12)) refused++;
            start = end + 4 - input;
            stream->open = true;
            opened++;
            connecting--;
        }
    }
    if (stream->open) start += take_blocks(stream, input + start, length - start, now());
    stream->carried = length - start;
    if (stream->carried) {
        stream->carry = realloc(stream->carry, stream->carried);
        memcpy(stream->carry, input + start, stream->carried);
    }
}

static void prepare_request(void) {
    int pad = option.size > STAMP ? option.size - STAMP : 0;
    char *line, *padding = malloc(pad + 1);
    memset(padding, 'x', pad), padding[pad] = 0;
    line_length = asprintf(&line, "{\"resource\":\"bench:00000\",\"data\":\"~00000.0000000000.%017d.%s\"}\n", 0, padding);
    request = malloc(256 + (size_t)line_length * option.batch);
    request_length = sprintf(
        request, "POST /broadcast HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/%s\r\nContent-Length: %ld\r\n\r\n",
        option.batch > 1 ? "x-ndjson" : "json", line_length * option.batch);
    lines = request + request_length;
    for (long index = 0; index < option.batch; index++, request_length += line_length)
        memcpy(request + request_length, line, line_length);
    free(line), free(padding);
}

static void publish(Publisher *publisher) {
    uint64_t time = now();
    for (long index = 0; index < option.batch; index++) {
        char *line = lines + index * line_length, *stamp = line + 34;
        uint64_t number = published[next_resource]++;
        sums[next_resource] += mixed(number);
        put(line + 19, 5, next_resource);
        put(stamp + 1, 5, next_resource);
        put(stamp + 7, 10, number);
        put(stamp + 18, 17, time);
        next_resource = (next_resource + 1) % option.resources;
    }
    for (int done = 0; done < request_length;) {
        ssize_t count = send(publisher->fd, request + done, request_length - done, MSG_NOSIGNAL);
        if (count < 0 && errno != EAGAIN) fail("cannot publish");
        if (count > 0) done += count;
    }
    publisher->sent = time;
    publisher->waits = true;
    sent += option.batch;
    if (!resuming) owed += option.batch * (option.streams / option.resources);
}

static void read_answer(Publisher *publisher) {
    ssize_t count = recv(publisher->fd, publisher->input + publisher->filled, sizeof publisher->input - 1 - publisher->filled, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) fail("the server has closed a publisher's connection");
    publisher->filled += count;
    publisher->input[publisher->filled] = 0;
    char *end = strstr(publisher->input, "\r\n\r\n");
    char *field = end ? strcasestr(publisher->input, "\r\ncontent-length:") : NULL;
    if (!end || end + 4 + (field ? atol(field + 17) : 0) > publisher->input + publisher->filled) return;
    if (memcmp(publisher->input, "HTTP/1.1 20", 11)) {
        fprintf(stderr, "load: refused: %s\n", publisher->input);
        exit(2);
    }
    publisher->filled = 0;
    publisher->waits = false;
    acked += option.batch;
    if (!measuring) return;
    window_acked += option.batch;
    if (publisher->sent >= window_start) note(&ack_times, now() - publisher->sent);
}

static bool may_publish(void) {
    if (!publishing || (option.count && sent >= (uint64_t)option.count)) return false;
    return !option.window || !owed || owed < delivered + option.window * (option.streams / option.resources);
}

static void step(void) {
    struct epoll_event events[512];
    int count = epoll_wait(poller, events, 512, 20);
    for (int index = 0; index < count; index++) {
        uint64_t name = events[index].data.u64;
        if (name >= MOST_STREAMS) read_answer(&publishers[name - MOST_STREAMS]);
        else if (streams[name].connecting) ask(&streams[name], name);
        else if (streams[name].fd >= 0) read_stream(&streams[name]);
    }
    open_streams();
    static long turn;
    for (long index = 0; index < option.publishers && may_publish(); index++) {
        turn = (turn + 1) % option.publishers;
        if (!publishers[turn].waits) publish(&publishers[turn]);
    }
}

static void run_for(double seconds) {
    for (uint64_t end = now() + (uint64_t)(seconds * 1e9); now() < end;) step();
}

static double open_all(void) {
    uint64_t start = now();
    opened = next_stream = connecting = 0;
    while (opened < option.streams && !broken && !refused) step();
    return (now() - start) / 1e9;
}

// Lets everything arrive that was published; gives up after 3 s without any.
static void settle(void) {
    publishing = false;
    uint64_t seen = 0;
    for (uint64_t still = now(); (acked < sent || delivered < owed) && now() < still + 3000000000ull && !broken; step())
        if (delivered + acked > seen) seen = delivered + acked, still = now();
    for (int index = 0; index < 3; index++) step();  // what comes although nothing is owed
}

static int report(double open_seconds) {
    uint64_t lost = 0, doubled = 0, mistaken = 0;
    for (long index = 0; index < option.streams; index++) {
        Stream *stream = &streams[index];
        uint64_t due = published[stream->resource];
        if (stream->received < due) lost += due - stream->received;
        if (stream->received > due) doubled += stream->received - due;
        if (stream->received == due && stream->sum != sums[stream->resource]) mistaken++;
    }
    printf("\"opens_per_s\":%.0f,\"published\":%lu,\"delivered\":%lu,", option.streams ? option.streams / open_seconds : 0, acked, delivered);
    printf("\"lost\":%lu,\"doubled\":%lu,\"mistaken\":%lu,\"unordered\":%lu,\"strayed\":%lu,\"broken\":%lu,\"refused\":%lu}\n",
        lost, doubled, mistaken, unordered, strayed, broken, refused);
    return lost || doubled || mistaken || unordered || strayed || broken || refused;
}

static int fan(void) {
    double opening = open_all();
    uint64_t hub = 0, own = 0, machine = 0;
    publishing = true;
    if (option.count) {
        while (acked < (uint64_t)option.count) step();
    } else {
        run_for(option.warmup);
        hub = processor_time(option.pid), own = processor_time(getpid()), machine = machine_time();
        window_start = now(), measuring = true;
        run_for(option.seconds);
        measuring = false;
    }
    double seconds = (now() - window_start) / 1e9;
    hub = processor_time(option.pid) - hub, own = processor_time(getpid()) - own, machine = machine_time() - machine;
    settle();
    if (!option.count) {
        printf("{\"seconds\":%.3f,\"acks_per_s\":%.0f,\"deliveries_per_s\":%.0f,", seconds, window_acked / seconds, window_delivered / seconds);
        printf("\"delivery_us\":{\"p50\":%.0f,\"p99\":%.0f},", percentile(&delivery_times, 0.5), percentile(&delivery_times, 0.99));
        printf("\"ack_us\":{\"p50\":%.0f,\"p99\":%.0f},", percentile(&ack_times, 0.5), percentile(&ack_times, 0.99));
        uint64_t events = window_delivered ? window_delivered : window_acked;
        if (option.pid && events) printf("\"cpu_us_per_event\":%.3f,\"server_cpu\":%.2f,", hub / 1e3 / events, hub / 1e9 / seconds);
        printf("\"reads_per_delivery\":%.3f,", window_delivered ? (double)reads / window_delivered : 0);
        printf("\"own_cpu\":%.2f,\"foreign_cpu\":%.2f,", own / 1e9 / seconds, ((double)machine - hub - own) / 1e9 / seconds);
    } else printf("{");
    return report(opening);
}

static int idle(void) {
    long all = option.streams;
    option.streams = 1;  // what the first stream of all costs is no stream's own
    open_all();
    close(streams[0].fd), streams[0].open = false;
    run_for(0.2);
    option.streams = all;
    uint64_t before = resident(option.pid);
    double opening = open_all();
    run_for(0.5);
    printf("{\"resident_per_stream\":%.0f,", ((double)resident(option.pid) - before) / all);
    return report(opening);
}

static int storm(void) {
    open_all();
    publishing = true;
    option.count = option.resources;  // one event each, so that all have a cursor
    while (acked < (uint64_t)option.count) step();
    settle();
    for (long index = 0; index < option.streams; index++) close(streams[index].fd), streams[index].open = false, streams[index].carried = 0;
    run_for(0.2);
    next_stream = option.streams, resuming = publishing = true;
    option.count += option.history * option.resources;
    while (acked < (uint64_t)option.count) step();
    owed += option.history * option.streams;
    uint64_t start = now(), hub = processor_time(option.pid), machine = machine_time(), own = processor_time(getpid());
    double opening = open_all();
    settle();
    double seconds = (now() - start) / 1e9;
    hub = processor_time(option.pid) - hub, own = processor_time(getpid()) - own, machine = machine_time() - machine;
    printf("{\"storm_s\":%.3f,\"replayed_per_s\":%.0f,\"server_cpu\":%.2f,", seconds, option.history * option.streams / seconds, hub / 1e9 / seconds);
    printf("\"own_cpu\":%.2f,\"foreign_cpu\":%.2f,", own / 1e9 / seconds, ((double)machine - hub - own) / 1e9 / seconds);
    return report(opening);
}

int main(int count, char **values) {
    static const struct { const char *name; long *value, least, most; } numbers[] = {
        { "port", &option.port, 1, 65535 }, { "streams", &option.streams, 0, MOST_STREAMS }, { "resources", &option.resources, 1, MOST_RESOURCES },
        { "publishers", &option.publishers, 1, MOST_PUBLISHERS }, { "window", &option.window, 0, 10000 }, { "size", &option.size, STAMP, 65536 },
        { "batch", &option.batch, 1, 10000 }, { "count", &option.count, 0, 10000000 }, { "history", &option.history, 1, 10000 },
        { "pid", &option.pid, 0, 1 << 30 },
    };
    int index = 1;
    if (count > 1 && values[1][0] != '-') option.mode = values[index++];
    for (; index + 1 < count; index += 2) {
        bool known = false;
        const char *name = values[index] + 2, *value = values[index + 1];
        for (size_t place = 0; place < sizeof numbers / sizeof *numbers; place++) {
            if (strncmp(values[index], "--", 2) || strcmp(name, numbers[place].name)) continue;
            *numbers[place].value = atol(value), known = true;
            if (atol(value) < numbers[place].least || atol(value) > numbers[place].most) fail("a number is out of its range");
        }
        if (!strcmp(values[index], "--address")) option.address = value, known = true;
        if (!strcmp(values[index], "--seconds")) option.seconds = atof(value), known = true;
        if (!strcmp(values[index], "--warmup")) option.warmup = atof(value), known = true;
        if (!known) fail(values[index]);
    }
    if (index < count) fail(values[index]);
    if (strncmp(option.address, "127.", 4) || option.seconds > 60 || option.warmup > 60) fail("loopback only, at most 60 s");
    if (option.streams % option.resources) fail("--streams must be a multiple of --resources");
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit), limit.rlim_cur = limit.rlim_max, setrlimit(RLIMIT_NOFILE, &limit);
    alarm(option.seconds + option.warmup + 60);
    poller = epoll_create1(EPOLL_CLOEXEC);
    streams = calloc(option.streams + 1, sizeof *streams);
    for (long place = 0; place < option.streams; place++) streams[place].resource = place % option.resources;
    publishers = calloc(option.publishers, sizeof *publishers);
    for (long place = 0; place < option.publishers; place++) publishers[place].fd = connection(0, MOST_STREAMS + place, EPOLLIN);
    prepare_request();
    run_for(0.05);  // the publishers' handshakes
    if (!strcmp(option.mode, "fan")) return fan();
    if (!strcmp(option.mode, "idle")) return idle();
    if (!strcmp(option.mode, "storm")) return storm();
    fail("the mode is fan, idle or storm");
}
