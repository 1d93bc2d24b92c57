// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/archive/tar_writer.hpp>

#include <archive.h>
#include <archive_entry.h>

#include <locale.h>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

namespace berth::archive {

/// libarchive reads names through the locale, and a program without one makes 3.6.2 crash on names that are not ASCII.
/// Holds C.UTF-8 for this thread. @throws Error (BR0401) when the system lacks it
class Utf8Locale {
  public:
    Utf8Locale();
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;
    ~Utf8Locale();

  private:
    locale_t mine_;
    locale_t before_;
};

struct FreeEntry {
    void operator()(archive_entry* entry) const noexcept { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

/// Reads a tar from pieces. Exceptions of the source are kept from the library and thrown on.
class Reader {
  public:
    explicit Reader(const Pieces& tar);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    ~Reader();

    /// The next header; null at the end. Valid until the next call.
    archive_entry* next();
    /// Content of the entry, holes as zeros; 0 at its end.
    std::size_t read(char* into, std::size_t size);

  private:
    static la_ssize_t give(::archive* reader, void* self, const void** buffer);
    [[noreturn]] void fail(const char* what);

    const Pieces& tar_;
    ::archive* reader_;
    std::exception_ptr thrown_{};
};

/// A name as messages show it.
std::string shown(std::string_view name);

/// `why` with errno's text behind it. @throws Error
[[noreturn]] void fail_system(const std::string& what, int error);

}  // namespace berth::archive
