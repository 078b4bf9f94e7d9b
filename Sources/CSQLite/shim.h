// SQLite with its macros as functions, and the system calls of the store: a lock on a file, sizes, the boot's identity.
#ifndef MARTLET_CSQLITE_SHIM_H
#define MARTLET_CSQLITE_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

// Before the first connection: no count of SQLite's memory, which takes one lock for all threads at each allocation.
static inline void sqlite_configure(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

// SQLite copies the bytes: Swift's are valid during the call only.
static inline int sqlite_bind_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_TRANSIENT);
}

// Of text that stays where it is until the parameter is bound anew.
static inline int sqlite_bind_lasting_text(sqlite3_stmt *statement, int index, const char *text, int count) {
    return sqlite3_bind_text(statement, index, text, count, SQLITE_STATIC);
}

static inline int sqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, int count) {
    if (count == 0) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob(statement, index, bytes, count, SQLITE_TRANSIENT);
}

// Syncs the database of a connection through SQLite's own descriptor: to close one of our own would give back all POSIX
// locks that this process has on the file (sqlite.org/howtocorrupt.html, 2.2). SQLite's result code.
static inline int sqlite_sync_database(sqlite3 *database) {
    sqlite3_file *file = 0;
    int code = sqlite3_file_control(database, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code != SQLITE_OK) return code;
    if (!file || !file->pMethods) return SQLITE_MISUSE;
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

// Has a connection treat its file as made by an enemy (sqlite.org/security.html); SQLite's result code.
static inline int sqlite_distrust(sqlite3 *database) {
    int limits[][2] = {
        { SQLITE_LIMIT_LENGTH, 1 << 20 },     { SQLITE_LIMIT_SQL_LENGTH, 1 << 20 }, { SQLITE_LIMIT_COLUMN, 1000 },
        { SQLITE_LIMIT_EXPR_DEPTH, 100 },     { SQLITE_LIMIT_COMPOUND_SELECT, 20 }, { SQLITE_LIMIT_VDBE_OP, 25000 },
        { SQLITE_LIMIT_FUNCTION_ARG, 16 },    { SQLITE_LIMIT_ATTACHED, 0 },         { SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50 },
        { SQLITE_LIMIT_VARIABLE_NUMBER, 10 }, { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },    { SQLITE_LIMIT_WORKER_THREADS, 0 },
    };
    for (size_t index = 0; index < sizeof limits / sizeof *limits; index++)
        sqlite3_limit(database, limits[index][0], limits[index][1]);
    int options[][2] = {
        { SQLITE_DBCONFIG_DEFENSIVE, 1 },          { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
        { SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 }, { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
        { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },     { SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0 },
    };
    for (size_t index = 0; index < sizeof options / sizeof *options; index++) {
        int code = sqlite3_db_config(database, options[index][0], options[index][1], (int *)0);
        if (code != SQLITE_OK) return code;
    }
    // What is mapped and then cut off would end the process.
    sqlite3_int64 none = 0;
    sqlite3_file_control(database, "main", SQLITE_FCNTL_MMAP_SIZE, &none);
    return sqlite3_exec(database, "PRAGMA cell_size_check = ON;", 0, 0, 0);
}

// A descriptor of a file that is read alone, -1 when it cannot be opened; links are not followed.
static inline int sqlite_open_to_read(const char *path) { return open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW); }

// A descriptor that holds the lock, -1 when another process holds it, -2 when the file cannot be opened.
// Whoever only asks whether a hub runs holds it for an instant, so it is tried for 0.2 s.
static inline int store_lock(const char *path) {
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0) return -2;
    for (int attempt = 0; attempt < 10; attempt++) {
        if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
        usleep(20000);
    }
    close(descriptor);
    return -1;
}

// Gives the lock back now: closing alone leaves it with a child that has forked and not yet called exec.
static inline void store_unlock(int descriptor) {
    flock(descriptor, LOCK_UN);
    close(descriptor);
}

static inline long long store_file_size(const char *path) {
    struct stat status;
    return stat(path, &status) ? 0 : (long long)status.st_size;
}

static inline int store_exists(const char *path) {
    struct stat status;
    return stat(path, &status) == 0;
}

// Whether another process has a connection to a write-ahead log, whose index is the file `path`: each holds a shared
// lock on byte 128 (walIndexHdr and the locks behind it: sqlite.org/walformat.html, 2.1 and 2.3).
static inline int store_index_is_held(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return 0;
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 128, .l_len = 1 };
    int held = fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(descriptor);
    return held;
}

// Bytes that the disk of a file has left for whoever asks; 0 when it does not tell.
static inline long long store_free_space(const char *path) {
    struct statvfs status;
    return statvfs(path, &status) ? 0 : (long long)status.f_bavail * status.f_frsize;
}

// The boot's identity as text, without its line feed; its length, 0 when the system does not tell.
static inline long store_boot_id(char *text, size_t size) {
    int descriptor = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return 0;
    ssize_t count = read(descriptor, text, size - 1);
    close(descriptor);
    if (count > 0 && text[count - 1] == '\n') count--;
    if (count >= 0) text[count] = 0;
    return count > 0 ? count : 0;
}

static inline int errno_value(void) { return errno; }

static inline const char *store_error_text(void) { return strerror(errno); }

#endif
