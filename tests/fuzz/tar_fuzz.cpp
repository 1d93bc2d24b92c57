// SPDX-License-Identifier: Apache-2.0
// Archives from a container: listed, read and unpacked.
#include <berth/archive/tar_reader.hpp>
#include <tests/fuzz/fuzz.hpp>
#include <tests/support/temp_dir.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace berth::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_block = 512;
constexpr archive::Limits k_limits{.bytes = 32 * 1024, .entries = 16, .depth = 8};

/// Gives each block that reads like a header the check sum that it needs to be looked at at all.
std::string with_sums(std::string_view bytes) {
    constexpr std::size_t k_sum = 148;
    constexpr std::size_t k_sum_size = 8;
    constexpr std::size_t k_magic = 257;
    std::string result(bytes);
    for (std::size_t at = 0; at + k_block <= result.size(); at += k_block) {
        if (result.compare(at + k_magic, 5, "ustar") != 0) {
            continue;
        }
        std::fill_n(result.begin() + static_cast<std::ptrdiff_t>(at + k_sum), k_sum_size, ' ');
        unsigned sum = 0;
        for (std::size_t i = at; i < at + k_block; ++i) {
            sum += static_cast<unsigned char>(result[i]);
        }
        char digits[k_sum_size];
        std::snprintf(digits, sizeof digits, "%06o", sum);
        std::copy_n(digits, k_sum_size - 1, result.begin() + static_cast<std::ptrdiff_t>(at + k_sum));
    }
    return result;
}

/// A folder with one thing in it that nobody may touch.
class Ground {
  public:
    Ground() : canary_(folder_.write("canary", "untouched")) {}

    [[nodiscard]] fs::path into() const { return folder_.path() / "into"; }

    /// That nothing but `into` came, and the canary is as it was.
    void check_untouched(bool with_into) const {
        std::size_t found = 0;
        for (const auto& entry : fs::directory_iterator(folder_.path())) {
            const auto name = entry.path().filename();
            check(name == "canary" || (with_into && name == "into"), "an archive brought something outside");
            ++found;
        }
        check(found == (with_into ? 2 : 1), "the archive's own folder did not come, or the canary went");
        check(fs::file_size(canary_) == 9 && fs::is_regular_file(fs::symlink_status(canary_)),
              "an archive changed something outside");
    }
    void clear() const { fs::remove_all(into()); }

  private:
    support::TempDir folder_{};
    std::string canary_;
};

struct Came {
    std::size_t files{0};
    std::size_t symlinks{0};
    std::uint64_t bytes{0};
};

void walk(const fs::path& folder, const fs::path& root, Came& came) {
    for (const auto& entry : fs::directory_iterator(folder)) {
        struct stat facts {};
        check(::lstat(entry.path().c_str(), &facts) == 0, "what was unpacked cannot be looked at");
        check((facts.st_mode & (S_ISUID | S_ISGID)) == 0 && (!S_ISREG(facts.st_mode) || (facts.st_mode & S_ISVTX) == 0),
              "a setuid, setgid or sticky bit came out of an archive");
        if (S_ISDIR(facts.st_mode)) {
            walk(entry.path(), root, came);
        } else if (S_ISLNK(facts.st_mode)) {
            ++came.symlinks;
            // Wherever it leads through other links: in the end it stays inside (or leads nowhere).
            std::error_code error;
            const auto target = fs::weakly_canonical(entry.path(), error);
            check(error || std::mismatch(root.begin(), root.end(), target.begin(), target.end()).first == root.end(),
                  "a symlink leads out");
        } else {
            check(S_ISREG(facts.st_mode) && facts.st_nlink == 1, "something else than files and directories came");
            ++came.files;
            came.bytes += static_cast<std::uint64_t>(facts.st_size);
        }
    }
}

void run(Input& input) {
    static const Ground ground;
    const auto flags = input.byte();
    const std::size_t piece = (flags & 2U) != 0 ? 1 + std::size_t{3} * input.byte() : 64 * 1024;
    const std::string tar = (flags & 1U) != 0 ? with_sums(input.rest()) : std::string(input.rest());

    std::vector<archive::TarEntry> entries;
    const auto refused = code_of([&] { entries = archive::list(Pieces(tar, piece), k_limits); });
    check(entries.size() <= k_limits.entries, "more entries than the limit");

    std::string content;
    code_of([&] { content = archive::read_file(Pieces(tar, piece), k_limits.bytes); });
    check(content.size() <= k_limits.bytes, "more bytes than the limit");

    archive::Extracted extracted;
    const auto code = code_of([&] { extracted = archive::extract(Pieces(tar, piece), ground.into(), k_limits); });
    check(refused.empty() || !code.empty(), "an archive that cannot be listed can be unpacked");
    ground.check_untouched(code.empty());
    if (!code.empty()) {
        return;
    }
    Came came;
    walk(ground.into(), ground.into(), came);
    check(came.bytes <= k_limits.bytes, "more bytes than the limit came");
    check(came.files <= extracted.files && came.symlinks <= extracted.symlinks, "more came than is told");
    for (const auto& [name, why] : extracted.left_out) {
        check_printable(name);
        check_printable(why);
    }
    ground.clear();
}

}  // namespace
}  // namespace berth::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    berth::fuzz::Input input(data, size);
    berth::fuzz::run(input);
    return 0;
}
