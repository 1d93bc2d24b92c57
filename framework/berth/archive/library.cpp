// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/internal/library.hpp>
#include <berth/core/error.hpp>
#include <berth/core/redaction.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace berth::archive {

Utf8Locale::Utf8Locale() : mine_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", locale_t{})), before_{} {
    if (mine_ == locale_t{}) {
        throw Error({.code = "BR0401",
                     .summary = "the locale C.UTF-8 is missing, and archives cannot be read without it",
                     .hints = {"install the system's C library whole (Debian: libc-bin)"}});
    }
    before_ = ::uselocale(mine_);
}

Utf8Locale::~Utf8Locale() {
    ::uselocale(before_);
    ::freelocale(mine_);
}

Reader::Reader(const Pieces& tar) : tar_(tar), reader_(archive_read_new()) {
    archive_read_support_format_tar(reader_);
    archive_read_support_format_empty(reader_);
    if (archive_read_open(reader_, this, nullptr, &Reader::give, nullptr) != ARCHIVE_OK) {
        try {
            fail("cannot read the archive");
        } catch (...) {
            archive_read_free(reader_);
            throw;
        }
    }
}

Reader::~Reader() {
    archive_read_free(reader_);
}

la_ssize_t Reader::give(::archive* reader, void* self, const void** buffer) {
    auto& mine = *static_cast<Reader*>(self);
    try {
        const std::string_view piece = mine.tar_();
        *buffer = piece.data();
        return static_cast<la_ssize_t>(piece.size());
    } catch (...) {
        mine.thrown_ = std::current_exception();
        archive_set_error(reader, EIO, "the source of the archive failed");
        return -1;
    }
}

void Reader::fail(const char* what) {
    if (thrown_) {
        std::rethrow_exception(thrown_);
    }
    const char* text = archive_error_string(reader_);
    throw Error({.code = "BR0402",
                 .summary = fmt::format("{}: {}", what, shown(text == nullptr ? "it is damaged" : text)),
                 .hints = {"the archive is damaged or cut short: make it again"}});
}

archive_entry* Reader::next() {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(reader_, &entry);
    if (result == ARCHIVE_EOF) {
        return nullptr;
    }
    if (result < ARCHIVE_WARN) {  // a warning is about a name that is not UTF-8; it came byte for byte
        fail("cannot read the archive");
    }
    return entry;
}

std::size_t Reader::read(char* into, std::size_t size) {
    const la_ssize_t result = archive_read_data(reader_, into, size);
    if (result < 0) {
        fail("cannot read the archive");
    }
    return static_cast<std::size_t>(result);
}

std::string shown(std::string_view name) {
    std::string text(name);
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\n' || text[at] == '\t') {
            text.replace(at, 1, text[at] == '\n' ? "\\n" : "\\t");
        }
    }
    return escape_controls(text);
}

void fail_system(const std::string& what, int error) {
    throw Error({.code = "BR0401", .summary = fmt::format("{}: {}", what, std::generic_category().message(error))});
}

}  // namespace berth::archive
