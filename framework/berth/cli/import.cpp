// SPDX-License-Identifier: Apache-2.0
#include <berth/cli/loading.hpp>
#include <berth/cli/verbs.hpp>
#include <berth/core/error.hpp>
#include <berth/yaml/compose.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace berth::cli {
namespace {

void write_new(const std::string& path, const std::string& text) {
    const auto cannot = [&path](const std::string& why) {
        return Exit(k_bad_spec, fmt::format("cannot write '{}': {}", path, why));
    };
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0 && errno == EEXIST) {
        throw Exit(k_wrong_use, fmt::format("'{}' is there already\n  hint: remove it, or name another file", path));
    }
    if (file < 0) {
        throw cannot(std::generic_category().message(errno));
    }
    std::size_t done = 0;
    while (done < text.size()) {
        const auto wrote = ::write(file, text.data() + done, text.size() - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            const std::string why = std::generic_category().message(errno);
            ::close(file);
            ::unlink(path.c_str());  // half a spec is none
            throw cannot(why);
        }
        done += static_cast<std::size_t>(wrote);
    }
    if (::close(file) != 0) {
        throw cannot(std::generic_category().message(errno));
    }
}

}  // namespace

int import_compose(Context& context) {
    const VerbOptions& own = context.own();
    ComposeOptions options;
    options.services = own.only;
    options.profiles = context.global().profiles;
    options.ports = own.ports_as_written ? ComposeOptions::Ports::as_written : ComposeOptions::Ports::ephemeral;
    options.depends_on = own.depend_on_ready ? ComposeOptions::DependsOn::ready : ComposeOptions::DependsOn::as_written;
    options.strict = own.strict;
    options.keep_restart = context.global().keep_restart;
    if (!own.output.empty()) {
        const auto folder = std::filesystem::path(own.output).parent_path().string();
        options.folder = folder.empty() ? "." : folder;
    }
    const auto files = own.services.empty() ? std::vector<std::string>{"."} : own.services;
    ComposeImport made = import_compose(files, options, read_options(context));
    if (has_errors(made.diagnostics)) {
        throw InvalidSpec(std::move(made.diagnostics), std::move(made.sources));
    }
    if (!made.diagnostics.empty()) {
        context.say(render_text(made.diagnostics, made.sources, context.err_colour(), context.global().max_errors));
    }
    if (own.output.empty()) {
        context.print(made.yaml);
    } else {
        write_new(own.output, made.yaml);
    }
    return k_done;
}

}  // namespace berth::cli
