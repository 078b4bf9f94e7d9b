// The files that the hub serves from its binary.
//
// They are embedded here and not by Swift, for which each byte is an expression to be checked: that took longer than
// all the rest of a module.

#include "documents.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t page[] = {
#embed "page.html"
};

static const uint8_t openapi[] = {
#embed "openapi.json"
};

struct document page_html(void) { return (struct document){page, sizeof page}; }

struct document openapi_json(void) { return (struct document){openapi, sizeof openapi}; }
