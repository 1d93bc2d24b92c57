// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/verbs.hpp>
#include <berth/cli/version.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace berth::cli {
namespace {

#ifdef __clang__
constexpr const char* k_compiler_name = "clang";
constexpr int k_compiler_major = __clang_major__;
constexpr int k_compiler_minor = __clang_minor__;
#else
constexpr const char* k_compiler_name = "gcc";
constexpr int k_compiler_major = __GNUC__;
constexpr int k_compiler_minor = __GNUC_MINOR__;
#endif

}  // namespace

std::string version_text() {
    return fmt::format("berth {}\n", BERTH_VERSION);
}

std::string version_json() {
    nlohmann::ordered_json object;
    object["version"] = BERTH_VERSION;
    object["compiler"] = fmt::format("{} {}.{}", k_compiler_name, k_compiler_major, k_compiler_minor);
    return object.dump(2) + '\n';
}

int version(Context& context) {
    context.print(context.own().format == Format::json ? version_json() : version_text());
    return k_done;
}

}  // namespace berth::cli
