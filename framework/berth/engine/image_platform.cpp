// SPDX-License-Identifier: Apache-2.0
#include <berth/core/log.hpp>
#include <berth/engine/images.hpp>
#include <berth/engine/internal/image_platform.hpp>
#include <berth/engine/internal/wire.hpp>
#include <berth/engine/system.hpp>

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

namespace berth {
namespace engine {
namespace {

using Names = std::pair<std::string_view, std::string_view>;

constexpr std::array<Names, 8> k_machines{{{"x86_64", "amd64"},
                                           {"aarch64", "arm64"},
                                           {"armv7l", "arm"},
                                           {"armv6l", "arm"},
                                           {"i386", "386"},
                                           {"i686", "386"},
                                           {"mips64", "mips64le"},
                                           {"loongarch64", "loong64"}}};
/// QEMU's names, where they are others.
constexpr std::array<Names, 5> k_emulated{
    {{"amd64", "x86_64"}, {"arm64", "aarch64"}, {"386", "i386"}, {"mips64le", "mips64el"}, {"loong64", "loongarch64"}}};

template <std::size_t Size>
std::string translated(const std::array<Names, Size>& names, const std::string& word) {
    const auto* const found =
        std::find_if(names.begin(), names.end(), [&](const Names& pair) { return pair.first == word; });
    return found == names.end() ? word : std::string(found->second);
}

std::vector<std::string> parts_of(const std::string& platform) {
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= platform.size();) {
        const std::size_t end = std::min(platform.find('/', from), platform.size());
        parts.push_back(platform.substr(from, end - from));
        from = end + 1;
    }
    return parts;
}

}  // namespace

bool is_for(const ImageFacts& image, const std::string& platform) {
    const auto parts = parts_of(platform);
    if (image.architecture.empty()) {
        return true;  // the engine does not say
    }
    if (parts.size() == 1) {  // `arm64`, or `linux`
        return parts[0] == image.architecture || parts[0] == image.os;
    }
    return parts[0] == image.os && parts[1] == image.architecture &&
           (parts.size() == 2 || image.variant.empty() || parts[2] == image.variant);
}

std::string architecture_of(const std::string& machine) {
    return translated(k_machines, machine);
}

bool runs_natively(const std::string& machine, const std::string& architecture) {
    const std::string own = architecture_of(machine);
    return own == architecture || (own == "amd64" && architecture == "386") ||
           (own == "arm64" && architecture == "arm");
}

std::string emulator_of(const std::string& architecture, const std::filesystem::path& handlers) {
    const std::string qemu = "qemu-" + translated(k_emulated, architecture);
    std::error_code ignored;  // not mounted: there is none
    for (const auto& entry : std::filesystem::directory_iterator(handlers, ignored)) {
        std::ifstream file(entry.path());
        std::string state;
        std::string interpreter;
        if (!std::getline(file, state) || !std::getline(file, interpreter) || state != "enabled") {
            continue;
        }
        const std::string name = entry.path().filename().string();
        if (name == qemu || interpreter.find('/' + qemu) != std::string::npos ||
            (name == "rosetta" && architecture == "amd64")) {
            return name;
        }
    }
    return {};
}

}  // namespace engine

std::string ImageFacts::platform() const {
    return variant.empty() ? fmt::format("{}/{}", os, architecture)
                           : fmt::format("{}/{}/{}", os, architecture, variant);
}

void Images::check_platform(const ImageFacts& image, const std::string& platform, Deadline deadline) {
    const std::string name = image.tags.empty() ? image.id : image.tags.front();
    if (!platform.empty() && !engine::is_for(image, platform)) {
        throw Error(
            {.code = "BR0207",
             .summary = fmt::format("image '{}' is for {}, not for {} as asked", name, image.platform(), platform),
             .hints = {"the registry may have it for no other; look with 'docker manifest inspect'"}});
    }
    utsname here{};
    if (image.architecture.empty() || ::uname(&here) != 0 ||
        (wire_->facts().local && engine::runs_natively(here.machine, image.architecture))) {
        return;
    }
    const SystemInfo there = System(wire_).info(deadline);
    if (engine::runs_natively(there.architecture, image.architecture)) {
        return;
    }
    const std::string machine = engine::architecture_of(there.architecture);
    const std::string said =
        fmt::format("image '{}' is for {}, and the engine's machine is {}", name, image.platform(), machine);
    // What this kernel emulates counts only where the engine's containers run on it: not in a virtual machine.
    if (!wire_->facts().local || there.kernel != here.release) {
        log::warn(fmt::format("{}: it runs only if that machine emulates it, and slowly", said));
        return;
    }
    const std::string emulator = engine::emulator_of(image.architecture, "/proc/sys/fs/binfmt_misc");
    if (!emulator.empty()) {
        log::warn(fmt::format("{}: it is emulated by '{}', and slow", said, emulator));
        return;
    }
    throw Error({.code = "BR0207",
                 .summary = said + ", which emulates no such thing",
                 .operation = "GET /info",
                 .endpoint = wire_->facts().endpoint,
                 .hints = {fmt::format("choose an image for linux/{}, or install 'qemu-user-static' on that machine",
                                       machine)}});
}

}  // namespace berth
