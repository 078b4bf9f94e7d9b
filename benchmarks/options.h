// What load.c is asked to do, within bounds.
#ifndef MARTLET_OPTIONS_H
#define MARTLET_OPTIONS_H

#include "measure.h"
#include "payload.h"

#include <stdbool.h>

enum { MOST_STREAMS = 19000, MOST_RESOURCES = 10000, MOST_PUBLISHERS = 256 };

static struct {
    const char *mode;
    long port, streams, resources, publishers;
    long window;   // messages that deliveries may be behind; 0: each publisher waits for its answer alone
    long size;     // bytes of a payload
    long batch;    // events in a request, as NDJSON when more than 1
    long count;    // events to publish instead of a time
    long history;  // events owed to each stream of a storm
    long rate;     // events a second, due whatever became of those before; 0: as fast as the answers come
    long first;    // number of the first resource, so that two loads on one server keep apart
    long tls;      // 1: by TLS
    long crowd;    // streams that come from one address
    long gather;   // milliseconds of events that streams are sent as one; 0: each by itself
    long pid;      // the server's, to see its processor time and memory
    double seconds, warmup;
    char credentials[1600];  // the line of Authorization, of a hub that asks for it
} option = { "fan", 8080, 0, 1, 1, 0, 200, 1, 0, 100, 0, 0, 0, 4000, 0, 0, 2, 0.5, "" };

static bool read_number(const char *name, const char *value) {
    const struct {
        const char *name;
        long *value, least, most;
    } numbers[] = {
        { "--port", &option.port, 1, 65535 },       { "--streams", &option.streams, 0, MOST_STREAMS },
        { "--window", &option.window, 0, 10000 },   { "--resources", &option.resources, 1, MOST_RESOURCES },
        { "--size", &option.size, STAMP, 65000 },   { "--publishers", &option.publishers, 1, MOST_PUBLISHERS },
        { "--batch", &option.batch, 1, 10000 },     { "--count", &option.count, 0, 10000000 },
        { "--history", &option.history, 1, 10000 }, { "--pid", &option.pid, 0, 1 << 30 },
        { "--rate", &option.rate, 0, 100000 },      { "--first", &option.first, 0, MOST_RESOURCES - 1 },
        { "--tls", &option.tls, 0, 1 },             { "--crowd", &option.crowd, 1, 4000 },
        { "--gather", &option.gather, 0, 10000 },
    };
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        if (strcmp(name, numbers[index].name)) continue;
        long number = *numbers[index].value = strtol(value, NULL, 10);
        return number >= numbers[index].least && number <= numbers[index].most;
    }
    return false;
}

static bool read_time(const char *name, const char *value) {
    double *time = !strcmp(name, "--seconds") ? &option.seconds : !strcmp(name, "--warmup") ? &option.warmup : NULL;
    if (!time) return false;
    *time = strtod(value, NULL);
    return *time >= 0 && *time <= 60;
}

static bool read_token(const char *name, const char *value) {
    if (strcmp(name, "--token") || strlen(value) > 1500) return false;
    snprintf(option.credentials, sizeof option.credentials, "Authorization: Bearer %s\r\n", value);
    return true;
}

static void read_options(int count, char **values) {
    int index = 1;
    if (count > 1 && values[1][0] != '-') option.mode = values[index++];
    for (; index < count; index += 2) {
        const char *value = index + 1 < count ? values[index + 1] : "";
        errno = 0;
        if (!read_number(values[index], value) && !read_time(values[index], value) &&
            !read_token(values[index], value))
            fail(values[index]);
    }
    if (option.first + option.resources > MOST_RESOURCES) fail("--first and --resources are too much together");
    if (option.streams % option.resources) fail("--streams must be a multiple of --resources");
}

#endif
