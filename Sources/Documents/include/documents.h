#include <stddef.h>
#include <stdint.h>

/// A file that is part of the binary; its bytes are there as long as the process.
struct document {
    const uint8_t *_Nonnull bytes;
    size_t count;
};

/// The page at `/`.
struct document page_html(void);

/// The interface's description.
struct document openapi_json(void);
