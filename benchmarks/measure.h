// What load.c reads from clocks and from /proc, and its histogram of times.
#ifndef MARTLET_MEASURE_H
#define MARTLET_MEASURE_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void fail(const char *what) {
    fprintf(stderr, "load: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(2);
}

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec time;
    return clock_gettime(clock, &time) ? 0 : time.tv_sec * 1000000000ull + time.tv_nsec;
}

static uint64_t now(void) { return nanoseconds(CLOCK_MONOTONIC); }

// Processor time used so far: by the server, by this process, and by all processes on all cores.
typedef struct {
    uint64_t at, server, own, machine;
} Usage;

static Usage usage(long server) {
    unsigned long long user, nice, system, idle, wait, irq, soft;
    clockid_t clock;
    Usage usage = { .at = now(), .own = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) };
    if (server > 0 && !clock_getcpuclockid(server, &clock)) usage.server = nanoseconds(clock);
    FILE *file = fopen("/proc/stat", "r");
    if (!file || fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle,
                        &wait, &irq, &soft) != 7)
        fail("/proc/stat");
    fclose(file);
    usage.machine = (user + nice + system + irq + soft) * (1000000000ull / sysconf(_SC_CLK_TCK));
    return usage;
}

static Usage since(Usage start, long server) {
    Usage used = usage(server);
    used.at -= start.at, used.server -= start.server;
    used.own -= start.own, used.machine -= start.machine;
    return used;
}

// In cores; `foreign` is what neither the server nor this process used.
static void print_usage(Usage used) {
    printf("\"server_cpu\":%.2f,\"own_cpu\":%.2f,\"foreign_cpu\":%.2f,", (double)used.server / used.at,
           (double)used.own / used.at, ((double)used.machine - used.server - used.own) / used.at);
}

// Bytes of a process that are in memory; statm would be cheaper, but counts roughly.
static inline uint64_t resident(long pid) {
    char path[64], line[256];
    unsigned long long kilobytes = 0;
    snprintf(path, sizeof path, "/proc/%ld/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    if (!file) fail(path);
    while (fgets(line, sizeof line, file) && !sscanf(line, "Rss: %llu kB", &kilobytes)) {}
    fclose(file);
    return kilobytes * 1024;
}

// Times in microseconds, in buckets 1/32 of an octave wide.
typedef struct {
    uint64_t count, bucket[32 * 40];
} Times;

static inline void note(Times *times, uint64_t nanoseconds) {
    uint64_t value = nanoseconds / 1000 + 32;
    int octave = 63 - __builtin_clzll(value) - 5;
    times->bucket[octave * 32 + (int)(value >> octave) - 32]++;
    times->count++;
}

static inline double percentile(const Times *times, double share) {
    uint64_t wanted = (uint64_t)(times->count * share) + 1, seen = 0;
    for (int index = 0; index < 32 * 40; index++) {
        seen += times->bucket[index];
        if (seen >= wanted) return (double)((uint64_t)(index % 32 + 32) << index / 32) - 32;
    }
    return 0;
}

static inline void print_times(const char *name, const Times *times) {
    printf("\"%s\":{\"p50\":%.0f,\"p99\":%.0f},", name, percentile(times, 0.5), percentile(times, 0.99));
}

#endif
