// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/compose.hpp>
#include <berth/yaml/internal/compose.hpp>
#include <berth/yaml/internal/documents.hpp>
#include <berth/yaml/internal/values.hpp>

#include <berth/spec/fields/root.hpp>
#include <berth/spec/merge.hpp>
#include <berth/spec/not_yet.hpp>
#include <berth/spec/text_file.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace berth {
namespace {

namespace fs = std::filesystem;

/// Fills the spec from the whole tree. What is wrong with single values has been said already.
void fill(const yaml::Node& root, ReadResult& result) {
    const yaml::Variables none({}, false);  // all have been replaced
    std::vector<Diagnostic> again;
    std::vector<yaml::KeyPlace> keys;
    yaml::Binder binder(none, Defaults::UnsetVariables::empty, again, result.ways, keys);
    binder.read_fields(root, yaml::readers_of<EnvironmentSpec>(), "Root", &result.spec);
    // What single files let pass, and the whole does not, is a mistake that came together from several.
    for (auto& found : again) {
        const bool told = std::any_of(result.diagnostics.begin(), result.diagnostics.end(), [&](const auto& one) {
            return one.code == found.code && same_place(one.where, found.where);
        });
        if (found.severity == Severity::error && !told) {
            result.diagnostics.push_back(std::move(found));
        }
    }
    result.spec = without_resets(std::move(result.spec));
}

const yaml::TextReader k_read = read_text_file;

/// What all ways of taking compose files in have in common.
struct Request {
    const std::vector<std::string>& files;
    const ComposeOptions& options;
    const ReadOptions& variables;
    const yaml::TextReader& read;
    bool look_at_files{true};

    [[nodiscard]] std::string base() const {
        const std::string first = files.empty() ? std::string{} : files.front();
        std::error_code failure;
        const bool folder = look_at_files && fs::is_directory(first, failure);
        return yaml::whole_folder(!options.folder.empty() ? options.folder
                                  : folder                ? first
                                                          : fs::path(first).parent_path().string());
    }

    void load(bool keep_variables, ReadResult& result, yaml::ComposeProject& project) const {
        const yaml::ComposeLoading loading{options,       variables,          read,          keep_variables,
                                           look_at_files, result.diagnostics, result.sources};
        yaml::load_compose(loading, files, base(), project);
    }

    [[nodiscard]] ReadResult spec(SourceTexts sources = {}) const {
        ReadResult result;
        result.sources = std::move(sources);
        yaml::ComposeProject project;
        load(false, result, project);
        if (project.root != nullptr && !has_errors(result.diagnostics)) {
            fill(*project.root, result);
        }
        result.spec.base.directory = base();
        result.not_yet = not_yet(result.spec);
        sort_diagnostics(result.diagnostics);
        sort_diagnostics(result.not_yet);
        return result;
    }

    /// @param said about the same files
    [[nodiscard]] std::string text(const std::vector<Diagnostic>& said) const {
        ReadResult again;
        yaml::ComposeProject project;
        load(true, again, project);
        if (project.root == nullptr || has_errors(again.diagnostics)) {
            return {};
        }
        std::string names;
        for (const auto& file : files) {
            names += (names.empty() ? "" : " ") + file;
        }
        std::vector<std::string> comments{fmt::format("Made by 'berth import {}'.", names)};
        if (!said.empty()) {
            comments.front() += " What means something else here than there:";
        }
        for (const auto& note : said) {
            comments.push_back(fmt::format("  {}: {}", to_string(note.where), note.message));
        }
        for (auto& line : comments) {
            std::replace_if(
                line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20U || c == 0x7f; },
                ' ');
        }
        yaml::NodeStore nodes;
        yaml::Node root = *project.root;
        yaml::Node& list = nodes.empty_list(root);
        list.flow = true;
        for (const auto& path : project.env_files) {
            if (path != ".env") {  // which is found by itself
                list.slots.push_back({nullptr, &nodes.scalar(path, root), nullptr});
            }
        }
        if (!list.slots.empty()) {
            yaml::put(nodes, root, "env_file", list);
        }
        return yaml::tree_text(root, comments);
    }

    [[nodiscard]] ComposeImport import() const {
        ComposeImport out;
        ReadResult result = spec();
        const auto said = result.diagnostics;
        if (!has_errors(said)) {
            ValidateOptions judged;
            judged.check_files = false;  // a context or a file may come later; the spec is what is asked for
            out.diagnostics = check_spec(result, judged);
        } else {
            out.diagnostics = said;
        }
        if (!has_errors(out.diagnostics)) {
            out.yaml = text(said);
        }
        out.sources = std::move(result.sources);
        return out;
    }
};

}  // namespace

namespace yaml {

EnvironmentSpec compose_spec(const std::vector<std::string>& files, const ComposeOptions& options,
                             const ReadOptions& variables, ReadResult& into) {
    ReadResult taken = Request{files, options, variables, k_read}.spec(std::move(into.sources));
    into.sources = std::move(taken.sources);
    into.diagnostics.insert(into.diagnostics.end(), taken.diagnostics.begin(), taken.diagnostics.end());
    into.ways.insert(into.ways.end(), taken.ways.begin(), taken.ways.end());
    return std::move(taken.spec);
}

}  // namespace yaml

ComposeImport import_compose(const std::vector<std::string>& files, const ComposeOptions& options,
                             const ReadOptions& variables) {
    return Request{files, options, variables, k_read}.import();
}

ComposeImport import_compose_text(std::string text, const std::string& name, const ComposeOptions& options) {
    const yaml::TextReader read = [&](const std::string& path) {
        if (path != name) {
            return TextFile{TextFile::Outcome::missing, {}, "no such file or directory", 0};
        }
        return text.size() > k_largest_text_file ? TextFile{TextFile::Outcome::too_big, {}, {}, text.size()}
                                                 : TextFile{TextFile::Outcome::read, text, {}, 0};
    };
    ReadOptions variables;
    variables.use_process_environment = false;
    const std::vector<std::string> files{name};
    return Request{files, options, variables, read, false}.import();
}

ReadResult try_read_compose(const std::vector<std::string>& files, const ComposeOptions& options,
                            const ReadOptions& variables) {
    return Request{files, options, variables, k_read}.spec();
}

}  // namespace berth
