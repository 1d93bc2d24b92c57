// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/binder.hpp>
#include <berth/yaml/internal/values.hpp>

#include <berth/core/error.hpp>
#include <berth/core/units.hpp>
#include <berth/spec/fields/root.hpp>
#include <berth/spec/text_file.hpp>
#include <berth/yaml/reader.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

namespace berth {
namespace {

namespace fs = std::filesystem;
using yaml::Binder;
using yaml::Kind;
using yaml::Source;
using yaml::Variables;

Diagnostic finding(std::string code, const Origin& where, std::string message) {
    Diagnostic found;
    found.code = std::move(code);
    found.message = std::move(message);
    found.where = where;
    return found;
}

/// As a person names it, from the way the spec was named.
std::string beside(const std::string& spec, const std::string& path) {
    return fs::path(path).is_absolute() ? path : (fs::path(spec).parent_path() / path).string();
}

std::string folder_of(const std::string& name) {
    std::error_code failure;
    const auto folder =
        fs::absolute(fs::path(name).parent_path().empty() ? "." : fs::path(name).parent_path(), failure);
    return failure ? fs::path(name).parent_path().string() : folder.lexically_normal().string();
}

std::string without_slash(std::string folder) {
    while (folder.size() > 1 && folder.back() == '/') {
        folder.pop_back();
    }
    return folder;
}

/// One reading of one file.
class Reading {
  public:
    Reading(const std::string& name, const ReadOptions& options)
        : name_(name), file_(intern_file_name(name)), variables_(options.set, options.use_process_environment) {
        result_.spec.base.directory = without_slash(folder_of(name));
    }

    void fail(std::string code, std::string message) {
        result_.diagnostics.push_back(finding(std::move(code), {file_, 0, 0, 0, 0}, std::move(message)));
    }

    void add_env_files(const std::vector<std::string>& paths) {
        for (const auto& path : paths) {
            if (auto contents = env_file(path, {intern_file_name(path), 0, 0, 0, 0}, true)) {
                variables_.add_env_file(*contents, path);
            }
        }
    }

    void read(std::string text, bool look_for_env) {
        if (text.size() > k_largest_text_file) {
            fail("BE0003", fmt::format("'{}' is {}; the limit is 1 MiB", name_, format_size(Bytes{text.size()})));
            return;
        }
        if (const std::size_t bad = yaml::bad_utf8(text); bad != std::string_view::npos) {
            fail("BE0002", fmt::format("'{}' is not UTF-8 (byte 0x{:02x} at offset {})", name_,
                                       static_cast<unsigned>(static_cast<unsigned char>(text[bad])), bad));
            return;
        }
        result_.sources.add(file_, text);
        const Source source(name_, std::move(text));
        const auto tree = yaml::read_tree(source);
        result_.diagnostics.insert(result_.diagnostics.end(), tree.diagnostics.begin(), tree.diagnostics.end());
        if (tree.root != nullptr) {
            bind(*tree.root, look_for_env);
            warn_of_cut_end(source, tree);
        } else if (tree.diagnostics.empty()) {
            fail("BE0203", "the spec is empty; it needs 'services'");
        }
    }

    ReadResult take() {
        sort_diagnostics(result_.diagnostics);
        sort_diagnostics(result_.not_yet);
        return std::move(result_);
    }

  private:
    void bind(const yaml::Node& root, bool look_for_env) {
        Binder binder(variables_, unset_variables(root), result_.diagnostics, result_.not_yet);
        if (root.kind == Kind::null) {
            if (has_errors(result_.diagnostics)) {
                return;
            }
            fail("BE0203", "the spec is empty; it needs 'services'");
            return;
        }
        if (root.kind != Kind::map) {
            binder.wrong_type(root, "a mapping");
            return;
        }
        binder.no_tag(root);
        if (std::any_of(result_.diagnostics.begin(), result_.diagnostics.end(),
                        [](const Diagnostic& found) { return found.code == "BE0101" || found.code == "BE0107"; })) {
            binder.expect_missing_keys();
        }
        // Variables first: the rest is read with them. Each step sees what the one before has brought.
        const auto read_only_key = [&](std::string_view key) {
            const std::array keys{key};
            binder.read_fields(root, yaml::readers_of<EnvironmentSpec>(), "Root", &result_.spec, {keys, true});
        };
        read_only_key("env_file");
        load_own_env_files(look_for_env);
        read_only_key("vars");
        variables_.set_vars(*result_.spec.vars);
        static constexpr std::array<std::string_view, 2> k_read{"env_file", "vars"};
        binder.read_fields(root, yaml::readers_of<EnvironmentSpec>(), "Root", &result_.spec, {k_read, false});
    }

    /// Before anything is interpolated, so as it is written.
    static Defaults::UnsetVariables unset_variables(const yaml::Node& root) {
        const auto* defaults = root.find("defaults");
        const auto* slot = defaults == nullptr ? nullptr : defaults->value->find("unset_variables");
        for (const auto& [name, value] : EnumNames<Defaults::UnsetVariables>::k_names) {
            if (slot != nullptr && slot->value->text == name) {
                return value;
            }
        }
        return Defaults::UnsetVariables::error;
    }

    void load_own_env_files(bool look_for_env) {
        if (!result_.spec.env_file.given()) {
            const std::string path = beside(name_, ".env");
            if (look_for_env) {
                if (auto contents = env_file(path, {}, false)) {
                    variables_.add_own_file(*contents, path);
                }
            }
            return;
        }
        for (const auto& file : *result_.spec.env_file) {
            const std::string path = beside(name_, *file.path);
            if (auto contents = env_file(path, file.path.origin(), file.required.value_or(true))) {
                variables_.add_own_file(*contents, path);
            }
        }
    }

