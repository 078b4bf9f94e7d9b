// A disk that fails, for a process that this is loaded into (LD_PRELOAD), and a count of what is asked of it.
// FAULTY_DISK names a file of 16 numbers that the test and the process share:
//   0 which files: 1 the database, 2 its write-ahead log, 4 the log's index
//   1 which calls: 1 writes, 2 syncs
//   2 the error to give
//   3 how many calls are to fail, -1 for all
//   4 how many of a thousand calls fail
//   5 how many of a thousand writes write a part only, and succeed
//   6 how many have failed
//   8 syncs of the database by the writer's thread, 9 by others
//   10 writes to the database since its last sync, 11 the most there were as the writer's thread began one
//   12 the longest sync of the database by the writer's thread, in microseconds
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { FILES, CALLS, ERROR, COUNT, CHANCE, SHORT, FAILED, WRITER_SYNCS = 8, OTHER_SYNCS, UNSYNCED, MOST, LONGEST };
enum { DATABASE = 1, LOG = 2, INDEX = 4, WRITE = 1, SYNC = 2 };

static _Atomic int *control(void) {
    static _Atomic(_Atomic int *) shared;
    _Atomic int *found = atomic_load(&shared);
    if (found) return found;
    const char *path = getenv("FAULTY_DISK");
    int descriptor = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped = descriptor < 0
        ? MAP_FAILED : mmap(NULL, 64, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    if (descriptor >= 0) close(descriptor);
    if (mapped == MAP_FAILED) abort();
    atomic_store(&shared, (_Atomic int *)mapped);
    return mapped;
}

// Which of the store's files a descriptor is; 0 for any other.
static int file_of(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    const char *name = strrchr(path, '/');
    if (!name) return 0;
    if (!strcmp(name, "/martlet.db")) return DATABASE;
    if (!strcmp(name, "/martlet.db-wal")) return LOG;
    if (!strcmp(name, "/martlet.db-shm")) return INDEX;
    return 0;
}

static int chance(int of_thousand) {
    static _Atomic unsigned state = 1;
    unsigned drawn = atomic_fetch_add(&state, 2654435761u);
    drawn ^= drawn >> 15, drawn *= 2246822519u, drawn ^= drawn >> 13;
    return (int)(drawn % 1000) < of_thousand;
}

static int is_writer(void) {
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    return !strcmp(name, "writer");
}

static int fails(int file, int call) {
    _Atomic int *shared = control();
    if (!(shared[FILES] & file) || !(shared[CALLS] & call) || !chance(shared[CHANCE])) return 0;
    int left = shared[COUNT];
    while (left > 0 && !atomic_compare_exchange_weak(&shared[COUNT], &left, left - 1)) {}
    if (!left) return 0;
    shared[FAILED]++;
    return 1;
}

typedef ssize_t (*writer)(int, const void *, size_t, off_t);

static ssize_t write_at(const char *symbol, int descriptor, const void *bytes, size_t count, off_t offset) {
    writer real = (writer)dlsym(RTLD_NEXT, symbol);
    int file = file_of(descriptor);
    if (!file) return real(descriptor, bytes, count, offset);
    if (file == DATABASE) control()[UNSYNCED]++;
    int failing = fails(file, WRITE);
    if ((control()[FILES] & file) && count > 1 && (failing || chance(control()[SHORT]))) {
        // What was written before an error stays.
        ssize_t written = real(descriptor, bytes, count / 2, offset);
        if (!failing) return written;
    }
    if (!failing) return real(descriptor, bytes, count, offset);
    errno = control()[ERROR];
    return -1;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
    return write_at("pwrite", descriptor, bytes, count, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
    return write_at("pwrite64", descriptor, bytes, count, offset);
}

static int sync_file(const char *symbol, int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, symbol);
    int file = file_of(descriptor), by_writer = file == DATABASE && is_writer();
    if (file && fails(file, SYNC)) {
        errno = control()[ERROR];
        return -1;
    }
    if (file != DATABASE) return real(descriptor);
    _Atomic int *shared = control();
    int unsynced = atomic_exchange(&shared[UNSYNCED], 0);
    shared[by_writer ? WRITER_SYNCS : OTHER_SYNCS]++;
    if (by_writer && unsynced > shared[MOST]) shared[MOST] = unsynced;
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    int result = real(descriptor);
    clock_gettime(CLOCK_MONOTONIC, &end);
    int taken = (end.tv_sec - begin.tv_sec) * 1000000 + (end.tv_nsec - begin.tv_nsec) / 1000;
    if (by_writer && taken > shared[LONGEST]) shared[LONGEST] = taken;
    return result;
}

int fsync(int descriptor) { return sync_file("fsync", descriptor); }

int fdatasync(int descriptor) { return sync_file("fdatasync", descriptor); }
