// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <berth/spec/env_file.hpp>
#include <berth/spec/environment.hpp>
#include <berth/spec/template.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace berth::yaml {

/// What `$NAME` stands for, in the order of precedence: `--set`, the process's environment, `--env-file`, the spec's
/// own env_file (or `.env`), `vars`.
class Variables {
  public:
    Variables(std::map<std::string, std::string> set, bool use_process_environment)
        : set_(std::move(set)), use_process_environment_(use_process_environment) {}

    [[nodiscard]] std::optional<VariableValue> find(std::string_view name) const;

    /// What a later file of the same kind says replaces what an earlier one said.
    void add_env_file(const EnvFileContents& contents, std::string_view file);  ///< `--env-file`.
    void add_own_file(const EnvFileContents& contents, std::string_view file);  ///< `env_file`, `.env`.
    void set_vars(const KeyValues& vars);

    /// For a file that is taken in: what it brings itself counts last, below what is known here.
    [[nodiscard]] Variables nested() const;

  private:
    using Known = std::map<std::string, VariableValue, std::less<>>;
    void add(Known& known, const EnvFileContents& contents, std::string_view file) const;

    std::map<std::string, std::string> set_;
    bool use_process_environment_;
    Known env_files_;
    std::vector<Known> levels_{2};  ///< Own files and `vars`, for each file that this one is taken into, and its own.
};

}  // namespace berth::yaml
