// The payload of load.c's events: ~resource.number.nanoseconds.padding, in digits of fixed width, so that a
// request is made once and only its numbers change.
#ifndef MARTLET_PAYLOAD_H
#define MARTLET_PAYLOAD_H

#include <stdint.h>

enum { RESOURCE = 1, NUMBER = 7, TIME = 18, STAMP = 36 };  // where they stand, and the length without padding
enum { RESOURCE_DIGITS = 5, NUMBER_DIGITS = 10, TIME_DIGITS = 17 };

static inline void put(char *place, int width, uint64_t value) {
    while (width > 0) place[--width] = '0' + value % 10, value /= 10;
}

static inline uint64_t get(const char *place, int width) {
    uint64_t value = 0;
    while (width-- > 0) value = value * 10 + (*place++ - '0');
    return value;
}

// So that a number lost and another doubled do not cancel out in a sum.
static inline uint64_t mixed(uint64_t number) {
    number = (number + 1) * 0x9E3779B97F4A7C15ull;
    return number ^ number >> 29;
}

#endif
