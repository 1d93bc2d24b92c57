// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/compose.hpp>
#include <berth/yaml/internal/documents.hpp>

#include <berth/spec/merge.hpp>

#include <filesystem>

// `import`: compose files below what the spec says itself.

namespace berth::yaml {
namespace {

ComposeOptions options_of(const ImportSpec& import) {
    ComposeOptions options;
    options.services = *import.services;
    options.profiles = *import.profiles;
    options.ports = import.ports.value_or(ImportSpec::Ports::ephemeral) == ImportSpec::Ports::as_written
                        ? ComposeOptions::Ports::as_written
                        : ComposeOptions::Ports::ephemeral;
    options.depends_on = import.depends_on.value_or(ImportSpec::DependsOn::as_written) == ImportSpec::DependsOn::ready
                             ? ComposeOptions::DependsOn::ready
                             : ComposeOptions::DependsOn::as_written;
    options.strict = import.strict.value_or(false);
    return options;
}

}  // namespace

void Documents::resolve_imports(EnvironmentSpec& spec, const DocumentPointer& document) {
    if (!spec.import.given()) {
        return;
    }
    EnvironmentSpec below;
    const std::size_t before = result_.diagnostics.size();
    for (const auto& import : *spec.import) {
        ComposeOptions options = options_of(import);
        options.keep_restart = options_.keep_restart;
        const auto folder = std::filesystem::path(document->name).parent_path().string();
        options.folder = folder.empty() ? "." : folder;
        std::vector<std::string> files;
        for (const auto& written : *import.compose) {
            files.push_back(beside(document->name, written));
        }
        const std::size_t first = result_.diagnostics.size();
        EnvironmentSpec other = compose_spec(files, options, options_, result_);
        for (std::size_t i = first; i < result_.diagnostics.size(); ++i) {
            if (result_.diagnostics[i].severity == Severity::error) {
                result_.diagnostics[i].labels.push_back({import.compose.origin(), "imported here"});
            }
        }
        take_in(below, std::move(other));
    }
    const std::vector<Diagnostic> found(result_.diagnostics.begin() + static_cast<std::ptrdiff_t>(before),
                                        result_.diagnostics.end());
    if (has_errors(found)) {
        return;  // `import` stays: what is missing may be what it would have brought
    }
    spec.import = {};
    spec = merged(std::move(below), spec);
}

}  // namespace berth::yaml
