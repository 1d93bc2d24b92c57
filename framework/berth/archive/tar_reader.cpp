// SPDX-License-Identifier: Apache-2.0
#include <berth/archive/internal/library.hpp>
#include <berth/archive/tar_reader.hpp>
#include <berth/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace berth::archive {
namespace {

constexpr std::size_t k_piece = 64 * 1024;

std::string text_or_empty(const char* text) {
    return text == nullptr ? std::string{} : std::string(text);
}

TarEntry::Kind kind_of(archive_entry* entry) {
    if (archive_entry_hardlink(entry) != nullptr) {
        return TarEntry::Kind::hard_link;
    }
    switch (archive_entry_filetype(entry)) {
        case AE_IFREG:
            return TarEntry::Kind::file;
        case AE_IFDIR:
            return TarEntry::Kind::directory;
        case AE_IFLNK:
            return TarEntry::Kind::symlink;
        default:
            return TarEntry::Kind::other;
    }
}

[[noreturn]] void too_large(std::string what) {
    throw Error({.code = "BR0403", .summary = std::move(what), .hints = {"copy less, or allow more"}});
}

}  // namespace

std::string read_file(const Pieces& tar, std::uint64_t most) {
    const Utf8Locale locale;
    Reader reader(tar);
    archive_entry* entry = reader.next();
    if (entry == nullptr || kind_of(entry) != TarEntry::Kind::file) {
        throw Error({.code = "BR0402",
                     .summary = entry == nullptr ? "the archive is empty"
                                                 : fmt::format("'{}' is no regular file",
                                                               shown(text_or_empty(archive_entry_pathname(entry)))),
                     .hints = {"copy a directory to a directory instead"}});
    }
    const std::string name = text_or_empty(archive_entry_pathname(entry));
    std::string result;
    std::array<char, k_piece> buffer{};
    if (static_cast<std::uint64_t>(archive_entry_size(entry)) > most) {
        too_large(fmt::format("'{}' has {} bytes, and {} are the limit", shown(name), archive_entry_size(entry), most));
    }
    while (const std::size_t size = reader.read(buffer.data(), buffer.size())) {
        result.append(buffer.data(), size);
        if (result.size() > most) {
            too_large(fmt::format("'{}' has more than {} bytes, which are the limit", shown(name), most));
        }
    }
    return result;
}

std::vector<TarEntry> list(const Pieces& tar, const Limits& limits) {
    const Utf8Locale locale;
    Reader reader(tar);
    std::vector<TarEntry> result;
    while (archive_entry* entry = reader.next()) {
        if (result.size() == limits.entries) {
            too_large(fmt::format("the archive has more than {} entries, which are the limit", limits.entries));
        }
        constexpr unsigned k_mode = 07777;
        TarEntry facts;
        facts.name = text_or_empty(archive_entry_pathname(entry));
        facts.kind = kind_of(entry);
        facts.size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
        facts.mode = static_cast<unsigned>(archive_entry_perm(entry)) & k_mode;
        facts.uid = archive_entry_uid(entry);
        facts.gid = archive_entry_gid(entry);
        facts.modified = archive_entry_mtime(entry);
        facts.link_target = text_or_empty(facts.kind == TarEntry::Kind::hard_link ? archive_entry_hardlink(entry)
                                                                                  : archive_entry_symlink(entry));
        result.push_back(std::move(facts));
    }
    return result;
}

}  // namespace berth::archive
