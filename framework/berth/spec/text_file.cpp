// SPDX-License-Identifier: Apache-2.0
#include <berth/spec/text_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>

namespace berth {
namespace {

class Descriptor {
  public:
    explicit Descriptor(int number) noexcept : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (number_ >= 0) {
            ::close(number_);
        }
    }
    [[nodiscard]] int number() const noexcept { return number_; }

  private:
    int number_;
};

std::string words_of(int error) {
    std::string text = std::generic_category().message(error);
    if (!text.empty()) {
        text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
    }
    return text;
}

TextFile failed(int error) {
    const bool missing = error == ENOENT || error == ENOTDIR;
    return {missing ? TextFile::Outcome::missing : TextFile::Outcome::unreadable, {}, words_of(error), 0};
}

const char* what_it_is(mode_t mode) noexcept {
    switch (mode & static_cast<mode_t>(S_IFMT)) {
        case S_IFDIR:
            return "it is a folder";
        case S_IFIFO:
            return "it is a pipe, not a file";
        case S_IFSOCK:
            return "it is a socket, not a file";
        default:
            return "it is a device, not a file";
    }
}

}  // namespace

TextFile read_text_file(const std::string& path) {
    if (path.find('\0') != std::string::npos) {
        return failed(ENOENT);
    }
    // Not blocking: opening a pipe that nobody writes to would wait for ever.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (file.number() < 0) {
        // A socket cannot be opened at all, and ENXIO would say nothing to anybody.
        struct stat status {};
        const int error = errno;
        if (error == ENXIO && ::stat(path.c_str(), &status) == 0) {
            return {TextFile::Outcome::unreadable, {}, what_it_is(status.st_mode), 0};
        }
        return failed(error);
    }
    struct stat status {};
    if (::fstat(file.number(), &status) != 0) {
        return failed(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return {TextFile::Outcome::unreadable, {}, what_it_is(status.st_mode), 0};
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size > k_largest_text_file) {
        return {TextFile::Outcome::too_big, {}, "it is too big", size};
    }
    TextFile result;
    // One byte more than it should have, so that a file that grows is noticed.
    result.text.resize(static_cast<std::size_t>(k_largest_text_file) + 1);
    std::size_t filled = 0;
    while (filled < result.text.size()) {
        const ssize_t got = ::read(file.number(), result.text.data() + filled, result.text.size() - filled);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return failed(errno);
        }
        if (got == 0) {
            break;
        }
        filled += static_cast<std::size_t>(got);
    }
    if (filled > k_largest_text_file) {
        return {TextFile::Outcome::too_big, {}, "it is too big", filled};
    }
    result.text.resize(filled);
    result.text.shrink_to_fit();
    return result;
}

}  // namespace berth
