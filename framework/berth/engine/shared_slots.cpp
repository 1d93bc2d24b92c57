// SPDX-License-Identifier: Apache-2.0
#include <berth/core/digest.hpp>
#include <berth/core/log.hpp>
#include <berth/engine/internal/shared_slots.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace berth::engine {
namespace {

// A slot: 20 digits of the key's digest, a blank, the text, blanks up to the end.
constexpr std::size_t k_slot = 64;
constexpr std::size_t k_digits = 20;
constexpr std::uint64_t k_slots = 4096;
constexpr mode_t k_private_folder = 0700;
constexpr mode_t k_private_file = 0600;
// Locks lie beyond all slots, one byte each: so far apart that two keys do not meet.
constexpr std::int64_t k_first_lock = std::int64_t{1} << 32;
constexpr std::uint64_t k_locks = std::uint64_t{1} << 48;

struct Place {
    std::string digits{};
    off_t slot{0};
    std::int64_t lock{0};
};

Place place_of(const std::string& key) {
    constexpr int k_hex = 16;
    constexpr std::size_t k_number_digits = 15;  // 60 bits
    const std::string digest = sha256_hex(key);
    const std::uint64_t number = std::stoull(digest.substr(0, k_number_digits), nullptr, k_hex);
    return {digest.substr(digest.size() - k_digits), static_cast<off_t>((number % k_slots) * k_slot),
            k_first_lock + static_cast<std::int64_t>(number % k_locks)};
}

/// Owned by us, of the right kind, and nobody else's to look into.
bool is_ours(int descriptor, mode_t kind) {
    constexpr mode_t k_others = 0077;
    struct stat facts {};
    return ::fstat(descriptor, &facts) == 0 && facts.st_uid == ::geteuid() && (facts.st_mode & S_IFMT) == kind &&
           (facts.st_mode & k_others) == 0;
}

std::pair<std::string, std::string> base_and_name(const Variables& variable) {
    if (std::string base = variable("XDG_RUNTIME_DIR"); !base.empty()) {
        return {std::move(base), "berth"};
    }
    if (std::string base = variable("XDG_CACHE_HOME"); !base.empty()) {
        return {std::move(base), "berth"};
    }
    const std::string home = variable("HOME");
    return {home.empty() ? std::string{} : home + "/.cache", "berth"};
}

flock whole_byte(short type, std::int64_t at) {
    flock region{};
    region.l_type = type;
    region.l_whence = SEEK_SET;
    region.l_start = static_cast<off_t>(at);
    region.l_len = 1;
    return region;
}

}  // namespace

process::Descriptor shared_folder(const Variables& variable) {
    const auto [base, name] = base_and_name(variable);
    if (base.empty()) {
        return {};
    }
    // A home that cannot be written to is nothing to warn of; a folder that somebody else may look into is.
    const auto refused = [&](log::Level level, std::string_view why) {
        const std::string text =
            fmt::format("'{}/{}' cannot be used: {}; pulls do not wait for those of other processes", base, name, why);
        level == log::Level::warn ? log::warn(text) : log::debug(text);
        return process::Descriptor{};
    };
    const auto failed = [&] {
        const int why = errno;
        return refused(why == ELOOP || why == ENOTDIR ? log::Level::warn : log::Level::debug,
                       std::generic_category().message(why));
    };
    if (::mkdir(base.c_str(), k_private_folder) != 0 && errno != EEXIST) {
        return failed();
    }
    const process::Descriptor above(::open(base.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!above || (::mkdirat(above.get(), name.c_str(), k_private_folder) != 0 && errno != EEXIST)) {
        return failed();
    }
    process::Descriptor folder(::openat(above.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder) {
        return failed();
    }
    if (!is_ours(folder.get(), S_IFDIR)) {
        return refused(log::Level::warn, "it is not this user's alone (its mode has to be 0700)");
    }
    return folder;
}

SharedSlots::SharedSlots(const process::Descriptor& folder, const std::string& name) {
    if (!folder) {
        return;
    }
    process::Descriptor file(
        ::openat(folder.get(), name.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, k_private_file));
    if (!file || !is_ours(file.get(), S_IFREG)) {
        log::warn(fmt::format("the file '{}' for what processes share cannot be used: {}", name,
                              file ? "it is not this user's alone" : std::generic_category().message(errno)));
        return;
    }
    file_ = std::move(file);
}

std::string SharedSlots::read(const std::string& key) const {
    if (!file_) {
        return {};
    }
    const Place place = place_of(key);
    std::array<char, k_slot> slot{};
    const ssize_t size = ::pread(file_.get(), slot.data(), slot.size(), place.slot);
    if (size != static_cast<ssize_t>(slot.size())) {
        return {};  // nobody has written there yet
    }
    const std::string_view all(slot.data(), slot.size());
    if (all.substr(0, k_digits) != place.digits) {
        return {};
    }
    const std::string_view text = all.substr(k_digits + 1);
    return std::string(text.substr(0, text.find_last_not_of(' ') + 1));
}

void SharedSlots::write(const std::string& key, const std::string& text) const {
    if (!file_) {
        return;
    }
    const Place place = place_of(key);
    std::string slot = place.digits + ' ' + text.substr(0, k_longest_text);
    slot.resize(k_slot, ' ');
    if (::pwrite(file_.get(), slot.data(), slot.size(), place.slot) != static_cast<ssize_t>(slot.size())) {
        log::debug(fmt::format("what processes share was not written: {}", std::generic_category().message(errno)));
    }
}

SharedSlots::Lock SharedSlots::try_lock(const std::string& key) const {
    Lock lock;
    flock region = whole_byte(F_WRLCK, place_of(key).lock);
    // Of the open file, not of the process: threads exclude each other, and closing another descriptor lets go of
    // nothing.
    if (file_ && ::fcntl(file_.get(), F_OFD_SETLK, &region) == 0) {
        lock.file_ = file_.get();
        lock.at_ = region.l_start;
    }
    return lock;
}

SharedSlots::Lock::~Lock() {
    if (file_ >= 0) {
        // By hand: a child that was forked off holds the same open file.
        flock region = whole_byte(F_UNLCK, at_);
        ::fcntl(file_, F_OFD_SETLK, &region);
    }
}

}  // namespace berth::engine
