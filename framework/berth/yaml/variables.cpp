// SPDX-License-Identifier: Apache-2.0
#include <berth/yaml/internal/variables.hpp>

#include <fmt/format.h>

#include <cstdlib>

namespace berth::yaml {
namespace {

std::optional<VariableValue> from_environment(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional(VariableValue{value, "the environment"});
}

}  // namespace

std::optional<VariableValue> Variables::find(std::string_view name) const {
    if (const auto found = set_.find(std::string(name)); found != set_.end()) {
        return VariableValue{found->second, "--set"};
    }
    if (use_process_environment_) {
        if (auto found = from_environment(name)) {
            return found;
        }
    }
    if (const auto found = env_files_.find(name); found != env_files_.end()) {
        return found->second;
    }
    for (const Known& known : levels_) {
        if (const auto found = known.find(name); found != known.end()) {
            return found->second;
        }
    }
    return std::nullopt;
}

void Variables::add(Known& known, const EnvFileContents& contents, std::string_view file) const {
    for (const auto& variable : contents.variables) {
        if (variable.value) {
            known.insert_or_assign(variable.name,
                                   VariableValue{*variable.value, fmt::format("{}:{}", file, variable.line)});
        }
    }
}

void Variables::add_env_file(const EnvFileContents& contents, std::string_view file) {
    add(env_files_, contents, file);
}

void Variables::add_own_file(const EnvFileContents& contents, std::string_view file) {
    add(levels_[levels_.size() - 2], contents, file);
}

void Variables::set_vars(const KeyValues& vars) {
    for (const auto& [name, value] : vars) {
        if (value.text) {
            // What has been read is a template; a variable's value is the text that it means.
            levels_.back().insert_or_assign(
                name, VariableValue{unescape_dollars(*value.text), fmt::format("vars, {}", to_string(value.origin))});
        }
    }
}

Variables Variables::nested() const {
    Variables below = *this;
    below.levels_.resize(levels_.size() + 2);
    return below;
}

}  // namespace berth::yaml
