// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/yaml/reader.hpp>

#include <string>
#include <vector>

namespace berth {

/// How compose files are taken in.
struct ComposeOptions {
    enum class Ports { ephemeral, as_written };
    enum class DependsOn { as_written, ready };

    std::vector<std::string> services{};  ///< Only these and what they depend on; empty: all.
    std::vector<std::string> profiles{};  ///< Profiles that are on: their services become services that always are.
    Ports ports{Ports::ephemeral};        ///< Whether the engine picks the host ports, or the file does.
    DependsOn depends_on{DependsOn::as_written};  ///< `ready`: a plain dependency waits for readiness.
    bool strict{false};                           ///< Keys without effect are errors (BE0905) instead of notes.
    bool keep_restart{false};                     ///< `restart` is applied.
    /// Where the spec stands: relative paths in it start there. Empty: in the folder of the first file.
    std::string folder{};
};

/// Compose files as a spec.
struct ComposeImport {
    std::string yaml{};  ///< A whole `berth.yaml`; empty when there are errors.
    /// What is wrong with the files, and a note for each change of meaning. Sorted by place.
    std::vector<Diagnostic> diagnostics{};
    SourceTexts sources{};
};

/// Makes a spec of compose files, later ones merged over earlier ones as compose does. A folder stands for the compose
/// file in it and its override file. Variables stay variables in the text, with the meaning of compose: one that is
/// nowhere set is empty. Files that are included or extended from are read as well; nothing else is run or asked.
///
/// Never throws for files that are wrong or cannot be read: that is among the diagnostics.
ComposeImport import_compose(const std::vector<std::string>& files, const ComposeOptions& options = {},
                             const ReadOptions& variables = {});

/// The same for one text, without looking at any file, the environment or a clock: what it includes or extends from
/// cannot be opened. `name` stands for the file in messages.
ComposeImport import_compose_text(std::string text, const std::string& name, const ComposeOptions& options = {});

/// The spec that compose files alone make, as `berth --compose FILE…` brings it up: variables replaced.
ReadResult try_read_compose(const std::vector<std::string>& files, const ComposeOptions& options = {},
                            const ReadOptions& variables = {});

}  // namespace berth
