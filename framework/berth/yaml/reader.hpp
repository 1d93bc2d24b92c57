// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/core/diagnostic.hpp>
#include <berth/spec/environment.hpp>
#include <berth/spec/validation.hpp>

#include <map>
#include <string>
#include <vector>

namespace berth {

/// What a spec's variables may come from, besides the spec itself. In this order of precedence, before its own
/// `env_file` (or the `.env` beside the file) and `vars`.
struct ReadOptions {
    std::map<std::string, std::string> set{};  ///< `--set NAME=VALUE`.
    bool use_process_environment{true};
    std::vector<std::string> env_files{};  ///< `--env-file`, relative to the working directory.
    std::vector<std::string> overlays{};   ///< `--overlay`, in the order in which they are merged in.
    std::vector<std::string> compose{};    ///< `--compose`: compose files below the spec, as by `import`.
    bool keep_restart{false};              ///< `--keep-restart`: `restart` of compose files is applied.
};

/// A step by which values came to the place where they count: an alias, `<<`, `extends`, `include`.
struct Way {
    std::string path{};  ///< JSON pointer; what is found at it or below it, and was written in `from`, came this way.
    Origin from{};       ///< Where the values are written.
    Origin where{};      ///< Where the step is.
    std::string text{};  ///< What is said there: `included here`.
};

/// What has been read, with all that was found. Never partly trusted: with errors in `diagnostics` the spec holds what
/// was right, for further checks only.
struct ReadResult {
    EnvironmentSpec spec{};
    std::vector<Diagnostic> diagnostics{};  ///< The reader's own, sorted by place.
    std::vector<Diagnostic>
        not_yet{};  ///< BE0906: keys that are understood and not built yet; errors for `up` and `run`.
    SourceTexts sources{};
    std::vector<Way> ways{};
};

/// Reads the file at `path`. Never throws for a spec that is wrong or cannot be read: that is among the diagnostics,
/// with the file named as it was given here.
ReadResult try_read_spec(const std::string& path, const ReadOptions& options = {});

/// Several files make one spec: each goes over those before it, by the rules of merged(). Relative paths start at the
/// folder of the file that says them; `.env` is looked for beside the first.
ReadResult try_read_spec(const std::vector<std::string>& paths, const ReadOptions& options = {});

/// The same for a text. `name` stands for the file in messages; relative paths start at its folder. No `.env` is looked
/// for unless `env_file` names one.
ReadResult try_read_spec_text(std::string text, const std::string& name, const ReadOptions& options = {});

/// Everything that can be said about what was read without an engine: the reader's findings and those of validate(),
/// without the ones that only follow from another. `not_yet` is not among them. Sorted by place.
std::vector<Diagnostic> check_spec(const ReadResult& result, const ValidateOptions& options = {});

/// The spec in the file at `path`: variables replaced, references kept.
/// @throws InvalidSpec with every mistake at once: of form, of validate() (without looking at files), and keys that are
/// not built yet
EnvironmentSpec read_spec(const std::string& path, const ReadOptions& options = {});
EnvironmentSpec read_spec_text(std::string text, const std::string& name, const ReadOptions& options = {});

/// `$BERTH_FILE`, or `berth.yaml` in the directory or the nearest one above it. Empty when there is none.
std::string find_spec_file(const std::string& from_directory);

}  // namespace berth
