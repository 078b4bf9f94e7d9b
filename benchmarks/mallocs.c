// Counts a process's allocations, for benchmarks/check: LD_PRELOAD=mallocs.so MALLOCS=FILE server …
//
// FILE holds one 64-bit count that only grows; it can be read while the process runs.
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static uint64_t before_start, *count = &before_start;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("MALLOCS");
    int file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file < 0 || ftruncate(file, sizeof *count)) return;
    void *shared = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (shared != MAP_FAILED) count = shared;
}

static void one_more(void) { __atomic_fetch_add(count, 1, __ATOMIC_RELAXED); }

void *malloc(size_t size) { return one_more(), __libc_malloc(size); }
void *calloc(size_t number, size_t size) { return one_more(), __libc_calloc(number, size); }
void *realloc(void *old, size_t size) { return one_more(), __libc_realloc(old, size); }
void *memalign(size_t alignment, size_t size) { return one_more(), __libc_memalign(alignment, size); }
void *aligned_alloc(size_t alignment, size_t size) { return one_more(), __libc_memalign(alignment, size); }

int posix_memalign(void **place, size_t alignment, size_t size) {
    one_more();
    return (*place = __libc_memalign(alignment, size)) ? 0 : ENOMEM;
}
