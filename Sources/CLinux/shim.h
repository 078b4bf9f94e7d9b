// Linux calls that Swift's Glibc module lacks or cannot express: epoll, eventfd, accept4, and the
// socket options that are macros or enumerations there.
#ifndef MARTLET_CLINUX_SHIM_H
#define MARTLET_CLINUX_SHIM_H

// Without _GNU_SOURCE: Swift's Glibc module is compiled without it, and Clang refuses two modules in
// which fd_set and others differ. What needs it is declared here.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <stdint.h>
#include <stdlib.h>
#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

extern char **environ;
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
int pthread_setname_np(pthread_t thread, const char *name);

// epoll_event is packed on x86-64; reading it through accessors keeps Swift away from its layout.
static inline uint64_t linux_epoll_token(const struct epoll_event *event) { return event->data.u64; }
static inline uint32_t linux_epoll_flags(const struct epoll_event *event) { return event->events; }

static inline int linux_epoll(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int linux_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

static inline int linux_epoll_add(int poller, int descriptor, uint32_t flags, uint64_t token) {
    struct epoll_event event = { .events = flags, .data.u64 = token };
    return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

static inline int linux_epoll_remove(int poller, int descriptor) {
    return epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, 0);
}

static inline int linux_errno(void) { return errno; }

static inline int linux_accept(int listener) {
    return accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static inline int linux_stream_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

// -1 and errno for a descriptor that is no socket or has no such option.
static inline int linux_socket_option(int descriptor, int name) {
    int value = 0;
    socklen_t length = sizeof value;
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &length) ? -1 : value;
}

// Bytes that were sent, the end of the connection included, and not acknowledged (tcp(7), SIOCOUTQ).
static inline int linux_unacknowledged(int descriptor) {
    int count = 0;
    return ioctl(descriptor, SIOCOUTQ, &count) ? -1 : count;
}

static inline int linux_make_own(int descriptor) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0 || fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)) return -1;
    return fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

static inline int linux_set_option(int descriptor, int level, int name, int value) {
    return setsockopt(descriptor, level, name, &value, sizeof value);
}

static inline ssize_t linux_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static inline ssize_t linux_send_vectors(int descriptor, struct iovec *vectors, size_t count) {
    struct msghdr message = { .msg_iov = vectors, .msg_iovlen = count };
    return sendmsg(descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static inline char **linux_environment(void) { return environ; }

static inline void linux_ignore_broken_pipes(void) { signal(SIGPIPE, SIG_IGN); }

static inline int linux_core_count(void) {
    unsigned long mask[16];
    long bytes = syscall(SYS_sched_getaffinity, 0, sizeof mask, mask);
    int count = 0;
    for (long i = 0; i < bytes / (long)sizeof mask[0]; i++) count += __builtin_popcountl(mask[i]);
    return count > 0 ? count : 1;
}

// Close by RST (socket(7), SO_LINGER with no time).
static inline int linux_reset_on_close(int descriptor) {
    struct linger none = { .l_onoff = 1, .l_linger = 0 };
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

// Socket addresses: the casts between their C types stay here.
typedef struct {
    struct sockaddr_storage storage;
    socklen_t length;
} linux_address;

// 0, or a code for gai_strerror.
static inline int linux_resolve(const char *host, const char *port, linux_address *address) {
    struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = 0;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code) return code;
    address->length = found->ai_addrlen;
    memcpy(&address->storage, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return 0;
}

static inline int linux_bind(int descriptor, const linux_address *address) {
    return bind(descriptor, (const struct sockaddr *)&address->storage, address->length);
}

static inline int linux_bound_address(int descriptor, linux_address *address) {
    address->length = sizeof address->storage;
    return getsockname(descriptor, (struct sockaddr *)&address->storage, &address->length);
}

static inline int linux_peer_address(int descriptor, linux_address *address) {
    address->length = sizeof address->storage;
    return getpeername(descriptor, (struct sockaddr *)&address->storage, &address->length);
}

// The address in digits; 0, or a code for gai_strerror.
static inline int linux_numeric_host(const linux_address *address, char *text, unsigned size) {
    return getnameinfo(
        (const struct sockaddr *)&address->storage, address->length, text, size, 0, 0,
        NI_NUMERICHOST);
}

// The port stands at the same place in sockaddr_in and sockaddr_in6.
static inline int linux_port(const linux_address *address) {
    return ntohs(((const struct sockaddr_in *)&address->storage)->sin_port);
}

// RLIMIT_NOFILE's C type differs between Glibc versions as Swift sees it.
static inline int linux_descriptor_limit(uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) return -1;
    *soft = limit.rlim_cur;
    *hard = limit.rlim_max;
    return 0;
}

static inline int linux_set_descriptor_limit(uint64_t soft, uint64_t hard) {
    struct rlimit limit = { .rlim_cur = soft, .rlim_max = hard };
    return setrlimit(RLIMIT_NOFILE, &limit);
}

// A descriptor of a new file that its owner alone may use, -1 when it cannot be made.
static inline int linux_create(const char *path) { return open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600); }

// Puts a folder's entries onto the disk; 0 when that worked.
static inline int linux_sync_folder(const char *path) {
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return -1;
    int result = fsync(descriptor);
    close(descriptor);
    return result;
}

// Bytes and the time of change, in milliseconds since 1970, of a regular file; -1 for anything else.
static inline int64_t linux_file_size(const char *path, int64_t *changed) {
    struct stat status;
    if (lstat(path, &status) || !S_ISREG(status.st_mode)) return -1;
    *changed = (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
    return status.st_size;
}

// A descriptor to read a file with; -1 and errno otherwise. It does not wait for a writer of a named pipe.
static inline int linux_open_to_read(const char *path) {
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

// The type bits of what a path leads to, links followed; -1 and errno otherwise.
static inline int linux_file_type(const char *path) {
    struct stat status;
    return stat(path, &status) ? -1 : (int)(status.st_mode & S_IFMT);
}

// When the file at a path was changed last, in nanoseconds, its number and its size; -1 when there is none.
static inline int linux_file_mark(const char *path, int64_t *changed, uint64_t *number, int64_t *size) {
    struct stat status;
    if (stat(path, &status)) return -1;
    *changed = (int64_t)status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
    *number = status.st_ino;
    *size = status.st_size;
    return 0;
}

static inline int linux_open_file_type(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) ? -1 : (int)(status.st_mode & S_IFMT);
}

#endif
