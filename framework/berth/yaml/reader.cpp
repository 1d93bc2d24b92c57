// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/documents.hpp>

#include <berth/core/error.hpp>
#include <berth/spec/defaults.hpp>
#include <berth/yaml/image_lock.hpp>
#include <berth/yaml/reader.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace berth {
namespace {

namespace fs = std::filesystem;
using yaml::Documents;

bool has_path(const std::vector<Diagnostic>& diagnostics, std::string_view path) {
    return std::any_of(diagnostics.begin(), diagnostics.end(), [path](const Diagnostic& found) {
        return found.severity == Severity::error && found.path == path;
    });
}

/// Whether a finding of validate() stands on what was written, and not on what is missing because it was wrong.
bool is_no_consequence(const ReadResult& result, const Diagnostic& found) {
    constexpr std::string_view k_about_the_value[] = {
        "BE0208", "BE0302", "BE0304", "BE0305", "BE0306", "BE0307", "BE0310", "BE0311", "BE0403", "BE0404",
        "BE0405", "BE0309", "BE0503", "BE0516", "BE0604", "BE0605", "BE0610", "BE0706", "BE0805", "BE0904",
        "BW0112", "BW0114", "BW0115", "BN0901", "BE0506", "BE0509", "BE0607", "BE0612", "BE0613", "BE0614",
        "BE0617", "BW0101", "BW0103", "BW0104", "BW0105", "BW0109", "BW0110", "BW0111", "BW0113"};
    if (std::find(std::begin(k_about_the_value), std::end(k_about_the_value), found.code) !=
        std::end(k_about_the_value)) {
        return true;
    }
    const auto is_whole = [&](std::string_view section) {
        const std::string path = '/' + std::string(section);
        return !has_path(result.diagnostics, path) && !has_path(result.diagnostics, "/include") &&
               !result.spec.import.given();
    };
    return (found.code == "BE0505" && is_whole("services")) || (found.code == "BE0601" && is_whole("networks")) ||
           (found.code == "BE0603" && is_whole("volumes"));
}

bool stands_in(const Origin& where, const Origin& range) {
    const bool after = where.line > range.line || (where.line == range.line && where.column >= range.column);
    const bool before =
        where.line < range.end_line || (where.line == range.end_line && where.column <= range.end_column);
    return std::string_view(where.file) == range.file && where.line > 0 && after && before;
}

/// How a value came from where it is written to where it counts.
void add_ways(const ReadResult& result, Diagnostic& found) {
    for (auto way = result.ways.rbegin(); way != result.ways.rend(); ++way) {
        const bool below =
            found.path.compare(0, way->path.size(), way->path) == 0 &&
            (found.path.size() == way->path.size() || way->path.empty() || found.path[way->path.size()] == '/');
        if (below && stands_in(found.where, way->from)) {
            found.labels.push_back({way->where, way->text});
        }
    }
}

EnvironmentSpec right_or_throw(ReadResult result) {
    ValidateOptions options;
    options.check_files = false;
    auto found = check_spec(result, options);
    found.insert(found.end(), result.not_yet.begin(), result.not_yet.end());
    if (has_errors(found)) {
        sort_diagnostics(found);
        throw InvalidSpec(std::move(found), result.sources);
    }
    return std::move(result.spec);
}

}  // namespace

ReadResult try_read_spec(const std::string& path, const ReadOptions& options) {
    return try_read_spec(std::vector<std::string>{path}, options);
}

ReadResult try_read_spec(const std::vector<std::string>& paths, const ReadOptions& options) {
    Documents documents(paths.empty() ? std::string{} : paths.front(), options);
    documents.add_env_files(options.env_files);
    for (const auto& path : paths) {
        documents.add_file(path);
    }
    return documents.take(true);
}

ReadResult try_read_spec_text(std::string text, const std::string& name, const ReadOptions& options) {
    Documents documents(name, options);
    documents.add_env_files(options.env_files);
    documents.add_text(std::move(text), name);
    return documents.take(false);
}

std::vector<Diagnostic> check_spec(const ReadResult& result, const ValidateOptions& options) {
    std::vector<Diagnostic> all = result.diagnostics;
    const auto& services = result.spec.services;
    // What a fixture or an import will bring is not known here.
    const bool whole =
        !has_errors(result.diagnostics) && !result.spec.import.given() &&
        std::none_of(services.begin(), services.end(), [](const ServiceSpec& one) { return one.fixture.given(); });
    ValidateOptions with_lock = options;
    if (options.check_files && result.spec.images->locked.value_or(false) && !options.lock) {
        const auto& lock = result.spec.images->lock;
        with_lock.lock = read_image_lock(host_path(result.spec, lock.value_or("berth.lock"), lock.origin()));
    }
    for (auto& found : validate(result.spec, with_lock)) {
        if (whole || is_no_consequence(result, found)) {
            add_ways(result, found);
            all.push_back(std::move(found));
        }
    }
    sort_diagnostics(all);
    return all;
}

EnvironmentSpec read_spec(const std::string& path, const ReadOptions& options) {
    return right_or_throw(try_read_spec(path, options));
}

EnvironmentSpec read_spec_text(std::string text, const std::string& name, const ReadOptions& options) {
    return right_or_throw(try_read_spec_text(std::move(text), name, options));
}

std::string find_spec_file(const std::string& from_directory) {
    if (const char* given = std::getenv("BERTH_FILE"); given != nullptr && *given != '\0') {
        return given;
    }
    std::error_code failure;
    for (fs::path folder = fs::absolute(from_directory, failure); !failure; folder = folder.parent_path()) {
        const fs::path candidate = folder / "berth.yaml";
        std::error_code ignored;  // what cannot be looked at is no spec of ours
        if (fs::is_regular_file(candidate, ignored)) {
            return candidate.string();
        }
        if (folder == folder.root_path() || folder.empty()) {
            break;
        }
    }
    return {};
}

}  // namespace berth
