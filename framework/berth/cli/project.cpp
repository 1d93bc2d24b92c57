// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/dotenv.hpp>
#include <berth/cli/project.hpp>
#include <berth/core/error.hpp>
#include <berth/report/run_folder.hpp>
#include <berth/runtime/state_file.hpp>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace berth::cli {
namespace {

std::string folder_of(const Context& context) {
    return context.directory() + "/.berth";
}

}  // namespace

void write_project_files(const Context& context, const std::string& state_json,
                         const std::map<std::string, std::string>& exports) {
    const std::string folder = folder_of(context);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
        throw Error({.code = "BR0801",
                     .summary = fmt::format("cannot make '{}': {}", folder, std::generic_category().message(errno)),
                     .hints = {"run it in a folder that you may write to"}});
    }
    write_private_file(folder + "/state.json", state_json);
    write_private_file(folder + "/env", dotenv_text(exports));
}

bool remove_project_files(const Context& context, const std::string& project) {
    const std::string state = folder_of(context) + "/state.json";
    if (::access(state.c_str(), F_OK) != 0) {
        return false;
    }
    try {
        if (read_state_file(state).project != project) {
            return false;
        }
    } catch (const Error&) {
        // One that nobody can read is of no use to anybody, and what it told of is gone.
    }
    ::unlink((folder_of(context) + "/env").c_str());
    return ::unlink(state.c_str()) == 0;
}

}  // namespace berth::cli