    std::optional<EnvFileContents> env_file(const std::string& path, const Origin& named_at, bool required) {
        TextFile file = read_text_file(path);
        if (file.outcome == TextFile::Outcome::missing) {
            if (required) {
                result_.diagnostics.push_back(
                    finding("BE0417", named_at,
                            fmt::format("env file '{}' does not exist; set 'required: false' if that is fine", path)));
            }
            return std::nullopt;
        }
        if (file.outcome == TextFile::Outcome::too_big) {
            result_.diagnostics.push_back(
                finding("BE0003", named_at,
                        fmt::format("'{}' is {}; the limit is 1 MiB", path, format_size(Bytes{file.size}))));
            return std::nullopt;
        }
        if (file.outcome != TextFile::Outcome::read) {
            result_.diagnostics.push_back(
                finding("BE0001", named_at, fmt::format("cannot open '{}': {}", path, file.why)));
            return std::nullopt;
        }
        const VariableLookup lookup = [this](std::string_view name) { return variables_.find(name); };
        EnvFileContents contents = parse_env_file(file.text, path, lookup);
        if (!contents.diagnostics.empty()) {
            result_.sources.add(intern_file_name(path), std::move(file.text));
            result_.diagnostics.insert(result_.diagnostics.end(), contents.diagnostics.begin(),
                                       contents.diagnostics.end());
        }
        return contents;
    }

    /// A value that touches the end of the file may have lost its own end.
    void warn_of_cut_end(const Source& source, const yaml::Tree& tree) {
        const std::size_t size = source.text().size();
        const bool open = std::any_of(tree.nodes.rbegin(), tree.nodes.rend(), [&](const yaml::Node& node) {
            using yaml::Style;
            if (node.kind == Kind::null) {
                return source.text().find('\n', node.begin) == std::string_view::npos;
            }
            const bool block = node.style == Style::literal || node.style == Style::folded;
            if (node.kind != Kind::scalar || node.text.empty() || (node.style != Style::plain && !block)) {
                return false;
            }
            const std::size_t end = block ? yaml::written_range(source, node, 0, node.text.size()).second : node.end;
            return source.text().find_first_not_of(' ', end) == std::string_view::npos;
        });
        if (has_errors(result_.diagnostics) || !open || source.text().back() == '\n') {
            return;
        }
        auto found =
            finding("BW0120", source.origin(size - 1, size), "the last line has no end; was the file cut short?");
        found.severity = Severity::warning;
        result_.diagnostics.push_back(std::move(found));
    }

    std::string name_;
    const char* file_;
    Variables variables_;
    ReadResult result_;
};

bool has_path(const std::vector<Diagnostic>& diagnostics, std::string_view path) {
    return std::any_of(diagnostics.begin(), diagnostics.end(), [path](const Diagnostic& found) {
        return found.severity == Severity::error && found.path == path;
    });
}

/// Whether a finding of validate() stands on what was written, and not on what is missing because it was wrong.
bool is_no_consequence(const ReadResult& result, const Diagnostic& found) {
    constexpr std::string_view k_about_the_value[] = {
        "BE0208", "BE0302", "BE0304", "BE0305", "BE0306", "BE0307", "BE0310", "BE0311", "BE0403",
        "BE0404", "BE0405", "BE0506", "BE0509", "BE0607", "BE0612", "BE0613", "BE0614", "BE0617",
        "BW0101", "BW0103", "BW0104", "BW0105", "BW0109", "BW0110", "BW0111", "BW0113"};
    if (std::find(std::begin(k_about_the_value), std::end(k_about_the_value), found.code) !=
        std::end(k_about_the_value)) {
        return true;
    }
    const auto is_whole = [&](std::string_view section) {
        const std::string path = '/' + std::string(section);
        return !has_path(result.diagnostics, path) && !has_path(result.not_yet, "/include") &&
               !has_path(result.not_yet, "/import");
    };
    return (found.code == "BE0505" && is_whole("services")) || (found.code == "BE0601" && is_whole("networks")) ||
           (found.code == "BE0603" && is_whole("volumes"));
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
    Reading reading(path, options);
    TextFile file = read_text_file(path);
    switch (file.outcome) {
        case TextFile::Outcome::missing:
        case TextFile::Outcome::unreadable:
            reading.fail("BE0001", fmt::format("cannot open '{}': {}", path, file.why));
            break;
        case TextFile::Outcome::too_big:
            reading.fail("BE0003", fmt::format("'{}' is {}; the limit is 1 MiB", path, format_size(Bytes{file.size})));
            break;
        case TextFile::Outcome::read:
            reading.add_env_files(options.env_files);
            reading.read(std::move(file.text), true);
            break;
    }
    return reading.take();
}

ReadResult try_read_spec_text(std::string text, const std::string& name, const ReadOptions& options) {
    Reading reading(name, options);
    reading.add_env_files(options.env_files);
    reading.read(std::move(text), false);
    return reading.take();
}

std::vector<Diagnostic> check_spec(const ReadResult& result, const ValidateOptions& options) {
    std::vector<Diagnostic> all = result.diagnostics;
    const bool whole = !has_errors(result.diagnostics) && result.not_yet.empty();
    for (auto& found : validate(result.spec, options)) {
        if (whole || is_no_consequence(result, found)) {
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
